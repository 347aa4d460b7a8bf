/** An agent that is itself in a container: what it sees as the whole v2 tree is a part of it, and it stands in its root (docs/design/cgroups.md). */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { CgroupWorld } from '#wire/native.js'
import { type Bundle, bundle } from '../../support/bundle.js'
import type { AgentOrders } from '../host/agent-process.js'
import { Room } from './room.js'

let room: Room
let program: Bundle
beforeAll(async () => {
  program = await bundle(new URL('../host/agent-process.ts', import.meta.url))
})
afterAll(() => program.dispose())
beforeEach(async () => {
  room = await Room.open()
})
afterEach(() => room.close())

test('it steps aside, so that controllers can be handed down to its containers', async ({ skip }) => {
  if (room.host.facts.cgroups.world !== CgroupWorld.CGROUP_V2) skip('no pure cgroup v2 on this machine')
  const { cgroupsRoot, runtimeDir } = room.machine
  // Whoever contains it has given it the controllers.
  await room.start('true', { controllers: ['memory', 'pids'] })
  const root = dirname(dirname(room.view().directory('memory')))
  const part = join(root, `${cgroupsRoot}-part`)
  await mkdir(part)
  const { cgroups: _, ...rest } = room.machine.plan('inner', 'sleep 1000')
  const cgroups = { path: `${cgroupsRoot}/inner`, controllers: ['memory', 'pids', 'freezer'] }
  const orders: AgentOrders = {
    runtimeDir,
    cgroupsRoot,
    assets: packagedAssets(),
    start: [{ plan: { ...rest, cgroups }, go: true }],
  }
  const contained = `umount -l ${root} && mount -t cgroup2 none ${root} && exec "$0" "$@"`
  const script = `echo $$ > ${part}/cgroup.procs; exec unshare --cgroup --mount sh -c '${contained}' "$@"`
  const argv = ['-c', script, 'sh', process.execPath, program.file, JSON.stringify(orders)]
  const agent = spawn('sh', argv, { env: program.env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  createInterface(agent.stdout).on('line', (line) => lines.push(line))
  const read = async (file: string) => (await readFile(join(part, file), 'utf8')).trim()
  try {
    await expect.poll(() => lines.at(-1), { timeout: 60_000 }).toMatch(/^running inner \d+$/)
    expect((await read('agent/cgroup.procs')).split('\n')).toContain(String(agent.pid))
    expect(await read('cgroup.procs')).toBe('')
    expect((await read(`${cgroupsRoot}/inner/cgroup.procs`)).split('\n')).toContain(lines.at(-1)?.split(' ')[2])
    expect((await read(`${cgroupsRoot}/inner/cgroup.controllers`)).split(' ')).toEqual(expect.arrayContaining(['memory', 'pids']))
  } finally {
    await writeFile(join(part, 'cgroup.kill'), '1')
    await expect.poll(() => read('cgroup.events')).toContain('populated 0')
    for (const one of [`${cgroupsRoot}/inner`, cgroupsRoot, 'agent', '']) await rmdir(join(part, one)).catch(() => undefined)
  }
  expect(existsSync(part)).toBe(false)
})
