import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { kernel } from './kernel.js'

/** Programs of the host that make and run the machine, each with the Debian package that brings it. */
const PROGRAMS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  mke2fs: 'e2fsprogs',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
  setpriv: 'util-linux',
  tar: 'tar',
} as const

const PATHS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']

const isThere = (program: string): boolean =>
  PATHS.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** What this host lacks to run the virtual machine, in a sentence; undefined when nothing is missing. Fetches the kernel where that was never done. */
export async function whatIsMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the virtual machine needs Linux on x86-64, this is ${process.platform} on ${process.arch}`
  const lacking = Object.entries(PROGRAMS).filter(([program]) => !isThere(program))
  if (lacking.length > 0) return sentence(lacking.map(([program, source]) => `${program} (Debian package ${source})`).join(', '))
  return kernel().then(
    () => undefined,
    (error: Error) => sentence(`its kernel: ${error.message}`),
  )
}

export async function whatIsMissingForSystemd(): Promise<string | undefined> {
  const missing = await whatIsMissing()
  if (missing !== undefined || existsSync('/usr/lib/systemd/systemd')) return missing
  return sentence('systemd (Debian package systemd)')
}

const sentence = (what: string): string => `missing for the virtual machine: ${what}`
