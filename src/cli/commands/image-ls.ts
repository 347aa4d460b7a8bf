import { Command } from 'commander'
import { bytesText } from '#base/bytes.js'
import type { ImageSummary } from '#wire/meseta.js'
import type { CliContext } from '../context.js'
import { shortDigest } from '../images/digest-text.js'
import { jsonOfImage } from '../images/json.js'
import { askAll, type TargetOptions, withTargets } from '../images/targets.js'
import { age, table, wantsColor } from '../table.js'
import { examples, onAgents } from './shared-options.js'

const COLUMNS = [
  { heading: 'IMAGE' },
  { heading: 'DIGEST' },
  { heading: 'LAYERS', numeric: true },
  { heading: 'SIZE', numeric: true },
  { heading: 'BROUGHT', numeric: true },
  { heading: 'USED', numeric: true },
  { heading: 'CONTAINERS', numeric: true },
  { heading: 'AGENT' },
]

export function imageLsCommand(context: CliContext): Command {
  return onAgents(new Command('ls'))
    .alias('list')
    .summary('list images on agents')
    .description('Lists images on every active agent, or on one. Sizes count layers that images share in each of them.')
    .addHelpText('after', examples(['meseta image ls', ''], ['meseta image ls --agent 127.0.0.1:5051 --json', '']))
    .action((options: TargetOptions & { json?: boolean }) =>
      withTargets(options, context, async (targets) => {
        const found = await askAll(targets, (images) => images.list())
        if (options.json) {
          const agents = found.map(([agent, images]) => ({ agent, images: images.map(jsonOfImage) }))
          return context.stdout.write(`${JSON.stringify(agents)}\n`)
        }
        const rows = found.flatMap(([agent, images]) => images.map((image) => row(image, agent)))
        context.stdout.write(table(COLUMNS, rows, { bold: wantsColor(context.stdout, context.env) }))
      }),
    )
}

function row(image: ImageSummary, agent: string): string[] {
  const since = (milliseconds: bigint) => age(Number(milliseconds) / 1000, Date.now() / 1000)
  return [
    image.name,
    shortDigest(image.digest),
    String(image.layers),
    bytesText(image.bytes),
    since(image.broughtAtMs),
    since(image.usedAtMs),
    String(image.containers?.length ?? 0),
    agent,
  ]
}
