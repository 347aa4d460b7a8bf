import { allowedDevices, nodeOf } from '../devices/allowed-devices.js'
import type { IsolatorModule } from '../isolator.js'

/** Makes the devices of `--allowed_devices` appear in containers with a root of their own (row 6-034); all others see the host's /dev anyway. */
export const linuxDevices: IsolatorModule = {
  name: 'linux/devices',
  linux: true,
  needs: ['filesystem/linux'],
  create({ files, flags }) {
    const allowed = allowedDevices(flags.allowedDevices)
    return {
      async prepare({ root }) {
        if (root === undefined) return {}
        return { devices: await Promise.all(allowed.map((device) => nodeOf(device, files))) }
      },
    }
  },
}
