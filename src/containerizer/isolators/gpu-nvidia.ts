import { join } from 'node:path'
import { allowedDevices } from '../devices/allowed-devices.js'
import { allEdits } from '../devices/edits.js'
import { GpuErrors } from '../devices/errors.js'
import { driverEdits, gpuEdits } from '../devices/gpu-edits.js'
import { GpuPool } from '../devices/gpu-pool.js'
import { selectedGpus } from '../devices/gpu-selection.js'
import { standardRules } from '../devices/standard-rules.js'
import type { IsolatorModule } from '../isolator.js'

/**
 * Whole GPUs for those who asked for them (row 6-048): the device nodes of as many as were asked for, and of the driver; nobody else can open any.
 * A container with a root of its own also gets the driver's files. What a container has is written beside its record before it may run, so that the
 * next agent gives none of it to another.
 */
export const gpuNvidia: IsolatorModule = {
  name: 'gpu/nvidia',
  linux: true,
  needs: ['filesystem/linux', 'cgroups/devices'],
  create({ host, files, flags }) {
    const pool = new GpuPool(selectedGpus(host.facts.gpus ?? [], flags.nvidiaGpuDevices))
    const allowed = allowedDevices(flags.allowedDevices)
    const note = (id: string): string => join(host.facts.runtimeDirectory, id, 'gpus')
    const write = (id: string): Promise<void> => files.write(note(id), JSON.stringify(pool.held(id).map(({ uuid }) => uuid)))
    return {
      async prepare({ config: { id, resources }, root }) {
        const count = whole(resources.gpus)
        if (count === 0) return {}
        const edits = await gpuEdits(pool.grow(id, count), flags, files)
        const own = root === undefined ? undefined : allEdits([edits, await driverEdits(flags, files)])
        return {
          cgroups: { controllers: ['devices'], settings: { devices: { rules: [...edits.rules] } } },
          environment: { ...(own ?? edits).environment },
          ...(own && { devices: [...own.nodes], mounts: [...own.mounts] }),
        }
      },
      async isolate({ config: { id } }) {
        if (pool.held(id).length > 0) await write(id)
      },
      async update({ config: { id }, root }, resources) {
        const [count, before] = [whole(resources.gpus), pool.held(id).length]
        if (count === before) return undefined
        // Nodes and files cannot be put into a running container without trusting what it made of its /dev.
        if (count > before && root !== undefined) throw GpuErrors.ROOT_FIXED({})
        const kept = pool.grow(id, count).slice(0, count)
        await write(id)
        return { devices: { rules: [...(await standardRules(allowed, files)), ...(await gpuEdits(kept, flags, files)).rules] } }
      },
      async updated({ config: { id } }, resources) {
        if (pool.held(id).length <= whole(resources.gpus)) return
        pool.shrink(id, whole(resources.gpus))
        await write(id)
      },
      async recover({ config: { id, resources } }) {
        const text = await files.read(note(id))
        if (text !== undefined || (resources.gpus ?? 0) > 0) pool.remember(id, uuidsOf(text))
      },
      async cleanup(id) {
        pool.release(id)
      },
    }
  },
}

/** The master refuses parts of a GPU (T157); who comes past it is refused here. */
function whole(gpus = 0): number {
  if (!Number.isInteger(gpus)) throw GpuErrors.FRACTION({ gpus })
  return gpus
}

/** `undefined`: nobody knows. */
function uuidsOf(text: string | undefined): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined
  } catch {
    return undefined
  }
}
