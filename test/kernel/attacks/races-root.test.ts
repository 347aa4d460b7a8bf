import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostileImage, Race, ran } from './race.js'

let race: Race
let image: string
beforeEach(async () => {
  race = await Race.open()
  image = race.place.path('shared-image')
})
afterEach(async () => {
  const whole = await race.canaryIsWhole()
  await race.dispose()
  expect(whole).toBe(true)
})

/** Not an overlay: attacker and victims have the very same files. */
const shared = (over = {}) => ({ root: { directory: image, ...over } })

describe('a directory of the image turns into a link and back while containers start', () => {
  test.each(['proc', 'sys', 'dev'])('/%s (S17, S18, S19)', async (name) => {
    await hostileImage(image, async () => {
      for (const directory of ['proc', 'sys', 'dev', 'mnt/mesos/sandbox'])
        await mkdir(join(image, directory), { recursive: true })
    })
    await race.attack(image, name, '../canary')
    // Whatever the attacker calls the directories now, what is mounted on them is the container's own, and it is masked.
    const look = `
      for d in /proc /.proc-other; do
        head -c 1 $d/kcore $d/keys $d/interrupts 2>/dev/null | grep -v ==
        (echo pwned > $d/sys/kernel/core_pattern) 2>/dev/null && echo wrote
      done
      ls /sys/firmware /.sys-other/firmware 2>/dev/null | grep -v :
      cat /proc/file /sys/file /dev/file /canary/file 2>/dev/null
      true`
    const victims = await race.rounds(() => [look, shared()])
    expect(race.attackerLives).toBe(true)
    expect(ran(victims).length).toBeGreaterThan(0)
    for (const { said } of victims) expect(said).toMatch(/^\n*$/)
    for (const { end } of victims) expect(end.how === 'failed' ? end.reason : `mount /${name}`).toContain(`mount /${name}`)
  })

  test('the null device that masks (S15)', async () => {
    await hostileImage(image, async () => {
      for (const directory of ['proc', 'dev', 'mnt/mesos/sandbox']) await mkdir(join(image, directory), { recursive: true })
    })
    const bare = {
      ...shared({ bare: true }),
      mounts: [{ target: '/proc', filesystem: { kind: 'proc' } }, race.place.sandboxMount],
    }
    // The first start makes the devices; from then on the attacker exchanges one of them.
    await race.place.finish('true', bare)
    await race.attack(join(image, 'dev'), 'null', '/proc/sys/kernel/core_pattern')
    const before = await readFile('/proc/sys/kernel/core_pattern', 'utf8')
    const script = `
      for p in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do head -c 1 $p 2>/dev/null; done
      for p in /proc/sys/kernel/core_pattern /proc/kcore /proc/keys /proc/timer_list /proc/sysrq-trigger; do
        (echo pwned > $p) 2>/dev/null
        grep -q pwned $p 2>/dev/null && echo wrote $p
      done
      true`
    const victims = await race.rounds(() => [script, bare])
    expect(race.attackerLives).toBe(true)
    for (const { said } of ran(victims)) expect(said).toBe('')
    expect(await readFile('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before)
    const reasons = victims.map(({ end }) => (end.how === 'failed' ? end.reason : ''))
    for (const reason of reasons) expect(reason).toMatch(/^$|\/dev\/null|dev\/null/)
  })
})

describe('images made to lead astray', () => {
  test.each([
    ['proc', async (path: string) => writeFile(path, '')],
    ['sys', async (path: string) => writeFile(path, '')],
    ['dev', async (path: string) => writeFile(path, '')],
    ['proc', async (path: string) => symlink('/sys', path)],
    ['sys', async (path: string) => symlink('.', path)],
    ['dev', async (path: string) => symlink('../../../../../..', path)],
    ['dev', async (path: string) => symlink('/tmp/canary', path)],
    ['dev', async (path: string) => symlink('../canary', path)],
  ])('/%s is no directory (S17 to S19)', async (name, make) => {
    await hostileImage(image, () => make(join(image, name)))
    expect(await race.place.failure({ root: { directory: image, overlay: true } })).toContain(`could not mount /${name}`)
  })

  test('/dev/null, /dev/pts, /dev/console of the image are not looked at (S15, S16)', async () => {
    await hostileImage(image, async () => {
      await mkdir(join(image, 'dev'))
      for (const name of ['null', 'pts', 'console', 'shm', 'ptmx']) await symlink('../../canary', join(image, 'dev', name))
    })
    const look = "stat -c '%F %t,%T' /dev/null; ls /dev/pts; stat -c %F /dev/shm; echo x > /dev/shm/x"
    expect(await race.place.finish(look, { root: { directory: image, overlay: true } })).toBe(
      'character special file 1,3\nptmx\ndirectory\n',
    )
  })

  test('a parameter is written to the kernel’s own /proc, whatever the image and its volumes have there (S17)', async () => {
    await hostileImage(image, async () => {
      await mkdir(join(image, 'fake/sys/kernel'), { recursive: true })
      await writeFile(join(image, 'fake/sys/kernel/msgmax'), '')
    })
    const mounts = [race.place.sandboxMount, { source: join(image, 'fake'), target: '/proc', filesystem: undefined }]
    const bare = { root: { directory: image, bare: true }, mounts, masking: {} }
    const out = await race.place.finish('cat /proc/sys/kernel/msgmax | wc -c', {
      ...bare,
      sysctls: [{ name: 'kernel.msgmax', value: '4242' }],
    })
    expect(out).toBe('0\n')
    expect(await readFile(join(image, 'fake/sys/kernel/msgmax'), 'utf8')).toBe('')
  })

  test('a working directory that is a descriptor or a link to the outside is not entered (S2)', async () => {
    await hostileImage(image, () => symlink('/proc/self/fd/3', join(image, 'cwd')))
    const base = race.place.plan('pwd', { root: { directory: image, overlay: true } })
    for (const workingDirectory of ['/cwd', ...Array.from({ length: 62 }, (_, index) => `/proc/self/fd/${index + 3}`)]) {
      const container = await race.place.host.start({ ...base, process: { ...base.process, workingDirectory } })
      container.go()
      const end = await container.ended
      expect(end.how === 'failed' && end.reason).toContain('could not enter the working directory')
      await race.place.host.destroy('c1')
    }
  })
})

test('a root that a task made ten thousand levels deep is removed with its container (S31)', async () => {
  const container = await race.place.start('/bin/racer / 10000', { root: { directory: race.place.image, overlay: true } })
  expect(await container.ended).toMatchObject({ how: 'exited', waitStatus: 0 })
  await race.place.host.destroy('c1')
  expect(await readdir(race.place.host.facts.runtimeDirectory)).toEqual([])
})
