import { Command } from 'commander'
import { bytesText } from '#base/bytes.js'
import { CodedError } from '#base/errors.js'
import type { AgentImages } from '#sdk/agent.js'
import type { ImageDetails } from '#wire/meseta.js'
import type { CliContext } from '../context.js'
import { CliErrors } from '../errors.js'
import { jsonOfImage } from '../images/json.js'
import { askAll, type TargetOptions, withTargets } from '../images/targets.js'
import { printable } from '../table.js'
import { examples, onAgents } from './shared-options.js'

export function imageInspectCommand(context: CliContext): Command {
  return onAgents(new Command('inspect'))
    .summary('show what an image is made of and how it wants to be run')
    .description(
      'Shows an image of the first agent that has it; with --json also its manifest and its configuration, as they stand.',
    )
    .argument('<name>', 'as `meseta image ls` shows it, or the beginning of its digest')
    .addHelpText(
      'after',
      examples(['meseta image inspect alpine:3', ''], ["meseta image inspect --json alpine:3 | jq '.[0].config.config.Env'", '']),
    )
    .action((name: string, options: TargetOptions & { json?: boolean }) =>
      withTargets(options, context, async (targets) => {
        const asked = await askAll(targets, (images) => inspect(images, name))
        const found = asked.flatMap(([agent, image]) => (image ? [{ agent, image }] : []))
        if (found.length === 0) throw CliErrors.IMAGE_NOWHERE({ name, agents: asked.map(([agent]) => agent) })
        if (options.json) context.stdout.write(`${JSON.stringify(found.map(({ agent, image }) => jsonOf(agent, image)))}\n`)
        else
          context.stdout.write(
            textOf(
              found[0]!.image,
              found.map(({ agent }) => agent),
            ),
          )
      }),
    )
}

/** Nothing where the agent has no such image. */
async function inspect(images: AgentImages, name: string): Promise<ImageDetails | undefined> {
  try {
    return await images.inspect(name)
  } catch (error) {
    const { status, body } = ((error as CodedError).details ?? {}) as { status?: number; body?: string }
    if (error instanceof CodedError && status === 404 && body !== '404 Not Found.') return undefined
    throw error
  }
}

const jsonOf = (agent: string, { summary, layerDigests = [], manifest, config }: ImageDetails): object => ({
  agent,
  ...jsonOfImage(summary),
  layer_digests: layerDigests,
  manifest: parsed(manifest),
  config: parsed(config),
})

function textOf({ summary, layerDigests = [], config }: ImageDetails, agents: readonly string[]): string {
  const wishes = runtimeOf(parsed(config))
  const lines: [string, string][] = [
    ['Image', summary.name],
    ['Digest', summary.digest],
    ['Size', bytesText(summary.bytes)],
    ['Agents', agents.join(', ')],
    ['In use by', summary.containers?.join(', ') || 'no container'],
    ...wishes,
    ...layerDigests.map((digest, index): [string, string] => [`Layer ${index + 1}`, digest]),
  ]
  return lines
    .map(([name, value]) => printable(`${`${name}:`.padEnd(14)}${value}`))
    .join('\n')
    .concat('\n')
}

const WISHES = {
  Entrypoint: 'Entrypoint',
  Cmd: 'Command',
  Env: 'Environment',
  WorkingDir: 'Directory',
  User: 'User',
  Volumes: 'Volumes',
  StopSignal: 'Stop signal',
  ExposedPorts: 'Ports',
  Healthcheck: 'Health check',
  Labels: 'Labels',
} as const

/** What the image wants when it runs; members as Docker and OCI name them. */
function runtimeOf(config: unknown): [string, string][] {
  const wishes = (config as { config?: Record<string, unknown> } | undefined)?.config ?? {}
  return Object.entries(WISHES).flatMap(([member, name]): [string, string][] => {
    const value = wishes[member]
    if (value === undefined || value === null || value === '') return []
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}

function parsed(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined // some formats have none, or another than JSON
  }
}
