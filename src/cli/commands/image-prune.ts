import { Command } from 'commander'
import { bytesText } from '#base/bytes.js'
import type { CliContext } from '../context.js'
import { askAll, type TargetOptions, withTargets } from '../images/targets.js'
import { table, wantsColor } from '../table.js'
import { examples, onAgents, several } from './shared-options.js'

interface Options extends TargetOptions {
  exclude?: string[]
  json?: boolean
}

const COLUMNS = [
  { heading: 'AGENT' },
  { heading: 'FREED', numeric: true },
  { heading: 'LAYERS', numeric: true },
  { heading: 'IMAGES' },
]

export function imagePruneCommand(context: CliContext): Command {
  return onAgents(new Command('prune'))
    .summary('remove images that no container uses')
    .description(
      'Removes images that no container uses, and their layers, from every active agent or from one. What is removed comes again when it is wanted.',
    )
    .option('--exclude <name>', 'keep this one; may be repeated', several)
    .addHelpText('after', examples(['meseta image prune', ''], ['meseta image prune --exclude alpine:3 --exclude debian:12', '']))
    .action((options: Options) =>
      withTargets(options, context, async (targets) => {
        const pruned = await askAll(targets, (images) => images.prune(options.exclude ?? []))
        if (options.json) {
          const agents = pruned.map(([agent, { names = [], layers, bytes }]) => ({
            agent,
            images: names,
            layers,
            bytes: Number(bytes),
          }))
          return context.stdout.write(`${JSON.stringify(agents)}\n`)
        }
        const rows = pruned.map(([agent, { names = [], layers, bytes }]) => [
          agent,
          bytesText(bytes),
          String(layers),
          names.join(', ') || 'nothing to remove',
        ])
        context.stdout.write(table(COLUMNS, rows, { bold: wantsColor(context.stdout, context.env) }))
      }),
    )
}
