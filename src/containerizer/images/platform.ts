import { ImageErrors } from './errors.js'
import type { Descriptor } from './manifest.js'

export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string | undefined
}

const ARCHITECTURES: Readonly<Record<string, Platform['architecture']>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  ia32: '386',
  i386: '386',
  i686: '386',
  aarch64: 'arm64',
  ppc64el: 'ppc64le',
}

/** One spelling for each: `aarch64` and `arm64/v8` are arm64, `armhf` is arm/v7, `amd64/v1` is amd64. */
export function normalPlatform({ os, architecture, variant }: Platform): Platform {
  const lower = architecture.toLowerCase()
  const name = ARCHITECTURES[lower] ?? lower
  const plain = { os: os.toLowerCase() }
  if (name === 'armhf') return { ...plain, architecture: 'arm', variant: 'v7' }
  if (name === 'armel') return { ...plain, architecture: 'arm', variant: 'v6' }
  if (name === 'arm') return { ...plain, architecture: 'arm', variant: versioned(variant) ?? 'v7' }
  const implied = name === 'arm64' ? 'v8' : name === 'amd64' ? 'v1' : undefined
  const stated = versioned(variant)
  return { ...plain, architecture: name, ...(stated !== undefined && stated !== implied && { variant: stated }) }
}

/** `7` and `V7` are `v7`; an empty one is none. */
const versioned = (variant: string | undefined): string | undefined => variant?.toLowerCase().replace(/^(?=\d)/, 'v') || undefined

/** What a host of this platform can run, best first; older variants of a processor run on newer ones, as in containerd. */
function runnable(wanted: Platform): Platform[] {
  const { os, architecture, variant } = normalPlatform(wanted)
  const level = Number(variant?.slice(1))
  const down = (from: number, to: number, name: string): Platform[] =>
    Array.from({ length: Math.max(0, from - to + 1) }, (_, i) => ({ os, architecture: name, variant: `v${from - i}` }))
  if (architecture === 'arm') return down(Number.isInteger(level) ? level : 7, 5, 'arm')
  if (architecture === 'arm64') return [{ os, architecture, variant }, ...down(8, 5, 'arm')]
  if (architecture === 'amd64') return [...down(level || 1, 1, 'amd64'), { os, architecture: '386' }]
  return [{ os, architecture, variant }]
}

const same = (a: Platform, b: Platform): boolean => a.os === b.os && a.architecture === b.architecture && a.variant === b.variant

/**
 * The manifest of an index that this platform runs best. What says nothing of its platform is taken where nothing else fits; what only describes others
 * (attestations) never. Throws IMAGE_PLATFORM_MISSING, which names those that are there.
 */
export function choosePlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor {
  const images = manifests.filter(({ annotations }) => annotations['vnd.docker.reference.type'] === undefined)
  for (const candidate of runnable(wanted).map(normalPlatform)) {
    const found = images.find(({ platform }) => platform && same(normalPlatform(platform), candidate))
    if (found) return found
  }
  const silent = images.find(({ platform }) => platform === undefined)
  if (silent) return silent
  const there = [...new Set(images.flatMap(({ platform }) => (platform ? [platformText(platform)] : [])))]
  throw ImageErrors.PLATFORM_MISSING({ wanted: platformText(wanted), there: there.slice(0, 20).join(', ') || 'none' })
}

export const platformText = (platform: Platform): string => {
  const { os, architecture, variant } = normalPlatform(platform)
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')
}

/** Of the machine that this program runs on. */
export const hostPlatform = (): Platform => normalPlatform({ os: 'linux', architecture: process.arch })
