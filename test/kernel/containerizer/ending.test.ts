import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { ContainerInfoType } from '#wire/mesos.js'
import { leaks } from '../../support/leaks.js'
import { Workplace } from './workplace.js'

let place: Workplace
beforeEach(async () => {
  place = await Workplace.open()
})
afterEach(() => place.close())

const sharedPids: Partial<ContainerConfig> = {
  container: { type: ContainerInfoType.MESOS, linuxInfo: { sharePidNamespace: true } },
}

const until = (condition: () => Promise<boolean>) => expect.poll(condition, { timeout: 10_000 }).toBe(true)

describe('ending a container', () => {
  test('SIGTERM reaches the task, which may choose its end', async () => {
    const config = place.config("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")
    await place.start(config)
    await until(async () => (await place.output(config)) === 'ready\n')
    expect(await place.containerizer.signal(config.id, 15)).toBe(true)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 7 << 8 })
    expect(await place.containerizer.signal(config.id, 15)).toBe(false)
  })

  test('a signal to the group lets the trap of a shell run that waits for a child (row 2-031)', async () => {
    const config = place.config("trap 'echo bye; exit 7' TERM; echo ready; sleep 1000")
    await place.start(config)
    // A signal between the shell's fork and the exec of its child would be the child's to swallow.
    await until(async () => (await leaks(place.scope)).some((trace) => trace.endsWith(': sleep 1000')))
    expect(await place.containerizer.signal(config.id, 15, 'group')).toBe(true)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 7 << 8 })
    expect(await place.output(config)).toBe('ready\nbye\n')
  })

  const service = "trap 'sleep 0.3; echo tidy; exit' TERM; echo ready; while :; do sleep 0.05; done"

  test('what a shell started may put its things in order although the shell dies at once', async () => {
    const config = place.config(`sh -c "${service}"; true`)
    await place.start(config)
    await until(async () => (await place.output(config)) === 'ready\n')
    await place.containerizer.signal(config.id, 15, 'group')
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 15 })
    expect(await place.output(config)).toBe('ready\ntidy\n')
  })

  test.each([
    ['in namespaces', {}],
    ['without a pid namespace', sharedPids],
  ])('but not for ever: kill ends whoever lingers, and the end of the task stays what it was, %s', async (_, over) => {
    const config = place.config(`sh -c "trap '' TERM; echo ready; while :; do sleep 0.05; done"; true`, over)
    await place.start(config)
    await until(async () => (await place.output(config)) === 'ready\n')
    const [task] = (await leaks(place.scope)).filter((trace) => trace.includes('; true'))
    await place.containerizer.signal(config.id, 15, 'group')
    await until(async () => task !== undefined && !(await leaks(place.scope)).includes(task))
    await expect.poll(() => place.containerizer.signal(config.id, 0)).toBe(false)
    await place.containerizer.kill(config.id)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 15 })
  })

  test('a plain sleep dies by SIGTERM and says so', async () => {
    const config = place.config({ shell: false, value: 'sleep', arguments: ['sleep', '1000'] })
    await place.start(config)
    await place.containerizer.signal(config.id, 15)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 15 })
  })

  test.each([
    ['in namespaces', {}],
    ['without a pid namespace', sharedPids],
  ])('kill leaves nobody, whoever forked away, %s', async (_, over) => {
    const forking = 'for i in 1 2 3; do setsid sh -c "trap \\"\\" TERM; sleep 1000 & sleep 1000" & done; echo ready; sleep 1000'
    const config = place.config(forking, over)
    await place.start(config)
    await until(async () => (await place.output(config)) === 'ready\n')
    await place.containerizer.kill(config.id)
    expect((await place.containerizer.wait(config.id)).waitStatus).toBe(9)
    expect((await leaks(place.scope)).filter((trace) => trace.includes('sleep 1000'))).toEqual([])
  })

  test('what a task leaves running ends with it', async () => {
    const { termination } = await place.run('setsid sleep 1000 & exit 3')
    expect(termination).toEqual({ waitStatus: 3 << 8 })
    expect((await leaks(place.scope)).filter((trace) => trace.includes('sleep 1000'))).toEqual([])
  })

  test('destroy between clone and go: the task never ran', async () => {
    const config = place.config('touch ran')
    await place.containerizer.clone(config)
    await place.containerizer.destroy(config.id)
    await expect(place.output(config, 'ran')).rejects.toThrow(/ENOENT/)
  })

  test('destroy while cloning', async () => {
    const config = place.config('touch ran')
    const cloning = place.containerizer.clone(config).catch(() => undefined)
    await place.containerizer.destroy(config.id)
    await cloning
    await expect(place.output(config, 'ran')).rejects.toThrow(/ENOENT/)
  })

  test('destroy of what runs', async () => {
    const config = place.config('sleep 1000')
    await place.start(config)
    const ended = place.containerizer.wait(config.id)
    await place.containerizer.destroy(config.id)
    expect(await ended).toEqual({ waitStatus: 9 })
  })
})

describe('an agent that comes back (design §6)', () => {
  test('attaches to what runs, learns what ended, and destroys what nobody knows', async () => {
    const [runs, ends, orphan] = [place.config('sleep 999; exit 5'), place.config('exit 4'), place.config('sleep 1000')]
    for (const config of [runs, ends, orphan]) await place.start(config)
    await place.containerizer.wait(ends.id)
    const { removal, ...recovered } = await place.restart([runs, ends])
    expect(recovered).toEqual({ live: [runs.id], ended: [ends.id], orphans: [orphan.id], stuck: [] })
    expect(await removal).toEqual([])
    expect(await place.containerizer.wait(ends.id)).toEqual({ waitStatus: 4 << 8 })
    expect((await leaks(place.scope)).filter((trace) => trace.includes('sleep 1000'))).toEqual([])
  })

  test('a container that runs on is attached with all that can be done to it', async () => {
    const config = place.config('trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done')
    await place.start(config)
    await until(async () => (await place.output(config)) === 'ready\n')
    expect((await place.restart([config])).live).toEqual([config.id])
    expect((await place.containerizer.usage(config.id)).memRssBytes).toBeGreaterThan(0n)
    await place.containerizer.signal(config.id, 15)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 6 << 8 })
  })

  test('a container that never got its go cleans itself up', async () => {
    const config = place.config('touch ran')
    await place.containerizer.clone(config)
    await place.restart([])
    expect(place.containerizer.containers()).toEqual([])
    await expect(place.output(config, 'ran')).rejects.toThrow(/ENOENT/)
  })
})
