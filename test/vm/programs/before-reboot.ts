/** Before the plug is pulled: a cluster and a task in it. Says on the console when both are there, and never ends. */
import { agentId, meseta, startCluster, task } from './cluster.js'

async function main(): Promise<void> {
  startCluster()
  const agent = await agentId()
  const id = (await meseta('run', '--detach', '--', 'sleep', '100000')).trim()
  await task(id, ({ state }) => state === 'TASK_RUNNING')
  console.log(`ready: ${JSON.stringify({ agent, task: id })}`)
}
void main()
