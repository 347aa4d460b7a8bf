import { readdir, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { command } from './command.js'

/** What a small Debian has, and what the kernel tests call. Those that this host has not installed are left out. */
const WANTED = [
  ...[
    'base-files',
    'base-passwd',
    'bash',
    'coreutils',
    'dash',
    'debianutils',
    'findutils',
    'grep',
    'gzip',
    'hostname',
    'libc-bin',
    'login',
  ],
  ...['mount', 'passwd', 'perl-base', 'procps', 'sed', 'tar', 'util-linux', 'mawk', 'e2fsprogs'],
  ...['busybox-static', 'iproute2', 'iptables', 'nftables', 'xfsprogs', 'strace', 'libcap2-bin', 'keyutils'],
  ...['runc', 'crun', 'bubblewrap', 'gcc', 'libc6-dev', 'systemd'],
  ...[
    'docker.io',
    'docker-registry',
    'skopeo',
    'umoci',
    'python3',
    'libarchive-tools',
    'bzip2',
    'xz-utils',
    'zstd',
    'unzip',
    'zip',
  ],
]

/** What no package lists: made when Debian is installed. */
const MADE = [
  '/etc/passwd',
  '/etc/group',
  '/etc/nsswitch.conf',
  '/etc/ld.so.cache',
  '/etc/alternatives',
  '/etc/hosts',
  '/etc/localtime',
]

/** Nobody reads these in a machine that lives a minute. */
const UNREAD =
  /^\/usr\/(share\/(doc|man|locale|info|lintian|bash-completion|zoneinfo)|lib\/python3)\/|^\/usr\/lib\/gcc\/.*\/(cc1plus|lto1|lto-wrapper)$/

interface Package {
  readonly name: string
  readonly version: string
  readonly needs: readonly string[]
}

export interface PackageSet {
  /** Names and versions: what decides whether a disk made of them is current. */
  readonly identity: readonly string[]
  files(): Promise<string[]>
}

export async function installedPackages(): Promise<PackageSet> {
  const all = await database()
  const chosen = closure(all)
  return {
    identity: [...chosen].map(({ name, version }) => `${name}=${version}`).sort(),
    files: async () => {
      const listed = (await command('dpkg-query', '-L', ...[...chosen].map(({ name }) => name))).split('\n')
      const wanted = [...listed, ...MADE, ...(await alternatives())].filter(
        (path) => path.startsWith('/') && path !== '/.' && !UNREAD.test(`${path}/`),
      )
      return unique(await Promise.all(wanted.map(withRealParent)))
    },
  }
}

async function database(): Promise<Map<string, Package>> {
  const fields = ['db:Status-Abbrev', 'binary:Package', 'Version', 'Depends', 'Pre-Depends']
  const format = fields.map((field) => `$\{${field}}`).join('\\t')
  const lines = (await command('dpkg-query', '-W', '-f', `${format}\\n`)).split('\n').filter((line) => line.startsWith('ii'))
  return new Map(
    lines.map((line) => {
      const [, name = '', version = '', ...depends] = line.split('\t')
      const needs = depends
        .join(',')
        .split(/[,|]/)
        .map((need) => need.trim().replace(/[ :(].*$/, ''))
      return [name.replace(/:.*$/, ''), { name, version, needs }]
    }),
  )
}

/** The wanted ones and all that they depend on; of alternatives, whatever is installed. */
function closure(all: ReadonlyMap<string, Package>): Set<Package> {
  const chosen = new Set<Package>()
  const visit = (name: string): void => {
    const found = all.get(name)
    if (found === undefined || chosen.has(found)) return
    chosen.add(found)
    found.needs.forEach(visit)
  }
  WANTED.forEach(visit)
  return chosen
}

/** Names such as `cc` and `awk`, which belong to no package: links of which the administrator decides where they lead. */
async function alternatives(): Promise<string[]> {
  const names = await readdir('/etc/alternatives')
  const places = names.flatMap((name) => ['/usr/bin', '/usr/sbin'].map((directory) => join(directory, name)))
  const targets = await Promise.all(places.map((place) => readlink(place).catch(() => '')))
  return places.filter((_, index) => targets[index]?.startsWith('/etc/alternatives/'))
}

/** Packages still list /bin/x where /bin is a link to /usr/bin. What a package lists and somebody has deleted is left out. */
async function withRealParent(path: string): Promise<string | undefined> {
  const parent = await realpath(dirname(path)).catch(() => undefined)
  return parent === undefined ? undefined : join(parent, basename(path))
}

const unique = (paths: readonly (string | undefined)[]): string[] =>
  [...new Set(paths.filter((path) => path !== undefined))].sort()

/** Shared libraries of a program that no package may own, and the program itself. */
export async function programWithLibraries(path: string): Promise<string[]> {
  const program = await realpath(path)
  const libraries = [...(await command('ldd', program)).matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => library)
  const real = await Promise.all([program, ...libraries].map((file) => realpath(file)))
  const linked = await Promise.all(libraries.map(withRealParent))
  return unique([...real, ...linked])
}
