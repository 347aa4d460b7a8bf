import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { examples } from './shared-options.js'

export function downCommand(context: CliContext, exit: (code: number) => void): Command {
  return new Command('down')
    .summary('end the tasks that a stopped `meseta up` left running')
    .description(
      'Ends every container of the cluster of this data directory. The cluster itself must have been stopped (Ctrl-C).',
    )
    .option('--data-dir <path>', 'as given to `meseta up`')
    .addHelpText('after', examples(['meseta down', '']))
    .action(async ({ dataDir }: { dataDir?: string }) =>
      exit(await context.daemons.down(dataDir === undefined ? {} : { dataDirectory: dataDir })),
    )
}
