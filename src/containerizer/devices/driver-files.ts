import { join } from 'node:path'
import type { Mount } from '#wire/native.js'
import type { Files } from '../files.js'
import { type DeviceEdits, noEdits } from './edits.js'

/** Where images for GPUs look for the driver, as those of NVIDIA and Mesos agree. */
const INSIDE = '/usr/local/nvidia'
/** What belongs to the driver and not to an image, since it must be of the kernel module's version. */
const LIBRARY = /^lib(nvidia-.+|cuda|cudadebugger|nvcuvid|nvoptix|(EGL|GLX|GLESv1_CM|GLESv2)_nvidia)\.so(\.|$)/
const PROGRAM = /^nvidia-(smi|debugdump|persistenced|cuda-mps-(control|server))$/

/**
 * The driver's user side, read-only, for a container with a root of its own. `path` is searched as a program path is: of two files of one name the
 * first counts. Images that come with a driver are not made for GPUs of others, so nothing of theirs is covered.
 */
export async function driverFiles(path: string, files: Files): Promise<DeviceEdits> {
  const mounts = new Map<string, Mount>()
  for (const directory of path.split(':').filter((name) => name.startsWith('/'))) {
    for (const name of await files.list(directory)) {
      const target = targetOf(name)
      if (target === undefined || mounts.has(target)) continue
      // Most names are links to the one with the version; a mount is of the file itself.
      const source = await files.real(join(directory, name))
      if (source !== undefined) mounts.set(target, { source, target, readOnly: true })
    }
  }
  if (mounts.size === 0) return noEdits
  return { ...noEdits, mounts: [...mounts.values()], environment: { LD_LIBRARY_PATH: `${INSIDE}/lib64` } }
}

function targetOf(name: string): string | undefined {
  if (LIBRARY.test(name)) return `${INSIDE}/lib64/${name}`
  return PROGRAM.test(name) ? `${INSIDE}/bin/${name}` : undefined
}
