import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Container, type ContainerPlan, type Host, waitStatusOf } from '#host/host.js'

/** One machine on which agents come and go. */
export interface Machine {
  /** The host as a newly started agent sees it. */
  open(): Promise<Host>
  /** The agent dies. */
  crash(): Promise<void>
  /** A container that runs `script` in a shell. */
  plan(id: string, script: string): ContainerPlan
  /** Lets time pass until this has come about. */
  pass<T>(what: Promise<T>): Promise<T>
  dispose(): Promise<void>
}

const SIGTERM = 15
const SIGKILL = 9

/** What every host keeps to, whatever is behind it. */
export function hostContract(name: string, prepare: () => Promise<Machine>): void {
  describe(`a host: ${name}`, () => {
    let machine: Machine
    let host: Host

    beforeEach(async () => {
      machine = await prepare()
      host = await machine.open()
    })
    afterEach(() => machine.dispose())

    const run = async (id: string, script: string): Promise<Container> => {
      const container = await host.start(machine.plan(id, script))
      container.go()
      return container
    }
    const statusOf = async (container: Container) => {
      const end = await machine.pass(container.ended)
      expect(end.how).toBe('exited')
      return waitStatusOf(end as { waitStatus: number })
    }

    test('a task starts after go and its exit code is told', async () => {
      const container = await host.start(machine.plan('c1', 'exit 3'))
      expect(['setting up', 'ready']).toContain(container.phase)
      container.go()
      const { taskPid, initPid } = await machine.pass(container.started)
      expect(taskPid).not.toBe(initPid)
      expect(await statusOf(container)).toEqual({ code: 3 })
      expect(container.phase).toBe('ended')
    })

    test('a signal ends a task and is told as a signal', async () => {
      const container = await run('c1', 'sleep 1000')
      await machine.pass(container.started)
      expect(await container.signal(SIGTERM)).toBe(true)
      expect(await statusOf(container)).toMatchObject({ signal: SIGTERM })
      expect(await container.signal(SIGTERM)).toBe(false)
    })

    test('kill ends whatever runs, and may be repeated', async () => {
      const container = await run('c1', 'trap "" TERM; sleep 1000')
      await machine.pass(container.started)
      await container.kill()
      expect(await statusOf(container)).toMatchObject({ signal: SIGKILL })
      await container.kill()
    })

    test('a task that cannot be started ends with the reason', async () => {
      const plan = machine.plan('c1', 'true')
      const container = await host.start({ ...plan, process: { ...plan.process, executable: '/no/such/program' } })
      container.go()
      await expect(machine.pass(container.started)).rejects.toMatchObject({
        code: 'HOST_LAUNCH_FAILED',
        message: 'could not start the task /no/such/program: no such file or directory',
      })
      expect(await machine.pass(container.ended)).toMatchObject({ how: 'failed' })
    })

    test('destroy before go ends the start', async () => {
      const container = await host.start(machine.plan('c1', 'true'))
      const started = container.started.catch((error: { code: string }) => error.code)
      await machine.pass(host.destroy('c1'))
      expect(await started).toBe('HOST_ENDED_BEFORE_START')
      expect(host.find('c1')).toBeUndefined()
    })

    test('destroy kills what runs, may be repeated, and frees the id', async () => {
      const first = await run('c1', 'sleep 1000')
      await machine.pass(first.started)
      await machine.pass(Promise.all([host.destroy('c1'), host.destroy('c1')]))
      await machine.pass(first.ended)
      await machine.pass(host.destroy('c1'))
      await machine.pass(host.destroy('never-was'))
      const second = await run('c1', 'exit 0')
      expect(await statusOf(second)).toEqual({ code: 0 })
    })

    test('an id that exists or could leave its directory is refused', async () => {
      await host.start(machine.plan('c1', 'true'))
      await expect(host.start(machine.plan('c1', 'true'))).rejects.toMatchObject({ code: 'HOST_ALREADY_EXISTS' })
      for (const id of ['..', '../x', 'a/b', '', '.hidden', 'x'.repeat(300), 'a\0b']) {
        await expect(host.start(machine.plan(id, 'true')), id).rejects.toMatchObject({ code: 'HOST_ID_INVALID' })
        await expect(host.destroy(id), id).rejects.toMatchObject({ code: 'HOST_ID_INVALID' })
      }
    })

    test('what had no go is gone when the agent dies', async () => {
      await host.start(machine.plan('c1', 'sleep 1000'))
      await machine.crash()
      host = await machine.open()
      const { containers, leftovers } = await machine.pass(host.recover())
      await machine.pass(Promise.all([...containers.map(({ id }) => id), ...leftovers].map((id) => host.destroy(id))))
      expect(containers.every(({ phase }) => phase === 'ended')).toBe(true)
      expect((await machine.pass(host.recover())).containers).toEqual([])
    })

    test('what runs, runs on when the agent dies, and the next agent has it back', async () => {
      const before = await run('c1', 'sleep 1000')
      const { taskPid } = await machine.pass(before.started)
      await machine.crash()
      host = await machine.open()
      const [container, ...others] = (await machine.pass(host.recover())).containers
      expect(others).toEqual([])
      expect(container).toMatchObject({ id: 'c1', phase: 'running', supervisor: before.supervisor })
      expect(host.find('c1')).toBe(container)
      expect(await container!.started).toMatchObject({ taskPid })
      await machine.pass(container!.signal(SIGTERM))
      expect(await statusOf(container!)).toMatchObject({ signal: SIGTERM })
    })

    test('how a task ended while no agent was there is told to the next', async () => {
      const before = await run('c1', 'exit 7')
      await machine.pass(before.ended)
      await machine.crash()
      host = await machine.open()
      const [container] = (await machine.pass(host.recover())).containers
      expect(container?.phase).toBe('ended')
      expect(await statusOf(container!)).toEqual({ code: 7 })
      await machine.pass(host.destroy('c1'))
      expect((await machine.pass(host.recover())).containers).toEqual([])
    })

    test('go twice starts once', async () => {
      const container = await run('c1', 'exit 0')
      container.go()
      expect(await statusOf(container)).toEqual({ code: 0 })
    })

    test('statistics and a raised limit of a running container', async () => {
      const plan = machine.plan('c1', 'sleep 1000')
      const settings = { memory: { limitBytes: 64n << 20n } }
      const container = await host.start({ ...plan, cgroups: { ...plan.cgroups!, settings } })
      container.go()
      await machine.pass(container.started)
      await machine.pass(container.update({ memory: { limitBytes: 128n << 20n } }))
      const { memory, processes } = await machine.pass(container.statistics())
      expect(memory?.limitBytes).toBe(128n << 20n)
      expect(Number(processes)).toBeGreaterThan(0)
    })

    test('a controller that the host lacks is refused by name', async () => {
      const plan = machine.plan('c1', 'true')
      const cgroups = { path: 'x/c1', controllers: ['cpu', 'flux'] }
      await expect(host.start({ ...plan, cgroups })).rejects.toMatchObject({ message: 'this host has no cgroup controller flux' })
    })

    test('users are found by name and number, odd ones are nobody', async () => {
      expect(await machine.pass(host.lookupUser('root'))).toMatchObject({ identity: { uid: 0 }, home: '/root' })
      expect(await machine.pass(host.lookupUser('0'))).toMatchObject({ name: 'root' })
      for (const name of ['', '-1', '4294967296', 'root ', 'no-such-user']) {
        expect(await machine.pass(host.lookupUser(name)), name).toBeUndefined()
      }
    })

    test('a closed host refuses, and may be closed twice', async () => {
      await host.close()
      await host.close()
      await expect(host.start(machine.plan('c1', 'true'))).rejects.toMatchObject({ code: 'HOST_CLOSED' })
      await expect(host.destroy('c1')).rejects.toMatchObject({ code: 'HOST_CLOSED' })
    })
  })
}
