import { expect, test } from 'vitest'
import { formatBytes, parseBytes } from '#base/bytes.js'
import { formatDuration, parseDuration } from '#base/duration.js'

test.each([
  ['10secs', 10_000],
  ['1.5hrs', 5_400_000],
  ['100ms', 100],
  ['0ns', 0],
  ['2weeks', 1_209_600_000],
  ['10', undefined],
  ['10 secs', undefined],
  ['-1secs', undefined],
  ['1fortnights', undefined],
  ['99999999weeks', undefined],
])('duration %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

test.each(['10secs', '1mins', '6hrs', '1weeks', '100ms', '15us', '0ns', '90secs'])('%s survives the round trip', (text) => {
  expect(formatDuration(parseDuration(text)!)).toBe(text)
})

test.each([
  ['4KB', 4096],
  ['0B', 0],
  ['2GB', 2 ** 31],
  ['1.5GB', undefined],
  ['1kb', undefined],
  ['99999999TB', undefined],
])('size %s', (text, bytes) => expect(parseBytes(text)).toBe(bytes))

test.each(['4KB', '0B', '2GB', '1TB', '1023B'])('%s survives the round trip', (text) =>
  expect(formatBytes(parseBytes(text)!)).toBe(text),
)
