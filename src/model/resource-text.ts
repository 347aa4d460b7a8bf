import { ResourceDiskInfoSourceType, ResourceReservationInfoType } from '#wire/mesos.js'
import type { Identity, Reservation } from './resource-identity.js'
import { amountText } from './resource-value.js'
import type { ResourceEntry, Resources } from './resources.js'

/** `cpus(allocated: web):0.5; mem(allocated: web):32`, as Mesos prints resources in messages and logs. */
export function resourcesText(resources: Resources): string {
  return resources.entries.map(entryText).join('; ')
}

function entryText({ identity, amount, copies }: ResourceEntry): string {
  return `${identityText(identity)}:${amountText(amount, identity.type)}${copies > 1 ? `<${copies}>` : ''}`
}

export function identityText(it: Identity): string {
  const allocated = it.allocatedTo === undefined ? '' : `(allocated: ${it.allocatedTo})`
  const reserved = it.reservations.length === 0 ? '' : `(reservations: [${it.reservations.map(reservationText).join(',')}])`
  return `${it.name}${allocated}${reserved}${diskText(it)}${it.revocable ? '{REV}' : ''}${it.shared ? '<SHARED>' : ''}`
}

function reservationText({ type, role, principal, labels }: Reservation): string {
  const kind = nameOf(ResourceReservationInfoType, type)
  const pairs = (labels?.labels ?? []).map((it) => (it.value === undefined ? it.key : `${it.key}: ${it.value}`))
  return `(${[kind, role, ...(principal === undefined ? [] : [principal]), ...(labels ? [`{${pairs.join(', ')}}`] : [])].join(',')})`
}

function diskText({ disk }: Identity): string {
  if (!disk) return ''
  const parts: string[] = []
  if (disk.source) {
    const { type, id, profile, mount, path } = disk.source
    const root = mount?.root ?? path?.root
    const named = id === undefined && profile === undefined ? '' : `(${[id ?? '', profile ?? ''].join(',')})`
    parts.push(`${nameOf(ResourceDiskInfoSourceType, type)}${named}${root === undefined ? '' : `:${root}`}`)
  }
  if (disk.persistence) {
    const { containerPath, hostPath } = disk.volume ?? {}
    parts.push([disk.persistence.id, ...(hostPath === undefined ? [] : [hostPath]), containerPath ?? ''].join(':'))
  }
  return parts.length === 0 ? '' : `[${parts.join(',')}]`
}

function nameOf(values: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(values).find((name) => values[name] === value) ?? String(value)
}
