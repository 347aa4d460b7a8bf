import { Command } from 'commander'
import { toJson } from '#wire/json.js'
import { ResponseGetAgents, type ResponseGetAgentsAgent } from '#wire/master.js'
import { amountsOf, usedOf } from '../amounts.js'
import { agentAddress, readAgents } from '../cluster.js'
import { type CliContext, masterUrl, withMaster } from '../context.js'
import { age, table, wantsColor } from '../table.js'
import { examples, type ListOptions, listing } from './shared-options.js'

const COLUMNS = [
  { heading: 'AGENT' },
  { heading: 'ADDRESS' },
  { heading: 'STATE' },
  { heading: 'CPUS', numeric: true },
  { heading: 'MEM', numeric: true },
  { heading: 'DISK', numeric: true },
  { heading: 'AGE', numeric: true },
]

export function agentsCommand(context: CliContext): Command {
  return listing(new Command('agents'))
    .summary('list agents and what of them is in use')
    .description('Lists the agents of the cluster: where each answers, and how much of what it has is in use.')
    .addHelpText('after', examples(['meseta agents', ''], ['meseta agents --json', '']))
    .action(async (options: ListOptions) => {
      const agents = await withMaster(masterUrl(options.master, context.env), readAgents)
      if (options.json) return context.stdout.write(`${toJson(ResponseGetAgents, agents)}\n`)
      const now = Date.now() / 1000
      const rows = (agents.agents ?? []).map((agent) => row(agent, now))
      for (const { id, hostname } of agents.recoveredAgents ?? []) rows.push([id?.value ?? '', hostname, 'not back yet'])
      context.stdout.write(table(COLUMNS, rows, { bold: wantsColor(context.stdout, context.env) }))
    })
}

function row(agent: ResponseGetAgentsAgent, now: number): string[] {
  const used = amountsOf(agent.allocatedResources)
  const total = amountsOf(agent.totalResources)
  const state = agent.deactivated ? 'deactivated' : agent.active ? 'active' : 'disconnected'
  const registered = agent.registeredTime && Number(agent.registeredTime.nanoseconds) / 1e9
  return [
    agent.agentInfo.id?.value ?? '',
    agentAddress(agent),
    state,
    usedOf(used.cpus, total.cpus),
    usedOf(used.mem, total.mem),
    usedOf(used.disk, total.disk),
    age(registered, now),
  ]
}
