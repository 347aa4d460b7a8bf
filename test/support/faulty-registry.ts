/** A registry of our own that does everything wrong that it is told to: each answer goes through the faults that wait for it. */
import { createHash } from 'node:crypto'
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecure, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { MediaType } from '#containerizer/images/media-types.js'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
  /** The connection ends after so many bytes of the body. */
  readonly cut?: number
  /** Nothing comes any more after so many. */
  readonly hold?: number
}
export type Fault = (reply: Reply, seen: Seen) => Reply

export interface Seen {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly range: string | undefined
  readonly headers: IncomingMessage['headers']
  body: string
}

export const digestOf = (bytes: Uint8Array, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`

export const status =
  (code: number, headers: Reply['headers'] = {}, body = ''): Fault =>
  () => ({ status: code, headers, body: Buffer.from(body) })
export const redirect = (location: string, code = 307): Fault => status(code, { location })
export const cut =
  (at: number): Fault =>
  (reply) => ({ ...reply, cut: at })
export const hold =
  (at: number): Fault =>
  (reply) => ({ ...reply, hold: at })
export const headers =
  (more: Reply['headers']): Fault =>
  (reply) => ({ ...reply, headers: { ...reply.headers, ...more } })
/** One wrong byte. */
export const flip =
  (at: number): Fault =>
  (reply) => {
    const body = Buffer.from(reply.body)
    body[at] = body[at]! ^ 1
    return { ...reply, body }
  }
export const asIs: Fault = (reply) => reply

/** How it wants to be told who asks. Tokens come from itself, at /token. */
export interface Login {
  readonly basic?: boolean
  readonly username?: string
  readonly password?: string
  readonly identityToken?: string
  /** In place of that which would be right. */
  readonly challenge?: string | readonly string[]
  readonly field?: 'token' | 'access_token'
  readonly expiresIn?: number
  /** Each token is good for so many requests. */
  readonly uses?: number
}

export class FaultyRegistry {
  readonly seen: Seen[] = []
  readonly blobs = new Map<string, Buffer>()
  readonly manifests = new Map<string, { readonly bytes: Buffer; readonly type: string }>()
  login: Login | undefined
  /** Whether it knows ranges. */
  ranges = true
  tokens = 0
  readonly #left = new Map<string, number>()
  readonly #faults: { readonly path: RegExp; readonly faults: Fault[]; readonly forever: boolean }[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #scheme: 'http' | 'https'

  private constructor(tls: ServerOptions | undefined) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response)
    this.#scheme = tls ? 'https' : 'http'
    this.#server = tls ? createSecure(tls, answer) : createPlain(answer)
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(tls?: ServerOptions): Promise<FaultyRegistry> {
    const registry = new FaultyRegistry(tls)
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `${this.#scheme}://${this.address}`
  }

  /** The next requests of such a path go through these, one each. */
  next(path: RegExp, ...faults: Fault[]): void {
    this.#faults.push({ path, faults, forever: false })
  }

  always(path: RegExp, fault: Fault): void {
    this.#faults.push({ path, faults: [fault], forever: true })
  }

  addBlob(bytes: Buffer): { digest: string; size: number } {
    const digest = digestOf(bytes)
    this.blobs.set(digest, bytes)
    return { digest, size: bytes.length }
  }

  /** Under its digest too. */
  addManifest(
    repository: string,
    tag: string,
    value: unknown,
    type: string,
  ): { digest: string; size: number; mediaType: string } {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))
    const digest = digestOf(bytes)
    for (const reference of [tag, digest, digestOf(bytes, 'sha512')])
      this.manifests.set(`${repository}/manifests/${reference}`, { bytes, type })
    return { digest, size: bytes.length, mediaType: type }
  }

  /** Layers need be no archives: what they hold is their bytes. */
  addImage(repository: string, tag: string, layers: readonly Buffer[], config: object = {}, change: object = {}) {
    const diff_ids = layers.map((layer) => digestOf(layer))
    const blob = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', config, rootfs: { type: 'layers', diff_ids } }))
    const manifest = {
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...this.addBlob(blob) },
      layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...this.addBlob(layer) })),
      ...change,
    }
    return { ...this.addManifest(repository, tag, manifest, MediaType.ociManifest), manifest }
  }

  /** Paths of requests, without those for tokens. */
  paths(): string[] {
    return this.seen.map(({ path }) => path).filter((path) => !path.startsWith('/token'))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A proxy is asked by the whole address.
    const path = (request.url ?? '').replace(/^http:\/\/[^/]+/, '')
    const { authorization, range } = request.headers
    const seen: Seen = { method: request.method ?? '', path, authorization, range, headers: request.headers, body: '' }
    this.seen.push(seen)
    for await (const chunk of request) seen.body += chunk
    const fault = this.#fault(path)
    send(response, fault(this.#reply(seen), seen))
  }

  #fault(path: string): Fault {
    const found = this.#faults.find(({ path: pattern, faults }) => faults.length > 0 && pattern.test(path))
    if (!found) return asIs
    return found.forever ? found.faults[0]! : found.faults.shift()!
  }

  #reply(seen: Seen): Reply {
    if (seen.path.startsWith('/token')) return this.#token(seen)
    if (!this.#knows(seen)) return this.#challenge()
    const [, name = ''] = /^\/v2\/(.*)$/.exec(seen.path) ?? []
    const manifest = this.manifests.get(name)
    if (manifest) {
      const told = { 'content-type': manifest.type, 'docker-content-digest': digestOf(manifest.bytes) }
      return { status: 200, headers: told, body: manifest.bytes }
    }
    const blob = this.blobs.get(name.split('/blobs/')[1] ?? '')
    return blob ? this.#blob(blob, seen.range) : failure(404, 'MANIFEST_UNKNOWN')
  }

  #blob(blob: Buffer, range: string | undefined): Reply {
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    if (from === 0 || !this.ranges) return { status: 200, headers: {}, body: blob }
    const headers = { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }
    return { status: 206, headers, body: blob.subarray(from) }
  }

  #knows({ authorization }: Seen): boolean {
    const { login } = this
    if (!login) return true
    if (login.basic) return authorization === basicOf(login)
    const token = authorization?.replace(/^Bearer /, '') ?? ''
    const left = this.#left.get(token) ?? 0
    this.#left.set(token, left - 1)
    return left > 0
  }

  #challenge(): Reply {
    const challenge =
      this.login?.challenge ?? (this.login?.basic ? 'Basic realm="r"' : `Bearer realm="${this.url}/token",service="s, t"`)
    return { ...failure(401, 'UNAUTHORIZED'), headers: { 'www-authenticate': challenge as string | string[] } }
  }

  #token({ authorization, method, body }: Seen): Reply {
    const { username, identityToken, field = 'token', expiresIn, uses = 1000 } = this.login ?? {}
    if (username !== undefined && authorization !== basicOf(this.login!)) return failure(401, 'UNAUTHORIZED')
    const form = new URLSearchParams(body)
    if (identityToken !== undefined && (method !== 'POST' || form.get('refresh_token') !== identityToken))
      return failure(401, 'UNAUTHORIZED')
    const token = `secret-token-${++this.tokens}`
    this.#left.set(token, uses)
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ [field]: token, expires_in: expiresIn })) }
  }
}

const basicOf = ({ username, password }: Login): string => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

const failure = (code: number, word: string): Reply => ({
  status: code,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ errors: [{ code: word, message: 'secret-detail' }] })),
})

function send(response: ServerResponse, { status: code, headers: more, body, cut: cutAt, hold: holdAt }: Reply): void {
  response.on('error', () => undefined)
  response.writeHead(code, { 'content-length': String(body.length), ...more })
  const stop = cutAt ?? holdAt
  if (stop === undefined) response.end(body)
  else response.write(body.subarray(0, stop), () => cutAt !== undefined && response.destroy())
  if (stop === 0) response.flushHeaders()
}
