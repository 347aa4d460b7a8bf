import { join } from 'node:path'
import type { DeviceNode, DeviceRule, Gpu, Mount } from '#wire/native.js'
import type { Files } from '../files.js'
import { type CdiDeviceNode, type CdiEdits, type CdiMount, type CdiSpec, parseCdi } from './cdi-file.js'
import { allEdits, type DeviceEdits } from './edits.js'
import { GpuErrors } from './errors.js'

const KIND = 'nvidia.com/gpu'

interface Found {
  readonly path: string
  readonly spec: CdiSpec
}

/**
 * What the CDI files of this host say about GPUs (kind nvidia.com/gpu): a GPU is known by its UUID, or by its index. Of two directories the later one
 * wins, as the specification has it. Files in YAML are not read.
 */
export async function cdiEdits(gpus: readonly Gpu[], directories: string, files: Files): Promise<DeviceEdits> {
  const found = await specsIn(directories.split(':'), files)
  const edits: DeviceEdits[] = []
  const used = new Set<Found>()
  for (const gpu of gpus) {
    const names = [gpu.uuid, String(gpu.index)]
    const one = found.find(({ spec }) => spec.devices.some(({ name }) => names.includes(name)))
    const device = one?.spec.devices.find(({ name }) => names.includes(name))
    if (!one || !device) throw GpuErrors.CDI_UNKNOWN({ gpu: gpu.uuid, directories })
    if (!used.has(one)) edits.push(await translated(one.path, one.spec.containerEdits ?? {}, files))
    used.add(one)
    edits.push(await translated(one.path, device.containerEdits, files))
  }
  return allEdits(edits)
}

/** The last directory first. */
async function specsIn(directories: readonly string[], files: Files): Promise<Found[]> {
  const found: Found[] = []
  for (const directory of directories.filter((name) => name.startsWith('/')).reverse()) {
    for (const name of (await files.list(directory)).filter((each) => each.endsWith('.json')).sort()) {
      const path = join(directory, name)
      const spec = parseCdi(path, (await files.read(path)) ?? '')
      if (spec.kind === KIND) found.push({ path, spec })
    }
  }
  return found
}

async function translated(path: string, edits: CdiEdits, files: Files): Promise<DeviceEdits> {
  for (const what of ['hooks', 'additionalGids', 'intelRdt', 'netDevices'] as const) {
    if (edits[what] !== undefined) throw GpuErrors.CDI_UNSUPPORTED({ path, what })
  }
  const nodes = await Promise.all((edits.deviceNodes ?? []).map((node) => deviceNode(node, files)))
  return {
    environment: Object.fromEntries((edits.env ?? []).map(assignment)),
    nodes: nodes.map(({ node }) => node),
    rules: nodes.map(({ rule }) => rule),
    mounts: (edits.mounts ?? []).map(mount),
  }
}

function assignment(text: string): [name: string, value: string] {
  const [name = '', ...rest] = text.split('=')
  return [name, rest.join('=')]
}

/** Numbers that the file does not say are those of the node on the host. */
async function deviceNode(wanted: CdiDeviceNode, files: Files): Promise<{ node: DeviceNode; rule: DeviceRule }> {
  const source = wanted.hostPath ?? wanted.path
  const found = wanted.major === undefined || wanted.minor === undefined ? await files.device(source) : undefined
  if (found === 'absent' || found === 'other') throw GpuErrors.DEVICE_MISSING({ path: source })
  const kind = wanted.type === 'b' ? 'b' : (found?.kind ?? 'c')
  const [major, minor] = [wanted.major ?? found?.major, wanted.minor ?? found?.minor]
  const node = { path: wanted.path, kind, major, minor, mode: wanted.fileMode ?? 0o666, uid: wanted.uid, gid: wanted.gid }
  return { node, rule: { allow: true, kind, major, minor, access: wanted.permissions ?? 'rw' } }
}

const mount = ({ hostPath, containerPath, options = [] }: CdiMount): Mount => ({
  source: hostPath,
  target: containerPath,
  readOnly: options.includes('ro'),
  shallow: !options.includes('rbind'),
})
