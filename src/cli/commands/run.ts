import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { type CliContext, masterUrl } from '../context.js'
import { CliErrors } from '../errors.js'
import { readDockerConfig } from '../images/config-file.js'
import { AttachedRun } from '../run/attached.js'
import { containerFrom, type RunRequest, uriFrom } from '../run/task-info.js'
import { type ConnectedOptions, connected, examples, several } from './shared-options.js'

interface Options extends ConnectedOptions {
  name?: string
  cpus: string
  mem: string
  disk: string
  env?: string[]
  user?: string
  uri?: string[]
  image?: string
  pull?: boolean
  dockerConfig?: string
  imageDir?: string
  container?: string
  rootfs?: string
  role: string
  shell?: boolean
  detach?: boolean
}

export function runCommand(context: CliContext, exit: (code: number) => void): Command {
  return connected(new Command('run'))
    .summary('run one command in a container and show what it prints')
    .description(
      'Runs one command in a container on any agent that has room, prints its output, and ends with its exit code (128 + n when signal n ended it, 125 when it did not run or was lost). Ctrl-C ends the task. If this program dies, the task is ended within a minute.',
    )
    .argument('[command...]', 'the command, best written after --; without one an image runs its own')
    .passThroughOptions()
    .option('-n, --name <name>', 'name of the task (default: the name of the program)')
    .option('-c, --cpus <number>', 'processors', '0.1')
    .option('-m, --mem <megabytes>', 'memory', '64')
    .option('--disk <megabytes>', 'disk space', '0')
    .option('-e, --env <name=value>', 'environment variable; may be repeated', several)
    .option('-u, --user <name>', 'user to run as (default: you)')
    .option(
      '--uri <uri>',
      'file that is fetched into the sandbox before it starts, and unpacked if it is an archive; may be repeated. To say more, as JSON: {"value": "https://…", "executable": true} (docs/guide/fetcher.md)',
      several,
    )
    .option('--image <name>', 'root file system: an image, such as alpine:3 or registry.example:5000/team/app')
    .option('--pull', 'look for a newer one at the registry although the agent has the image')
    .option('--docker-config <path>', 'credentials for the image: a docker config.json of this machine')
    .option('--image-dir <path>', 'root file system: a directory on the agent (alias --rootfs)')
    .option('--rootfs <path>', 'the same as --image-dir')
    .option(
      '--container <json>',
      'more of its container, as ContainerInfo in JSON: volumes, capabilities, limits (docs/guide/isolation.md)',
    )
    .option('--role <role>', 'role to get resources for', '*')
    .option('--shell', 'take the command as one line for /bin/sh')
    .option('--no-shell', 'never do that')
    .option('-d, --detach', 'print the id of the task and leave once it runs; it stays until it ends or `meseta kill` ends it')
    .addHelpText(
      'after',
      examples(
        ['meseta run -- echo hello', ''],
        ['meseta run --cpus 2 --mem 512 -e LEVEL=3 -- make test', ''],
        ["meseta run 'ls | wc -l'", 'one word with blanks is a line for /bin/sh'],
        ['meseta run --image alpine:3 -- cat /etc/os-release', ''],
        ['meseta run --image nginx -m 256', 'what the image says that it runs'],
        ['meseta run --uri https://files.example/site.tar.gz -- python3 -m http.server -d site 8000', ''],
        ['meseta run --image-dir /srv/images/alpine -- cat /etc/os-release', ''],
        ['meseta run -d --name web -- python3 -m http.server 8000', 'then: meseta logs -f web'],
      ),
    )
    .action(async (argv: string[], options: Options) => {
      const name = options.name ?? nameOf(argv, options.image)
      const request = {
        name,
        argv,
        // One word with blanks in it is a line for a shell: no program is called so.
        shell: options.shell ?? (argv.length === 1 && /\s/.test(argv[0]!)),
        needs: {
          cpus: amount('--cpus', options.cpus),
          mem: amount('--mem', options.mem),
          disk: amount('--disk', options.disk, true),
        },
        environment: options.env ?? [],
        uris: (options.uri ?? []).map(uriFrom),
        user: options.user,
        image: await imageOf(options),
        container: options.container === undefined ? undefined : containerFrom(options.container),
        role: options.role,
        detach: options.detach ?? false,
      }
      const taskId = `${name.replace(/[^\w.-]/g, '_').slice(0, 100)}.${randomBytes(4).toString('hex')}`
      exit(await new AttachedRun(context, masterUrl(options.master, context.env), request, taskId).run())
    })
}

function nameOf(argv: readonly string[], image: string | undefined): string {
  const program = argv[0]?.split(/\s/)[0] ?? image?.replace(/[@:][^/]*$/, '')
  return program?.split('/').at(-1) || 'task'
}

async function imageOf({ image, imageDir, rootfs, pull, dockerConfig }: Options): Promise<RunRequest['image']> {
  const directory = imageDir ?? rootfs
  if (image !== undefined) {
    if (directory !== undefined) throw CliErrors.IMAGE_AND_DIRECTORY({})
    return { name: image, fresh: pull ?? false, dockerConfig: await readDockerConfig(dockerConfig) }
  }
  if (pull) throw CliErrors.OPTION_NEEDS_IMAGE({ option: '--pull' })
  if (dockerConfig !== undefined) throw CliErrors.OPTION_NEEDS_IMAGE({ option: '--docker-config' })
  return directory === undefined ? undefined : { directory }
}

function amount(option: string, value: string, zero = false): number {
  const number = /^(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : Number.NaN
  if (!(number > 0) && !(zero && number === 0)) throw CliErrors.AMOUNT_INVALID({ option, value })
  return number
}
