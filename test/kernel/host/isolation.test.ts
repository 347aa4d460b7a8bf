import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readlink } from 'node:fs/promises'
import { availableParallelism, hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ContainerPlan, type Host, waitStatusOf } from '#host/host.js'
import { CgroupWorld } from '#wire/native.js'
import { CgroupView } from '../../support/cgroup-view.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

/** Runs a script to its end and gives what it wrote. */
async function run(script: string, change: Partial<ContainerPlan> = {}): Promise<string> {
  const container = await host.start({ ...machine.plan('c1', script), ...change })
  container.go()
  const end = await container.ended
  expect(end, await machine.errors()).toMatchObject({ how: 'exited', waitStatus: 0 })
  return machine.output()
}

test('the task is not pid 1, leads a session of its own, and sees only its own processes', async () => {
  const [pid, session, first, count] = (await run('echo $$; ps -o sid= -p $$; cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l'))
    .trim()
    .split('\n')
  expect(Number(pid)).toBe(2)
  expect(Number(session)).toBe(2)
  expect(first).toMatch(/^meseta/)
  expect(Number(count)).toBeLessThan(6)
})

test('nothing of the agent leaks in: descriptors, environment, ignored or blocked signals, a terminal', async () => {
  const out = await run(
    'ls /proc/self/fd | wc -l; tr "\\0" "\\n" < /proc/$$/environ; grep -E "^Sig(Blk|Ign)" /proc/self/status; readlink /proc/self/fd/0',
  )
  // The fourth is the directory that ls itself lists.
  expect(out).toBe('4\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n/dev/null\n')
})

test('each namespace that is asked for is its own, and its own only', async () => {
  const names = ['mnt', 'pid', 'ipc', 'uts', 'cgroup', 'net', 'user']
  const own = async (plan: Partial<ContainerPlan>): Promise<string[]> => {
    const links = (await run(`for n in ${names.join(' ')}; do readlink /proc/self/ns/$n; done`, plan))
      .trim()
      .split('\n')
      .slice(-names.length)
    const hosts = await Promise.all(names.map((name) => readlink(`/proc/self/ns/${name}`)))
    await host.destroy('c1')
    return names.filter((_, index) => links[index] !== hosts[index])
  }
  expect(await own({})).toEqual(['mnt', 'pid', 'ipc', 'uts', 'cgroup'])
  expect(await own({ namespaces: { mount: true, pid: true } })).toEqual(['mnt', 'pid'])
})

test('the host name inside is the one given, outside it stays', async () => {
  expect(await run('hostname', { hostname: 'inside' })).toBe('inside\n')
  expect(hostname()).not.toBe('inside')
})

test('its cgroup is the root of what it sees, and it is in every controller that was asked for', async () => {
  const container = await host.start(machine.plan('c1', 'cat /proc/self/cgroup; sleep 1000'))
  container.go()
  const { taskPid, initPid } = await container.started
  const { controllers } = machine.plan('c1', '').cgroups!
  const view = new CgroupView(host.facts.cgroups, `${machine.cgroupsRoot}/c1`)
  expect(await view.controllersOf(taskPid, controllers)).toEqual(controllers)
  // Our own processes use none of the task's memory.
  for (const pid of [initPid, container.supervisor.pid])
    expect(await readFile(`/proc/${pid}/cgroup`, 'utf8')).not.toContain('/c1')
  const root = host.facts.cgroups.world === CgroupWorld.CGROUP_V2 ? '0::/\n' : ':memory:/\n'
  await expect.poll(() => machine.output()).toContain(root)
})

test('a task without an image sees the files of the host; what it mounts stays inside', async () => {
  const mark = join(machine.directory, 'mark')
  await run(`echo seen > ${mark}; mkdir ${mark}.d; mount -t tmpfs none ${mark}.d; touch ${mark}.d/inside`)
  expect(await readFile(mark, 'utf8')).toBe('seen\n')
  expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(mark)
})

test('all of a container ends with its task', async () => {
  const container = await host.start(machine.plan('c1', 'setsid sleep 1000 & setsid sh -c "sleep 1000; echo never" & exit 4'))
  container.go()
  const end = await container.ended
  expect(waitStatusOf(end as { waitStatus: number })).toEqual({ code: 4 })
  expect((await container.statistics()).processes).toBe(0n)
})

test('a crash by signal reads as that signal, not as an exit code', async () => {
  const container = await host.start(machine.plan('c1', 'kill -SEGV $$'))
  container.go()
  expect(waitStatusOf((await container.ended) as { waitStatus: number })).toMatchObject({ signal: 11 })
})

test('a signal from outside to init reaches the task', async () => {
  const container = await host.start(
    machine.plan('c1', 'trap "echo caught; exit 9" USR1; echo ready; while :; do sleep 0.02; done'),
  )
  container.go()
  const { initPid } = await container.started
  await expect.poll(() => machine.output()).toContain('ready')
  process.kill(initPid, 'SIGUSR1')
  expect(waitStatusOf((await container.ended) as { waitStatus: number })).toEqual({ code: 9 })
  expect(await machine.output()).toContain('caught')
})

test('the program is sought in PATH; a script without an interpreter line is run by the shell', async () => {
  const plan = machine.plan('c1', '')
  const script = join(machine.sandbox, 'script')
  await run(`printf 'echo from script $1\\n' > ${script}; chmod +x ${script}`)
  await host.destroy('c1')
  const process = {
    ...plan.process,
    executable: 'script',
    arguments: ['script', 'x'],
    environment: [`PATH=/nowhere:${machine.sandbox}:/bin`],
  }
  expect(await run('', { process })).toBe('from script x\n')
})

test.each([
  [
    'working directory',
    { workingDirectory: '/no/such' },
    'could not enter the working directory /no/such: no such file or directory',
  ],
  ['program', { executable: '/etc/passwd' }, 'could not start the task /etc/passwd: permission denied'],
  ['name', { executable: 'no-such-program' }, 'could not start the task no-such-program: no such file or directory'],
  [
    'output',
    { stdio: { stdout: '/no/such/stdout' } },
    'could not open the output file /no/such/stdout: no such file or directory',
  ],
])('a wrong %s is told in a sentence', async (_, change, sentence) => {
  const plan = machine.plan('c1', 'true')
  const container = await host.start({ ...plan, process: { ...plan.process, ...change } })
  container.go()
  expect(await container.ended).toMatchObject({ how: 'failed', reason: sentence })
})

test('on a busy host those who set a container up go first, and its task does not', async () => {
  const workers = Array.from({ length: availableParallelism() + 1 }, () => spawn('sh', ['-c', 'while :; do :; done']))
  try {
    // Whoever was parked before it was busy is used up first.
    let policy = ''
    for (let index = 0; policy !== 'SCHED_FIFO' && index < 20; index++) {
      const container = await host.start(machine.plan(`c${index}`, 'chrt -p $$'))
      policy = execFileSync('chrt', ['-p', String(container.supervisor.pid)], { encoding: 'utf8' }).match(/SCHED_\w+/)![0]
      container.go()
      expect(await container.ended).toMatchObject({ how: 'exited', waitStatus: 0 })
      await host.destroy(`c${index}`)
    }
    expect(policy).toBe('SCHED_FIFO')
    expect(await machine.output()).not.toMatch(/SCHED_(?!OTHER)/)
  } finally {
    await Promise.all(workers.map((worker) => worker.kill('SIGKILL') && once(worker, 'exit')))
  }
})
