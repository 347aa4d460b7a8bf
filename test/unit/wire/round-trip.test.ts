import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromJson, toJson } from '#wire/json.js'
import { type MessageType, message } from '#wire/message.js'
import { decode, encode } from '#wire/protobuf.js'
import { arbitraryMessage, type Data, messageTypes, plain } from '../../support/arbitrary-message.js'

const types = ['mesos.v1', 'meseta.internal.v1', 'meseta.native.v1'].flatMap(messageTypes)
const named = types.map((type) => [type.fullName.slice(1), type] as const)

test('there are all the messages', () => expect(types.length).toBeGreaterThan(350))

describe.each(named)('%s', { timeout: 60_000 }, (name, reflected) => {
  const type: MessageType<Data> = message(name)
  const runs = { numRuns: 10 }

  test('protobuf gives back what was written', () => {
    fc.assert(
      fc.property(arbitraryMessage(reflected), (value) => {
        expect(plain(decode(type, encode(type, value)))).toEqual(plain(value))
      }),
      runs,
    )
  })

  test('JSON gives back what was written, defaults made explicit', () => {
    fc.assert(
      fc.property(arbitraryMessage(reflected), (value) => {
        const text = toJson(type, value)
        const read = fromJson(type, text)
        expect(plain(read)).toMatchObject(plain(value) as object)
        expect(toJson(type, read)).toBe(text)
        // Two ways to the same text: what was read may be passed on in the other form.
        expect(toJson(type, decode(type, encode(type, read)))).toBe(text)
      }),
      runs,
    )
  })
})
