import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Connections } from '#containerizer/images/registry/connections.js'
import { digestOf, FaultyRegistry, flip, redirect, status } from '../../support/faulty-registry.js'
import { type Certificate, OwnAuthority } from '../../support/own-authority.js'
import { pull, refused } from '../../support/registry-pull.js'

const LAYER = Buffer.from('the layer')
const OK = { layers: [digestOf(LAYER)] }
let directory: string
let authority: OwnAuthority
let certificate: Certificate
const running: FaultyRegistry[] = []

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'meseta-registry-network-'))
  authority = new OwnAuthority(directory)
  const { certificate: cert, key } = authority.issue('server')
  certificate = { certificate: cert, key }
})
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(async () => {
  for (const registry of running.splice(0)) await registry.stop()
})

async function start(...options: Parameters<typeof FaultyRegistry.start>): Promise<FaultyRegistry> {
  const registry = await FaultyRegistry.start(...options)
  registry.addImage('a/web', '1', [LAYER])
  running.push(registry)
  return registry
}
const readText = (file: string): string => readFileSync(file, 'utf8')
const tls = (more: object = {}) => ({ cert: certificate.certificate, key: certificate.key, ...more })
const settings = (registries: Record<string, object>) => ({ flags: { dockerRegistries: registries } })

describe('registries by https (9-068)', () => {
  let registry: FaultyRegistry
  let image: string
  beforeEach(async () => {
    registry = await start(tls())
    image = `${registry.address}/a/web:1`
  })
  const trusting = () => settings({ [registry.address]: { ca: authority.file } })

  test('with an authority of their own', async () => expect(await pull(image, trusting())).toMatchObject(OK))

  test('with one that nobody has named are refused, with what to do', async () => {
    const other = mkdtempSync(join(directory, 'other-'))
    const wrong = settings({ [registry.address]: { ca: new OwnAuthority(other).file } })
    expect(await refused(image, wrong)).toMatch(
      /not from an authority that this agent trusts .*; name its own one by "ca" in --docker_registries/,
    )
    expect(await refused(image, settings({ [registry.address]: { insecure: false } }))).toMatch(/not from an authority/)
    expect(registry.seen).toEqual([])
  })

  test('that are insecure, or on this machine, need none', async () => {
    expect(await pull(image, settings({ [registry.address]: { insecure: true } }))).toMatchObject(OK)
    expect(await pull(image)).toMatchObject(OK)
  })

  test('a certificate of ours and an authority from Docker’s directory', async () => {
    const strict = await start(tls({ ca: readText(authority.file), requestCert: true, rejectUnauthorized: true }))
    const certificates = join(directory, 'certs.d')
    const place = join(certificates, strict.address)
    mkdirSync(place, { recursive: true })
    const secure = { ...settings({ [strict.address]: { insecure: false } }), changes: { certificates } }
    expect(await refused(`${strict.address}/a/web:1`, secure)).toMatch(/not from an authority/)
    writeFileSync(join(place, 'ca.crt'), readText(authority.file))
    expect(await refused(`${strict.address}/a/web:1`, secure)).toMatch(/cannot be reached/)
    const client = authority.issue('client')
    writeFileSync(join(place, 'client.cert'), client.certificate)
    writeFileSync(join(place, 'client.key'), client.key)
    expect(await pull(`${strict.address}/a/web:1`, secure)).toMatchObject(OK)
  })

  test('an authority that cannot be read is named', async () => {
    expect(await refused(image, settings({ [registry.address]: { ca: '/nonexistent.pem' } }))).toMatch(
      /certificate \/nonexistent\.pem cannot be used/,
    )
  })

  test('S58: from https to http nothing is followed', async () => {
    const plain = await start()
    registry.always(/blobs/, redirect(`${plain.url}/v2/a/web/blobs/${digestOf(LAYER)}`))
    expect(await refused(image, trusting())).toMatch(`redirects to plain http (${plain.address}), which is not followed`)
    expect(plain.seen).toEqual([])
  })

  test('S59: to a realm of plain http nothing is sent', async () => {
    const plain = await start()
    registry.login = { challenge: `Bearer realm="${plain.url}/token"` }
    const dockerConfig = JSON.stringify({ auths: { [registry.address]: { username: 'me', password: 'secret' } } })
    expect(await refused(image, { flags: { ...trusting().flags, dockerConfig } })).toMatch(
      /asks to get a token from ".*", which is plain http; nothing is sent/,
    )
    expect(plain.seen).toEqual([])
  })
})

describe('plain http', () => {
  test('is for registries of this machine and those that are insecure; --docker_registry may say so too', async () => {
    const registry = await start()
    expect(await pull(`${registry.address}/a/web:1`)).toMatchObject(OK)
    expect(await refused(`${registry.address}/a/web:1`, settings({ [registry.address]: { insecure: false } }))).toMatch(
      /cannot be reached/,
    )
    expect(registry.seen.every(({ path }) => path.startsWith('/v2/a/web/'))).toBe(true)
    expect(await pull('a/web:1', { flags: { dockerRegistry: registry.url } })).toMatchObject({
      ...OK,
      name: `${registry.address}/a/web:1`,
    })
  })
})

describe('mirrors (9-068)', () => {
  let registry: FaultyRegistry
  let mirror: FaultyRegistry
  beforeEach(async () => {
    registry = await start()
    mirror = await FaultyRegistry.start()
    running.push(mirror)
  })
  const image = () => `${registry.address}/a/web:1`
  const mirrored = (...urls: string[]) => settings({ [registry.address]: { mirrors: urls, insecure: true } })

  test('are asked first, and the registry not at all', async () => {
    mirror.addImage('cache/a/web', '1', [LAYER])
    expect(await pull(image(), mirrored(`${mirror.url}/cache/`))).toMatchObject({ ...OK, name: image() })
    expect(registry.seen).toEqual([])
  })

  test.each([
    ['has it not', (): void => {}],
    ['is ill', (): void => mirror.always(/./, status(503))],
    ['has had too much', (): void => mirror.always(/./, status(429, { 'retry-after': '3600' }))],
    ['wants a login', (): void => mirror.always(/./, status(401, { 'www-authenticate': 'Basic realm="x"' }))],
  ])('one that %s leaves it to the next', async (_, ill) => {
    ill()
    expect(await pull(image(), mirrored('http://127.0.0.1:1', mirror.url))).toMatchObject(OK)
    expect(registry.paths().length).toBeGreaterThan(0)
  })

  test('S55: one that lies about a manifest or a config leaves it to the next', async () => {
    const { digest } = mirror.addImage('a/web', '1', [LAYER])
    mirror.always(/manifests|blobs/, flip(30))
    expect(await pull(`${registry.address}/a/web@${digest}`, mirrored(mirror.url))).toMatchObject(OK)
  })

  test('one that has the manifest but not the layer', async () => {
    mirror.addImage('a/web', '1', [LAYER])
    mirror.blobs.delete(digestOf(LAYER))
    expect(await pull(image(), mirrored(mirror.url))).toMatchObject(OK)
  })

  test('all failures are told', async () => {
    registry.always(/./, status(503))
    expect(await refused(image(), mirrored(mirror.url))).toMatch(
      /answers 503 for a\/web:1 \(before that, registry 127\S+ has no a\/web:1 \(404\)/,
    )
  })

  test('S57: logins are for the host that they name alone', async () => {
    mirror.login = { basic: true, username: 'x' }
    registry.login = { basic: true, username: 'me', password: 'secret' }
    const dockerConfig = JSON.stringify({ auths: { [registry.address]: { username: 'me', password: 'secret' } } })
    expect(await pull(image(), { flags: { ...mirrored(mirror.url).flags, dockerConfig } })).toMatchObject(OK)
    expect(mirror.seen.map(({ authorization }) => authorization)).toEqual(mirror.seen.map(() => undefined))
  })
})

describe('proxies', () => {
  test('plain http goes through one, and does not where none is wanted', async () => {
    const proxy = await start()
    const options = { changes: { home: new URL('http://registry.example') }, proxies: { http: proxy.url } }
    expect(await pull('registry.example/a/web:1', options)).toMatchObject(OK)
    expect(proxy.seen.every(({ headers }) => headers.host === 'registry.example')).toBe(true)
    const count = proxy.seen.length
    expect(
      await refused('registry.example/a/web:1', { ...options, proxies: { http: proxy.url, none: '.x,registry.example' } }),
    ).toMatch(/cannot be reached/)
    expect(proxy.seen.length).toBe(count)
  })

  test('https goes through a tunnel of one, and is checked behind it', async () => {
    const registry = await start(tls())
    const asked: string[] = []
    const proxy = createServer((_, response) => response.writeHead(400).end())
    const tunnels = new Set<Socket>()
    proxy.on('connect', (request: IncomingMessage, client: Socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
      const server = connect(Number(registry.address.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        client.pipe(server).pipe(client)
      })
      for (const socket of [client, server]) tunnels.add(socket.on('error', () => undefined))
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    const proxies = { https: `http://user:pass@127.0.0.1:${port}` }
    const image = 'registry.example/a/web:1'
    expect(await pull(image, { ...settings({ 'registry.example': { ca: authority.file } }), proxies })).toMatchObject(OK)
    expect(new Set(asked)).toEqual(new Set([`registry.example:443 Basic ${Buffer.from('user:pass').toString('base64')}`]))
    expect(await refused(image, { proxies })).toMatch(/not from an authority that this agent trusts/)
    for (const socket of tunnels) socket.destroy()
    await new Promise((resolve) => proxy.close(resolve))
  })
})

test('S59: a name that stands for this host is refused when it is connected to, if somebody outside named it', async () => {
  const registry = await start()
  const { port } = new URL(registry.url)
  const endpoint = { host: 'h', origins: ['https://h'], repository: 'r', verify: true, mirror: false }
  const options = { registries: new Map(), proxies: {}, certificates: '/nonexistent', connectTimeout: 5000, stallTimeout: 5000 }
  const connections = new Connections(options)
  const url = new URL(`http://localhost:${port}`)
  const ask = (from: 'public' | undefined) =>
    connections.to(url, endpoint, from).request({ origin: url.origin, path: '/', method: 'GET' })
  await expect(ask('public')).rejects.toThrow('localhost is a loopback address, and who sends us there is not')
  expect(registry.seen).toEqual([])
  const { statusCode, body } = await ask(undefined)
  await body.dump()
  expect(statusCode).toBe(404)
  await connections.close()
})
