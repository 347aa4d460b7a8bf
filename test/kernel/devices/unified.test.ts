import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Container, ContainerPlan, Host } from '#host/host.js'
import { CgroupWorld, type DeviceRule } from '#wire/native.js'
import { RealMachine } from '../../support/real-machine.js'

/** The v2 tree, wherever this host has it; a device program works in it whatever controllers it carries. */
const tree = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) => existsSync(join(path, 'cgroup.controllers')))
const cgroups = { world: CgroupWorld.CGROUP_V2, hierarchies: [{ mountPoint: tree ?? '', controllers: ['devices', 'freezer'] }] }

/** The virtual machine has none; then what is attached is told by what it does only. */
const compiler = spawnSync('gcc', ['--version']).status === 0

let machine: RealMachine
let host: Host
let lister: string

beforeAll(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open({ cgroups })
  lister = join(machine.directory, 'attached-programs')
  if (compiler) execFileSync('gcc', ['-O1', '-o', lister, join(import.meta.dirname, 'attached-programs.c')])
})
afterAll(() => machine?.dispose())

const allow = (kind: 'b' | 'c', major: number | undefined, minor: number | undefined, access: string): DeviceRule => ({
  allow: true,
  kind,
  major,
  minor,
  access,
})
const nodes = [allow('b', undefined, undefined, 'm'), allow('c', undefined, undefined, 'm')]
const nullDevice = allow('c', 1, 3, 'rwm')
const kernelLog = allow('c', 1, 11, 'r')

/** Nodes of its own making, so that nothing but the program stands between the task and the device. */
const MAKE = 'mknod disk b 8 0; mknod virtual b 254 0; mknod log c 1 11; mknod void c 1 3'
const TRY = 'for node in disk virtual log void; do if true <$node; then echo $node opens; else echo $node is refused; fi; done'

const plan = (id: string, script: string, rules: DeviceRule[]): ContainerPlan => ({
  ...machine.plan(id, script),
  cgroups: {
    path: `${machine.cgroupsRoot}/${id}`,
    controllers: ['devices', 'freezer'],
    settings: { devices: { rules } },
  },
})

async function start(id: string, script: string, rules: DeviceRule[]): Promise<Container> {
  const container = await host.start(plan(id, script, rules))
  container.go()
  return container
}

const attached = (id: string): string[] =>
  execFileSync(lister, [join(tree!, machine.cgroupsRoot, id)], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)

const clean = 'rm -f disk virtual log void; exec 2>errors; '

test('a task with CAP_MKNOD makes nodes of disks and cannot open them (S37, T139)', async ({ skip }) => {
  if (!tree) skip('no cgroup v2 tree is mounted')
  const container = await start('made', `${clean}${MAKE}; ${TRY}; rm disk virtual log void`, [...nodes, nullDevice])
  expect((await container.ended).how).toBe('exited')
  expect((await machine.output()).split('\n')).toEqual([
    'disk is refused',
    'virtual is refused',
    'log is refused',
    'void opens',
    '',
  ])
  await host.destroy('made')
})

test('an update replaces the one program, also by an agent that came back (rows 6-059, 9-055)', async ({ skip }) => {
  if (!tree) skip('no cgroup v2 tree is mounted')
  // Each line that the test writes into the pipe is one round.
  const script = `${clean}mkfifo rounds; ${MAKE}; while :; do read -r round <rounds || continue; echo "$round"; ${TRY}; done`
  const container = await start('updated', script, [...nodes, nullDevice])
  await container.started
  const round = async (name: string): Promise<string[]> => {
    await expect.poll(() => existsSync(join(machine.sandbox, 'rounds'))).toBe(true)
    execFileSync('sh', ['-c', `echo ${name} >rounds`], { cwd: machine.sandbox, timeout: 10_000 })
    const lines = async () => (await machine.output()).split(`${name}\n`)[1]?.split('\n').slice(0, -1) ?? []
    await expect.poll(async () => (await lines()).length).toBe(4)
    return lines()
  }
  expect(await round('first')).toEqual(['disk is refused', 'virtual is refused', 'log is refused', 'void opens'])
  if (compiler) expect(attached('updated')).toEqual(['meseta_devices'])

  await container.update({ devices: { rules: [...nodes, nullDevice, kernelLog] } })
  expect(await round('second')).toEqual(['disk is refused', 'virtual is refused', 'log opens', 'void opens'])
  if (compiler) expect(attached('updated')).toEqual(['meseta_devices'])

  await machine.crash()
  expect(await round('alone')).toEqual(['disk is refused', 'virtual is refused', 'log opens', 'void opens'])
  host = await machine.open({ cgroups })
  const { containers } = await host.recover()
  await containers[0]!.update({ devices: { rules: [...nodes, { ...nullDevice, access: 'm' }] } })
  expect(await round('third')).toEqual(['disk is refused', 'virtual is refused', 'log is refused', 'void is refused'])
  if (compiler) expect(attached('updated')).toEqual(['meseta_devices'])
  await host.destroy('updated')
})

test('rules that the kernel cannot keep end the start with a sentence', async () => {
  const wrong = await start('wrong', 'true', [{ allow: true, kind: 'c', major: 1, minor: 3, access: 'x' }])
  await expect(wrong.started).rejects.toThrow("could not use the device rule: 'x' is none of r, w and m")
  await host.destroy('wrong')
})
