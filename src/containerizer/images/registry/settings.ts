import { canonicalHost, isHost } from '../reference.js'

/** What `--docker_registries` says of one registry. */
export interface RegistrySettings {
  /** Asked before the registry itself, in this order. A path in one stands before the repository. */
  readonly mirrors: readonly URL[]
  /** Its certificate is not looked at, and plain http is used where it has no https. Unset: for registries of this machine, as in Docker. */
  readonly insecure?: boolean | undefined
  /** File with certificates of the authority that it has its own from. */
  readonly ca?: string | undefined
}

export type Registries = ReadonlyMap<string, RegistrySettings>

const KNOWN: ReadonlySet<string> = new Set(['mirrors', 'insecure', 'ca'])

/** What is wrong with the value of `--docker_registries`, if anything. */
export function registriesProblem(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (!isObject(value)) return 'is not an object of registries'
  for (const [host, settings] of Object.entries(value)) {
    if (!isHost(host)) return `names ${JSON.stringify(host)}, which is no host with, perhaps, a port (leave https:// away)`
    const problem = settingsProblem(settings)
    if (problem !== undefined) return `is wrong for ${host}: ${problem}`
  }
  return undefined
}

function settingsProblem(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is not an object'
  const { mirrors = [], insecure = false, ca = '/' } = value
  const unknown = Object.keys(value).find((key) => !KNOWN.has(key))
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is unknown; known are ${[...KNOWN].join(', ')}`
  if (typeof insecure !== 'boolean') return 'insecure is neither true nor false'
  if (typeof ca !== 'string' || !ca.startsWith('/')) return 'ca is not an absolute path'
  if (!Array.isArray(mirrors)) return 'mirrors is not a list of addresses'
  const odd = mirrors.find((each) => typeof each !== 'string' || !isMirror(each))
  return odd === undefined ? undefined : 'a mirror is not an address such as https://mirror.example/prefix'
}

function isMirror(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false
  return (
    url.username === '' && url.password === '' && url.search === '' && url.hash === '' && /^[a-z0-9/._-]*$/.test(url.pathname)
  )
}

/** Of a value without a problem. */
export function parseRegistries(value: unknown): Registries {
  const entries = Object.entries((value ?? {}) as Record<string, { mirrors?: string[]; insecure?: boolean; ca?: string }>)
  return new Map(
    entries.map(([host, { mirrors = [], insecure, ca }]) => [
      canonicalHost(host),
      { mirrors: mirrors.map((mirror) => new URL(mirror)), insecure, ca },
    ]),
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
