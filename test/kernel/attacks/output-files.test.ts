import { lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { missingCompiler } from '../security/programs.js'
import { Arena } from './arena.js'

const missing = missingCompiler()
const ROUNDS = 500

describe.skipIf(missing)(`attacks on files that the agent writes${missing ? ` (${missing})` : ''}`, () => {
  let arena: Arena
  beforeAll(async () => {
    arena = await Arena.open()
  })
  afterAll(() => arena.close())
  afterEach(() => arena.canaryIsUnchanged())

  test('S10 (CVE-2026-6959) a task that replaces its output by links writes into its own file only', async () => {
    const { place, canary } = arena
    const config = place.config(
      `rm stdout stderr; ln -s ${canary} stdout; ln -s ${canary} stderr; echo lost; echo lost >&2; sleep 1000`,
    )
    await place.start(config)
    await expect.poll(async () => (await lstat(join(config.sandbox, 'stderr'))).isSymbolicLink()).toBe(true)
    // An agent that comes back takes the container over without touching what stands there now.
    await place.restart([config])
    await place.containerizer.kill(config.id)
    await place.containerizer.destroy(config.id)
  })

  test('S10 a link that waits where output shall go is refused', async () => {
    const { place, canary } = arena
    for (const name of ['stdout', 'stderr']) {
      const config = place.config('echo owned')
      await mkdir(config.sandbox, { recursive: true })
      await symlink(canary, join(config.sandbox, name))
      await place.start(config)
      expect((await place.containerizer.wait(config.id)).message).toMatch(/could not open the output file .*: /)
      await place.containerizer.destroy(config.id)
    }
  })

  test(`S10 a neighbour who exchanges output and link all the time gets nothing written, in ${ROUNDS} starts`, async () => {
    const { place, attacker, canary } = arena
    const sandbox = join(place.directory, 'shared')
    await mkdir(sandbox)
    await writeFile(join(sandbox, 'stdout'), '')
    await symlink(canary, join(sandbox, 'trap'))
    const racer = place.config(`exec ${attacker} exchange ${sandbox}/stdout ${sandbox}/trap`)
    await place.start(racer)
    let refused = 0
    for (let round = 0; round < ROUNDS; round++) {
      const config = place.config('echo owned', { sandbox })
      await place.start(config)
      const { message } = await place.containerizer.wait(config.id)
      if (message !== undefined) expect(message).toContain('could not open the output file')
      refused += message === undefined ? 0 : 1
      await place.containerizer.destroy(config.id)
    }
    await place.containerizer.destroy(racer.id)
    // Both happened, else there was no race.
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(ROUNDS)
    expect(await readFile(canary, 'utf8')).not.toContain('owned')
  }, 300_000)
})
