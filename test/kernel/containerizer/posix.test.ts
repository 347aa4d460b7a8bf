import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { type Bundle, bundle } from '../../support/bundle.js'
import { Workplace } from './workplace.js'

const NOBODY = 65534

describe('an agent without root (row 6-007)', () => {
  let program: Bundle
  let said: Record<string, never>
  beforeAll(async () => {
    program = await bundle(new URL('./unprivileged-program.ts', import.meta.url))
    await chmod(dirname(program.file), 0o755)
    const { addon, launcher } = packagedAssets()
    const identity = { uid: NOBODY, gid: NOBODY, env: program.env, cwd: '/tmp' }
    const { stdout } = await promisify(execFile)('node', [program.file, addon, launcher], identity)
    said = JSON.parse(stdout)
  })
  afterAll(() => program.dispose())

  test('falls back to the posix launcher and says what is missing', () => {
    expect(said.facts).toMatchObject({
      launcher: 'posix',
      isolation: ['filesystem/posix', 'posix/cpu', 'posix/mem', 'posix/rlimits', 'network/host'],
    })
    expect(JSON.stringify(said.facts)).toMatch(/without root every task runs as nobody/)
  })

  test('runs tasks as itself and tells their end', () => {
    expect(said.stdout).toBe(`${NOBODY}\n`)
    expect(said.exited).toEqual({ waitStatus: 3 << 8 })
  })

  test('measures what they use, and kills all of them', () => {
    expect(said.measured).toBe(true)
    expect(said.killed).toEqual({ waitStatus: 9 })
  })

  test('refuses another user in a sentence', () => {
    expect(said.refused).toBe(
      'Failed to launch container: the task asks for user root, but the agent runs as nobody and cannot switch; ' +
        'start it as root or with --no-switch_user',
    )
  })
})

describe('--launcher=posix with root', () => {
  let place: Workplace
  beforeAll(async () => {
    place = await Workplace.open('--launcher=posix')
  })
  afterAll(() => place.close())

  test('users are switched all the same', async () => {
    expect((await place.run('id -u', { user: 'nobody' })).stdout).toBe(`${NOBODY}\n`)
  })

  test('kill reaches the whole tree', async () => {
    const config = place.config('(sleep 1000; true) & sleep 1000')
    await place.start(config)
    await place.containerizer.kill(config.id)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 9 })
  })
})
