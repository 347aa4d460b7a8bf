import { expect, test } from 'vitest'
import { stopSignal } from '#containerizer/images/stop-signal.js'

test.each([
  ['SIGQUIT', 3],
  ['quit', 3],
  ['9', 9],
  ['SIGRTMIN+3', 37],
  ['RTMIN', 34],
  ['SIGRTMAX-1', 63],
  [undefined, 15],
  ['', 15],
  ['SIGNONE', 15],
  ['0', 15],
  ['65', 15],
  ['SIGRTMAX+1', 15],
])('%s is %i', (text, number) => expect(stopSignal(text)).toBe(number))
