import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { Pod } from '../nested/pod.js'
import { missingCompiler } from '../security/programs.js'
import { Arena } from './arena.js'

const missing = missingCompiler()

describe.skipIf(missing)(`attacks on the launcher${missing ? ` (${missing})` : ''}`, () => {
  let arena: Arena
  beforeAll(async () => {
    arena = await Arena.open()
  })
  afterAll(() => arena.close())

  const launcherDigest = () => createHash('sha256').update(readFileSync(packagedAssets().launcher)).digest('hex')

  test('S1 (CVE-2019-5736, CVE-2019-0204) nobody can write the program that starts containers', async () => {
    const before = launcherDigest()
    const shell = join(arena.root, 'bin/trap')
    await writeFile(shell, '#!/proc/self/exe\n')
    await chmod(shell, 0o755)
    // While it looks around, others start with a shell that is the launcher itself.
    const looking = arena.inside('attacker executables 500')
    for (let round = 0; round < 20; round++) await arena.inside('/bin/trap; echo tried')
    expect(await looking).toBe('seen opened 0 written 0\n')
    expect(await arena.outside(`${arena.attacker} executables 500`, { user: 'daemon' })).toBe('seen opened 0 written 0\n')
    expect(launcherDigest()).toBe(before)
    expect(await arena.inside('echo still works')).toBe('still works\n')
  })

  test('S1, S4 nor while processes of ours join a container that waits for them', async () => {
    const before = launcherDigest()
    const pod = await Pod.start(arena.place, 'attacker executables 100000', { container: arena.image() })
    let joined = 0
    while ((await arena.place.output(pod.parent)) === '') {
      // The container ends with its task, perhaps while another is on its way in.
      joined += await pod.output(pod.nested('true', { debug: true })).then(
        () => 1,
        () => 0,
      )
    }
    // How many it is depends on the machine: one is enough to have been looked at.
    expect(joined).toBeGreaterThan(0)
    expect(await arena.place.output(pod.parent)).toBe('seen opened 0 written 0\n')
    await arena.place.containerizer.destroy(pod.parent.id)
    expect(launcherDigest()).toBe(before)
  })

  test('S1 root on the files of the host finds sealed memory where the launcher is', async () => {
    const found = await arena.outside('readlink /proc/1/exe; (echo x > /proc/1/exe) 2>&1')
    expect(found).toContain('memfd:meseta-launcher')
    expect(found).toMatch(/Text file busy|Operation not permitted|Permission denied/)
  })

  test('S2 (CVE-2024-21626) no descriptor leads out: the working directory of a task is inside, whatever it names', async () => {
    const tries = Array.from(
      { length: 64 },
      (_, fd) => `cd /proc/self/fd/${fd} 2>/dev/null && pwd && ls -d ../../../../etc/hostname 2>/dev/null`,
    )
    const said = await arena.inside(tries.join(';'))
    expect(said).toBe('')
    const shell = { value: '/bin/busybox', shell: false, arguments: ['ls', '/proc/self/fd'] }
    const { stdout } = await arena.place.run(shell, { container: arena.image() })
    // The last is the directory that ls lists.
    expect(stdout).toBe('0\n1\n2\n3\n')
  })

  test('S3 nothing of the agent is open in a task, with and without an image', async () => {
    for (const found of [await arena.inside('/bin/busybox ls -l /proc/self/fd'), await arena.outside('ls -l /proc/self/fd')]) {
      const targets = [...found.matchAll(/-> (.*)$/gm)].map(([, target]) => target)
      expect(targets.filter((target) => !/^\/dev\/null$|\/(stdout|stderr)$|^\/proc\/\d+\/fd$/.test(target ?? ''))).toEqual([])
      // Not every ls shows the directory that it lists.
      expect(targets.length).toBeGreaterThanOrEqual(3)
    }
  })

  test('S4 (CVE-2016-9962) init cannot be traced or looked into, even by root', async () => {
    expect(await arena.inside('attacker spy 1')).toBe(
      'ptrace: EPERM\nprocess_vm_readv: EPERM\nmem: EACCES\nfd: EACCES\nroot: EACCES\n',
    )
    expect(await arena.outside(`${arena.attacker} spy 1`, { user: 'daemon' })).toBe(
      'ptrace: EPERM\nprocess_vm_readv: EPERM\nmem: EACCES\nfd: EACCES\nroot: EACCES\n',
    )
  })

  test('S30 a debug container that is given the hostile shell of its image can do no more than the task beside it', async () => {
    const attacks = ['identity', 'handle /mnt/mesos/sandbox', 'release /bin/owned', 'keyring add mark', 'spy 1', 'terminal']
    const alone = await arena.inside(attacks.map((attack) => `attacker ${attack}`).join('; '))
    const pod = await Pod.start(arena.place, 'sleep 1000', { container: arena.image() })
    // What the agent would start for a shell is the attacker itself.
    const hostile = async (attack: string) => {
      const command = { shell: false, value: '/bin/attacker', arguments: ['sh', ...attack.split(' ')] }
      return pod.output(pod.nested('', { debug: true, command }))
    }
    let together = ''
    for (const attack of attacks) together += await hostile(attack)
    await arena.place.containerizer.destroy(pod.parent.id)
    expect(together).toBe(alone)
  })

  test('S41 (CVE-2020-15257) no socket of ours has a name that a container in the host network could connect to', async () => {
    const sockets = await arena.inside('cat /proc/net/unix')
    expect(sockets).toContain('Num')
    expect(sockets.split('\n').filter((line) => /@.*(meseta|launcher|containerizer|control)/.test(line))).toEqual([])
  })
})
