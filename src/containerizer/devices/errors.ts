import { catalogue } from '#base/errors.js'

export const DeviceErrors = catalogue('DEVICE', {
  MISSING: { say: (e: { path: string }) => `device ${e.path} of --allowed_devices does not exist on this agent` },
  NOT_A_DEVICE: { say: (e: { path: string }) => `${e.path} of --allowed_devices is not a device` },
})

export const GpuErrors = catalogue('GPU', {
  // Refused when the agent starts.
  UNKNOWN: {
    say: (e: { index: number; count: number }) => `--nvidia_gpu_devices: there is no GPU ${e.index}, this host has ${e.count}`,
  },
  RESOURCE_MISSING: { say: (_: object) => '--nvidia_gpu_devices needs as many gpus in --resources' },
  RESOURCE_TOO_MANY: {
    say: (e: { named: number; found: number }) => `--resources: ${e.named} gpus are more than the ${e.found} of this host`,
  },
  RESOURCE_MISMATCH: {
    say: (e: { named: number; devices: number }) => `--resources: ${e.named} gpus, but --nvidia_gpu_devices names ${e.devices}`,
  },

  // Refuse a container.
  FRACTION: { say: (e: { gpus: number }) => `${e.gpus} gpus: a GPU cannot be divided` },
  TOO_FEW: { say: (e: { wanted: number; free: number }) => `${e.wanted} gpus are wanted and ${e.free} are free` },
  UNCLEAR: {
    say: (e: { id: string }) =>
      `container ${e.id} of an earlier agent has GPUs, and it is not known which; wait until it has ended`,
  },
  ROOT_FIXED: { say: (_: object) => 'a container with a root of its own cannot get more GPUs while it runs' },
  DEVICE_MISSING: { say: (e: { path: string }) => `${e.path} does not exist: is the driver loaded?` },
  CDI_UNREADABLE: { say: (e: { path: string; why: string }) => `CDI file ${e.path}: ${e.why}` },
  CDI_UNKNOWN: {
    say: (e: { gpu: string; directories: string }) => `no CDI file in ${e.directories} knows GPU ${e.gpu} of kind nvidia.com/gpu`,
  },
  CDI_UNSUPPORTED: {
    say: (e: { path: string; what: string }) =>
      `CDI file ${e.path}: ${e.what} are not supported by this agent; generate it without them`,
  },
})
