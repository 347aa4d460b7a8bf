import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AttachedOutput, Container, ContainerPlan, Host } from '#host/host.js'
import type { Machine } from './contract.js'

/** What every host keeps to when somebody attaches to a container (rows 6-070, 6-071). */
export function attachContract(name: string, prepare: () => Promise<Machine>): void {
  describe(`attaching on a host: ${name}`, () => {
    let machine: Machine
    let host: Host

    beforeEach(async () => {
      machine = await prepare()
      host = await machine.open()
    })
    afterEach(() => machine.dispose())

    const attachable = (script: string, over: Partial<ContainerPlan['process']> = {}): ContainerPlan => {
      const plan = machine.plan('c1', script)
      return { ...plan, process: { ...plan.process, stdio: { ...plan.process.stdio, attachable: true }, ...over } }
    }
    const start = async (plan: ContainerPlan): Promise<Container> => {
      const container = await host.start(plan)
      container.go()
      await machine.pass(container.started)
      return container
    }
    /** Until so much has come, or all if the container ends first. */
    const read = async (output: AttachedOutput, length = Infinity): Promise<string> => {
      let text = ''
      for await (const { data } of output) {
        text += Buffer.from(data).toString()
        if (text.length >= length) break
      }
      return text
    }

    test('what is written to a task comes back to every watcher, and its end ends the task', async () => {
      const container = await start(attachable('cat'))
      const watchers = await machine.pass(Promise.all([container.attachOutput(), container.attachOutput()]))
      const input = await machine.pass(container.attachInput())
      const read2 = Promise.all(watchers.map((watcher) => read(watcher)))
      await machine.pass(input.write(Buffer.from('hello\n')))
      await machine.pass(input.end())
      expect(await machine.pass(container.ended)).toMatchObject({ how: 'exited', waitStatus: 0 })
      expect(await machine.pass(read2)).toEqual(['hello\n', 'hello\n'])
    })

    test('one at a time gives input; who hangs up makes room for another', async () => {
      const container = await start(attachable('cat'))
      const first = await machine.pass(container.attachInput())
      await expect(machine.pass(container.attachInput())).rejects.toMatchObject({ code: 'HOST_INPUT_TAKEN' })
      first.close()
      let second: Awaited<ReturnType<Container['attachInput']>> | undefined
      await expect
        .poll(async () => {
          second = await machine.pass(container.attachInput()).catch(() => undefined)
          return second
        })
        .toBeDefined()
      const output = await machine.pass(container.attachOutput())
      await machine.pass(second!.write(Buffer.from('second\n')))
      expect(await machine.pass(read(output, 7))).toBe('second\n')
      await machine.pass(second!.end())
      await machine.pass(container.ended)
    })

    test('the next agent may attach as the first one did', async () => {
      const before = await start(attachable('cat'))
      await machine.pass(before.attachInput())
      await machine.crash()
      host = await machine.open()
      const [container] = (await machine.pass(host.recover())).containers
      const output = await machine.pass(container!.attachOutput())
      let input: Awaited<ReturnType<Container['attachInput']>> | undefined
      // On one machine the first agent's connection only goes with the process; a host that was closed has hung up.
      await expect
        .poll(async () => {
          input = await machine.pass(container!.attachInput()).catch(() => undefined)
          return input
        })
        .toBeDefined()
      await machine.pass(input!.write(Buffer.from('again\n')))
      expect(await machine.pass(read(output, 6))).toBe('again\n')
      await machine.pass(container!.kill())
      await machine.pass(container!.ended)
    })

    test('a container that is not attachable, has no terminal or has ended says so', async () => {
      const plain = await start(machine.plan('c1', 'sleep 1000'))
      await expect(machine.pass(plain.attachOutput())).rejects.toMatchObject({ code: 'HOST_NOT_ATTACHABLE' })
      await expect(machine.pass(plain.attachInput())).rejects.toMatchObject({ code: 'HOST_NOT_ATTACHABLE' })
      await expect(machine.pass(plain.resize({ rows: 1, columns: 1 }))).rejects.toMatchObject({ code: 'HOST_NO_TERMINAL' })
      await plain.kill()
      await machine.pass(plain.ended)
      await expect(machine.pass(plain.attachOutput())).rejects.toMatchObject({ code: 'HOST_ENDED' })
      await expect(machine.pass(plain.resize({ rows: 1, columns: 1 }))).rejects.toMatchObject({ code: 'HOST_ENDED' })
    })

    test('input that has ended is nobody\u2019s any more', async () => {
      const container = await start(attachable('cat; sleep 1000'))
      const input = await machine.pass(container.attachInput())
      await machine.pass(input.end())
      input.close()
      await expect
        .poll(() =>
          machine.pass(container.attachInput()).then(
            () => 'attached',
            (error: { code: string }) => error.code,
          ),
        )
        .toMatch(/HOST_INPUT_ENDED|HOST_ENDED/)
      await container.kill()
      await machine.pass(container.ended)
    })

    test('namespaces of a running container are named by its own processes, those of an ended one are not', async () => {
      const container = await start(machine.plan('c1', 'sleep 1000'))
      const { initPid } = await machine.pass(container.started)
      const named = await machine.pass(container.namespaces(['net', 'mnt']))
      expect(named.map(({ kind, pid }) => [kind, pid])).toEqual([
        ['net', initPid],
        ['mnt', initPid],
      ])
      expect(named.every(({ startTime }) => startTime !== undefined)).toBe(true)
      await container.kill()
      await machine.pass(container.ended)
      await expect(machine.pass(container.namespaces(['net']))).rejects.toMatchObject({ code: 'HOST_ENDED' })
    })

    test('a terminal takes a new size', async () => {
      const container = await start(attachable('sleep 1000', { terminal: { rows: 10, columns: 20 } }))
      await machine.pass(container.resize({ rows: 30, columns: 40 }))
      await container.kill()
      await machine.pass(container.ended)
    })
  })
}
