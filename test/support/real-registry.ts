/** Debian's docker-registry on this machine, and what fills it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon } from './daemon.js'
import { freePort } from './free-port.js'
import { until } from './waiting.js'

/** The programs that are wanted and not here; empty where the tests can run. */
export const missingPrograms = (...names: readonly string[]): string[] =>
  names.filter((name) => !['/usr/bin', '/usr/sbin', '/bin', '/usr/local/bin'].some((place) => existsSync(join(place, name))))

const PATIENCE_SECONDS = 30

export class RealRegistry {
  /** `127.0.0.1:5000`; plain http. */
  readonly address: string
  private readonly directory: string
  private daemon: Daemon | undefined

  private constructor(directory: string, address: string) {
    this.directory = directory
    this.address = address
  }

  /** On a port of its own, with its data below `directory`. */
  static async start(directory: string): Promise<RealRegistry> {
    mkdirSync(directory, { recursive: true })
    const registry = new RealRegistry(directory, `127.0.0.1:${await freePort()}`)
    writeFileSync(registry.configuration, configuration(join(directory, 'data'), registry.address))
    await registry.begin()
    return registry
  }

  /** Again, on the same port and with the same images. */
  async begin(): Promise<void> {
    this.daemon = new Daemon(['docker-registry', 'serve', this.configuration], [], join(this.directory, 'log'), {})
    const answers = await until(async () => (await fetch(`http://${this.address}/v2/`)).ok, PATIENCE_SECONDS)
    if (!answers) throw new Error(`docker-registry does not answer: ${this.daemon.lastWords()}`)
  }

  async stop(): Promise<void> {
    await this.daemon?.end('SIGTERM', PATIENCE_SECONDS)
  }

  /** Copies an image of an OCI layout here, under the same name and tag. */
  push(layout: string, tag: string, name: string, ...options: readonly string[]): string {
    const reference = `${this.address}/${name}`
    const flags = ['--dest-tls-verify=false', '--quiet', ...options]
    const { status, stderr } = spawnSync('skopeo', ['copy', ...flags, `oci:${layout}:${tag}`, `docker://${reference}`])
    if (status !== 0) throw new Error(`skopeo copy failed: ${stderr}`)
    return reference
  }

  /** How often blobs were asked for since the registry was made. */
  blobRequests(): number {
    const log = execFileSync('cat', [join(this.directory, 'log')], { encoding: 'utf8', maxBuffer: 1 << 28 })
    return log.split('\n').filter((line) => /"GET \/v2\/\S+\/blobs\//.test(line)).length
  }

  private get configuration(): string {
    return join(this.directory, 'config.yml')
  }
}

const configuration = (data: string, address: string): string =>
  [
    'version: 0.1',
    'log: {level: warn, accesslog: {disabled: false}}',
    `storage: {filesystem: {rootdirectory: ${data}}}`,
    `http: {addr: "${address}"}`,
  ].join('\n')
