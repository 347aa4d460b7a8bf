import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached } from './cache.js'
import { command } from './command.js'
import type { Kernel } from './kernel.js'
import { withScratch } from './scratch.js'

const startFile = (name: string): string => fileURLToPath(new URL(`../start/${name}`, import.meta.url))

/** Drivers of this machine's disks and ports; everything else comes from the root disk. */
const DRIVERS = ['virtio_pci', 'virtio_blk', 'virtio_console']

/** What the root disk's part of the start needs. */
const STARTED = ['init', 'run-job', 'witness', 'meseta-vm.service']

/** What the kernel starts with: busybox, drivers, and the way to the root disk. */
export async function initramfs(kernel: Kernel): Promise<string> {
  const init = startFile('initramfs-init')
  return cached('initramfs', [kernel.release, await readFile(init, 'utf8')], (path) =>
    archive(path, async (root) => {
      for (const name of ['bin', 'proc', 'sys', 'dev', 'root']) await mkdir(join(root, name))
      await copyFile((await command('sh', '-c', 'command -v busybox')).trim(), join(root, 'bin/busybox'))
      await copyFile(init, join(root, 'init'))
      await chmod(join(root, 'init'), 0o755)
      await copyDrivers(kernel, root)
    }),
  )
}

async function copyDrivers(kernel: Kernel, root: string): Promise<void> {
  const modules = join('lib/modules', kernel.release)
  const table = await readFile(join(kernel.directory, modules, 'modules.dep'), 'utf8')
  const needed = table.split('\n').filter((line) => DRIVERS.some((driver) => line.split(':')[0]?.endsWith(`/${driver}.ko`)))
  const files = new Set(needed.flatMap((line) => line.replace(':', ' ').split(/\s+/).filter(Boolean)))
  for (const file of files) {
    await mkdir(dirname(join(root, modules, file)), { recursive: true })
    await copyFile(join(kernel.directory, modules, file), join(root, modules, file))
  }
  await command('busybox', 'depmod', '-b', root, kernel.release)
}

/** What is different for each start: files of /run/vm. The kernel unpacks archives that stand one after another as one. */
export async function jobArchive(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  await archive(path, async (root) => {
    await mkdir(join(root, 'vm'))
    for (const name of STARTED) await copyFile(startFile(name), join(root, 'vm', name))
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'vm', name), text)
  })
}

async function archive(path: string, fill: (root: string) => Promise<void>): Promise<void> {
  await withScratch(async (root) => {
    await fill(root)
    await command('sh', '-c', 'cd "$1" && find . | busybox cpio -o -H newc > "$2" 2>/dev/null', 'sh', root, path)
  })
}
