import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { mkdir, open, readdir, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { type Bundle, bundle } from '../../support/bundle.js'
import { changesIn, sparesIn } from '../../support/spares.js'
import { RootPlace } from '../rootfs/place.js'
import type { AgentOrders } from './agent-process.js'

let program: Bundle
let place: RootPlace

beforeAll(async () => {
  program = await bundle(new URL('./agent-process.ts', import.meta.url))
})
afterAll(() => program.dispose())
beforeEach(async () => {
  place = await RootPlace.prepare()
})
afterEach(() => place.dispose())

const mount = (at: string, options = 'size=1m') => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', at])
const unmount = (at: string) => execFileSync('umount', [at])

const scratch = (): string => place.host.facts.scratchDirectory
const names = () => changesIn(scratch())
const spares = () => sparesIn(scratch())

/** Fills the root of a container with so many files that they are not removed in a moment. */
const FILES = 20_000
const LITTER = `i=0; while [ $i -lt ${FILES} ]; do : > /litter-$i; i=$((i+1)); done`

/** An agent that removes its container as soon as it has ended, and dies: when it was told that it is gone, or so long after it has begun. */
async function agentThatDies(script: string, delay?: number): Promise<void> {
  const { runtimeDir, cgroupsRoot } = place.machine
  const plan = place.plan(script, { root: { directory: place.image, overlay: true } })
  const assets = packagedAssets()
  const orders: AgentOrders = {
    runtimeDir,
    scratchDir: scratch(),
    cgroupsRoot,
    assets,
    start: [{ plan, go: true, destroy: true }],
  }
  const child = spawn(process.execPath, [program.file, JSON.stringify(orders)], {
    env: program.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const moment = delay === undefined ? 'destroyed c1' : 'destroying c1'
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith(moment)) continue
    if (delay !== undefined) await sleep(delay)
    child.kill('SIGKILL')
  }
  await ended
}

/** What the next agent does. */
async function recover(): Promise<readonly string[]> {
  const { containers, leftovers, removal } = await place.host.recover()
  await Promise.all([...containers.map(({ id }) => id), ...leftovers].map((id) => place.host.destroy(id)))
  return removal
}

test('an agent that dies while it removes what a container had changed: the next one removes the rest', async () => {
  await agentThatDies(LITTER)
  expect(await names()).toEqual(['.removed-c1'])
  expect(await recover()).toEqual([])
  expect(await names()).toEqual([])
})

test('an agent that dies at any moment of a removal leaves nothing that the next one does not find', async () => {
  for (let round = 0; round < 16; round++) {
    await agentThatDies('echo x > /file', round / 4)
    expect(await recover()).toEqual([])
    await expect.poll(names).toEqual([])
  }
})

test('what an earlier boot left is removed, and nothing else', async () => {
  const { runtimeDir } = place.machine
  await mkdir(`${runtimeDir}/00000000-0000-4000-8000-000000000000/c1/upper`, { recursive: true })
  await mkdir(`${runtimeDir}/not-a-boot`)
  expect(await recover()).toEqual([])
  expect((await readdir(runtimeDir)).sort()).toEqual([place.host.facts.bootId, 'not-a-boot'].sort())
})

test('changes to roots that belong to no container any more are leftovers', async () => {
  await mkdir(join(scratch(), 'c1', 'upper'), { recursive: true })
  expect((await place.host.recover()).leftovers).toEqual(['c1'])
  await place.host.destroy('c1')
  await expect.poll(names).toEqual([])
})

test('a mount in the way holds up neither an agent nor what else there is to remove, and is told', async () => {
  for (const name of ['.removed-c1', '.removed-c2', '.removed-c3'])
    await mkdir(join(scratch(), name, 'upper', 'mnt'), { recursive: true })
  const busy = join(scratch(), '.removed-c2', 'upper', 'mnt')
  mount(busy)
  try {
    expect(await recover()).toEqual([expect.stringMatching(/^could not remove .*\/\.removed-c2: .*busy/)])
    expect(await names()).toEqual(['.removed-c2'])
  } finally {
    unmount(busy)
  }
  expect(await recover()).toEqual([])
  expect(await names()).toEqual([])
})

test('nor does one below the changes of a container that ends: it is put aside, and the next agent tries again', async () => {
  const container = await place.start('sleep 1000', { root: { directory: place.image, overlay: true } })
  await container.started
  // Others can mount there as long as the container's own mount does not cover it.
  const busy = join(scratch(), 'c1', 'busy')
  await mkdir(busy)
  mount(busy)
  await place.host.destroy('c1')
  await expect.poll(names).toEqual(['.removed-c1'])
  unmount(join(scratch(), '.removed-c1', 'busy'))
  expect(await recover()).toEqual([])
  expect(await names()).toEqual([])
})

test('a container that has filled the disk to the last byte and name is removed, and its room is free again', async () => {
  mount(scratch(), 'size=4m,nr_inodes=200')
  try {
    const fill =
      'i=0; while echo x > /file-$i; do i=$((i+1)); done 2>/dev/null; dd if=/dev/zero of=/file-0 bs=64k 2>/dev/null; sleep 1000'
    await place.start(fill, { root: { directory: place.image, overlay: true } })
    await expect.poll(async () => (await statfs(scratch())).bavail, { timeout: 30_000 }).toBe(0)
    expect((await statfs(scratch())).ffree).toBe(0)
    await expect(writeFile(join(scratch(), 'one-more'), 'x')).rejects.toThrow(/ENOSPC/)
    await place.host.destroy('c1')
    await expect.poll(names).toEqual([])
    expect((await statfs(scratch())).bavail).toBe((await statfs(scratch())).blocks)
  } finally {
    unmount(scratch())
  }
})

test('the next container gets the directory of one that is gone, but nothing that it wrote, and nobody who still holds a file of it', async () => {
  const overlay = { root: { directory: place.image, overlay: true } }
  const first = await place.start('echo x > /file; chmod 1777 /; echo done; sleep 1000', overlay)
  const { taskPid } = await first.started
  await expect.poll(() => place.machine.output()).toContain('done')
  const { ino } = await stat(join(scratch(), 'c1'))
  // As a task of another container may, that got it through a socket in a volume.
  const held = await open(`/proc/${taskPid}/root`, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await place.host.destroy('c1')
    await expect.poll(spares).toHaveLength(1)
    const second = await place.start('ls -A /; stat -c %a /; echo; echo seen; sleep 1000', overlay, 'c2')
    await second.started
    expect((await stat(join(scratch(), 'c2'))).ino).toBe(ino)
    await expect.poll(() => place.machine.output()).toMatch(/\n755\n\nseen\n$/)
    expect(await place.machine.output()).not.toMatch(/^file$/m)
    await expect(writeFile(`/proc/self/fd/${held.fd}/planted`, 'x')).rejects.toThrow()
    expect(await readdir(join(scratch(), 'c2', 'upper'))).not.toContain('planted')
  } finally {
    await held.close()
    await place.host.destroy('c2')
  }
})

test('what is kept for the next container goes with the agent, or with the start of the next one', async () => {
  const all = () => readdir(scratch())
  await place.finish('echo x > /file', { root: { directory: place.image, overlay: true } })
  await expect.poll(spares).toHaveLength(1)
  await place.host.close()
  expect(await all()).toEqual([])
  await mkdir(join(scratch(), '.spare-1-0', 'upper'), { recursive: true })
  const next = await place.machine.open()
  expect(await (await next.recover()).removal).toEqual([])
  await expect.poll(all).toEqual([])
})
