import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'
import { ClassIds } from '../net-classes.js'

/**
 * A class for the packets of each container, none shared (row 6-027), so that filters of the host can tell them apart. Without
 * `--cgroups_net_cls_primary_handle` only the cgroup is made.
 */
export const cgroupsNetCls: IsolatorModule = {
  name: 'cgroups/net_cls',
  linux: true,
  controllers: ['net_cls'],
  create({ host, flags }) {
    const ids = ClassIds.of(flags.cgroupsNetClsPrimaryHandle, flags.cgroupsNetClsSecondaryHandles)
    return {
      prepare({ config }) {
        if (!ids) return { cgroups: { controllers: ['net_cls'] } }
        const classId = ids.take(config.id)
        if (classId === undefined) throw ContainerizerErrors.NET_CLASSES_EXHAUSTED({ range: ids.text })
        return { cgroups: { controllers: ['net_cls'], settings: { netCls: { classId } } } }
      },
      status({ config }) {
        const classid = ids?.of(config.id)
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
