import { allowedDevices } from '../devices/allowed-devices.js'
import { standardRules } from '../devices/standard-rules.js'
import type { IsolatorModule } from '../isolator.js'

/**
 * Restricts the devices that a container may use to the standard ones and those of `--allowed_devices` (rows 6-026, 6-059): also root with
 * CAP_MKNOD cannot read a disk of the host (S37). Where nobody has chosen isolators, a task on the host's file system keeps the devices that it would
 * have under Mesos.
 */
export const cgroupsDevices: IsolatorModule = {
  name: 'cgroups/devices',
  linux: true,
  controllers: ['devices'],
  create({ files, flags }) {
    const allowed = allowedDevices(flags.allowedDevices)
    return {
      async prepare({ root }) {
        if (flags.isolation === undefined && root === undefined && flags.taskSecurity !== 'strict') return {}
        return { cgroups: { controllers: ['devices'], settings: { devices: { rules: await standardRules(allowed, files) } } } }
      },
    }
  },
}
