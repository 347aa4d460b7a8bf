import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nothingLeft, traces } from '../../support/leaks.js'

export const RUNTIME = fileURLToPath(new URL('../../../prebuilds/linux-x64/meseta-oci', import.meta.url))

const APPLETS = [
  'sh',
  'cat',
  'sleep',
  'id',
  'true',
  'false',
  'ls',
  'grep',
  'tty',
  'stty',
  'echo',
  'readlink',
  'mount',
  'hostname',
]

/** An image of nothing but busybox. */
export function makeRoot(root: string): void {
  for (const name of ['bin', 'proc', 'sys', 'dev', 'tmp', 'etc']) mkdirSync(join(root, name), { recursive: true })
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
  for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet))
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A bundle, a place for state, and cgroups of one test. Nothing may be left of it at the end. */
export class Workplace {
  readonly name = `meseta-oci-${randomBytes(4).toString('hex')}`
  readonly directory = join('/tmp', this.name)
  readonly bundle = join(this.directory, 'bundle')
  private before: string[] = []

  static async prepare(): Promise<Workplace> {
    const place = new Workplace()
    makeRoot(join(place.bundle, 'rootfs'))
    place.before = await traces(place.scope())
    return place
  }

  /** What `meseta-oci spec` begins with, but without a terminal, with this script, and with what else is to be different. */
  configure(script: string, change: (config: Config) => void = () => {}): void {
    rmSync(join(this.bundle, 'config.json'), { force: true })
    const config = template(script, `/${this.name}/c1`)
    change(config)
    writeFileSync(join(this.bundle, 'config.json'), JSON.stringify(config))
  }

  oci(...words: string[]): Ran {
    // Files instead of pipes: a container that goes on running holds them open, and must not hold us up.
    const files = ['out', 'err'].map((name) => join(this.directory, name))
    const descriptors = files.map((file) => openSync(file, 'w'))
    const arguments_ = ['--root', join(this.directory, 'state'), ...words]
    const result = spawnSync(RUNTIME, arguments_, { cwd: this.bundle, stdio: ['ignore', ...descriptors], timeout: 30_000 })
    descriptors.forEach(closeSync)
    const [out = '', err = ''] = files.map((file) => readFileSync(file, 'utf8'))
    return { code: result.status, out, err }
  }

  status(id: string): string {
    return JSON.parse(this.oci('state', id).out).status
  }

  async dispose(): Promise<void> {
    for (const id of this.oci('list', '--quiet').out.split('\n').filter(Boolean)) this.oci('delete', '--force', id)
    for (const mount of [
      'cpu',
      'cpuacct',
      'cpuset',
      'memory',
      'devices',
      'freezer',
      'blkio',
      'pids',
      'systemd',
      'unified',
      '.',
    ]) {
      try {
        rmdirSync(join('/sys/fs/cgroup', mount, this.name))
      } catch {
        // This host has no such hierarchy.
      }
    }
    await nothingLeft(this.scope(), this.before)
    rmSync(this.directory, { recursive: true, force: true })
  }

  private scope() {
    return { directories: [this.directory], cgroupsRoot: this.name, transient: [join(this.directory, 'state')] }
  }
}

export interface Config {
  process: { args: string[]; [key: string]: unknown }
  hooks?: Record<string, { path: string; args?: string[]; timeout?: number }[]>
  linux: { resources: Record<string, unknown>; namespaces: { type: string; path?: string }[]; [key: string]: unknown }
  [key: string]: unknown
}

function template(script: string, cgroupsPath: string): Config {
  const directory = join('/tmp', `meseta-oci-template-${randomBytes(4).toString('hex')}`)
  mkdirSync(directory)
  spawnSync(RUNTIME, ['spec', '--bundle', directory])
  const text = readFileSync(join(directory, 'config.json'), 'utf8')
  rmSync(directory, { recursive: true })
  const config: Config = JSON.parse(text)
  config.process.terminal = false
  config.process.args = ['/bin/sh', '-c', script]
  config.linux.cgroupsPath = cgroupsPath
  return config
}
