import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { missingCompiler } from '../security/programs.js'
import { Arena } from './arena.js'

const missing = missingCompiler()

describe.skipIf(missing)(`attacks through the sandbox${missing ? ` (${missing})` : ''}`, () => {
  let arena: Arena
  beforeAll(async () => {
    arena = await Arena.open()
  })
  afterAll(() => arena.close())
  afterEach(() => arena.canaryIsUnchanged())

  test.each([
    ['with an image', true],
    ['without one', false],
  ])('S9 (MESOS-9610) %s: nothing lies there that the agent or a helper of its reads again', async (_, image) => {
    const { place, canary } = arena
    // What is there before the task has done anything, then all of it gone, then traps in its place.
    const script = [
      'ls -A',
      'for f in $(ls -A); do rm -rf $f; done',
      `for f in stdout stderr stdin config.json .config containers tmp; do ln -s ${canary} $f; done`,
      'echo rewritten',
      'sleep 1000',
    ].join('; ')
    const config = place.config(script, image ? { container: arena.image() } : {})
    const stdout = join(config.sandbox, 'stdout')
    await place.start(config)
    // Its output still goes to the file that the task has unlinked.
    await expect.poll(() => readFile(stdout, 'utf8')).toBe('unchanged\n')
    const { containerizer } = place
    expect(await containerizer.status(config.id)).toMatchObject({ containerId: { value: config.id } })
    await containerizer.update(config.id, { ...config.resources, cpus: 0.2 })
    await containerizer.usage(config.id)
    expect((await place.restart([config])).live).toEqual([config.id])
    await place.containerizer.destroy(config.id)
  })

  test('S9 what lies there at the beginning is output alone', async () => {
    expect(await arena.outside('ls -A')).toBe('stderr\nstdout\n')
    expect(await arena.inside('busybox ls -A')).toBe('stderr\nstdout\n')
  })
})
