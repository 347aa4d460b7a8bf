import { expect, test } from 'vitest'
import { chooseRootBackend, rootOf } from '#containerizer/root-backend.js'
import { hybrid, rootAt } from './fixture.js'

const without = { ...hybrid, overlay: false }

test('overlay where the host can, copies and a word about them where it cannot (row 6-081)', () => {
  expect(chooseRootBackend(undefined, hybrid)).toEqual({ backend: 'overlay', missing: [] })
  const { backend, missing } = chooseRootBackend(undefined, without)
  expect(backend).toBe('copy')
  expect(missing).toEqual([expect.stringContaining('gets a copy of it')])
})

test('what was named is taken, and must be possible', () => {
  expect(chooseRootBackend('bind', hybrid)).toEqual({ backend: 'bind', missing: [] })
  expect(chooseRootBackend('copy', without)).toEqual({ backend: 'copy', missing: [] })
  expect(() => chooseRootBackend('overlay', without)).toThrow(/--image_provisioner_backend=overlay/)
})

test('an image that containers share is never written to', () => {
  expect(rootOf(rootAt('/i'), 'bind')).toEqual({ directory: '/i', readOnly: true })
  expect(rootOf(rootAt('/i'), 'copy')).toEqual({ directory: '/i', copy: true })
})
