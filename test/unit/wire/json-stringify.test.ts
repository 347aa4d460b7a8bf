import { expect, test } from 'vitest'
import { FrameworkInfo } from '#wire/mesos.js'
import { decode, encode } from '#wire/protobuf.js'

test('a decoded message can be written by JSON.stringify, as logs and traces do', () => {
  const info = decode(FrameworkInfo, encode(FrameworkInfo, { user: 'u', name: 'n', id: { value: 'f' } }))
  expect(JSON.stringify(info)).toBe('{"user":"u","name":"n","id":{"value":"f"}}')
})
