import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf, FaultyRegistry, type Login, status } from '../../support/faulty-registry.js'
import { type PullOptions, pull, refused, testProvider } from '../../support/registry-pull.js'

const LAYER = Buffer.from('the layer')
const OK = { layers: [digestOf(LAYER)] }
const PASSWORD = 'secret-password'
const ME = { username: 'me', password: PASSWORD }
let registry: FaultyRegistry
let image: string

beforeEach(async () => {
  registry = await FaultyRegistry.start()
  registry.addImage('a/web', '1', [LAYER])
  image = `${registry.address}/a/web:1`
})
afterEach(() => registry.stop())

/** Logins by the content of a config.json. */
const config = (login: object, key = registry.address, more: object = {}): PullOptions => ({
  flags: { dockerConfig: JSON.stringify({ auths: { [key]: login }, ...more }) },
})
const tokenRequests = () => registry.seen.filter(({ path }) => path.startsWith('/token'))
const asked = (): URLSearchParams => new URLSearchParams(tokenRequests()[0]?.path.split('?')[1])

describe('tokens (S60, L12)', () => {
  const challenges: readonly [what: string, login: Login, service: string | null, scope: string][] = [
    ['without scope', {}, 's, t', 'repository:a/web:pull'],
    ['as access_token', { field: 'access_token' }, 's, t', 'repository:a/web:pull'],
    ['without service and scope', { challenge: 'Bearer realm="REALM"' }, null, 'repository:a/web:pull'],
    [
      'with the scope that is named',
      { challenge: 'Bearer realm="REALM",service="x",scope="repository:a/web:pull,push"' },
      'x',
      'repository:a/web:pull,push',
    ],
    [
      'with commas and quotes in a value',
      { challenge: 'bearer service="a, \\"b\\"=c", realm="REALM"' },
      'a, "b"=c',
      'repository:a/web:pull',
    ],
    ['beside Basic', { challenge: ['Basic realm="x, y"', 'Bearer realm="REALM"'] }, null, 'repository:a/web:pull'],
    ['beside Basic in one header', { challenge: 'Basic realm="x, y", Bearer realm="REALM"' }, null, 'repository:a/web:pull'],
  ]
  test.each(challenges)('%s', async (_, login, service, scope) => {
    const inPlace = (text: string): string => text.replace('REALM', `${registry.url}/token`)
    const { challenge } = login
    registry.login =
      challenge === undefined
        ? login
        : { ...login, challenge: typeof challenge === 'string' ? inPlace(challenge) : challenge.map(inPlace) }
    expect(await pull(image)).toMatchObject(OK)
    expect([asked().get('service'), asked().get('scope')]).toEqual([service, scope])
    expect(registry.tokens).toBe(1)
  })

  test('for a login, which goes to the realm alone', async () => {
    registry.login = ME
    expect(await pull(image, config(ME))).toMatchObject(OK)
    const basic = registry.seen.filter(({ authorization }) => authorization?.startsWith('Basic'))
    expect(basic.map(({ path }) => path.replace(/\?.*/, ''))).toEqual(['/token'])
  })

  test('for an identity token, by POST', async () => {
    registry.login = { identityToken: 'secret-identity' }
    expect(await pull(image, config({ auth: 'eDp5', identitytoken: 'secret-identity' }))).toMatchObject(OK)
    expect(Object.fromEntries(new URLSearchParams(tokenRequests()[0]!.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'meseta',
      refresh_token: 'secret-identity',
      service: 's, t',
      scope: 'repository:a/web:pull',
    })
    expect(tokenRequests()[0]!.path).toBe('/token')
  })

  test('that ended is replaced, in the middle of an image too', async () => {
    registry.login = { uses: 1 }
    expect(await pull(image)).toMatchObject(OK)
    expect(registry.tokens).toBeGreaterThan(1)
  })

  test('that is good is used by the next pull too, until it ends', async () => {
    registry.login = { expiresIn: 300 }
    let now = 1e12
    const provider = testProvider({ changes: { now: () => now } })
    const resolve = () => provider.resolve({ kind: 'docker', name: image, cached: true }, new AbortController().signal)
    await Promise.all([resolve(), resolve(), resolve()])
    await resolve()
    expect(registry.tokens).toBe(1)
    now += 299_000
    await resolve()
    expect(registry.tokens).toBe(2)
    await provider.close()
  })

  test('that is never right is asked for three times at most', async () => {
    registry.login = { uses: 0 }
    expect(await refused(image)).toMatch(/to nobody without a login, or does not have it \(401\)/)
    expect(registry.paths().length).toBeLessThanOrEqual(3)
    expect(registry.tokens).toBeLessThanOrEqual(3)
  })

  test.each(['{}', '{"token":""}', '{"token":"a\\nb"}', '[]', 'x', '{"token":7}'])('an answer of %j is none', async (body) => {
    registry.login = {}
    registry.always(/^\/token/, status(200, {}, body))
    expect(await refused(image)).toMatch(/without a token|answer of 127|token of the answer/)
  })

  test('a server for them that is ill is tried again', async () => {
    registry.login = {}
    registry.next(/^\/token/, status(503), status(429))
    expect(await pull(image)).toMatchObject(OK)
  })

  test('ways that nobody knows are told', async () => {
    registry.login = { challenge: 'Negotiate, Digest realm="x"' }
    expect(await refused(image)).toMatch(/wants a login by negotiate, digest; this agent knows Basic and Bearer/)
  })
})

describe('S59: where a token is not asked for', () => {
  const realm = (text: string): void => {
    registry.login = { challenge: `Bearer realm="${text}",service="s"` }
  }

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'nonsense', ''])('%j', async (text) => {
    realm(text)
    expect(await refused(image, config(ME))).toMatch(/which is no address; nothing is sent there/)
  })

  test('an address with a password in it', async () => {
    realm('https://x:y@127.0.0.1/token')
    expect(await refused(image, config(ME))).toMatch(/has a password in it/)
  })

  test('an address that only this host and its neighbours reach, for a registry outside', async () => {
    // The registry is outside: it is reached through a proxy, which is the test's.
    const outside = { changes: { home: new URL('http://registry.example') }, proxies: { http: registry.url } }
    const name = 'registry.example/a/web:1'
    expect(await pull(name, outside)).toMatchObject(OK)
    for (const [text, reach] of [
      [`${registry.url}/token`, 'loopback'],
      ['http://localhost:5051/token', 'loopback'],
      ['http://[::1]/token', 'loopback'],
      ['http://[::ffff:127.0.0.1]/token', 'loopback'],
      ['http://0.0.0.0/token', 'loopback'],
      ['http://2130706433/token', 'loopback'],
      ['http://169.254.169.254/latest/meta-data', 'link-local'],
      ['http://10.1.2.3/token', 'private'],
    ] as const) {
      realm(text)
      const before = tokenRequests().length
      expect(
        await refused(name, { ...config(ME, 'registry.example'), ...outside, flags: config(ME, 'registry.example').flags! }),
      ).toMatch(`is a ${reach} address, while the registry is not; nothing is sent there`)
      expect(tokenRequests().length).toBe(before)
    }
    registry.login = undefined
    registry.next(/manifests/, status(307, { location: `${registry.url}/v2/a/web/manifests/1` }))
    expect(await refused(name, outside)).toMatch('127.0.0.1 is a loopback address, and who sends us there is not')
  })
})

describe('logins of a config.json (6-076, 9-068)', () => {
  beforeEach(() => {
    registry.login = { basic: true, ...ME }
  })
  const basic = Buffer.from(`me:${PASSWORD}`).toString('base64')

  test.each([
    ['name and password', () => config(ME)],
    ['auth', () => config({ auth: basic })],
    ['the address with https', () => config({ auth: basic }, `https://${registry.address}`)],
    ['the address with a path of the API', () => config({ auth: basic }, `https://${registry.address}/v2/`)],
    ['the repository', () => config({ auth: basic }, `${registry.address}/a/web`)],
    ['the old form', () => ({ flags: { dockerConfig: JSON.stringify({ [registry.address]: { auth: basic, email: 'x' } }) } })],
    ['the image itself', () => ({ image: { dockerConfig: Buffer.from(config(ME).flags!.dockerConfig!) } })],
  ])('by %s', async (_, options) => expect(await pull(image, options())).toMatchObject(OK))

  test.each([
    ['another host', () => config(ME, 'other.example')],
    ['another repository', () => config(ME, `${registry.address}/a/we`)],
    ['a host that only begins so', () => config(ME, `${registry.address}0`)],
    ['none', () => ({})],
  ])('of %s does not count, and is not sent', async (_, options) => {
    expect(await refused(image, options())).toMatch(/to nobody without a login/)
    expect(registry.seen.every(({ authorization }) => authorization === undefined)).toBe(true)
  })

  test('that of the image is used in place of the agent’s', async () => {
    const wrong = Buffer.from(JSON.stringify({ auths: { [registry.address]: { username: 'me', password: 'wrong' } } }))
    expect(await refused(image, { ...config(ME), image: { dockerConfig: wrong } })).toMatch(
      /refuses a\/web to the login that is configured.*\(401\)/,
    )
  })

  test('a registry token is used as it is', async () => {
    registry.login = {}
    await pull(image)
    const token = registry.seen.at(-1)!.authorization!.replace('Bearer ', '')
    expect(await pull(image, config({ registrytoken: token }))).toMatchObject(OK)
    expect(registry.tokens).toBe(1)
  })

  test('nothing that is secret is in a sentence', async () => {
    const sentences = [
      await refused(image, config({ username: 'me', password: `${PASSWORD}2` })),
      await refused(image, {
        flags: { dockerConfig: `{"auths": {"x": {"auth": "${basic}", "username": 7}}, "p": "${PASSWORD}"` },
      }).catch(String),
      await refused(image, { image: { dockerConfig: Buffer.from(`{"auths": "${PASSWORD}"}`) } }),
    ]
    registry.login = ME
    sentences.push(await refused(image, config({ username: 'me', password: `${PASSWORD}2` })))
    for (const sentence of sentences) expect(sentence).not.toMatch(/secret|c2Vjc/)
  })
})

describe('credential helpers', () => {
  let directory: string
  const path = process.env.PATH
  beforeEach(() => {
    registry.login = { basic: true, ...ME }
    directory = mkdtempSync(join(tmpdir(), 'meseta-registry-helpers-'))
    mkdirSync(join(directory, 'bin'))
    process.env.PATH = `${join(directory, 'bin')}:${path}`
  })
  afterEach(() => {
    process.env.PATH = path
    rmSync(directory, { recursive: true })
  })
  const helper = (name: string, ...lines: string[]): void => {
    const file = join(directory, 'bin', `docker-credential-${name}`)
    writeFileSync(file, ['#!/bin/sh', ...lines].join('\n'))
    chmodSync(file, 0o755)
  }
  const with_ = (more: object): PullOptions => {
    const file = join(directory, 'config.json')
    writeFileSync(file, JSON.stringify(more))
    return { flags: { dockerConfig: file } }
  }
  const answers = `cat > "${'$'}{0%/*}/asked"; echo '{"ServerURL":"x","Username":"me","Secret":"${PASSWORD}"}'`

  test('one of the registry, one of all', async () => {
    helper('good', 'test "$1" = get || exit 7', answers)
    expect(await pull(image, with_({ credHelpers: { [registry.address]: 'good' } }))).toMatchObject(OK)
    expect(await pull(image, with_({ credsStore: 'good' }))).toMatchObject(OK)
  })

  test('one that knows nothing leaves it to the file', async () => {
    helper('empty', 'echo "credentials not found in native keychain"; exit 1')
    expect(await pull(image, with_({ credsStore: 'empty', auths: { [registry.address]: ME } }))).toMatchObject(OK)
  })

  test('an identity token of one', async () => {
    helper('token', `cat > /dev/null; echo '{"Username":"<token>","Secret":"secret-identity"}'`)
    registry.login = { identityToken: 'secret-identity' }
    expect(await pull(image, with_({ credsStore: 'token' }))).toMatchObject(OK)
  })

  test.each([
    ['fails', 'echo secret-thing; echo secret-thing >&2; exit 3', /it ended with status 3/],
    ['says nonsense', 'echo secret-thing', /without a name and a secret/],
    ['says too much', 'cat /dev/zero', /more than 65536 bytes/],
  ])('one that %s is told, without what it said', async (_, script, why) => {
    helper('bad', script)
    const sentence = await refused(image, with_({ credsStore: 'bad' }))
    expect(sentence).toMatch(why)
    expect(sentence).toMatch(`docker-credential-bad has no login for ${registry.address}`)
    expect(sentence).not.toMatch('secret-thing')
  })

  test('one that is not there, or is a path', async () => {
    expect(await refused(image, with_({ credsStore: 'none' }))).toMatch(/not in the PATH of the agent/)
    expect(await refused(image, with_({ credsStore: '../../x' }))).toMatch(/cannot name a credential helper/)
  })

  test('none is run for the config of an image', async () => {
    helper('good', answers)
    const dockerConfig = Buffer.from(JSON.stringify({ credsStore: 'good' }))
    expect(await refused(image, { image: { dockerConfig } })).toMatch(/to nobody without a login/)
  })

  test('a file that cannot be read is told where a login is wanted', async () => {
    expect(await refused(image, { flags: { dockerConfig: join(directory, 'none.json') } })).toMatch(
      /--docker_config: cannot read .*none\.json/,
    )
    registry.login = undefined
    expect(await pull(image, { flags: { dockerConfig: join(directory, 'none.json') } })).toMatchObject(OK)
  })
})
