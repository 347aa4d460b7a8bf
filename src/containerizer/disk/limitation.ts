import { formatBytes } from '#base/bytes.js'
import { TaskStatusReason, ValueType } from '#wire/mesos.js'
import type { Limitation } from '../isolator.js'

const MEGABYTE = 1024 * 1024

/** In Mesos' words (rows 6-046, 6-047). */
export function diskExceeded(used: number, limit: number): Limitation {
  return {
    reason: TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK,
    message: `Disk usage (${formatBytes(used)}) exceeds quota (${formatBytes(limit)})`,
    resources: [{ name: 'disk', type: ValueType.SCALAR, scalar: { value: limit / MEGABYTE } }],
  }
}
