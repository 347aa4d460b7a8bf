import { describe, expect, test } from 'vitest'
import { parseDigest } from '#containerizer/images/digest.js'
import type { Descriptor } from '#containerizer/images/manifest.js'
import { choosePlatform, hostPlatform, normalPlatform, type Platform, platformText } from '#containerizer/images/platform.js'

const platform = (text: string): Platform => {
  const [os = '', architecture = '', variant] = text.split('/')
  return { os, architecture, variant }
}

function index(...platforms: string[]): Descriptor[] {
  return platforms.map((text, i) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: parseDigest(`sha256:${String(i).padStart(64, '0')}`),
    size: 1,
    urls: [],
    annotations: text === 'attestation' ? { 'vnd.docker.reference.type': 'attestation-manifest' } : {},
    platform: text === '' ? undefined : text === 'attestation' ? platform('unknown/unknown') : platform(text),
  }))
}

const choice = (wanted: string, ...there: string[]): string | undefined =>
  there[index(...there).findIndex(({ digest }) => digest === choosePlatform(index(...there), platform(wanted)).digest)]

describe('the manifest for a platform (9-063)', () => {
  test.each([
    ['linux/amd64', 'linux/amd64', ['linux/arm64', 'linux/amd64']],
    ['linux/amd64', 'linux/x86_64', ['windows/amd64', 'linux/x86_64']],
    ['linux/amd64', 'linux/amd64/v1', ['linux/amd64/v3', 'linux/amd64/v1']],
    ['linux/amd64/v3', 'linux/amd64/v2', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4']],
    ['linux/amd64', 'linux/386', ['linux/386', 'linux/arm64']],
    ['linux/arm/v7', 'linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7']],
    ['linux/arm/v7', 'linux/arm/v6', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v8']],
    ['linux/arm/v6', 'linux/arm/v5', ['linux/arm/v5', 'linux/arm/v7']],
    ['linux/arm', 'linux/arm/v7', ['linux/arm/v6', 'linux/arm/v7']],
    ['linux/arm/v7', 'linux/arm', ['linux/arm/v6', 'linux/arm']],
    ['linux/arm64', 'linux/arm64/v8', ['linux/arm/v7', 'linux/arm64/v8']],
    ['linux/arm64', 'linux/aarch64', ['linux/aarch64']],
    ['linux/arm64', 'linux/arm/v7', ['linux/amd64', 'linux/arm/v7']],
    ['linux/s390x', 'linux/s390x', ['linux/amd64', 'linux/s390x']],
    ['linux/amd64', '', ['', 'linux/arm64']],
    ['linux/amd64', 'linux/amd64', ['', 'linux/amd64']],
  ])('a host of %s takes %j of %j', (wanted, expected, there) => expect(choice(wanted, ...there)).toBe(expected))

  test('what there is is told when none fits; attestations do not count', () => {
    expect(() => choice('linux/amd64', 'linux/arm64/v8', 'attestation', 'windows/amd64')).toThrow(
      'there is none for linux/amd64; there are: linux/arm64, windows/amd64',
    )
    expect(() => choice('linux/amd64', 'attestation')).toThrow('there are: none')
    expect(() => choice('linux/arm/v6', 'linux/arm/v7')).toThrow('none for linux/arm/v6')
  })

  test('one spelling for each', () => {
    expect(
      ['linux/armhf', 'Linux/AARCH64/v8', 'linux/i686', 'linux/arm/7', 'linux/amd64/v1'].map((text) =>
        platformText(platform(text)),
      ),
    ).toEqual(['linux/arm/v7', 'linux/arm64', 'linux/386', 'linux/arm/v7', 'linux/amd64'])
    expect(normalPlatform(hostPlatform())).toEqual(hostPlatform())
  })
})
