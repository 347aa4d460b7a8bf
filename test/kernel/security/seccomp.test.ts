import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ContainerInfoType, ImageType, type LinuxInfo } from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { capabilities } from '../attacks/arena.js'
import { exitCode, Workplace } from '../containerizer/workplace.js'

/** Filters as users give them (row 6-037, T149): the kernel is asked, not our own word. */
let directory: string
let place: Workplace
let root: string

const allowAllBut = (...syscalls: object[]) => JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls })
const profiles: Record<string, string> = {
  'no-mkdir.json': allowAllBut({ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }),
  'deadly.json': allowAllBut({ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_KILL_PROCESS' }),
  'by-capability.json': allowAllBut(
    { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28, excludes: { caps: ['CAP_CHOWN'] } },
    { names: ['sethostname'], action: 'SCMP_ACT_ERRNO', errnoRet: 28, includes: { minKernel: '3.0' } },
  ),
  'by-argument.json': allowAllBut({
    names: ['kill'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: 28,
    args: [{ index: 1, value: 10, op: 'SCMP_CMP_EQ' }],
  }),
  // What needs a call that only we make on the way must not be forbidden by a profile that forbids it: the filter comes last.
  'little.json': JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }],
    syscalls: [
      {
        names:
          'access arch_prctl brk close dup2 execve exit exit_group fcntl fstat getcwd getegid geteuid getgid getpid getppid getrandom getuid ioctl lseek mmap mprotect munmap newfstatat openat poll pread64 prlimit64 read readlink rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address stat sysinfo uname vfork wait4 write'.split(
            ' ',
          ),
        action: 'SCMP_ACT_ALLOW',
      },
    ],
  }),
  'broken.json': '{"defaultAction": "SCMP_ACT_WHATEVER"}',
}

beforeAll(async () => {
  directory = mkdtempSync('/tmp/meseta-profiles-')
  for (const [name, text] of Object.entries(profiles)) writeFileSync(join(directory, name), text)
  place = await Workplace.open(`--seccomp_config_dir=${directory}`, '--seccomp_profile_name=no-mkdir.json')
  root = busyboxRoot(join(place.directory, 'image'))
})
afterAll(async () => {
  await place.close()
  rmSync(directory, { recursive: true })
})

async function run(script: string, linuxInfo?: LinuxInfo, { image = false, user }: { image?: boolean; user?: string } = {}) {
  const mesos = image ? { image: { type: ImageType.DOCKER, docker: { name: root } } } : undefined
  return place.run(script, { user, container: { type: ContainerInfoType.MESOS, mesos, linuxInfo } })
}

const named = (profileName: string): LinuxInfo => ({ seccomp: { profileName } })
const MKDIR = '/bin/busybox mkdir made 2>&1; /bin/busybox grep ^Seccomp: /proc/self/status'

test.each([
  ['on the files of the host', false],
  ['with an image', true],
])("the agent's profile is that of everybody %s", async (_, image) => {
  const { stdout } = await run(MKDIR, undefined, { image })
  expect(stdout).toContain('No space left on device')
  expect(stdout).toContain('Seccomp:\t2')
})

test('a task may be unconfined', async () => {
  expect((await run(MKDIR, { seccomp: { unconfined: true } })).stdout).toBe('Seccomp:\t0\n')
})

test('a task may name another profile; a forbidden call kills if that says so', async () => {
  const { stdout, termination } = await run(`echo before; exec ${MKDIR}`, named('deadly.json'))
  expect(stdout).toBe('before\n')
  expect((termination.waitStatus ?? 0) & 0x7f).toBe(31) // SIGSYS
})

test('rules follow the capabilities of the task', async () => {
  expect(exitCode(await run('mkdir made', { ...named('by-capability.json'), ...capabilities('CHOWN') }))).toBe(0)
  const { stderr } = await run('mkdir made', { ...named('by-capability.json'), ...capabilities('KILL') })
  expect(stderr).toContain('No space left on device')
})

test('an argument decides', async () => {
  const { stdout } = await run('trap "echo caught" USR2; kill -USR1 $$ 2>&1; kill -USR2 $$; echo end', named('by-argument.json'))
  expect(stdout).toMatch(/No space left on device\n.*caught\nend\n/s)
})

test.each(['root', 'daemon'])('a filter need not allow what we do ourselves on the way, for %s', async (user) => {
  for (const image of [true, false]) {
    const { stdout, termination } = await run('echo alive', named('little.json'), { image, user })
    expect(stdout, termination.message).toBe('alive\n')
  }
})

test('a profile that is missing or cannot be compiled fails the task in a sentence', async () => {
  for (const [name, sentence] of [
    ['none.json', /seccomp profile .*none\.json cannot be read: there is no such file/],
    ['broken.json', /seccomp profile broken\.json: .*there is no action "SCMP_ACT_WHATEVER"/],
  ] as const) {
    await expect(
      place.containerizer.clone(place.config('true', { container: { type: ContainerInfoType.MESOS, linuxInfo: named(name) } })),
    ).rejects.toThrow(sentence)
  }
})

test('a profile that cannot be compiled does not let the agent start', async () => {
  await expect(Workplace.open(`--seccomp_config_dir=${directory}`, '--seccomp_profile_name=broken.json')).rejects.toThrow(
    /there is no action "SCMP_ACT_WHATEVER"/,
  )
})

test('a filter stays when the agent comes back, and is for what runs later in the container too', async () => {
  const config = place.config(`until [ -e go ]; do sleep 0.05; done; ${MKDIR}`)
  await place.start(config)
  await place.restart([config])
  writeFileSync(join(config.sandbox, 'go'), '')
  expect(await place.containerizer.wait(config.id)).toMatchObject({ waitStatus: 0 })
  expect(await place.output(config)).toContain('No space left on device')
})
