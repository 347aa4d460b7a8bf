import { chown, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Container, ContainerPlan, Host } from '#host/host.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

function plan(script: string, over: Partial<ContainerPlan> = {}): ContainerPlan {
  const base = { ...machine.plan('c1', script), ...over }
  return { ...base, process: { ...base.process, terminal: { rows: 11, columns: 47 } } }
}

/** With a root of its own, where the terminal is the only one there is. */
async function image(): Promise<Partial<ContainerPlan>> {
  const directory = busyboxRoot(join(machine.directory, 'image'))
  for (const tool of ['tty', 'stty', 'ls', 'ps', 'stat', 'wc']) await symlink('busybox', join(directory, 'bin', tool))
  return { root: { directory, overlay: true }, mounts: [{ source: machine.sandbox, target: machine.sandbox }] }
}

async function start(wanted: ContainerPlan): Promise<Container> {
  const container = await host.start(wanted)
  container.go()
  await container.started
  return container
}

/** What has come out of the terminal so far, without the carriage returns that it adds. */
const screen = async (): Promise<string> => (await machine.output()).replaceAll('\r', '')

test('stdin, stdout and stderr are a terminal of the container alone, with the size that was asked for', async () => {
  const script =
    'tty; stty size; echo /dev/pts/*; test -t 0 && test -t 1 && test -t 2 && echo all; stat -c %a $(tty); echo to >&2'
  const container = await start(plan(script, await image()))
  expect(await container.ended).toMatchObject({ waitStatus: 0 })
  expect(await screen()).toBe('/dev/pts/0\n11 47\n/dev/pts/0 /dev/pts/ptmx\nall\n620\nto\n')
})

test('it is the controlling terminal: what is typed as an interrupt reaches who runs in front', async () => {
  const container = await start(plan('trap "echo caught; exit 5" INT; echo ready; while :; do sleep 0.02; done', await image()))
  const input = await container.attachInput()
  await expect.poll(screen).toContain('ready')
  await input.write(Buffer.from('\x03'))
  expect(await container.ended).toMatchObject({ waitStatus: 5 << 8 })
  expect(await screen()).toContain('caught')
})

test('a new size of the window is told to who runs in it', async () => {
  const container = await start(plan('trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.02; done', await image()))
  await expect.poll(screen).toContain('ready')
  await container.resize({ rows: 50, columns: 132 })
  await container.ended
  expect(await screen()).toBe('ready\n50 132\n')
})

test('the end of input is what the terminal takes for it, and more may follow', async () => {
  const container = await start(plan('cat > /dev/null; echo between; cat >/dev/null; echo after', await image()))
  const input = await container.attachInput()
  await input.write(Buffer.from('first\n'))
  await input.end()
  await expect.poll(screen).toContain('between')
  await input.end()
  expect(await container.ended).toMatchObject({ waitStatus: 0 })
  expect(await screen()).toMatch(/between\nafter\n$/)
})

test('the task holds only its own side, and neither init nor anybody else on the host sees it (S3, S13)', async () => {
  const container = await start(plan('ls /proc/$$/fd | wc -l; echo ready; sleep 1000', await image()))
  const { taskPid, initPid } = await container.started
  await expect.poll(screen).toContain('ready')
  const held = async (pid: number): Promise<string[]> => {
    const names = await readdir(`/proc/${pid}/fd`)
    return Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  }
  expect((await held(taskPid)).filter((name) => name.includes('ptmx'))).toEqual([])
  expect((await held(initPid)).filter((name) => /pts|ptmx/.test(name))).toEqual([])
  // Field 7 is the controlling terminal: major 136 is a pseudo terminal, and its session is led by the task.
  const [, , , session, terminal] = (await readFile(`/proc/${taskPid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  expect(Number(terminal) >> 8).toBe(136)
  expect(Number(session)).toBe(taskPid)
  expect((await readFile(`/proc/${initPid}/stat`, 'utf8')).split(') ')[1]!.split(' ')[4]).toBe('0')
  await container.kill()
})

test('names in the image that pretend to be terminals or the console lead nowhere (S16)', async () => {
  const canary = join(machine.directory, 'canary')
  await writeFile(canary, 'untouched')
  const hostile = await image()
  const directory = hostile.root!.directory
  await symlink(canary, join(directory, 'dev/console'))
  await symlink('/proc/self/root', join(directory, 'dev/pts'))
  await symlink(canary, join(directory, 'dev/ptmx'))
  const container = await start(plan('stat -c %F /dev/console /dev/pts; echo written > /dev/console; tty', hostile))
  expect(await container.ended).toMatchObject({ waitStatus: 0 })
  expect(await screen()).toBe('character special file\ndirectory\nwritten\n/dev/pts/0\n')
  expect(await readFile(canary, 'utf8')).toBe('untouched')
})

test('in a user namespace it belongs to the task', async () => {
  const range = [{ inside: 0, outside: 1_000_000, count: 65_536 }]
  await chown(machine.sandbox, 1_000_000, 1_000_000)
  const own = { mount: true, pid: true, ipc: true, uts: true, cgroup: true, user: true, uidMappings: range, gidMappings: range }
  const inside = await image()
  const base = plan('tty; stat -c %u $(tty); stty size; echo /dev/pts/*', {
    ...inside,
    root: { ...inside.root!, idMapped: true },
    namespaces: own,
  })
  const container = await start({ ...base, process: { ...base.process, identity: { uid: 1000, gid: 1000, groups: [] } } })
  expect(await container.ended).toMatchObject({ waitStatus: 0 })
  expect(await screen()).toBe('/dev/pts/0\n1000\n11 47\n/dev/pts/0 /dev/pts/ptmx\n')
})

test('without an image it is one of the host, and the task that runs as another user may use it', async () => {
  const base = plan('test -t 0 && stty size && stat -c %u $(tty)')
  const container = await start({ ...base, process: { ...base.process, identity: { uid: 65_533, gid: 65_532, groups: [] } } })
  expect(await container.ended).toMatchObject({ waitStatus: 0 })
  expect(await screen()).toBe('11 47\n65533\n')
})
