/** Master and agent as units of systemd, which is told all that could make it touch the containers. Reports what became of one of them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentId, meseta, task, wait } from './cluster.js'

const SLEEP = '98765'

const unit = (name: string, flags: string): void =>
  writeFileSync(
    `/run/systemd/system/meseta-${name}.service`,
    `[Service]\nWorkingDirectory=/meseta\nExecStart=${process.execPath} dist/bin/meseta.js ${name} ${flags}\n`,
  )
const systemctl = (...args: string[]): string => execFileSync('systemctl', args, { encoding: 'utf8' }).trim()

/** Of the task: no other process has this command line. */
function taskPid(): number | undefined {
  const isTask = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${SLEEP}\0`
    } catch {
      return false
    }
  }
  const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isTask(name))
  return found === undefined ? undefined : Number(found)
}

/** Where it is, and its limits as the kernel has them. */
function placeOf(pid: number) {
  const path = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().replace('0::', '')
  const files = ['cpu.weight', 'memory.low', 'memory.max', 'pids.max']
  const limits = files.map((file) => readFileSync(join('/sys/fs/cgroup', path, file), 'utf8').trim())
  return { pid, path, limits }
}

/** A unit that comes and goes with limits of its own makes systemd write controllers up and down the tree. */
function makeSystemdBusy(): void {
  systemctl('daemon-reload')
  const limits = ['CPUWeight=50', 'MemoryMax=64M', 'IOWeight=50'].flatMap((limit) => ['-p', limit])
  execFileSync('systemd-run', ['--quiet', '--unit=busy.service', ...limits, 'sleep', '1000'])
  systemctl('stop', 'busy.service')
  systemctl('daemon-reexec')
}

async function main(): Promise<void> {
  unit('master', '--work_dir=/var/lib/meseta/master')
  unit('agent', '--work_dir=/var/lib/meseta/agent --master=127.0.0.1:5050 --ip=127.0.0.1')
  systemctl('daemon-reload')
  systemctl('start', 'meseta-master.service', 'meseta-agent.service')
  const agent = await agentId()
  const id = (await meseta('run', '--detach', '--', 'sleep', SLEEP)).trim()
  await task(id, ({ state }) => state === 'TASK_RUNNING')
  const before = placeOf(await wait('the task', async () => taskPid()))

  makeSystemdBusy()
  systemctl('restart', 'meseta-agent.service')
  const again = await agentId()
  const next = await meseta('run', '--', 'sh', '-c', 'echo works')
  const after = placeOf(taskPid() ?? 0)

  systemctl('stop', 'meseta-agent.service')
  const outlived = taskPid()
  const [scope = ''] = /[^/]+\.scope/.exec(before.path) ?? []
  systemctl('stop', scope)
  const left = taskPid() ?? null
  const groups = existsSync(join('/sys/fs/cgroup/system.slice', scope))
  writeFileSync(process.env.REPORT ?? '', JSON.stringify({ agent, again, before, after, next, outlived, left, groups }))
}

void main()
