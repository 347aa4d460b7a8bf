import { Command, InvalidArgumentError } from 'commander'
import type { CliContext } from '../context.js'
import { examples, several } from './shared-options.js'

interface Options {
  ip: string
  port: number
  agentPort: number
  dataDir?: string
  resources?: string
  masterFlag?: string[]
  agentFlag?: string[]
}

export function upCommand(context: CliContext, exit: (code: number) => void): Command {
  return new Command('up')
    .summary('run a whole cluster on this machine')
    .description(
      'Starts a master and an agent on this machine, restarts either when it dies, and ends both on Ctrl-C. Tasks go on without them: start again to have them back, or end them with `meseta down`.',
    )
    .option('--ip <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port of the master', port, 5050)
    .option('--agent-port <number>', 'port of the agent', port, 5051)
    .option('--data-dir <path>', 'where all data lies (default: /var/lib/meseta, without root ~/.local/share/meseta)')
    .option('--resources <text>', 'what the agent offers, such as cpus:4;mem:8192 (default: what this machine has)')
    .option('--master-flag <flag>', 'a flag for the master, such as --offer_timeout=10secs; may be repeated', several)
    .option('--agent-flag <flag>', 'a flag for the agent, such as --isolation=cgroups/mem; may be repeated', several)
    .addHelpText('after', examples(['meseta up', ''], ['meseta up --data-dir /srv/meseta --resources "cpus:4;mem:8192"', '']))
    .action(async ({ dataDir, resources, masterFlag = [], agentFlag = [], ...rest }: Options) => {
      const optional = { ...(dataDir !== undefined && { dataDirectory: dataDir }), ...(resources !== undefined && { resources }) }
      exit(await context.daemons.up({ ...rest, ...optional, masterFlags: masterFlag, agentFlags: agentFlag }))
    })
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('A port is a number up to 65535; 0 takes a free one.')
  return Number(text)
}
