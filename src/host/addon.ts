import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HostErrors } from './errors.js'

/** The class that the addon exports; its arguments and answers are messages of proto/native. Null: it is done, and there is nothing to say. */
export interface NativeHost {
  start(plan: Buffer): Buffer | null
  startAnew(operation: number, plan: Buffer): void
  find(cgroupRoot?: Buffer): Buffer
  attach(found: Buffer): Buffer
  go(handle: number): Buffer | null
  signal(handle: number, number: number, toGroup: boolean): Buffer | null
  kill(handle: number): Buffer | null
  release(handle: number): void
  destroy(operation: number, container: string, scratch: string[], cgroups?: Buffer): void
  settle(operation: number, container: string, cgroups?: Buffer): void
  update(operation: number, cgroups: Buffer, settings: Buffer): void
  statistics(operation: number, container: string, cgroups?: Buffer): void
  countEvents(operation: number, cgroups: Buffer, events: Buffer): void
  endCount(operation: number, sample: number): void
  uncountable(events: Buffer): Buffer
  compileSeccomp(profile: Buffer): Buffer
  removeTree(operation: number, path: string): void
  overlayWorks(directory: string): boolean
  isOpaque(directory: string): boolean
  lookUpUser(operation: number, name: string): void
  listGpus(operation: number, library: string): void
  project(operation: number, request: Buffer): void
  measureDisk(operation: number, request: Buffer): void
  close(): void
}

/** As `NativeHost`; every operation completes as an event. */
export interface NativeArchives {
  unpack(operation: number, request: Buffer): void
  feed(operation: number, bytes: Buffer): boolean
  endFeed(operation: number): void
  abandon(operation: number): void
  index(operation: number, path: string): void
  adopt(operation: number, directory: string, implied: Buffer[], below: string[]): void
  flush(operation: number, directory: string): void
  close(): void
}

/** Completes with `ArchiveEvents`, under the number of the operation. */
export interface NativeUserFiles {
  open(operation: number, path: string, user?: Buffer): void
  create(operation: number, place: Buffer): void
  copy(operation: number, from: number, to: number, most: number): void
  finish(operation: number, request: Buffer): void
  extract(operation: number, request: Buffer): void
  append(operation: number, place: Buffer, text: Buffer): void
  abandon(operation: number): void
  close(): void
}

export interface Addon {
  findCgroups(base: string): Buffer
  lockFile(descriptor: number): boolean
  NativeArchives: new (onEvents: (events: Buffer) => void) => NativeArchives
  NativeUserFiles: new (onEvents: (events: Buffer) => void) => NativeUserFiles
  NativeHost: new (config: Buffer, onEvents: (events: Buffer) => void) => NativeHost
}

/** Where the native parts lie; a bundle unpacks them elsewhere and says so. */
export interface NativeAssets {
  addon: string
  launcher: string
}

/** `prebuilds` of this package, which stands two levels above this file in src as in dist. */
export function packagedAssets(): NativeAssets {
  const directory = join(fileURLToPath(new URL('../..', import.meta.url)), 'prebuilds', `${process.platform}-${process.arch}`)
  return { addon: join(directory, 'meseta.glibc.node'), launcher: join(directory, 'meseta-launcher') }
}

/** A missing or unloadable addon is an error that says which file was sought; there is no silent fall-back to the simulation. */
export function loadAddon(path: string): Addon {
  try {
    return createRequire(import.meta.url)(path) as Addon
  } catch (error) {
    throw HostErrors.ADDON_MISSING(
      { sought: path, why: error instanceof Error ? error.message.split('\n')[0]! : String(error) },
      error,
    )
  }
}
