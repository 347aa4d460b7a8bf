import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'

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

/** What this host lacks to run the virtual machine, in a sentence; undefined when nothing is missing. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the virtual machine needs Linux on x86-64, this is ${process.platform} on ${process.arch}`
  const lacking = Object.entries(PROGRAMS).filter(([program]) => !isThere(program))
  if (lacking.length === 0) return undefined
  return `missing for the virtual machine: ${lacking.map(([program, source]) => `${program} (Debian package ${source})`).join(', ')}`
}

export const whatIsMissingForSystemd = (): string | undefined =>
  whatIsMissing() ??
  (existsSync('/usr/lib/systemd/systemd') ? undefined : 'missing for the virtual machine: systemd (Debian package systemd)')
