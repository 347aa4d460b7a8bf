import type { DeviceRule } from '#wire/native.js'
import type { Files } from '../files.js'
import { type AllowedDevice, ruleOf } from './allowed-devices.js'

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

/** With those of `--allowed_devices`, as far as they allow anything. */
export async function standardRules(allowed: readonly AllowedDevice[], files: Files): Promise<DeviceRule[]> {
  const useful = allowed.filter(({ access }) => access.read || access.write || access.mknod)
  return [...STANDARD, ...(await Promise.all(useful.map((device) => ruleOf(device, files))))]
}
