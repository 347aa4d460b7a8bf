import type { DeviceRule } from '#wire/native.js'
import { allowedDevices, ruleOf } from '../devices/allowed-devices.js'
import type { IsolatorModule } from '../isolator.js'

const character = (major: number, minor?: number): DeviceRule => ({ allow: true, kind: 'c', major, minor, access: 'rwm' })

/** What Mesos allows everybody (row 6-026): to make any node, but to use these only. */
const STANDARD: readonly DeviceRule[] = [
  { allow: true, kind: 'b', access: 'm' },
  { allow: true, kind: 'c', access: 'm' },
  character(1, 3), // null
  character(1, 5), // zero
  character(1, 7), // full
  character(1, 8), // random
  character(1, 9), // urandom
  character(5, 0), // tty
  character(5, 1), // console
  character(4, 0), // tty0
  character(4, 1), // tty1
  character(136), // pts/*
  character(5, 2), // ptmx
  character(10, 200), // net/tun
]

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
    const allowed = allowedDevices(flags.allowedDevices).filter(({ access }) => access.read || access.write || access.mknod)
    return {
      async prepare({ rootDirectory }) {
        if (flags.isolation === undefined && rootDirectory === undefined && flags.taskSecurity !== 'strict') return {}
        const rules = [...STANDARD, ...(await Promise.all(allowed.map((device) => ruleOf(device, files))))]
        return { cgroups: { controllers: ['devices'], settings: { devices: { rules } } } }
      },
    }
  },
}
