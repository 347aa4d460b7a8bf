import { expect, test, vi } from 'vitest'
import { Space } from '#containerizer/images/store/space.js'

const MIB = 2 ** 20

/** A disk of 10 GiB with so much free; 512 MiB of it must stay so. */
function disk(free: number): { space: Space; fill(to: number): void } {
  let now = free
  const space = new Space('/store', async () => ({ bsize: MIB, blocks: 10 * 1024, bavail: now / MIB }))
  return {
    space,
    fill: (to) => {
      now = to
    },
  }
}

test('what surely does not fit is refused before it comes', async () => {
  const { space } = disk(600 * MIB)
  await space.refuseLack(88 * MIB)
  await expect(space.refuseLack(88 * MIB + 1)).rejects.toThrow(
    `at least ${88 * MIB + 1} bytes are needed in /store, where ${600 * MIB} are free and ${512 * MIB} must stay free; remove images`,
  )
})

test('a layer may grow by a factor that no honest one has, and never beyond the disk (S62)', async () => {
  const { space } = disk(9 * 1024 * MIB)
  expect(await space.mostBytes(1)).toBe(1024 * MIB)
  expect(await space.mostBytes(10 * MIB)).toBe(2560 * MIB)
  const all = 9 * 1024 * MIB - 512 * MIB
  expect(await space.mostBytes(1024 * MIB)).toBe(all)
  expect(await space.mostBytes(undefined)).toBe(all)
})

test('whoever else fills the disk, what must stay free does', async () => {
  const { space, fill } = disk(1024 * MIB)
  const told = vi.fn()
  const written = space.watch(told)
  written(40 * MIB)
  await space.room()
  expect(told).not.toHaveBeenCalled()
  fill(500 * MIB)
  written(50 * MIB)
  await space.room()
  expect(told).not.toHaveBeenCalled()
  written(80 * MIB)
  await vi.waitFor(() => expect(told.mock.calls[0]?.[0].code).toBe('IMAGE_NO_SPACE'))
})
