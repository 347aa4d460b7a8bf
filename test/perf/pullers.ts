import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { missingPrograms } from '../support/real-registry.js'
import { until } from '../support/waiting.js'
import type { CpuGroup } from './cpu-group.js'
import type { SampleImage } from './sample-images.js'

const run = promisify(execFile)
const STARTUP_SECONDS = 30

/** Something that brings an image to a disk; all that takes time before the pull is done in `prepare`. */
export interface Puller {
  readonly name: string
  readonly needs: readonly string[]
  /** Knows on the second time that everything is there. */
  readonly repeatable: boolean
  prepare(disk: string, image: SampleImage, group: CpuGroup): Promise<Prepared>
}

export interface Prepared {
  pull(): Promise<void>
  stop(): Promise<void>
}

/** Where nothing has to run before or after. */
const script = (
  name: string,
  needs: readonly string[],
  text: (disk: string, image: SampleImage) => string,
  repeatable = false,
): Puller => ({
  name,
  needs,
  repeatable,
  async prepare(disk, image, group) {
    const argv = group.wrap(['/bin/bash', '-o', 'pipefail', '-ec', text(disk, image)])
    return { pull: () => ran(argv), stop: async () => {} }
  },
})

async function ran(argv: readonly string[]): Promise<void> {
  await run(argv[0]!, argv.slice(1), { maxBuffer: 1 << 26 })
}

/** A daemon beside the client that is measured; both count. */
function withDaemon(
  name: string,
  needs: readonly string[],
  parts: (disk: string, image: SampleImage) => { daemon: string[]; socket: string; client: string[] },
): Puller {
  return {
    name,
    needs,
    repeatable: true,
    async prepare(disk, image, group) {
      const { daemon, socket, client } = parts(disk, image)
      const argv = group.wrap(daemon)
      const child = spawn(argv[0]!, argv.slice(1), { stdio: 'ignore' })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      const up = await until(() => existsSync(socket), STARTUP_SECONDS)
      if (!up) throw new Error(`${name}: no ${socket} within ${STARTUP_SECONDS} seconds`)
      return {
        pull: () => ran(group.wrap(client)),
        async stop() {
          child.kill('SIGTERM')
          await ended
        },
      }
    },
  }
}

const docker = withDaemon('docker pull', ['dockerd', 'docker'], (disk, { reference }) => {
  const socket = `${disk}/docker.sock`
  const flags = [
    '--iptables=false',
    '--bridge=none',
    '--data-root',
    `${disk}/data`,
    '--exec-root',
    `${disk}/exec`,
    '-p',
    `${disk}/pid`,
  ]
  return {
    socket,
    daemon: ['dockerd', ...flags, '-H', `unix://${socket}`],
    client: ['docker', '-H', `unix://${socket}`, 'pull', '-q', reference],
  }
})

const containerd = withDaemon('ctr images pull', ['containerd', 'ctr'], (disk, { reference }) => {
  const socket = `${disk}/containerd.sock`
  const file = join(disk, 'config.toml')
  writeFileSync(
    file,
    `version = 2\nroot = "${disk}/root"\nstate = "${disk}/state"\n[grpc]\naddress = "${socket}"\n[ttrpc]\naddress = "${socket}.ttrpc"\n`,
  )
  return {
    socket,
    daemon: ['containerd', '-c', file],
    client: ['ctr', '-a', socket, 'images', 'pull', '--plain-http', reference],
  }
})

const podman = script(
  'podman pull',
  ['podman'],
  (disk, { reference }) =>
    `podman --root ${disk}/root --runroot ${disk}/run --storage-driver overlay pull -q --tls-verify=false ${reference}`,
  true,
)

const skopeoUmoci = script('skopeo copy + umoci unpack', ['skopeo', 'umoci'], (disk, { reference }) => {
  const copy = `skopeo copy -q --src-tls-verify=false docker://${reference} oci:${disk}/layout:1`
  return `${copy}; umoci unpack --image ${disk}/layout:1 ${disk}/bundle`
})

/** What the kernel and the fastest tools allow, with both digests looked at: of what comes, and of what it unpacks to. */
const FLOOR = 'tee >(sha256sum > /dev/null) | igzip -dc | tee >(sha256sum > /dev/null) | tar --numeric-owner -x -C'

const each = (layers: readonly string[], disk: string, source: (digest: string) => string): string =>
  `${layers.map((digest, index) => `mkdir ${disk}/l${index}; (${source(digest)} | ${FLOOR} ${disk}/l${index}) & p${index}=$!`).join('\n')}
   ${layers.map((_, index) => `wait $p${index}`).join('; ')}`

const floorPull = script('curl | igzip | sha256sum | tar, each layer', ['curl', 'igzip'], (disk, image) => {
  const [host, name] = image.reference.replace(/:[^:]*$/, '').split('/')
  return each(digestsOf(image), disk, (digest) => `curl -sf http://${host}/v2/${name}/blobs/${digest}`)
})

const floorUnpack = script('igzip | sha256sum | tar, each layer', ['igzip'], (disk, image) =>
  each(digestsOf(image), disk, (digest) => `cat ${image.layout}/blobs/${digest.replace(':', '/')}`),
)

const umoci = script('umoci unpack', ['umoci'], (disk, { layout }) => `umoci unpack --image ${layout}:1 ${disk}/bundle`)

/** From a registry (T9). */
export const PULLERS: readonly Puller[] = [docker, podman, containerd, skopeoUmoci, floorPull]
/** From a layout on this host's disk (T10). */
export const UNPACKERS: readonly Puller[] = [umoci, floorUnpack]

export const lacks = ({ needs }: Puller): string | undefined => missingPrograms(...needs)[0]

function digestsOf({ layout }: SampleImage): string[] {
  const read = (digest: string) => JSON.parse(readText(join(layout, 'blobs', digest.replace(':', '/'))))
  const index = JSON.parse(readText(join(layout, 'index.json'))) as { manifests: { digest: string }[] }
  return (read(index.manifests[0]!.digest) as { layers: { digest: string }[] }).layers.map(({ digest }) => digest)
}

const readText = (path: string): string => readFileSync(path, 'utf8')
