import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerPlan, Host } from '#host/host.js'
import type { RealMachine } from '../../support/real-machine.js'
import { RootPlace, SANDBOX } from './place.js'

let place: RootPlace
let machine: RealMachine
let host: Host
let rootfs: string

beforeEach(async () => {
  place = await RootPlace.prepare()
  machine = place.machine
  host = place.host
  rootfs = place.image
})
afterEach(() => place.dispose())

const finish = (script: string, change: Partial<ContainerPlan> = {}) => place.finish(script, change)
const failure = (change: Partial<ContainerPlan>) => place.failure(change)

test('the image is all there is: its files, a minimal /dev, /proc, /sys, and the sandbox', async () => {
  const out = await finish('ls /; cat /image-file; pwd; ls /dev; echo here > in-sandbox; ls /proc/self/fd | wc -l')
  expect(out).toBe(
    `bin\ndev\nimage-file\nmnt\nproc\nsys\nfrom the image\n${SANDBOX}\n` +
      'fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n4\n',
  )
  expect(await readFile(join(machine.sandbox, 'in-sandbox'), 'utf8')).toBe('here\n')
  expect((await readFile('/proc/self/mountinfo', 'utf8')).includes(machine.directory)).toBe(false)
})

test('with an overlay the image stays as it was, and the changes go with the container', async () => {
  const out = await finish('echo changed > /image-file; cat /image-file; touch /new', {
    root: { directory: rootfs, overlay: true },
  })
  expect(out).toBe('changed\n')
  expect(await readFile(join(rootfs, 'image-file'), 'utf8')).toBe('from the image\n')
  expect((await readdir(rootfs)).sort()).toEqual(['bin', 'image-file'])
  expect(await readdir(host.facts.runtimeDirectory)).toEqual([])
})

test('a read-only root takes no writes, its volumes do', async () => {
  const out = await finish('touch /x 2>&1; touch y && echo sandbox', {
    root: { directory: rootfs, overlay: true, readOnly: true },
  })
  expect(out).toContain('Read-only file system')
  expect(out).toContain('sandbox')
})

test('masked paths are empty, protected paths take no writes (S23, S38, S52)', async () => {
  const out = await finish(
    'head -c1 /proc/kcore | wc -c; ls /sys/firmware | wc -l; cat /proc/keys | wc -c; for f in /proc/sys/kernel/core_pattern /proc/bus/x /sys/kernel/uevent_helper /sys/kernel/profiling; do (echo x > $f) && echo written $f; done; true',
  )
  expect(out).toBe('0\n0\n0\n')
  expect(await machine.errors()).toContain("can't create /proc/sys/kernel/core_pattern: Read-only file system")
})

test.each(['proc', 'sys', 'dev'])('an image whose /%s is a symbolic link is refused (S17 to S19)', async (name) => {
  const canary = join(machine.directory, 'canary')
  await mkdir(canary)
  await symlink('../canary', join(rootfs, name))
  expect(await failure({})).toContain(`could not mount /${name}`)
  expect(await readdir(canary)).toEqual([])
})

test('a volume whose target goes through a link of the image stays inside the image (S20, S22)', async () => {
  const canary = join(machine.directory, 'canary')
  const data = join(machine.directory, 'data')
  await mkdir(canary)
  await mkdir(data)
  await writeFile(join(data, 'file'), 'volume\n')
  await symlink('/../../../../../../../../../../../..', join(rootfs, 'up'))
  await symlink(canary, join(rootfs, 'away'))
  const out = await finish('cat /up/deep/er/file', {
    mounts: [
      { source: machine.sandbox, target: SANDBOX },
      { source: data, target: '/up/deep/er' },
    ],
  })
  expect(out).toBe('volume\n')
  expect((await stat(join(rootfs, 'deep/er'))).isDirectory()).toBe(true)
  expect(await failure({ mounts: [{ source: data, target: '/away/x' }] })).toContain('could not mount volume /away/x')
  expect(await readdir(canary)).toEqual([])
})

test('volumes: files, read-only, tmpfs, and sources that may not leave their directory', async () => {
  const file = join(machine.directory, 'file')
  await writeFile(file, 'one file\n')
  const sandbox = { source: machine.sandbox, target: SANDBOX }
  const mounts = [
    sandbox,
    { source: file, target: '/etc/conf', readOnly: true },
    { target: '/scratch', tmpfs: { sizeBytes: 1n << 20n, mode: 0o700 } },
    { source: machine.sandbox, target: '/ro', readOnly: true },
  ]
  const out = await finish(
    'cat /etc/conf; touch /scratch/x && echo scratch; touch /ro/x || echo protected; echo y > /etc/conf || echo kept',
    { mounts },
  )
  expect(out).toBe('one file\nscratch\nprotected\nkept\n')

  await symlink('/etc', join(machine.sandbox, 'link'))
  const leaves = { source: join(machine.sandbox, 'link'), sourceWithin: machine.sandbox, target: '/volume' }
  expect(await failure({ mounts: [sandbox, leaves] })).toContain('could not mount volume')
  expect(await failure({ mounts: [{ source: '/no/such/source', target: '/volume' }] })).toBe(
    'could not mount volume /no/such/source: no such file or directory',
  )
})

test('the launcher cannot be reached or changed from inside (S1)', async () => {
  const out = await finish(
    'for p in 1 self; do (echo x > /proc/$p/exe) 2>/dev/null && echo written; done; cat /proc/1/exe > copy 2>/dev/null; true',
  )
  expect(out).not.toContain('written')
})

test('a missing image is told', async () => {
  await rm(rootfs, { recursive: true })
  expect(await failure({})).toBe(`could not mount root ${rootfs}: no such file or directory`)
})
