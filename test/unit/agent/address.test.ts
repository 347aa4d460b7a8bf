import { isIP } from 'node:net'
import { expect, test } from 'vitest'
import { addressOf, hostnameOf, urlOf } from '#agent/address.js'

test('an agent is known by what it listens on, by what it is told to say, or by an address of this machine', () => {
  expect(addressOf({ ip: '10.1.2.3', advertiseIp: undefined })).toBe('10.1.2.3')
  expect(addressOf({ ip: '0.0.0.0', advertiseIp: '10.1.2.3' })).toBe('10.1.2.3')
  const found = addressOf({ ip: '0.0.0.0', advertiseIp: undefined })
  expect(isIP(found)).toBe(4)
  expect(found).not.toBe('0.0.0.0')
})

test('without looking names up the address is the name', async () => {
  expect(await hostnameOf({ ip: '127.0.0.1', advertiseIp: undefined, hostnameLookup: false })).toBe('127.0.0.1')
  expect(urlOf('::1', 5051)).toBe('http://[::1]:5051')
})
