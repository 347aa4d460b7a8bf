import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { imageInspectCommand } from './image-inspect.js'
import { imageLsCommand } from './image-ls.js'
import { imagePruneCommand } from './image-prune.js'
import { imagePullCommand } from './image-pull.js'
import { examples } from './shared-options.js'

/** Images are on agents; each of these asks them directly, and the master only for where they are. */
export function imageCommand(context: CliContext, exit: (code: number) => void): Command {
  return new Command('image')
    .summary('bring, list, look at and remove images on agents')
    .description('Images of containers on agents: brought before a task wants them, listed, looked at, removed.')
    .addCommand(imagePullCommand(context, exit))
    .addCommand(imageLsCommand(context))
    .addCommand(imageInspectCommand(context))
    .addCommand(imagePruneCommand(context))
    .addHelpText('after', examples(['meseta image pull alpine:3', 'on every agent'], ['meseta image ls', '']))
}
