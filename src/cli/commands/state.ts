import { Command } from 'commander'
import { taskStateName } from '#model/task-state.js'
import type { MasterOperator } from '#sdk/operator.js'
import { toJson } from '#wire/json.js'
import { CallType, type ResponseGetMaster, ResponseGetState } from '#wire/master.js'
import type { Resource, Task } from '#wire/mesos.js'
import { type Amounts, amountsOf, usedOf } from '../amounts.js'
import { present } from '../cluster.js'
import { type CliContext, masterUrl, withMaster } from '../context.js'
import { age } from '../table.js'
import { examples, type ListOptions, listing } from './shared-options.js'

export function stateCommand(context: CliContext): Command {
  return listing(new Command('state'))
    .summary('show the cluster in a few lines, or whole with --json')
    .description('Shows what the cluster has, what of it is in use, and how many tasks are in which state.')
    .addHelpText('after', examples(['meseta state', ''], ["meseta state --json | jq '.get_tasks.tasks[].task_id.value'", '']))
    .action(async (options: ListOptions) => {
      const url = masterUrl(options.master, context.env)
      const [state, leader, version] = await withMaster(url, read)
      context.stdout.write(options.json ? `${toJson(ResponseGetState, state)}\n` : summary(url, state, leader, version))
    })
}

async function read(master: MasterOperator): Promise<[ResponseGetState, ResponseGetMaster, string]> {
  const [state, leader, version] = await Promise.all(
    [CallType.GET_STATE, CallType.GET_MASTER, CallType.GET_VERSION].map((type) => master.call({ type })),
  )
  const info = version?.getVersion?.versionInfo
  return [
    present(master, state?.getState, 'GET_STATE'),
    leader?.getMaster ?? {},
    [info?.version, info?.gitTag].filter(Boolean).join(', '),
  ]
}

function summary(url: string, state: ResponseGetState, { masterInfo, startTime }: ResponseGetMaster, version: string): string {
  const agents = state.getAgents?.agents ?? []
  const frameworks = state.getFrameworks?.frameworks ?? []
  const tasks = state.getTasks ?? {}
  const used = sum(agents.map((agent) => agent.allocatedResources))
  const total = sum(agents.map((agent) => agent.totalResources))
  const lines = [
    ['Master', `${url}  ${masterInfo?.id ?? ''}`],
    ['Version', version],
    ['Up for', age(startTime, Date.now() / 1000)],
    ['Agents', `${agents.filter(({ active }) => active).length} active of ${agents.length}`],
    ['Frameworks', `${frameworks.filter(({ active }) => active).length} active of ${frameworks.length}`],
    ['Tasks', counts(tasks.tasks ?? []) || 'none'],
    ['Ended', counts(tasks.completedTasks ?? []) || 'none'],
    ['Cpus', usedOf(used.cpus, total.cpus)],
    ['Memory', `${usedOf(used.mem, total.mem)} MB`],
    ['Disk', `${usedOf(used.disk, total.disk)} MB`],
  ] as const
  return lines.map(([name, value]) => `${`${name}:`.padEnd(12)}${value}\n`).join('')
}

function counts(tasks: readonly Task[]): string {
  const byState = new Map<string, number>()
  for (const { state } of tasks) byState.set(taskStateName(state), (byState.get(taskStateName(state)) ?? 0) + 1)
  return [...byState].map(([state, count]) => `${count} ${state.replace('TASK_', '').toLowerCase()}`).join(', ')
}

function sum(all: readonly (Resource[] | undefined)[]): Amounts {
  return amountsOf(all.flatMap((resources) => resources ?? []))
}
