import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { UsageWatch } from '#containerizer/disk/usage-watch.js'
import type { Container, Host } from '#host/host.js'
import { CpuGroup } from './cpu-group.js'
import { withHost } from './launches.js'
import { hostFiles } from './modes.js'
import { measured } from './quiet.js'
import { type Row, row } from './report.js'
import type { Workplace } from './workplace.js'

const run = promisify(execFile)
const FILES_IN_EACH = 100
/** Of one sandbox, as in five minutes by default. */
const LOOKS = 20
/** Between two looks here; by default an agent takes 15 s. */
const INTERVAL_MS = 20

/** What disk/du costs beside the `du` that Mesos runs every 15 seconds for each container, whatever that does (row 6-046): CPU milliseconds. */
export async function disk(place: Workplace): Promise<Row[]> {
  const sandbox = tree(join(place.directory, 'kept'), place.scale.files)
  const du = await measured(place.patience, () => duMs(sandbox))
  return withHost(place, hostFiles, async (host, plan, group) => {
    const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = group.usedMs()
      await work()
      return group.usedMs() - before
    }
    const look = await measured(place.patience, () => cpuOf(() => looks(host, sandbox)))
    const container = await host.start(plan('waits', ['/bin/sleep', '1000']))
    container.go()
    await container.started
    const watch = await measured(place.patience, () => cpuOf(() => watched(host, container, sandbox)))
    await host.destroy('waits')
    const about = `CPU of ${LOOKS} looks at ${place.scale.files} files`
    const line = (what: string, ours: typeof look): Row =>
      row({ target: '', what: `disk/du, ${what}: ${about}`, unit: 'ms', peer: 'du -ks' }, ours, du)
    return [line('who writes', look), line('who only waits', watch)]
  })
}

function tree(top: string, files: number): string {
  for (let made = 0; made < files; made++) {
    const directory = join(top, String(Math.floor(made / FILES_IN_EACH)))
    if (made % FILES_IN_EACH === 0) mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, String(made)), 'x')
  }
  return top
}

async function duMs(directory: string): Promise<number> {
  const group = new CpuGroup('du')
  const [shell = '', ...rest] = group.wrap(['du', '-ks', directory])
  try {
    for (let i = 0; i < LOOKS; i++) await run(shell, rest)
    return group.usedMs()
  } finally {
    group.remove()
  }
}

async function looks(host: Host, directory: string): Promise<void> {
  for (let i = 0; i < LOOKS; i++) await host.measureDisk({ directories: [directory] })
}

/** The agent's own watch over a container that has nothing to do. */
function watched(host: Host, container: Container, directory: string): Promise<void> {
  return new Promise((resolve) => {
    const watch = new UsageWatch(INTERVAL_MS)
    let [left, asked] = [LOOKS, false]
    const looked = (): void => {
      left--
      if (left === 0) resolve(watch.remove('waits'))
    }
    watch.add('waits', {
      async measure() {
        if (!asked) looked()
        asked = false
        const { bytes } = await host.measureDisk({ directories: [directory] })
        return Number(bytes)
      },
      statistics() {
        asked = true
        looked()
        return container.statistics()
      },
      see() {},
    })
  })
}
