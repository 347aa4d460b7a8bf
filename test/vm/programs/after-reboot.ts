/** After it: the same cluster from the same disk. Reports what became of the task named by the argument, and whether the next one runs. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { agentId, meseta, startCluster, task } from './cluster.js'

async function main(): Promise<void> {
  const [, , before = ''] = process.argv
  const up = startCluster()
  const agent = await agentId()
  const lost = await task(before, ({ state }) => state !== 'TASK_RUNNING')
  const next = await meseta('run', '--', 'sh', '-c', 'echo works')
  writeFileSync(process.env.REPORT ?? '', JSON.stringify({ agent, lost, next, groups: controlGroups() }))
  up.kill()
}

/** Those of containers, by name. */
function controlGroups(): string[] {
  const root = '/sys/fs/cgroup/mesos'
  if (!existsSync(root)) return []
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
}

void main()
