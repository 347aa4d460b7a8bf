import { Command } from 'commander'
import { taskStateName } from '#model/task-state.js'
import { toJson } from '#wire/json.js'
import { ResponseGetTasks } from '#wire/master.js'
import type { Task } from '#wire/mesos.js'
import { amountsOf, amountText } from '../amounts.js'
import { agentAddress, everyTask, readAgents, readTasks, startOf } from '../cluster.js'
import { type CliContext, masterUrl, withMaster } from '../context.js'
import { age, table, wantsColor } from '../table.js'
import { examples, type ListOptions, listing } from './shared-options.js'

const COLUMNS = [
  { heading: 'TASK' },
  { heading: 'NAME' },
  { heading: 'STATE' },
  { heading: 'AGENT' },
  { heading: 'CPUS', numeric: true },
  { heading: 'MEM', numeric: true },
  { heading: 'AGE', numeric: true },
  { heading: 'FRAMEWORK' },
]

export function psCommand(context: CliContext): Command {
  return listing(new Command('ps'))
    .summary('list tasks')
    .description('Lists the tasks that live; with --all also those that have ended, as long as the master remembers them.')
    .option('-a, --all', 'ended and unreachable tasks too')
    .addHelpText('after', examples(['meseta ps', ''], ['meseta ps --all --json', '']))
    .action(async (options: ListOptions & { all?: boolean }) => {
      const [tasks, agents] = await withMaster(masterUrl(options.master, context.env), (master) =>
        Promise.all([readTasks(master), readAgents(master)]),
      )
      const chosen = options.all ? tasks : { tasks: tasks.tasks }
      if (options.json) return context.stdout.write(`${toJson(ResponseGetTasks, chosen)}\n`)
      const addresses = new Map((agents.agents ?? []).map((agent) => [agent.agentInfo.id?.value, agentAddress(agent)]))
      const now = Date.now() / 1000
      const row = (task: Task): string[] => {
        const { cpus, mem } = amountsOf(task.resources)
        const agent = addresses.get(task.agentId.value) ?? task.agentId.value
        const state = taskStateName(task.state).replace('TASK_', '')
        return [
          task.taskId.value,
          task.name,
          state,
          agent,
          amountText(cpus),
          amountText(mem),
          age(startOf(task), now),
          task.frameworkId.value,
        ]
      }
      const rows = everyTask(chosen).map(row)
      context.stdout.write(table(COLUMNS, rows, { bold: wantsColor(context.stdout, context.env) }))
    })
}
