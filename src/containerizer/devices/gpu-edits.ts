import type { Gpu } from '#wire/native.js'
import type { Files } from '../files.js'
import type { ContainerizerFlags } from '../flags.js'
import { cdiEdits } from './cdi.js'
import { driverFiles } from './driver-files.js'
import { allEdits, type DeviceEdits, noEdits, sharedDevice } from './edits.js'
import { GpuErrors } from './errors.js'

/** Of the driver as a whole. */
const CONTROL = ['/dev/nvidiactl', '/dev/nvidia-uvm']
/** Only where its module is loaded. */
const TOOLS = '/dev/nvidia-uvm-tools'

/** What a container needs in order to use these GPUs: as the CDI files say, if their directories are named, else as Mesos knows it (row 6-048). */
export async function gpuEdits(gpus: readonly Gpu[], flags: ContainerizerFlags, files: Files): Promise<DeviceEdits> {
  if (gpus.length === 0) return noEdits
  const visible = { ...noEdits, environment: { NVIDIA_VISIBLE_DEVICES: gpus.map(({ uuid }) => uuid).join() } }
  if (flags.cdiSpecDirs !== undefined) return allEdits([visible, await cdiEdits(gpus, flags.cdiSpecDirs, files)])
  const paths = [...CONTROL, ...gpus.map(({ minor }) => `/dev/nvidia${minor}`)]
  const needed = await Promise.all(paths.map((path) => deviceOf(path, files)))
  const tools = await files.device(TOOLS)
  return allEdits([visible, ...needed, typeof tools === 'string' ? noEdits : sharedDevice(TOOLS, tools)])
}

/** What a root of its own lacks besides the devices; CDI files say that themselves. */
export async function driverEdits(flags: ContainerizerFlags, files: Files): Promise<DeviceEdits> {
  return flags.cdiSpecDirs === undefined ? driverFiles(flags.nvidiaDriverPath, files) : noEdits
}

async function deviceOf(path: string, files: Files): Promise<DeviceEdits> {
  const found = await files.device(path)
  if (typeof found === 'string') throw GpuErrors.DEVICE_MISSING({ path })
  return sharedDevice(path, found)
}
