import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeArchives } from '../support/oci-layout.js'
import { RealRegistry } from '../support/real-registry.js'

const MEBIBYTE = 1024 ** 2

/** What an image shall be like; files come from this host's /usr. */
export interface Recipe {
  readonly name: string
  readonly layers: number
  readonly files: number
  readonly bytes: number
}

export const FOUR_LAYERS: Recipe = { name: 'four', layers: 4, files: 12_000, bytes: 588 * MEBIBYTE }
export const ONE_LAYER: Recipe = { name: 'one', layers: 1, files: 3000, bytes: 200 * MEBIBYTE }
export const TWELVE_LAYERS: Recipe = { name: 'twelve', layers: 12, files: 4800, bytes: 240 * MEBIBYTE }
/** To try everything in a moment. */
export const TINY: Recipe = { name: 'tiny', layers: 2, files: 15, bytes: MEBIBYTE }
/** To warm up with, and to run. */
export const SMALL: Recipe = { name: 'small', layers: 2, files: 20, bytes: MEBIBYTE / 2 }

export interface SampleImage {
  readonly recipe: Recipe
  readonly reference: string
  /** The same as an OCI layout, tagged `1`. */
  readonly layout: string
}

/** Images in a registry of this machine and as layouts beside it. */
export class SampleImages {
  readonly registry: RealRegistry
  private readonly directory: string
  private readonly made = new Map<Recipe, SampleImage>()

  private constructor(directory: string, registry: RealRegistry) {
    this.directory = directory
    this.registry = registry
  }

  static async start(directory: string): Promise<SampleImages> {
    mkdirSync(directory)
    return new SampleImages(directory, await RealRegistry.start(join(directory, 'registry')))
  }

  image(recipe: Recipe): SampleImage {
    const image = this.made.get(recipe) ?? this.make(recipe)
    this.made.set(recipe, image)
    return image
  }

  stop(): Promise<void> {
    return this.registry.stop()
  }

  private make(recipe: Recipe): SampleImage {
    const layout = join(this.directory, recipe.name)
    mkdirSync(layout)
    const archives = archivesOf(chosen(recipe), recipe, layout)
    writeArchives(layout, '1', archives, { Cmd: ['/bin/true'] })
    for (const path of archives) rmSync(path)
    return { recipe, layout, reference: this.registry.push(layout, '1', `${recipe.name}:1`) }
  }
}

/** As many files as wanted, in an order that has nothing to do with their names; then large ones until there are bytes enough. */
function chosen({ files, bytes }: Recipe): string[] {
  const largest = Math.min(20 * MEBIBYTE, bytes / 4)
  const all = everyFile().filter(({ size }) => size <= largest)
  const taken = all.slice(0, files)
  let sum = taken.reduce((total, { size }) => total + size, 0)
  for (const file of all.slice(files)) {
    if (sum >= bytes) break
    if (file.size < largest / 8 || sum + file.size > bytes) continue
    taken.push(file)
    sum += file.size
  }
  return taken.map(({ path }) => path)
}

interface HostFile {
  readonly path: string
  readonly size: number
}

let hostFiles: HostFile[] | undefined

function everyFile(): HostFile[] {
  if (hostFiles) return hostFiles
  const text = execFileSync('find', ['/usr', '-xdev', '-type', 'f', '-printf', '%s %p\\n'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const files = text
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ size: Number(line.slice(0, line.indexOf(' '))), path: line.slice(line.indexOf(' ') + 1) }))
  const order = new Map(files.map(({ path }) => [path, createHash('md5').update(path).digest('hex')]))
  hostFiles = files.sort((one, other) => (order.get(one.path)! < order.get(other.path)! ? -1 : 1))
  return hostFiles
}

/** The lowest layer has busybox too, so that the image can be run. */
function archivesOf(files: readonly string[], { layers }: Recipe, directory: string): string[] {
  return Array.from({ length: layers }, (_, layer) => {
    const list = join(directory, `files-${layer}`)
    const archive = join(directory, `layer-${layer}.tar`)
    const own = files.filter((_, index) => index % layers === layer).sort()
    writeFileSync(list, own.map((path) => `${path.slice(1)}\n`).join(''))
    execFileSync('tar', ['-C', '/', '--format=pax', '--no-recursion', '--verbatim-files-from', '-T', list, '-cf', archive])
    if (layer === 0) addBusybox(archive, directory)
    rmSync(list)
    return archive
  })
}

function addBusybox(archive: string, directory: string): void {
  const root = join(directory, 'busybox')
  mkdirSync(join(root, 'bin'), { recursive: true })
  execFileSync('/bin/sh', ['-ec', `cp /bin/busybox ${root}/bin/; ln -s busybox ${root}/bin/true; ln -s busybox ${root}/bin/sh`])
  execFileSync('tar', ['-C', root, '-rf', archive, 'bin'])
  rmSync(root, { recursive: true })
}
