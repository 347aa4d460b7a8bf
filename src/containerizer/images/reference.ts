import { type Digest, parseDigest } from './digest.js'
import { ImageErrors } from './errors.js'

/** A name of an image in a registry, taken apart. Every part follows the grammar of the distribution specification, so that it can stand in a path (S65). */
export interface ImageReference {
  /** In lower case, with its port; `docker.io` for all names of Docker Hub. */
  readonly host: string
  readonly repository: string
  readonly tag?: string | undefined
  /** Wins over the tag, as in Docker. */
  readonly digest?: Digest | undefined
}

export const DOCKER_HUB = 'docker.io'
const HUB_ALIASES: ReadonlySet<string> = new Set([
  DOCKER_HUB,
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
])

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?$`)
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/
const LONGEST_REPOSITORY = 255
const LONGEST_HOST = 255

/** Throws IMAGE_REFERENCE_INVALID. `defaultHost` is where names without a host lie. */
export function parseReference(text: string, defaultHost: string = DOCKER_HUB): ImageReference {
  const invalid = (why: string): Error => ImageErrors.REFERENCE_INVALID({ name: text.slice(0, 300), why })
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1))
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  const tag = hasTag ? named.slice(colon + 1) : undefined
  if (tag !== undefined && !TAG.test(tag))
    throw invalid('its tag is not at most 128 of A-Z a-z 0-9 _ . - (and the first no . or -)')

  const { host, path } = splitHost(hasTag ? named.slice(0, colon) : named, defaultHost)
  if (host.length > LONGEST_HOST || !isHost(host)) throw invalid('its host is no host name or address with, perhaps, a port')
  const repository = host === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path
  if (path === '') throw invalid('it names no repository')
  if (repository.length > LONGEST_REPOSITORY) throw invalid(`its repository is longer than ${LONGEST_REPOSITORY} characters`)
  if (!REPOSITORY.test(path)) throw invalid('its repository is not lower case a-z 0-9, separated by / . _ __ or -')
  return { host, repository, tag: tag ?? (digest ? undefined : 'latest'), digest }
}

/** The first part is a host where it could not be a repository's, or is `localhost`: Docker's rule. */
function splitHost(name: string, defaultHost: string): { host: string; path: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isHostPart = slash > 0 && (/[.:]/.test(first) || first === 'localhost')
  return isHostPart
    ? { host: canonicalHost(first), path: name.slice(slash + 1) }
    : { host: canonicalHost(defaultHost), path: name }
}

export function canonicalHost(host: string): string {
  const lower = host.toLowerCase()
  return HUB_ALIASES.has(lower) ? DOCKER_HUB : lower
}

/** Host name or address, and a port where one is named. */
export function isHost(text: string): boolean {
  const port = /:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1]
  return HOST.test(text) && (port === undefined || Number(port) <= 65535)
}

/** Canonical: `docker.io/library/alpine:latest`. */
export function referenceText({ host, repository, tag, digest }: ImageReference): string {
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}
