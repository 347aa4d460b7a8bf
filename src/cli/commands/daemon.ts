import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { examples } from './shared-options.js'

/** `master` and `agent`: their arguments are flags in Mesos' grammar, which is not that of the other commands. */
export function daemonCommand(name: 'master' | 'agent', context: CliContext, exit: (code: number) => void): Command {
  return new Command(name)
    .summary(`run ${name === 'master' ? 'a master' : 'an agent'} in the foreground, with Mesos' flags`)
    .usage('[--flag=value...]')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', examples([`meseta ${name} --help`, 'all flags']))
    .action(async (_options: object, command: Command) => exit(await context.daemons[name](command.args)))
}
