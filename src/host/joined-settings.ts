import type { CgroupSettings } from '#wire/native.js'

/** Which controller each setting is of; what is not here is of none. */
const CONTROLLERS: Partial<Record<keyof CgroupSettings, string>> = {
  cpu: 'cpu',
  memory: 'memory',
  pids: 'pids',
  blkio: 'blkio',
  cpuset: 'cpuset',
  hugetlb: 'hugetlb',
  devices: 'devices',
  netCls: 'net_cls',
}

/** A container that was started before an isolator was switched on has not joined its controller, and runs on as it is (T31). */
export function settingsOf(joined: readonly string[], settings: CgroupSettings): CgroupSettings {
  const isJoined = (name: string): boolean => joined.includes(CONTROLLERS[name as keyof CgroupSettings] ?? name)
  const ours = Object.entries(settings).filter(([name]) => !(name in CONTROLLERS) || isJoined(name))
  return Object.fromEntries(ours)
}
