import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { masterOperator } from '#sdk/operator.js'
import { CallType } from '#wire/master.js'
import { TaskState } from '#wire/mesos.js'
import { HoldingProxy } from '../support/holding-proxy.js'
import { writeLayout } from '../support/oci-layout.js'
import { smallLayers } from '../support/odd-layers.js'
import { missingPrograms, RealRegistry } from '../support/real-registry.js'
import { LocalCluster } from './cli/local-cluster.js'

const missing = missingPrograms('docker-registry', 'skopeo', 'busybox')
const MEBIBYTE = 1024 ** 2
const patience = { timeout: 60_000, interval: 100 }

describe.skipIf(missing.length > 0)(`tasks with images${missing.length ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
  const cluster = new LocalCluster()
  let directory: string
  let registry: RealRegistry
  let proxy: HoldingProxy

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'meseta-images-'))
    registry = await RealRegistry.start(join(directory, 'registry'))
    proxy = await HoldingProxy.start(registry.address)
    await cluster.start(`--agent-flag=--docker_registries=${JSON.stringify({ [proxy.address]: { insecure: true } })}`)
  })

  afterAll(async () => {
    await cluster.remove()
    await proxy?.stop()
    await registry?.stop()
    if (directory) rmSync(directory, { recursive: true })
  })

  /** An image that nobody has yet, with a text of its own in /says. */
  function image(name: string, config: Parameters<typeof writeLayout>[3] = {}): string {
    const layout = join(directory, `layout-${name}`)
    writeLayout(layout, '1', smallLayers(join(directory, name), name), config)
    registry.push(layout, '1', `${name}:1`)
    return `${proxy.address}/${name}:1`
  }

  const staging = () => readdirSync(join(cluster.directory, 'agent/store/staging'))

  test('a command runs in an image, and again when the registry is away', async () => {
    const name = image('hello')
    const said = { code: 0, stdout: 'I am hello\n', stderr: '' }
    expect(await cluster.run('run', '--image', name, '--', 'cat', '/says')).toMatchObject({ code: 0, stdout: 'I am hello\n' })
    await registry.stop()
    try {
      expect(await cluster.run('run', '--image', name, '--', 'cat', '/says')).toEqual(said)
      const { code, stderr } = await cluster.run('run', '--image', `${proxy.address}/other:1`, '--', 'true')
      expect([code, stderr]).toEqual([125, expect.stringContaining(`${proxy.address}/other`)])
    } finally {
      await registry.begin()
    }
  })

  test('without a command an image runs its own', async () => {
    const config = { Entrypoint: ['/bin/echo', 'from'], Cmd: ['$HOME', 'the image'], Env: ['A=b'], WorkingDir: '/tmp' }
    const name = image('own', config)
    expect((await cluster.run('run', '--image', name)).stdout).toBe('from $HOME the image\n')
    const { stdout } = await cluster.run('run', '--image', name, '-e', 'C=d', '--shell', '--', 'echo $A $C; pwd')
    expect(stdout.split('\n')[0]).toBe('b d')
  })

  test('two tasks that want the same image at once bring it once', async () => {
    const name = image('once')
    proxy.asked.length = 0
    const runs = await Promise.all([1, 2].map(() => cluster.run('run', '--image', name, '--', 'cat', '/says')))
    expect(runs.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, 'I am once\n'],
      [0, 'I am once\n'],
    ])
    expect(proxy.asked.length).toBeGreaterThan(0)
    expect(proxy.asked).toEqual([...new Set(proxy.asked)])
  })

  test('what a task waits for is shown by run, by the agent and in its status', async () => {
    const name = image('slow')
    proxy.holds = true
    const run = cluster.begin('run', '--image', name, '-n', 'slow', '--', 'cat', '/says')
    await vi.waitFor(() => expect(run.stderr).toMatch(/Starting: \w{12} downloading/), patience)
    const master = masterOperator(cluster.master)
    const statuses = async () => {
      const tasks = (await master.call({ type: CallType.GET_TASKS }))?.getTasks?.tasks ?? []
      return tasks.filter((task) => task.name === 'slow').flatMap((task) => task.statuses ?? [])
    }
    await vi.waitFor(async () => {
      expect(await statuses()).toContainEqual(
        expect.objectContaining({
          state: TaskState.TASK_STARTING,
          message: expect.stringMatching(`^Pulling ${name}: .* of 2 layers$`),
        }),
      )
    }, patience)
    await master.close()
    proxy.release()
    expect(await run.ended).toMatchObject({ code: 0, stdout: 'I am slow\n' })
  })

  test('an agent that is killed while an image comes says so, leaves nothing half, and brings it the next time', async () => {
    const name = image('killed')
    proxy.holds = true
    const run = cluster.begin('run', '--image', name, '--', 'cat', '/says')
    await vi.waitFor(() => expect(run.stderr).toMatch(/downloading/), patience)
    for (const pid of await cluster.daemons('agent')) process.kill(pid, 'SIGKILL')
    expect(await run.ended).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('agent restarted before the task was started'),
    })
    expect(staging()).toEqual([])
    expect(
      JSON.parse((await cluster.run('image', 'ls', '--json')).stdout)[0].images.map((it: { name: string }) => it.name),
    ).not.toContain(name)
    proxy.release()
    expect(await cluster.run('run', '--image', name, '--', 'cat', '/says')).toMatchObject({ code: 0, stdout: 'I am killed\n' })
  })

  test('a run that is interrupted while its image comes ends, and the pull with it', async () => {
    const name = image('interrupted')
    proxy.holds = true
    const run = cluster.begin('run', '--image', name, '--', 'cat', '/says')
    await vi.waitFor(() => expect(run.stderr).toMatch(/downloading/), patience)
    run.signal('SIGINT')
    expect((await run.ended).code).not.toBe(0)
    await vi.waitFor(() => expect(staging()).toEqual([]), patience)
    proxy.release()
  })

  test('images are pulled, listed, looked at and removed by hand', async () => {
    const name = image('by-hand', { Cmd: ['/bin/echo'] })
    const pulled = await cluster.run('image', 'pull', name)
    expect([pulled.code, pulled.stdout.split('\n').length]).toEqual([0, 3])
    expect(pulled.stderr).toMatch(/by-hand:1: \w{12} done/)
    const { stdout } = await cluster.run('image', 'ls')
    expect(stdout).toContain(name)
    expect((await cluster.run('image', 'inspect', name)).stdout).toMatch(/Command: +\["\/bin\/echo"\]/)
    expect((await cluster.run('image', 'prune')).stdout).toContain(name)
    expect((await cluster.run('image', 'ls')).stdout).not.toContain(name)
    const gone = await cluster.run('image', 'inspect', name)
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining(`no image "${name}"`)])
    const nowhere = await cluster.run('image', 'pull', `${proxy.address}/never:1`)
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining(`${proxy.address}/never`)])
  })

  test('a pull leaves the host its memory: the agent never has 128 MiB', async () => {
    const root = join(directory, 'large')
    mkdirSync(root)
    for (let i = 0; i < 3; i++) writeFileSync(join(root, `noise-${i}`), randomBytes(48 * MEBIBYTE))
    const layout = join(directory, 'layout-large')
    writeLayout(layout, '1', [root])
    registry.push(layout, '1', 'large:1')
    const [pid] = await cluster.daemons('agent')
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    expect((await cluster.run('image', 'pull', `${proxy.address}/large:1`)).code).toBe(0)
    const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    expect(Number(peak) / 1024).toBeLessThan(128)
  })

  test('what runs is not pruned', async () => {
    const name = image('used')
    const run = await cluster.run('run', '-d', '--image', name, '-n', 'used', '--', 'sleep', '1000')
    expect(run.code).toBe(0)
    expect((await cluster.run('image', 'prune')).stdout).not.toContain(name)
    expect(JSON.parse((await cluster.run('image', 'ls', '--json')).stdout)[0].images).toContainEqual(
      expect.objectContaining({ name, containers: [expect.any(String)] }),
    )
    expect((await cluster.run('kill', run.stdout.trim())).code).toBe(0)
    await vi.waitFor(async () => expect((await cluster.run('image', 'prune')).stdout).toContain(name), patience)
  })
})
