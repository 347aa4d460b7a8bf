import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule, PreparedContainer } from '../isolator.js'
import { ClassIds } from '../net-classes.js'

/**
 * A class for the packets of each container, shared with those nested in it only (row 6-027), so that filters of the host can tell them apart. Without
 * `--cgroups_net_cls_primary_handle` only the cgroup is made.
 */
export const cgroupsNetCls: IsolatorModule = {
  name: 'cgroups/net_cls',
  linux: true,
  controllers: ['net_cls'],
  create({ host, flags }) {
    const ids = ClassIds.of(flags.cgroupsNetClsPrimaryHandle, flags.cgroupsNetClsSecondaryHandles)
    return {
      prepare({ config, parent }) {
        // The kernel gives a new cgroup the class of the one above it.
        if (!ids || parent) return { cgroups: { controllers: ['net_cls'] } }
        const classId = ids.take(config.id)
        if (classId === undefined) throw ContainerizerErrors.NET_CLASSES_EXHAUSTED({ range: ids.text })
        return { cgroups: { controllers: ['net_cls'], settings: { netCls: { classId } } } }
      },
      status(container) {
        const classid = ids?.of(outermost(container).config.id)
        return classid === undefined ? {} : { cgroupInfo: { netCls: { classid } } }
      },
      async recover({ config }) {
        const classId = host.find(config.id)?.settings?.netCls?.classId
        if (classId !== undefined) ids?.keep(config.id, classId)
      },
      async cleanup(id) {
        ids?.release(id)
      },
    }
  },
}

const outermost = (container: PreparedContainer): PreparedContainer =>
  container.parent ? outermost(container.parent.container) : container
