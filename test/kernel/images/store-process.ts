import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#base/clock.js'
import { armFaults } from '#base/fault.js'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import { openLayerStore } from '#containerizer/images/store/layer-store.js'
import { openRealArchives } from '#host/real-archives.js'
import { TestProvider, wanted } from '../../support/store-place.js'
import { webLayers } from './web-image.js'

/** What the test tells this stand-in for an agent. */
export interface StoreOrders {
  readonly directory: string
  readonly addon: string
  readonly bootId: string
  /** The largest layer stops in the middle. */
  readonly stall?: boolean
}

/** Brings an image, removes it again, and stays until it is killed. */
async function main({ directory, addon, bootId, stall }: StoreOrders): Promise<void> {
  armFaults(process.env.MESETA_FAULT)
  setInterval(() => {}, 60_000)
  const provider = new TestProvider()
  const [first, large, ...rest] = webLayers(provider)
  provider.add('web:latest', stall ? [first!, { ...large!, open: stalled }, ...rest] : [first!, large!, ...rest])
  const store = await openLayerStore({
    directory,
    providers: async () => [provider],
    archives: openRealArchives(addon),
    removeTree: async (path) => rmSync(path, { recursive: true }),
    bootId,
    noteOf: (container) => `${directory}-${container}`,
    clock: systemClock,
    log: silentLog,
    metrics: new Metrics(),
    flushDelay: 0,
  })
  await store.recover(new Set())
  await store.get(wanted('web'), { container: 'c1', abort: new AbortController().signal })
  store.note('c1')
  store.release('c1')
  while (!isDurable(join(directory, 'images'))) await sleep(5)
  await store.prune([])
  console.log('pruned')
}

const isDurable = (images: string): boolean =>
  readdirSync(images).every(
    (name) => name.endsWith('.json') && readFileSync(join(images, name), 'utf8').includes('"durable":true'),
  )

async function stalled(): Promise<AsyncIterable<Uint8Array>> {
  const whole = await webLayers(new TestProvider())[1]!.open!(0, new AbortController().signal)
  return (async function* () {
    for await (const chunk of whole) {
      yield chunk
      break
    }
    console.log('stalled')
    await new Promise(() => {})
  })()
}

main(JSON.parse(process.argv[2] ?? '{}')).catch((error: Error) => {
  console.log(`error ${error.message}`)
  process.exit(1)
})
