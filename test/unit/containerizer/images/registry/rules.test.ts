import { describe, expect, test } from 'vitest'
import { flagTexts, parseFlags } from '#base/flags.js'
import { imageFlags } from '#containerizer/images/flags.js'
import { isLoopbackHost, mayReach, reachOf } from '#containerizer/images/registry/addresses.js'
import { proxyFor } from '#containerizer/images/registry/proxies.js'
import { patiently, retryAfter, TryAgain } from '#containerizer/images/registry/retry.js'

describe('addresses (S59)', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.0.1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::1', 'loopback'],
    ['::', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:10.0.0.1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['10.0.0.1', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00:ec2::254', 'private'],
    ['172.32.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['2001:4860:4860::8888', 'public'],
  ])('%s is %s', (address, reach) => expect(reachOf(address)).toBe(reach))

  test('who is outside sends nobody further in', () => {
    expect((['public', 'private', 'link-local', 'loopback'] as const).filter((to) => mayReach('public', to))).toEqual(['public'])
    expect((['public', 'private', 'link-local', 'loopback'] as const).filter((to) => mayReach('private', to))).toEqual([
      'public',
      'private',
    ])
    expect(mayReach('loopback', 'link-local')).toBe(false)
  })

  test('registries of this machine', () => {
    expect(['localhost', 'localhost:5000', '127.0.0.1:5000', '[::1]:5000'].every(isLoopbackHost)).toBe(true)
    expect(['127.0.0.1.example', 'localhost.example', '10.0.0.1:5000', 'a'].some(isLoopbackHost)).toBe(false)
  })
})

describe('proxies', () => {
  const proxies = (none?: string) => ({ http: 'http://plain:3128', https: 'secure:3128', none })
  const via = (url: string, none?: string): string | undefined => proxyFor(new URL(url), proxies(none))?.href

  test('by scheme, and never to this machine', () => {
    expect(via('http://h.example/')).toBe('http://plain:3128/')
    expect(via('https://h.example/')).toBe('http://secure:3128/')
    expect(via('https://127.0.0.1:5000/')).toBeUndefined()
    expect(via('https://localhost/')).toBeUndefined()
    expect(proxyFor(new URL('https://h.example'), {})).toBeUndefined()
  })

  test.each([
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://a.example.com/', true],
    ['example.com', 'https://badexample.com/', false],
    ['.example.com', 'https://a.example.com/', true],
    ['.example.com', 'https://example.com/', false],
    ['*.example.com', 'https://a.example.com/', true],
    ['x, EXAMPLE.com ', 'https://example.com/', true],
    ['example.com:5000', 'https://example.com:5000/', true],
    ['example.com:5000', 'https://example.com/', false],
    ['example.com:443', 'https://example.com/', true],
    ['10.0.0.0/8', 'https://10.1.2.3:5000/', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['10.1.2.3', 'https://10.1.2.3/', true],
    ['fd00::/8', 'https://[fd00::1]/', true],
    ['fd00::1', 'https://[fd00::1]/', true],
    ['*', 'https://example.com/', true],
    ['', 'https://example.com/', false],
    ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ])('no_proxy=%j leaves out %s: %s', (none, url, without) => expect(via(url, none) === undefined).toBe(without))
})

describe('patience', () => {
  const patience = { tries: 3, first: 1, most: 2, longest: 50, random: { next: () => 0 } }
  const never = new AbortController().signal
  const failing = (after?: number) => {
    let tries = 0
    return {
      attempt: async (): Promise<never> => {
        tries++
        throw new TryAgain(new Error('ill'), after)
      },
      tries: () => tries,
    }
  }

  test('ends after its tries, with what was wrong', async () => {
    const { attempt, tries } = failing()
    await expect(patiently(patience, never, attempt)).rejects.toThrow('ill')
    expect(tries()).toBe(3)
  })

  test('does not wait for longer than it may', async () => {
    const { attempt, tries } = failing(51)
    await expect(patiently(patience, never, attempt)).rejects.toThrow('ill')
    expect(tries()).toBe(1)
  })

  test('stops at once when nobody wants it any more', async () => {
    const abort = new AbortController()
    const waiting = patiently({ ...patience, first: 1e9, most: 1e9 }, abort.signal, failing().attempt)
    abort.abort(new Error('no more'))
    await expect(waiting).rejects.toThrow('no more')
  })

  test('Retry-After in seconds and as a date', () => {
    const now = Date.parse('2026-11-21T03:00:00Z')
    expect(retryAfter('7', now)).toBe(7000)
    expect(retryAfter('Sat, 21 Nov 2026 03:01:00 GMT', now)).toBe(60_000)
    expect(retryAfter('Sat, 21 Nov 2020 03:01:00 GMT', now)).toBe(0)
    expect(['soon', '', undefined].map((text) => retryAfter(text, now))).toEqual([undefined, undefined, undefined])
  })
})

describe('flags', () => {
  const parse = (...argv: string[]) => parseFlags(imageFlags, argv)

  test('what stands in --docker_config is not shown', () => {
    const shown = (...argv: string[]) => Object.fromEntries(flagTexts(imageFlags, parse(...argv))).docker_config
    expect(shown('--docker_config={"auths":{"h":{"password":"secret"}}}')).toBe('{…}')
    expect(shown('--docker_config=/etc/docker/config.json')).toBe('/etc/docker/config.json')
    expect(shown()).toBeUndefined()
  })

  test.each([
    ['[]', /is not an object/],
    ['{"https://h": {}}', /is no host/],
    ['{"h.example": 1}', /wrong for h\.example: it is not an object/],
    ['{"h.example": {"mirror": []}}', /"mirror" is unknown; known are mirrors, insecure, ca/],
    ['{"h.example": {"insecure": "yes"}}', /neither true nor false/],
    ['{"h.example": {"ca": "ca.pem"}}', /not an absolute path/],
    ['{"h.example": {"mirrors": "https://m"}}', /not a list/],
    ['{"h.example": {"mirrors": ["m.example"]}}', /not an address/],
    ['{"h.example": {"mirrors": ["https://user:secret@m.example"]}}', /not an address/],
    ['{"h.example": {"mirrors": ["ftp://m.example"]}}', /not an address/],
    ['{"h.example": {"mirrors": ["https://m.example/a%20b"]}}', /not an address/],
  ])('--docker_registries=%s is refused', (text, why) => expect(() => parse(`--docker_registries=${text}`)).toThrow(why))

  test('--docker_registries', () => {
    const text = '{"docker.io": {"mirrors": ["https://m.example/hub"]}, "h.example:5000": {"insecure": true, "ca": "/ca.pem"}}'
    expect(parse(`--docker_registries=${text}`).dockerRegistries).toEqual(JSON.parse(text))
  })
})
