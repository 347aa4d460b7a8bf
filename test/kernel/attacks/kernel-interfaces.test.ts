import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ContainerInfoType, TaskStatusReason } from '#wire/mesos.js'
import { missingCompiler } from '../security/programs.js'
import { Arena, capabilities } from './arena.js'

const missing = missingCompiler()
const MEGABYTE = 1024 * 1024
const CORE_PATTERN = '/proc/sys/kernel/core_pattern'

/** A reason to skip. */
function missingCorePattern(): string | undefined {
  try {
    writeFileSync(CORE_PATTERN, readFileSync(CORE_PATTERN))
    return undefined
  } catch {
    return `${CORE_PATTERN} cannot be written here`
  }
}

describe.skipIf(missing)(`attacks through interfaces of the kernel${missing ? ` (${missing})` : ''}`, () => {
  let arena: Arena
  beforeAll(async () => {
    arena = await Arena.open()
  })
  afterAll(() => arena.close())
  afterEach(() => arena.canaryIsUnchanged())

  /** A program that, were the kernel to start it, would write here. */
  async function trap(): Promise<{ program: string; mark: string }> {
    const mark = join(arena.place.directory, `mark-${randomUUID()}`)
    const program = `${mark}.program`
    await writeFile(program, `#!/bin/sh\ncat > /dev/null\necho owned > ${mark}\n`)
    await chmod(program, 0o755)
    return { program, mark }
  }

  const noPattern = missing ? undefined : missingCorePattern()

  test.skipIf(noPattern)(`S14 a crash inside starts no program outside${noPattern ? ` (${noPattern})` : ''}`, async () => {
    const { program, mark } = await trap()
    const before = await readFile(CORE_PATTERN, 'utf8')
    try {
      await writeFile(CORE_PATTERN, `|${program}`)
      for (const user of ['root', 'daemon']) {
        const { termination } = await arena.place.run('cd /tmp; exec attacker crash', { container: arena.image(), user })
        expect((termination.waitStatus ?? 0) & 0x7f).toBe(6)
      }
      expect(existsSync(mark)).toBe(false)
      // The same crash outside does start it, so it could have.
      expect(() => execFileSync(arena.attacker, ['crash'], { stdio: 'ignore' })).toThrow()
      await expect.poll(() => existsSync(mark)).toBe(true)
    } finally {
      await writeFile(CORE_PATTERN, before)
    }
  })

  test('S33 (CVE-2022-0492) no cgroup of the host can be mounted, and none has a release agent to set', async () => {
    const { program, mark } = await trap()
    const usual = await arena.inside(`attacker release ${program}`)
    expect(usual).toContain('unshare: EPERM')
    expect(usual).not.toContain('possible, release_agent')
    const unconfined = await arena.inside(`attacker release ${program}`, {}, { seccomp: { unconfined: true } })
    expect(unconfined).not.toContain('release_agent: possible')
    // Whoever asks for SYS_ADMIN may mount, but sees its own cgroup as the root of all.
    const powerful = { ...capabilities('SYS_ADMIN', 'DAC_OVERRIDE'), seccomp: { unconfined: true } }
    const admin = await arena.inside(`attacker release ${program}`, {}, powerful)
    expect(admin).not.toContain('release_agent: possible')
    expect(existsSync(mark)).toBe(false)
  })

  test('S34 the cgroups of the host are nowhere to be written', async () => {
    const script =
      'for f in /sys/fs/cgroup/*/devices.allow /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs; do echo a > $f && echo OPEN; done; echo end'
    const said = await arena.inside(script)
    expect(said).toContain('end')
    expect(said).not.toContain('OPEN')
  })

  test('S36 (shocker) files of the host cannot be opened by number', async () => {
    expect(await arena.inside('attacker handle /mnt/mesos/sandbox')).toContain('open_by_handle_at: EPERM')
    const unconfined = { seccomp: { unconfined: true } }
    expect(await arena.inside('attacker handle /mnt/mesos/sandbox', {}, unconfined)).toContain('open_by_handle_at: EPERM')
  })

  test('S37 a node of a disk can be made by who may, and opened by nobody', async () => {
    const script =
      'for n in "8 0" "254 0" "7 0"; do rm -f /tmp/disk; /bin/busybox mknod /tmp/disk b $n && head -c 1 /tmp/disk && echo READ; done; echo end'
    expect(await arena.inside(script)).not.toContain('READ')
    const powerful = await arena.inside(script, {}, capabilities('MKNOD', 'DAC_OVERRIDE'))
    expect(powerful).not.toContain('READ')
    expect(powerful).toContain('Operation not permitted')
  })

  test('S38 what in /proc and /sys would act on the host cannot be written, even by who asks for SYS_ADMIN', async () => {
    const paths = [
      '/proc/sys/kernel/core_pattern',
      '/proc/sys/kernel/modprobe',
      '/proc/sys/kernel/hotplug',
      '/proc/sys/fs/binfmt_misc/register',
      '/proc/sys/vm/drop_caches',
      '/proc/sysrq-trigger',
      '/proc/irq/0/smp_affinity',
      '/sys/kernel/uevent_helper',
      '/sys/kernel/mm/transparent_hugepage/enabled',
      '/sys/power/state',
    ]
    const script = `for f in ${paths.join(' ')}; do (printf "" >> $f) 2>/dev/null && echo "OPEN $f"; done; echo end`
    expect(await arena.inside(script)).toBe('end\n')
    expect(await arena.inside(script, {}, capabilities('SYS_ADMIN', 'DAC_OVERRIDE'))).toBe('end\n')
  })

  test('S40 processes of the host and of neighbours are out of sight', async () => {
    const neighbour = arena.place.config('sleep 1000', { container: arena.image() })
    await arena.place.start(neighbour)
    const seen = await arena.inside(`/bin/busybox ls /proc | /bin/busybox grep -c '^[0-9]'; attacker spy ${process.pid}`)
    expect(Number(seen.split('\n')[0])).toBeLessThan(8)
    expect(seen).toContain('ptrace: ESRCH')
    await arena.place.containerizer.destroy(neighbour.id)
  })

  test('S13 input cannot be put into a terminal that somebody else reads', async () => {
    expect(await arena.inside('attacker terminal')).toBe(
      'controlling terminal: ENXIO\nterminal of its own: possible\nTIOCSTI: EIO\nTIOCSTI with high bits: EIO\n',
    )
    expect(await arena.outside(`${arena.attacker} terminal`)).toContain('controlling terminal: ENXIO')
  })

  test('S13 nor into the terminal that a task was given, and that somebody may be attached to', async () => {
    const said = await arena.atTerminal('attacker terminal')
    expect(said).toContain('controlling terminal: possible\nTIOCSTI into it: EIO\n')
  })

  test('S13 on the files of the host, where no filter forbids it, what is put into it comes to the task alone, and not to who is attached', async () => {
    const { place } = arena
    const config = place.config(`exec ${arena.attacker} push`, { container: { type: ContainerInfoType.MESOS, ttyInfo: {} } })
    await place.containerizer.clone(config)
    const output = await place.containerizer.attachOutput(config.id)
    const seen: Buffer[] = []
    const watched = (async () => {
      for await (const { data } of output) seen.push(Buffer.from(data))
    })()
    await place.containerizer.go(config.id)
    expect(await place.containerizer.wait(config.id)).toEqual({ waitStatus: 0 })
    await watched
    await place.containerizer.destroy(config.id)
    // Either the kernel refuses it, or it ends where it came from: whoever is attached sees its echo, as any output, and reads no input.
    const screen = Buffer.concat(seen).toString().replaceAll('\r', '')
    expect(screen).toMatch(/^TIOCSTI: EIO\n$|^sh -c owned\nTIOCSTI: possible\nread back: sh -c owned\n$/)
  })

  test('S16 (CVE-2025-52565) the console is no path of the image: where that has links, nothing of the host is touched', async () => {
    for (const name of ['console', 'tty', 'pts', 'ptmx']) await symlink(arena.canary, join(arena.root, 'dev', name))
    const said = await arena.atTerminal('/bin/busybox tty; /bin/busybox ls -l /dev/console /dev/pts')
    for (const name of ['console', 'tty', 'pts', 'ptmx']) await unlink(join(arena.root, 'dev', name))
    expect(said).toContain('/dev/')
    expect(said).not.toContain('canary')
  })

  test('S46 threads end at the limit of processes, and others go on', async () => {
    const bomb = arena.place.config('exec attacker threads 100000', {
      container: arena.image(),
      resources: { ...arena.place.config('').resources, memory: 512 * MEGABYTE },
    })
    await arena.place.start(bomb)
    const ended = await arena.place.containerizer.wait(bomb.id)
    expect(ended.waitStatus).toBeDefined()
    expect(await arena.inside('echo well')).toBe('well\n')
    const made = Number(await arena.place.output(bomb))
    await arena.place.containerizer.destroy(bomb.id)
    expect(made).toBeLessThan(16_384)
  })

  test('S47 memory in files of tmpfs is charged to who writes them', async () => {
    await mkdir(join(arena.root, 'run'), { recursive: true })
    const { termination, stdout } = await arena.place.run('exec attacker fill /dev/shm/x 60', {
      container: arena.image(),
      resources: { ...arena.place.config('').resources, memory: 32 * MEGABYTE },
    })
    expect(termination.reason).toBe(TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY)
    expect(stdout).toBe('')
  })
})
