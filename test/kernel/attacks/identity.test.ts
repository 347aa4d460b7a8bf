import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ContainerInfoType } from '#wire/mesos.js'
import { missingCompiler } from '../security/programs.js'
import { Arena, capabilities } from './arena.js'

const missing = missingCompiler()

describe.skipIf(missing)(`attacks on who a task is${missing ? ` (${missing})` : ''}`, () => {
  let arena: Arena
  let strict: Arena
  beforeAll(async () => {
    arena = await Arena.open()
    strict = await Arena.open('--task_security=strict')
    for (const { root } of [arena, strict]) {
      const program = join(root, 'bin/setuid')
      await copyFile(join(root, 'bin/attacker'), program)
      await chmod(program, 0o4755)
    }
  })
  afterAll(async () => {
    await arena.close()
    await strict.close()
  })

  const sets = (text: string) =>
    Object.fromEntries([...text.matchAll(/^(Cap\w+):\s*(\w+)$/gm)].map(([, name, value]) => [name, BigInt(`0x${value}`)]))

  test('S5, S6 nothing is inheritable or ambient but what somebody asked for, and then for others than root only', async () => {
    const look = 'grep ^Cap /proc/self/status'
    for (const user of ['root', 'daemon']) {
      expect(sets(await arena.inside(look, { user }))).toMatchObject({ CapInh: 0n, CapAmb: 0n })
      expect(sets(await arena.outside(look, { user }))).toMatchObject({ CapInh: 0n, CapAmb: 0n })
    }
    const wanted = 1n << 13n // NET_RAW
    const asked = { CapPrm: wanted, CapEff: wanted, CapBnd: wanted }
    expect(sets(await arena.inside(look, {}, capabilities('NET_RAW')))).toEqual({ ...asked, CapInh: 0n, CapAmb: 0n })
    const kept = { ...asked, CapInh: wanted, CapAmb: wanted }
    expect(sets(await arena.inside(look, { user: 'daemon' }, capabilities('NET_RAW')))).toEqual(kept)
    const container = { type: ContainerInfoType.MESOS, linuxInfo: capabilities('NET_RAW') }
    expect(sets(await arena.outside(look, { user: 'daemon', container }))).toEqual(kept)
  })

  test('S6 a capability that is asked for works for a user other than root, and no other does (T148)', async () => {
    const chown =
      'cd /mnt/mesos/sandbox; echo x > f; /bin/busybox chown 0 f && echo given; /bin/busybox chroot / /bin/true || echo kept in'
    const said = await arena.inside(chown, { user: 'daemon' }, capabilities('CHOWN'))
    expect(said).toContain('given')
    expect(said).toContain('kept in')
    expect(await arena.inside(chown, { user: 'daemon' })).not.toContain('given')
  })

  test('S7 (CVE-2023-25173) groups are those of the user, all of them, and never root’s', async () => {
    for (const user of ['daemon', 'nobody', 'root']) {
      const groups = execFileSync('id', ['-G', user], { encoding: 'utf8' }).trim().split(' ').sort()
      const seen = (await arena.outside('id -G', { user })).trim().split(' ').sort()
      expect(seen, user).toEqual(groups)
      if (user !== 'root') expect(seen).not.toContain('0')
    }
  })

  test('S8 (CVE-2024-40635, CVE-2026-30892) a user that is none is refused, and never becomes root', async () => {
    const users = [
      '2147483648',
      '4294967295',
      '4294967296',
      '-1',
      '4294967296:0',
      'root ',
      ' root',
      '0x0',
      '1000:0:0',
      '00',
      '+0',
      'ro\0ot',
      '٠',
    ]
    for (const user of users) {
      await expect(arena.place.containerizer.clone(arena.place.config('id -u', { user })), JSON.stringify(user)).rejects.toThrow(
        /does not exist on this agent/,
      )
    }
  })

  test('S11 an id that would be a path is no id', async () => {
    for (const id of ['..', '.', '', 'a/b', '../../tmp/x', 'a\0b', '/etc', 'x'.repeat(300)]) {
      await expect(arena.place.containerizer.clone(arena.place.config('true', { id })), JSON.stringify(id)).rejects.toThrow()
    }
  })

  test('S45 a setuid program gives root’s name at most, and under strict not even that', async () => {
    const said = (over: Arena) => over.inside('setuid identity; attacker identity', { user: 'daemon' })
    expect(await said(arena)).toBe('uid 1 euid 0 capabilities 00000000a00405fb\nuid 1 euid 1 capabilities 0000000000000000\n')
    expect(await said(strict)).toBe('uid 1 euid 1 capabilities 0000000000000000\nuid 1 euid 1 capabilities 0000000000000000\n')
  })

  const keyctl = spawnSync('keyctl', ['--version']).status === 0 ? undefined : 'keyctl is missing (Debian: keyutils)'

  test.skipIf(keyctl)(
    `S12 containers do not share a session keyring, with each other or with the host${keyctl ? ` (${keyctl})` : ''}`,
    async () => {
      const { attacker } = arena
      const id = (text: string) => text.split('\n')[0]
      const add = await arena.outside(`${attacker} keyring id; ${attacker} keyring add mark; ${attacker} keyring find mark`)
      expect(add).toMatch(/^\d+\npossible\npossible\n$/)
      const other = await arena.outside(`${attacker} keyring id; ${attacker} keyring find mark`)
      expect(other).toMatch(/^\d+\nENOKEY\n$/)
      const host = execFileSync(attacker, ['keyring', 'id'], { encoding: 'utf8' })
      expect(new Set([add, other, host].map(id)).size).toBe(3)
      expect(await arena.outside(`${attacker} keyring id`, { user: 'daemon' })).not.toBe(host)
      expect(await arena.inside('attacker keyring id; attacker keyring find mark')).toBe('-1\nEPERM\n')
    },
  )
})
