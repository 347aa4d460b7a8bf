import { expect, test, vi } from 'vitest'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import type { RegistryChange } from '#master/core/effects.js'
import { Registrar } from '#master/registrar.js'
import { MemoryStore } from '#store/memory.js'
import type { Change } from '#store/store.js'

const save = (id: string, name: string): RegistryChange => ({
  change: 'save-framework',
  framework: { info: { id: { value: id }, user: 'u', name } },
})

/** A store that is away until `back`. */
class Away extends MemoryStore {
  readonly written: (readonly Change[])[] = []
  private present: () => void = () => {}
  private readonly presence = new Promise<void>((resolve) => {
    this.present = resolve
  })

  back(): void {
    this.present()
  }

  override async write(changes: readonly Change[]): Promise<void> {
    await this.presence
    this.written.push(changes)
    await super.write(changes)
  }
}

const gauge = (metrics: Metrics, name: string): number | undefined => Object.fromEntries(metrics.snapshot())[name]

test('what is changed again and again while the store is away waits once, and everybody who waits hears of it', async () => {
  const store = new Away()
  const metrics = new Metrics()
  const registrar = new Registrar({ store, metrics, log: silentLog })
  const heard: number[] = []
  for (let i = 0; i < 1000; i++) registrar.write(save('F', `n${i}`), () => heard.push(i))
  registrar.write(save('G', 'other'))
  expect(gauge(metrics, 'registrar/queued_operations')).toBe(2)
  store.back()
  await vi.waitFor(() => expect(heard).toHaveLength(1000), 30_000)
  await registrar.close()
  expect(heard).toEqual([...heard].sort((a, b) => a - b))
  expect(store.written.map((changes) => changes.length)).toEqual([1, 2])
  expect((await new Registrar({ store, metrics, log: silentLog }).read()).frameworks.map(({ info }) => info.name)).toEqual([
    'n999',
    'other',
  ])
})

test('the size of the registry is that of what is in it', async () => {
  const store = new MemoryStore()
  const metrics = new Metrics()
  const registrar = new Registrar({ store, metrics, log: silentLog })
  const written = (change: RegistryChange): Promise<void> => new Promise((resolve) => registrar.write(change, resolve))
  const size = (): number => gauge(metrics, 'registrar/registry_size_bytes') ?? Number.NaN
  await written(save('F', 'a'))
  const one = size()
  await written(save('F', 'b'))
  expect(size()).toBe(one)
  await written(save('G', 'c'))
  expect(size()).toBe(2 * one)
  await written({ change: 'complete-framework', framework: { id: { value: 'G' }, since: { nanoseconds: 1n } } })
  await written({ change: 'forget-completed', frameworks: ['G'] })
  expect(size()).toBe(one)
})
