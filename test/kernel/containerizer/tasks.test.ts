import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCode, Workplace } from './workplace.js'

let place: Workplace
beforeAll(async () => {
  place = await Workplace.open()
})
afterAll(() => place.close())

describe('how a task ended is told truthfully (row 1-043)', () => {
  test.each([0, 1, 3, 127, 255])('exit code %i', async (code) => {
    expect((await place.run(`exit ${code}`)).termination).toEqual({ waitStatus: code << 8 })
  })

  test.each([9, 15, 1])('ended by signal %i', async (signal) => {
    expect((await place.run(`kill -${signal} $$`)).termination).toEqual({ waitStatus: signal })
  })

  test('a crash is a crash', async () => {
    const { waitStatus = 0 } = (await place.run('ulimit -c 0; kill -SEGV $$')).termination
    expect(waitStatus & 0x7f).toBe(11)
  })

  test('a command that is not there fails the start with its name', async () => {
    const { termination } = await place.run({ shell: false, value: '/not/there' })
    expect(termination.message).toMatch(/^Failed to launch container: could not .*\/not\/there: no such file or directory/i)
    expect(termination.waitStatus).toBeUndefined()
  })
})

describe('what a task finds', () => {
  test('its sandbox is its working directory, and takes its output', async () => {
    const outcome = await place.run('pwd; echo bad >&2')
    expect(outcome.stdout).toMatch(/^\/tmp\/.*\/sandboxes\/c\d+\n$/)
    expect(outcome.stderr).toBe('bad\n')
  })

  test('its environment and nothing of ours', async () => {
    const { stdout } = await place.run(
      { shell: false, value: 'env', environment: { variables: [{ name: 'MINE', value: 'a b' }] } },
      { environment: { MESOS_EXECUTOR_ID: 'x' } },
    )
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names.sort()).toEqual(['MESOS_EXECUTOR_ID', 'MESOS_SANDBOX', 'MINE', 'PATH'])
    expect(stdout).toContain('MINE=a b\n')
  })

  test('argv as it was given', async () => {
    const { stdout } = await place.run({ shell: false, value: 'printf', arguments: ['printf', '%s|', 'a b', '$HOME', ''] })
    expect(stdout).toBe('a b|$HOME||')
  })

  test('three open files and no more (S3)', async () => {
    const { stdout } = await place.run({ shell: false, value: 'ls', arguments: ['ls', '/proc/self/fd'] })
    expect(stdout.trim().split('\n')).toEqual(['0', '1', '2', '3']) // 3 is the directory that ls reads
  })

  test('signals as a shell would have them: nothing ignored, nothing blocked', async () => {
    const { stdout } = await place.run({ shell: false, value: 'grep', arguments: ['grep', 'Sig[BI]', '/proc/self/status'] })
    expect(stdout).toMatch(/SigBlk:\s+0{16}\nSigIgn:\s+0{16}/)
  })
})

describe('users (row 5-026)', () => {
  test('the task has uid, gid and groups of its user, and owns sandbox and output', async () => {
    const config = place.config('id -u; id -g; id -G; touch mine', { user: 'nobody' })
    await place.start(config)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 0 })
    const output = await place.output(config)
    await place.containerizer.destroy(config.id)
    expect(output.split('\n').slice(0, 3)).toEqual(['65534', '65534', '65534'])
    for (const file of ['', 'stdout', 'stderr', 'mine']) expect((await stat(join(config.sandbox, file))).uid).toBe(65534)
  })

  test('a user that does not exist fails the launch', async () => {
    await expect(place.run('true', { user: 'no-such-user' })).rejects.toThrow(/user "no-such-user" does not exist/)
  })

  test.each(['2147483648', '-1', '4294967296:0', 'root ', '0x0', ''])('%j is no user (S8)', async (user) => {
    await expect(place.run('true', { user })).rejects.toThrow(/does not exist/)
  })
})

test('twenty at once, each with its own end', async () => {
  const codes = Array.from({ length: 20 }, (_, code) => code)
  const outcomes = await Promise.all(codes.map((code) => place.run(`echo ${code}; exit ${code}`)))
  expect(outcomes.map(exitCode)).toEqual(codes)
  expect(outcomes.map((outcome) => outcome.stdout)).toEqual(codes.map((code) => `${code}\n`))
})
