import { describe, expect, test } from 'vitest'
import { parseReference, referenceText } from '#containerizer/images/reference.js'

const SHA = `sha256:${'a'.repeat(64)}`
const canonical = (text: string, defaultHost?: string): string => referenceText(parseReference(text, defaultHost))

describe('names of images', () => {
  test.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20'],
    ['a/b', 'docker.io/a/b:latest'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['index.docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['registry-1.docker.io/library/alpine', 'docker.io/library/alpine:latest'],
    ['quay.io/a/b/c:v1', 'quay.io/a/b/c:v1'],
    ['localhost/x', 'localhost/x:latest'],
    ['localhost:5000/x:5000', 'localhost:5000/x:5000'],
    ['127.0.0.1:5000/x', '127.0.0.1:5000/x:latest'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    ['HOST.example/x', 'host.example/x:latest'],
    [`alpine@${SHA}`, `docker.io/library/alpine@${SHA}`],
    [`h.example:1/a__b.c-d---e/f_g:T.1-x@${SHA}`, `h.example:1/a__b.c-d---e/f_g:T.1-x@${SHA}`],
    [`alpine@sha512:${'0'.repeat(128)}`, `docker.io/library/alpine@sha512:${'0'.repeat(128)}`],
  ])('%s is %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
    expect(canonical(expected)).toBe(expected)
  })

  test('names without a host lie in the default registry, which has no library', () => {
    expect(canonical('web', 'registry.example:5000')).toBe('registry.example:5000/web:latest')
    expect(canonical('web', 'registry-1.docker.io')).toBe('docker.io/library/web:latest')
  })

  test.each([
    '',
    '/',
    'a//b',
    '../x',
    'h.example/../x',
    'h.example/a/../../v2/x',
    'a/%2e%2e/b',
    'A',
    'HOST/x',
    'a/B',
    'a:',
    'a:.tag',
    'a:-tag',
    `a:${'t'.repeat(129)}`,
    'a:t/../x',
    'a\0b',
    'a:t\0',
    'a b',
    'a\n',
    'a?x=1',
    'a#x',
    'user@h.example/a',
    'h.example:70000/a',
    'h.example:/a',
    '-h.example/a',
    'h..example/a',
    'a___b',
    'a_',
    '.a',
    'é',
    `h.example/${'r'.repeat(300)}`,
    `${'h'.repeat(300)}.example/a`,
    'https://h.example/a',
  ])('S65: %j is none', (text) => expect(() => parseReference(text)).toThrow(/is no (name of an image|digest)/))

  test.each([
    'a@sha256:abc',
    `a@md5:${'a'.repeat(32)}`,
    `a@sha256:${'A'.repeat(64)}`,
    `a@SHA256:${'a'.repeat(64)}`,
    `a@sha256:${'a'.repeat(63)}/`,
    `a@sha256:${'a'.repeat(128)}`,
    `a@sha512:${'a'.repeat(64)}`,
    `a@${SHA}@${SHA}`,
    `a@${SHA}\n`,
    'a@',
  ])('S64: the digest of %j is refused', (text) => expect(() => parseReference(text)).toThrow(/is no digest/))
})
