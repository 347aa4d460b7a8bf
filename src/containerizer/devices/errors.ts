import { catalogue } from '#base/errors.js'

export const DeviceErrors = catalogue('DEVICE', {
  MISSING: { say: (e: { path: string }) => `device ${e.path} of --allowed_devices does not exist on this agent` },
  NOT_A_DEVICE: { say: (e: { path: string }) => `${e.path} of --allowed_devices is not a device` },
})
