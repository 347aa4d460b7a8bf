import { Command } from 'commander'
import { bytesText } from '#base/bytes.js'
import type { ImageSummary, PullImage, TransferGroup } from '#wire/meseta.js'
import type { CliContext } from '../context.js'
import { EXIT } from '../errors.js'
import { readDockerConfig } from '../images/config-file.js'
import { shortDigest } from '../images/digest-text.js'
import { jsonOfImage } from '../images/json.js'
import { agentError, type Target, type TargetOptions, withTargets } from '../images/targets.js'
import { progressDisplay } from '../progress/display.js'
import { table, wantsColor } from '../table.js'
import { examples, onAgents } from './shared-options.js'

interface Options extends TargetOptions {
  force?: boolean
  appc?: boolean
  dockerConfig?: string
  json?: boolean
  quiet?: boolean
}

interface Outcome {
  agent: string
  pulled?: ImageSummary
  error?: string
}

const COLUMNS = [
  { heading: 'AGENT' },
  { heading: 'RESULT' },
  { heading: 'DIGEST' },
  { heading: 'LAYERS', numeric: true },
  { heading: 'SIZE', numeric: true },
]

export function imagePullCommand(context: CliContext, exit: (code: number) => void): Command {
  return onAgents(new Command('pull'))
    .summary('bring an image to agents before a task wants it')
    .description('Brings an image to every active agent, or to one. What an agent has of it already is not brought again.')
    .argument('<name>', 'as a task would name it: alpine:3, registry.example:5000/team/app@sha256:…')
    .option('--force', 'look at the registry for something newer, although the image is there')
    .option('--appc', 'the name is that of an Appc image')
    .option('--docker-config <path>', 'credentials for this pull: a docker config.json of this machine')
    .option('-q, --quiet', 'do not show how far it is')
    .addHelpText(
      'after',
      examples(
        ['meseta image pull alpine:3', 'on every active agent'],
        ['meseta image pull --agent 127.0.0.1:5051 registry.example:5000/team/app', 'on this one'],
        ['meseta image pull --docker-config ~/.docker/config.json registry.example:5000/team/app', ''],
      ),
    )
    .action(async (name: string, options: Options) => {
      const dockerConfig = await readDockerConfig(options.dockerConfig)
      const wanted = { name, force: options.force ?? false, appc: options.appc ?? false, dockerConfig }
      exit(await withTargets(options, context, (targets) => pullOnAll(targets, wanted, options, context)))
    })
}

async function pullOnAll(targets: readonly Target[], wanted: PullImage, options: Options, context: CliContext): Promise<number> {
  const leave = new AbortController()
  const unlisten = context.onSignal(() => leave.abort(new Error('given up')))
  const display = options.quiet ? undefined : progressDisplay(context)
  try {
    const outcomes = await Promise.all(
      targets.map(async ({ address, images }): Promise<Outcome> => {
        const title = targets.length === 1 ? wanted.name : `${wanted.name} on ${address}`
        try {
          const progress = (group: TransferGroup) => display?.show(title, group)
          return { agent: address, pulled: await images.pull(wanted, { progress, signal: leave.signal }) }
        } catch (error) {
          // One agent and nobody there: that is the answer to the whole command.
          const said = agentError(address, error)
          if (targets.length === 1 && !leave.signal.aborted) throw said
          return { agent: address, error: said.message }
        }
      }),
    )
    display?.clear()
    if (leave.signal.aborted) return EXIT.interrupted
    context.stdout.write(
      options.json ? jsonOf(outcomes) : table(COLUMNS, outcomes.map(row), { bold: wantsColor(context.stdout, context.env) }),
    )
    return outcomes.some(({ error }) => error !== undefined) ? EXIT.failed : EXIT.done
  } finally {
    display?.clear()
    unlisten()
  }
}

const row = ({ agent, pulled, error }: Outcome): string[] =>
  pulled
    ? [agent, pulled.name, shortDigest(pulled.digest), String(pulled.layers), bytesText(pulled.bytes)]
    : [agent, (error ?? '').split('\n', 1)[0]!]

const jsonOf = (outcomes: readonly Outcome[]): string =>
  `${JSON.stringify(outcomes.map(({ agent, pulled, error }) => ({ agent, ...(pulled ? { pulled: jsonOfImage(pulled) } : { error }) })))}\n`
