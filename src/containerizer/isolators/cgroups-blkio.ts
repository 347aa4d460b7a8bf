import { type CgroupInfoBlkioStatistics, type CgroupInfoBlkioValue, CgroupInfoBlkioOperation as Operation } from '#wire/mesos.js'
import type { BlkioDeviceStatistics } from '#wire/native.js'
import type { IsolatorModule } from '../isolator.js'

/** Counts what passes to and from each disk (row 6-024), on v1 and, as `cgroups/io`, on v2 (rows 9-048, 9-049). Mesos has no resource to limit it by. */
export const cgroupsBlkio: IsolatorModule = {
  name: 'cgroups/blkio',
  linux: true,
  controllers: ['blkio'],
  create: () => ({
    prepare: () => ({ cgroups: { controllers: ['blkio'] } }),
    usage: (_, { blkio }) => (blkio ? { blkioStatistics: blkioStatistics(blkio.devices ?? []) } : {}),
  }),
}

/** A line for each device and one without a device for all of them, as Mesos' throttling statistics; no scheduler of today keeps those of CFQ. */
function blkioStatistics(devices: readonly BlkioDeviceStatistics[]): CgroupInfoBlkioStatistics {
  const each = devices.map((device) => {
    const operations = [device.readOperations, device.writeOperations, device.discardOperations] as const
    const bytes = [device.readBytes, device.writeBytes, device.discardBytes] as const
    return {
      device,
      ioServiced: values(operations),
      ioServiceBytes: values(bytes),
      operations: sum(operations),
      bytes: sum(bytes),
    }
  })
  const throttling = each.map(({ device: { major, minor }, ioServiced, ioServiceBytes }) => ({
    device: { majorNumber: BigInt(major), minorNumber: BigInt(minor) },
    ioServiced,
    ioServiceBytes,
  }))
  const total = (counts: readonly bigint[]) => [{ op: Operation.TOTAL, value: sum(counts) }]
  const all = { ioServiced: total(each.map((one) => one.operations)), ioServiceBytes: total(each.map((one) => one.bytes)) }
  return { throttling: [...throttling, all] }
}

type Counts = readonly [read: bigint | undefined, write: bigint | undefined, discard: bigint | undefined]

function values(counts: Counts): CgroupInfoBlkioValue[] {
  const [read, write, discard] = counts
  return [
    { op: Operation.READ, value: read ?? 0n },
    { op: Operation.WRITE, value: write ?? 0n },
    ...(discard === undefined ? [] : [{ op: Operation.DISCARD, value: discard }]),
    { op: Operation.TOTAL, value: sum(counts) },
  ]
}

const sum = (counts: readonly (bigint | undefined)[]): bigint =>
  counts.reduce((total: bigint, count) => total + (count ?? 0n), 0n)
