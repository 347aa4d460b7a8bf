import { Command } from 'commander'
import { toJson } from '#wire/json.js'
import { ResponseGetFrameworks, type ResponseGetFrameworksFramework } from '#wire/master.js'
import { amountsOf, amountText } from '../amounts.js'
import { readFrameworks } from '../cluster.js'
import { type CliContext, masterUrl, withMaster } from '../context.js'
import { age, table, wantsColor } from '../table.js'
import { examples, type ListOptions, listing } from './shared-options.js'

const COLUMNS = [
  { heading: 'FRAMEWORK' },
  { heading: 'NAME' },
  { heading: 'USER' },
  { heading: 'ROLES' },
  { heading: 'STATE' },
  { heading: 'CPUS', numeric: true },
  { heading: 'MEM', numeric: true },
  { heading: 'AGE', numeric: true },
]

export function frameworksCommand(context: CliContext): Command {
  return listing(new Command('frameworks'))
    .summary('list frameworks')
    .description('Lists the frameworks of the cluster and what their tasks use; each `meseta run` is one.')
    .option('-a, --all', 'completed frameworks too')
    .addHelpText('after', examples(['meseta frameworks', ''], ['meseta frameworks --all --json', '']))
    .action(async (options: ListOptions & { all?: boolean }) => {
      const { frameworks = [], completedFrameworks = [] } = await withMaster(
        masterUrl(options.master, context.env),
        readFrameworks,
      )
      const completed = options.all ? completedFrameworks : []
      if (options.json)
        return context.stdout.write(`${toJson(ResponseGetFrameworks, { frameworks, completedFrameworks: completed })}\n`)
      const now = Date.now() / 1000
      const rows = [
        ...frameworks.map((one) => row(one, stateOf(one), now)),
        ...completed.map((one) => row(one, 'completed', now)),
      ]
      context.stdout.write(table(COLUMNS, rows, { bold: wantsColor(context.stdout, context.env) }))
    })
}

function stateOf({ active, connected, recovered }: ResponseGetFrameworksFramework): string {
  if (recovered) return 'not back yet'
  if (!connected) return 'disconnected'
  return active ? 'active' : 'inactive'
}

function row(
  { frameworkInfo, allocatedResources, registeredTime }: ResponseGetFrameworksFramework,
  state: string,
  now: number,
): string[] {
  const { cpus, mem } = amountsOf(allocatedResources)
  const roles = frameworkInfo.roles?.length ? frameworkInfo.roles.join(',') : (frameworkInfo.role ?? '*')
  const since = registeredTime && Number(registeredTime.nanoseconds) / 1e9
  return [
    frameworkInfo.id?.value ?? '',
    frameworkInfo.name,
    frameworkInfo.user,
    roles,
    state,
    amountText(cpus),
    amountText(mem),
    age(since, now),
  ]
}
