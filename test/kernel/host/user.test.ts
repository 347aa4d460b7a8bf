import { execFileSync } from 'node:child_process'
import { chmod, chown, link, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Container, ContainerPlan, Host } from '#host/host.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host
const identity = { uid: 65533, gid: 65532, groups: [65531, 65530] }

beforeEach(async () => {
  machine = await RealMachine.prepare()
  await chown(machine.sandbox, identity.uid, identity.gid)
  host = await machine.open()
})
afterEach(() => machine.dispose())

async function start(script: string, change: Partial<ContainerPlan['process']> = {}): Promise<Container> {
  const plan = machine.plan('c1', script)
  const container = await host.start({ ...plan, process: { ...plan.process, identity, ...change } })
  container.go()
  return container
}

test('the task is the user it was given, with all of its groups and no others', async () => {
  const container = await start('id -u; id -g; id -G; grep -E "^(Uid|Gid)" /proc/self/status; touch mine')
  expect(await container.ended, await machine.errors()).toMatchObject({ waitStatus: 0 })
  expect(await machine.output()).toBe(
    '65533\n65532\n65532 65530 65531\nUid:\t65533\t65533\t65533\t65533\nGid:\t65532\t65532\t65532\t65532\n',
  )
  for (const name of ['stdout', 'stderr', 'mine']) {
    expect(await stat(join(machine.sandbox, name))).toMatchObject({ uid: identity.uid, gid: identity.gid })
  }
})

test('it has no capability and can look neither into init nor into the supervisor', async () => {
  const container = await start('grep CapEff /proc/self/status; cat /proc/1/environ; readlink /proc/1/exe; kill -9 1; echo done')
  await container.ended
  expect(await machine.output()).toBe('CapEff:\t0000000000000000\ndone\n')
})

test('a working directory that the user may not enter is told', async () => {
  const closed = join(machine.directory, 'closed')
  execFileSync('mkdir', ['-m', '0700', closed])
  const container = await start('true', { workingDirectory: closed })
  expect(await container.ended).toMatchObject({ reason: `could not enter the working directory ${closed}: permission denied` })
})

test('new privileges can be forbidden', async () => {
  const container = await start('grep NoNewPrivs /proc/self/status', { noNewPrivileges: true })
  await container.ended
  expect(await machine.output()).toBe('NoNewPrivs:\t1\n')
})

test('an id that the kernel would read as "unchanged" is refused', async () => {
  const container = await start('id -u', { identity: { uid: 0xffffffff, gid: 0 } })
  expect(await container.ended).toMatchObject({ how: 'failed', reason: expect.stringContaining('4294967295 is not an id') })
})

test.each(['symbolic link', 'hard link', 'fifo', 'directory'])(
  'an output file that was exchanged for a %s is refused (S10, S32)',
  async (kind) => {
    const canary = join(machine.directory, 'canary')
    const trap = join(machine.sandbox, 'stdout')
    await writeFile(canary, 'untouched')
    await chmod(canary, 0o600)
    if (kind === 'symbolic link') await symlink(canary, trap)
    if (kind === 'hard link') await link(canary, trap)
    if (kind === 'fifo') execFileSync('mkfifo', [trap])
    if (kind === 'directory') execFileSync('mkdir', [trap])
    const container = await start('echo written')
    expect(await container.ended).toMatchObject({
      how: 'failed',
      reason: expect.stringContaining(`could not open the output file ${trap}`),
    })
    expect(await readFile(canary, 'utf8')).toBe('untouched')
    expect(await stat(canary)).toMatchObject({ uid: 0 })
  },
)
