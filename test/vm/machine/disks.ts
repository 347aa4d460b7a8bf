import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached } from './cache.js'
import { command } from './command.js'
import type { Kernel } from './kernel.js'
import { installedPackages, programWithLibraries } from './packages.js'
import { withScratch } from './scratch.js'

export const project = fileURLToPath(new URL('../../..', import.meta.url))

/** Raised when a disk made of the same things would look otherwise. */
const LAYOUT = '3'

const MEBIBYTE = 1024 * 1024
/** Sparse, so it costs what is written. */
const ROOT_SIZE = 4096 * MEBIBYTE
const TREE_SIZE = 256 * MEBIBYTE
const DATA_SIZE = 1024 * MEBIBYTE

/** Tools for developing that no test calls, and by far the largest packages. */
const LEFT_AT_HOME = [
  '@biomejs',
  '@typescript',
  '@octokit',
  'typescript',
  '@napi-rs',
  'mesos-framework',
  '.cache',
  '.vite',
  '.vite-temp',
]

/** Of the project itself, beside node_modules; the guide for its example modules. */
const TREE = [
  ...['package.json', 'vitest.config.ts', 'tsconfig.base.json', 'scripts', 'src', 'dist', 'test', 'prebuilds', 'proto'],
  'docs/guide',
]

/** A Debian of this host's own files: packages with all they depend on, this Node, the kernel's modules and the project's packages. */
export async function rootDisk(kernel: Kernel): Promise<string> {
  const packages = await installedPackages()
  const lock = await readFile(join(project, 'package-lock.json'), 'utf8')
  const identity = [LAYOUT, kernel.release, process.version, process.execPath, lock, ...packages.identity]
  return cached('root', identity, (path) =>
    diskOf(path, ROOT_SIZE, async (root) => {
      const files = [...(await packages.files()), ...(await programWithLibraries(process.execPath))]
      await copy('/', files, root)
      await linkUsr(root)
      await hideWhatIsRoots(root)
      await command('cp', '-a', join(kernel.directory, 'lib/modules'), join(root, 'usr/lib/modules'))
      await copy(
        project,
        ['node_modules'],
        join(root, 'opt'),
        LEFT_AT_HOME.map((name) => `node_modules/${name}`),
      )
    }),
  )
}

/** The project as it is now. Small and made anew for each start, so that what is tested is what is on disk. */
export async function treeDisk(path: string): Promise<void> {
  await diskOf(path, TREE_SIZE, async (root) => {
    await copy(
      project,
      TREE.filter((name) => existsSync(join(project, name))),
      root,
      ['test/conformance/recordings', 'dist/.*'],
    )
    await mkdir(join(root, 'node_modules'))
  })
}

async function diskOf(path: string, size: number, fill: (root: string) => Promise<void>): Promise<void> {
  await withScratch(async (staging) => {
    const root = join(staging, 'root')
    await mkdir(root, { mode: 0o755 })
    await fill(root)
    await emptyDisk(path, size)
    await command(
      'mke2fs',
      '-q',
      '-F',
      '-t',
      'ext4',
      '-m',
      '0',
      '-O',
      '^has_journal',
      '-E',
      'lazy_itable_init=1',
      '-d',
      root,
      path,
    )
  })
}

/** With a journal, for what has to survive a power cut. */
export async function dataDisk(path: string): Promise<void> {
  await emptyDisk(path, DATA_SIZE)
  await command('mke2fs', '-q', '-F', '-t', 'ext4', path)
}

export async function emptyDisk(path: string, size: number): Promise<void> {
  await writeFile(path, '')
  await truncate(path, size)
}

/** Copies as tar does: owners, modes, links and capabilities stay as they are. */
async function copy(from: string, paths: readonly string[], to: string, without: readonly string[] = []): Promise<void> {
  await mkdir(to, { recursive: true })
  const list = join(to, '.list')
  const relative = paths.map((path) => path.replace(/^\//, ''))
  await writeFile(list, (await recursive(from, relative)).join('\n'))
  const excluded = without.map((path) => `--exclude=${path}`)
  const script = 'from=$1 list=$2 to=$3; shift 3; tar -C "$from" --xattrs "$@" -cf - -T "$list" | tar -C "$to" --xattrs -xpf -'
  await command('bash', '-o', 'pipefail', '-c', script, 'copy', from, list, to, '--anchored', ...excluded, '--ignore-failed-read')
  await rm(list)
}

/** Of packages each directory is named by itself and must not bring what others put into it; what the project names is meant whole. */
async function recursive(from: string, paths: readonly string[]): Promise<string[]> {
  if (from !== '/') return [...paths]
  const kinds = await Promise.all(paths.map((path) => lstat(join(from, path)).catch(() => undefined)))
  return paths.filter(
    (path, index) => kinds[index] !== undefined && (!kinds[index]?.isDirectory() || path === 'etc/alternatives'),
  )
}

/** Since Debian 12 /bin, /sbin and /lib are links into /usr. */
async function linkUsr(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name)).catch(ignoreExisting)
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'var', 'root', 'mnt', 'meseta', 'data'])
    await mkdir(join(root, name), { recursive: true })
}

/** As Debian has it. The host's own secrets stay there. */
async function hideWhatIsRoots(root: string): Promise<void> {
  await chmod(join(root, 'root'), 0o700)
  await writeFile(join(root, 'etc/shadow'), 'root:*:20000:0:99999:7:::\n', { mode: 0o600 })
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
