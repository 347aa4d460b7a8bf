import { fromJson } from '#wire/json.js'
import { type DeviceAccessAccess, DeviceWhitelist } from '#wire/mesos.js'
import type { DeviceNode, DeviceRule } from '#wire/native.js'
import type { DeviceFile, Files } from '../files.js'
import { DeviceErrors } from './errors.js'

/** One entry of `--allowed_devices` (rows 6-026, 6-034). */
export interface AllowedDevice {
  readonly path: string
  readonly access: DeviceAccessAccess
}

/** What is wrong with the value of the flag, for its user. */
export function allowedDevicesProblem(value: unknown): string | undefined {
  try {
    const bad = entriesOf(value).find(({ device }) => !device.path?.startsWith('/'))
    return bad && 'names a device without an absolute path'
  } catch (error) {
    return `is no list of devices: ${(error as Error).message}`
  }
}

/** `value` has passed the check above. */
export function allowedDevices(value: unknown): readonly AllowedDevice[] {
  return value === undefined ? [] : entriesOf(value).map(({ device, access }) => ({ path: device.path ?? '', access }))
}

const entriesOf = (value: unknown) => fromJson(DeviceWhitelist, JSON.stringify(value)).allowedDevices ?? []

export async function ruleOf({ path, access }: AllowedDevice, files: Files): Promise<DeviceRule> {
  const { kind, major, minor } = await numbersOf(path, files)
  const letters = `${access.read ? 'r' : ''}${access.write ? 'w' : ''}${access.mknod ? 'm' : ''}`
  return { allow: true, kind, major, minor, access: letters }
}

/** Everybody in the container may do with it what the entry says; the cgroup, if there is one, says the same. */
export async function nodeOf({ path, access }: AllowedDevice, files: Files): Promise<DeviceNode> {
  return { path, ...(await numbersOf(path, files)), mode: (access.read ? 0o444 : 0) | (access.write ? 0o222 : 0) }
}

/** Looked up for each container, since devices come and go. */
async function numbersOf(path: string, files: Files): Promise<DeviceFile> {
  const found = await files.device(path)
  if (found === 'absent') throw DeviceErrors.MISSING({ path })
  if (found === 'other') throw DeviceErrors.NOT_A_DEVICE({ path })
  return found
}
