import { type Json, type JsonObject, parseExactly } from '#wire/json-parser.js'
import type { SeccompCondition } from '#wire/native.js'
import { setOf } from '../security/capability-sets.js'
import { SecurityErrors } from '../security/errors.js'

/** A profile in Docker's format: rules that may depend on capabilities, architecture and kernel. */
export interface DockerProfile {
  readonly defaultAction: string
  readonly defaultErrno?: number | undefined
  /** SCMP_ARCH_*, each with those that its processes can use too. Empty: the host's own only. */
  readonly architectures: readonly (readonly [name: string, ...others: string[]])[]
  readonly flags: readonly string[]
  readonly rules: readonly ProfileRule[]
}

export interface ProfileRule {
  readonly names: readonly string[]
  readonly action: string
  readonly errno?: number | undefined
  /** All of them together. */
  readonly conditions?: readonly SeccompCondition[]
  /** Where the rule holds only if … */
  readonly includes?: RuleFilter | undefined
  /** … and where not. */
  readonly excludes?: RuleFilter | undefined
}

export interface RuleFilter {
  /** Without `CAP_`. */
  readonly capabilities?: readonly string[]
  /** As Docker names them: amd64, arm64 … */
  readonly architectures?: readonly string[]
  readonly minKernel?: string | undefined
}

/** Reads a profile as Docker and Mesos take it. Throws a sentence that names the profile; what we do not understand is never passed over. */
export function parseProfile(name: string, text: string): DockerProfile {
  try {
    return profileOf(new Reader(parseExactly(text), 'the profile'))
  } catch (error) {
    throw SecurityErrors.SECCOMP_INVALID({ profile: name, why: (error as Error).message })
  }
}

function profileOf(json: Reader): DockerProfile {
  json.knowsOnly('defaultAction', 'defaultErrnoRet', 'defaultErrno', 'architectures', 'archMap', 'flags', 'syscalls')
  const plain = json.texts('architectures').map((architecture) => [architecture] as const)
  const mapped = json.objects('archMap').map((entry) => [entry.text('architecture'), ...entry.texts('subArchitectures')] as const)
  if (plain.length > 0 && mapped.length > 0) throw new Error('architectures and archMap cannot both be given')
  return {
    defaultAction: json.text('defaultAction'),
    defaultErrno: json.number('defaultErrnoRet'),
    architectures: [...plain, ...mapped],
    flags: json.texts('flags'),
    rules: json.objects('syscalls').map(ruleOf),
  }
}

function ruleOf(json: Reader): ProfileRule {
  json.knowsOnly('name', 'names', 'action', 'errnoRet', 'errno', 'args', 'comment', 'includes', 'excludes')
  const names = [...json.texts('names'), ...(json.has('name') ? [json.text('name')] : [])]
  if (names.length === 0) throw new Error(`${json.place} names no system call`)
  return {
    names,
    action: json.text('action'),
    errno: json.number('errnoRet'),
    conditions: json.objects('args').map(conditionOf),
    includes: json.object('includes', filterOf),
    excludes: json.object('excludes', filterOf),
  }
}

function conditionOf(json: Reader): SeccompCondition {
  json.knowsOnly('index', 'value', 'valueTwo', 'op')
  return {
    index: json.number('index') ?? 0,
    operator: json.text('op'),
    value: json.unsigned('value'),
    valueTwo: json.unsigned('valueTwo'),
  }
}

function filterOf(json: Reader): RuleFilter {
  json.knowsOnly('caps', 'arches', 'minKernel')
  const capabilities = json.texts('caps').map((name) => name.replace(/^CAP_/, ''))
  setOf(capabilities) // throws for one that does not exist
  const minKernel = json.has('minKernel') ? json.text('minKernel') : undefined
  if (minKernel !== undefined && !/^\d+\.\d+/.test(minKernel)) throw new Error(`${json.place}: ${minKernel} is no kernel version`)
  return { capabilities, architectures: json.texts('arches'), minKernel }
}

/** Reads members of a JSON object, each with the type that it must have, and says where one has not. Null stands for absent, as Go writes it. */
class Reader {
  readonly place: string
  readonly #object: JsonObject

  constructor(json: Json, place: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`${place} is no object`)
    this.#object = json
    this.place = place
  }

  has(name: string): boolean {
    return (this.#object[name] ?? null) !== null
  }

  knowsOnly(...names: string[]): void {
    const unknown = Object.keys(this.#object).find((name) => !names.includes(name) && this.has(name))
    if (unknown !== undefined) throw new Error(`${this.place} has ${JSON.stringify(unknown)}, which is not supported`)
  }

  text(name: string): string {
    const value = this.#object[name]
    if (typeof value !== 'string') throw new Error(`${this.place} has no text ${name}`)
    return value
  }

  texts(name: string): string[] {
    return this.#list(name).map((value) => {
      if (typeof value !== 'string') throw new Error(`${name} of ${this.place} holds something else than texts`)
      return value
    })
  }

  number(name: string): number | undefined {
    const value = this.#object[name] ?? undefined
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw new Error(`${name} of ${this.place} is no number of 32 bits`)
    }
    return value
  }

  /** 64 bits; absent is zero, as Go reads it. */
  unsigned(name: string): bigint {
    const value = this.#object[name] ?? 0
    const exact = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)) ? BigInt(value) : -1n
    if (exact < 0n || exact >= 1n << 64n) throw new Error(`${name} of ${this.place} is no number of 64 bits`)
    return exact
  }

  object<T>(name: string, read: (json: Reader) => T): T | undefined {
    return this.has(name) ? read(new Reader(this.#object[name]!, `${name} of ${this.place}`)) : undefined
  }

  objects(name: string): Reader[] {
    return this.#list(name).map((value, index) => new Reader(value, `${name}[${index}]`))
  }

  #list(name: string): Json[] {
    const value = this.#object[name] ?? []
    if (!Array.isArray(value)) throw new Error(`${name} of ${this.place} is no list`)
    return value
  }
}
