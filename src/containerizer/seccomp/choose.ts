import type { SeccompProfile, SeccompRule } from '#wire/native.js'
import { type CapabilitySet, setOf } from '../security/capability-sets.js'
import type { DockerProfile, ProfileRule, RuleFilter } from './profile.js'

/** What rules of a profile may depend on. */
export interface Circumstances {
  readonly capabilities: CapabilitySet
  /** As Node names it. */
  readonly architecture: string
  /** `6.1.0-55-cloud-amd64`. */
  readonly kernel: string
}

/** Node's names, in Docker's words and libseccomp's. */
const ARCHITECTURES: Readonly<Record<string, readonly [docker: string, libseccomp: string]>> = {
  x64: ['amd64', 'SCMP_ARCH_X86_64'],
  arm64: ['arm64', 'SCMP_ARCH_AARCH64'],
}

/** The part of a profile that holds here, ready to be compiled. */
export function choose(profile: DockerProfile, circumstances: Circumstances): SeccompProfile {
  const { defaultAction, defaultErrno, flags } = profile
  return {
    defaultAction,
    defaultErrno,
    flags: [...flags],
    architectures: architecturesOf(profile, circumstances),
    rules: profile.rules.filter((rule) => holds(rule, circumstances)).map(plainRule),
  }
}

/** A map says for each machine which others its processes may use; a plain list is for all machines. */
function architecturesOf({ architectures }: DockerProfile, { architecture }: Circumstances): string[] {
  const own = ARCHITECTURES[architecture]?.[1]
  const isMap = architectures.some(([, ...others]) => others.length > 0)
  return architectures.filter(([name]) => !isMap || name === own).flat()
}

function holds({ includes = {}, excludes = {} }: ProfileRule, here: Circumstances): boolean {
  return meetsAll(includes, here) && !meetsAny(excludes, here)
}

function meetsAll({ capabilities = [], architectures = [], minKernel }: RuleFilter, here: Circumstances): boolean {
  const wanted = setOf(capabilities)
  if ((wanted & here.capabilities) !== wanted) return false
  if (architectures.length > 0 && !isHere(architectures, here)) return false
  return minKernel === undefined || isAtLeast(here.kernel, minKernel)
}

function meetsAny({ capabilities = [], architectures = [], minKernel }: RuleFilter, here: Circumstances): boolean {
  if ((setOf(capabilities) & here.capabilities) !== 0n) return true
  return isHere(architectures, here) || (minKernel !== undefined && isAtLeast(here.kernel, minKernel))
}

const isHere = (architectures: readonly string[], { architecture }: Circumstances): boolean =>
  architectures.includes(ARCHITECTURES[architecture]?.[0] ?? architecture)

/** By major and minor number, which is all that profiles name. */
function isAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = numbersOf(kernel)
  const [wantedMajor = 0, wantedMinor = 0] = numbersOf(wanted)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

const numbersOf = (version: string): number[] => /^(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? []

const plainRule = ({ names, action, errno, conditions = [] }: ProfileRule): SeccompRule => ({
  names: [...names],
  action,
  errno,
  conditions: [...conditions],
})
