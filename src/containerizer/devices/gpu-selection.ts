import type { Gpu } from '#wire/native.js'
import { GpuErrors } from './errors.js'

/** What is wrong with `--nvidia_gpu_devices`, for its user. */
export function gpuDevicesProblem(text: string): string | undefined {
  const names = text.split(',').map((name) => name.trim())
  if (!names.every((name) => /^\d{1,4}$/.test(name))) return 'is no list of numbers such as 0,1'
  return new Set(names).size < names.length ? 'names a GPU twice' : undefined
}

/** The GPUs that this agent may give away (row 6-048): those of `--nvidia_gpu_devices`, by index, else all. */
export function selectedGpus(found: readonly Gpu[], devices: string | undefined): readonly Gpu[] {
  if (devices === undefined) return found
  return devices.split(',').map((name) => {
    const gpu = found.find(({ index }) => index === Number(name))
    if (!gpu) throw GpuErrors.UNKNOWN({ index: Number(name), count: found.length })
    return gpu
  })
}

/** How many GPUs the agent offers: as `--resources` says, if it does, which must fit what there is. */
export function offeredGpus(found: readonly Gpu[], devices: string | undefined, named: number | undefined): number {
  const usable = selectedGpus(found, devices).length
  if (named === undefined) {
    if (devices !== undefined) throw GpuErrors.RESOURCE_MISSING({})
    return usable
  }
  if (named > usable) throw GpuErrors.RESOURCE_TOO_MANY({ named, found: usable })
  if (devices !== undefined && named !== usable) throw GpuErrors.RESOURCE_MISMATCH({ named, devices: usable })
  return named
}
