import { CapabilityInfoCapability as Capability, type CapabilityInfo } from '#wire/mesos.js'
import { SecurityErrors } from './errors.js'

/** Mesos' numbers are the kernel's, moved by this much (row 6-107). */
const OFFSET = 1000

/** A set of capabilities: bit n for number n of the kernel. */
export type CapabilitySet = bigint

const NUMBERS = new Map<string, number>(
  Object.entries(Capability)
    .filter(([, value]) => typeof value === 'number' && value >= OFFSET)
    .map(([name, value]) => [name, Number(value) - OFFSET]),
)

export function setOf(names: readonly string[]): CapabilitySet {
  return names.reduce((set, name) => set | bit(NUMBERS.get(name)), 0n)
}

export function setOfInfo({ capabilities = [] }: CapabilityInfo): CapabilitySet {
  return capabilities.reduce((set, value) => set | bit(value < OFFSET ? undefined : value - OFFSET), 0n)
}

function bit(number: number | undefined): CapabilitySet {
  if (number === undefined) throw SecurityErrors.CAPABILITY_UNKNOWN({})
  return 1n << BigInt(number)
}

/** Without `CAP_`, in the order of their numbers. */
const namesIn = (set: CapabilitySet): string[] => [...NUMBERS].filter(([, n]) => (set >> BigInt(n)) & 1n).map(([name]) => name)

/** For sentences. */
export const listOf = (set: CapabilitySet): string => {
  const names = namesIn(set).map((name) => `CAP_${name}`)
  return names.length === 0 ? 'a capability that has no name' : names.join(', ')
}

/**
 * What most programs that run as root need of root's power: Docker's fourteen less NET_RAW, with which a container can speak as its neighbours
 * (S50), and MKNOD, which nobody needs where /dev is made for them (design §4.12).
 */
export const TIGHT: CapabilitySet = setOf([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** A flag's value: CapabilityInfo as JSON, as Mesos takes it. It has passed the check below. */
export function setOfFlag(value: unknown): CapabilitySet | undefined {
  return value === undefined ? undefined : setOf((value as { capabilities?: string[] }).capabilities ?? [])
}

/** What is wrong with the value of a flag, for its user. Stricter than what comes over the wire, where an unknown name is passed over. */
export function capabilitiesProblem(value: unknown): string | undefined {
  const form = 'is no list such as {"capabilities": ["NET_RAW"]}'
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    Object.keys(value).some((name) => name !== 'capabilities')
  )
    return form
  const { capabilities = [] } = value as { capabilities?: unknown }
  if (!Array.isArray(capabilities)) return form
  const unknown = capabilities.find((name) => typeof name !== 'string' || !NUMBERS.has(name))
  return unknown === undefined ? undefined : `names ${JSON.stringify(unknown)}, which is no capability`
}
