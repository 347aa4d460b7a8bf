import type { DeviceNode, DeviceRule, Mount } from '#wire/native.js'
import type { DeviceFile } from '../files.js'

/** What a container needs in order to use a device. Nodes and mounts are for a root of its own; without one it sees the host's. */
export interface DeviceEdits {
  readonly environment: Readonly<Record<string, string>>
  readonly rules: readonly DeviceRule[]
  readonly nodes: readonly DeviceNode[]
  readonly mounts: readonly Mount[]
}

export const noEdits: DeviceEdits = { environment: {}, rules: [], nodes: [], mounts: [] }

export function allEdits(edits: readonly DeviceEdits[]): DeviceEdits {
  return {
    environment: Object.assign({}, ...edits.map(({ environment }) => environment)),
    rules: edits.flatMap(({ rules }) => rules),
    nodes: edits.flatMap(({ nodes }) => nodes),
    mounts: edits.flatMap(({ mounts }) => mounts),
  }
}

/** A device of the host under the same path, for everybody in the container. */
export function sharedDevice(path: string, { kind, major, minor }: DeviceFile): DeviceEdits {
  return {
    ...noEdits,
    rules: [{ allow: true, kind, major, minor, access: 'rwm' }],
    nodes: [{ path, kind, major, minor, mode: 0o666 }],
  }
}
