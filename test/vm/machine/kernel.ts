import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.js'
import { command } from './command.js'
import { withScratch } from './scratch.js'

/** Debian's kernel for machines in clouds: small, no drivers for real hardware, everything that containers need. */
const META_PACKAGE = 'linux-image-cloud-amd64'

export interface Kernel {
  /** Directory of the unpacked package, with `boot/` and `lib/modules/`. */
  readonly directory: string
  readonly release: string
  readonly image: string
}

export async function kernel(): Promise<Kernel> {
  const packageName = await newestPackage()
  const release = packageName.replace('linux-image-', '')
  const directory = await cached('kernel', [packageName], (path) => unpack(packageName, release, path))
  return { directory, release, image: join(directory, `boot/vmlinuz-${release}`) }
}

async function newestPackage(): Promise<string> {
  const described = await command('apt-cache', 'depends', META_PACKAGE).catch(() => '')
  const [, name] = described.match(/Depends: (linux-image-\S+)/) ?? []
  if (name === undefined)
    throw new Error(`apt knows no package ${META_PACKAGE}: this needs Debian and its lists (apt-get update)`)
  return name
}

/** Unpacked, never installed: nothing of this host's start changes. */
async function unpack(packageName: string, release: string, target: string): Promise<void> {
  const fetched = async (download: string): Promise<void> => {
    await command('sh', '-c', 'cd "$1" && apt-get -o APT::Sandbox::User=root -qq download "$2"', 'sh', download, packageName)
    const [archive] = await readdir(download)
    await mkdir(target, { recursive: true })
    await command('dpkg-deb', '-x', join(download, archive ?? ''), target)
  }
  await withScratch(fetched).catch((error) => {
    throw new Error(`cannot fetch ${packageName}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  await command('busybox', 'depmod', '-b', target, release)
}
