import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { VolumeMode } from '#wire/mesos.js'
import { exitCode, Workplace } from '../containerizer/workplace.js'
import { busyboxImage } from '../rootfs/place.js'
import { hostVolume, run, sandboxVolume, secretVolume, sharedVolume, withVolumes } from './place.js'

/** The task has made its file `ready`. */
const isReady = ({ sandbox }: { sandbox: string }) => expect.poll(() => existsSync(join(sandbox, 'ready'))).toBe(true)

let place: Workplace
let image: string
const at = (...parts: string[]) => join(place.directory, ...parts)

beforeAll(async () => {
  place = await Workplace.open()
  image = at('image')
  await busyboxImage(image)
  await writeFile(join(image, 'etc-passwd'), '')
  await mkdir(at('data', 'inner'), { recursive: true })
  await writeFile(at('data', 'file'), 'data\n')
  await writeFile(at('data', 'inner', 'file'), 'inner\n')
  await mkdir(at('other'))
  await writeFile(at('other', 'file'), 'other\n')
})
afterAll(() => place.close())

describe('order (row 6-102)', () => {
  test.each([[[0, 1]], [[1, 0]]])('what lies deeper is mounted later, whatever the order of the list (%j)', async (order) => {
    const both = [hostVolume(at('data'), '/v'), hostVolume(at('other'), '/v/inner')]
    const { stdout } = await run(
      place,
      'cat /v/file /v/inner/file',
      order.map((index) => both[index]!),
      image,
    )
    expect(stdout).toBe('data\nother\n')
  })

  test('a volume above the sandbox does not hide it', async () => {
    const { stdout } = await run(place, 'ls -d /mnt/*; pwd; echo x > here', [hostVolume(at('data'), '/mnt')], image)
    expect(stdout).toBe('/mnt/file\n/mnt/inner\n/mnt/mesos\n/mnt/mesos/sandbox\n')
  })

  test('kinds mix: a sandbox path over a host path over the sandbox', async () => {
    const volumes = [sandboxVolume('own', 'h/inner'), hostVolume(at('data'), 'h')]
    const { stdout } = await run(place, 'cat h/file; ls h/inner | wc -l; touch h/inner/new; ls own', volumes, image)
    expect(stdout).toBe('data\n0\nnew\n')
  })
})

describe('a sandbox path (rows 6-040, 6-103)', () => {
  test('is made in the name of the sandbox’s owner, so that the task can write there', async () => {
    const volumes = [sandboxVolume('a/b', 'cache')]
    const { stdout, stderr } = await run(place, 'touch cache/x && stat -c %U a a/b a/b/x', volumes, undefined, { user: 'nobody' })
    expect(stderr).toBe('')
    expect(stdout).toBe('nobody\nnobody\nnobody\n')
  })

  test('that is there already keeps its owner and content', async () => {
    const config = place.config('cat v/kept; stat -c %u v', withVolumes([sandboxVolume('there', 'v')]))
    await mkdir(join(config.sandbox, 'there'), { recursive: true })
    await writeFile(join(config.sandbox, 'there', 'kept'), 'kept\n')
    await chown(join(config.sandbox, 'there'), 4711, 4711)
    await place.start(config)
    await place.containerizer.wait(config.id)
    await place.containerizer.destroy(config.id)
    expect(await place.output(config)).toBe('kept\n4711\n')
  })
})

describe('a host path that is missing (row 6-041)', () => {
  test('is made below --host_path_volume_force_creation, and never outside of it by a link (S25)', async () => {
    const made = await Workplace.open(`--host_path_volume_force_creation=${at('creatable')}`)
    try {
      await mkdir(at('creatable'), { recursive: true })
      await symlink(at('other'), at('creatable', 'link'))
      expect(exitCode(await run(made, 'touch d/x', [hostVolume(at('creatable', 'new', 'deep'), 'd')]))).toBe(0)
      expect(await readdir(at('creatable', 'new', 'deep'))).toEqual(['x'])
      const { termination } = await run(made, 'true', [hostVolume(at('creatable', 'link', 'new'), 'd')])
      expect(termination.message).toContain(`could not mount volume ${at('creatable', 'link', 'new')}`)
      expect(await readdir(at('other'))).toEqual(['file'])
      await expect(run(made, 'true', [hostVolume(at('elsewhere'), 'd')])).rejects.toThrow(/does not exist/)
    } finally {
      await made.close()
    }
  })
})

describe('targets', () => {
  test.each(['/proc', '/proc/sys/kernel', '/proc/self/attr'])(
    '%s is the kernel’s, and nothing is mounted over it (S17)',
    async (target) => {
      const { termination } = await run(place, 'true', [hostVolume(at('data'), target)], image)
      expect(termination.message).toContain('nothing may be mounted over the kernel’s own files in /proc'.replace('’', "'"))
    },
  )

  test('files of /proc that are known to be replaced may be', async () => {
    expect((await run(place, 'cat /proc/meminfo', [hostVolume(at('data', 'file'), '/proc/meminfo')], image)).stdout).toBe(
      'data\n',
    )
  })

  test('/etc/hosts, resolv.conf and hostname that are links of the image are covered themselves, and lead nowhere (S27)', async () => {
    const hostile = at('hostile')
    await busyboxImage(hostile)
    await mkdir(join(hostile, 'etc'))
    const names = ['hosts', 'resolv.conf', 'hostname']
    for (const name of names) await symlink(at('other', 'file'), join(hostile, 'etc', name))
    const volumes = names.map((name) => hostVolume(at('data', 'file'), `/etc/${name}`, { mode: VolumeMode.RO }))
    const { stdout } = await run(
      place,
      `cat ${names.map((name) => `/etc/${name}`).join(' ')}; echo x > /etc/hosts`,
      volumes,
      hostile,
    )
    expect(stdout).toBe('data\n'.repeat(3))
    expect(await readFile(at('other', 'file'), 'utf8')).toBe('other\n')
  })
})

describe('secrets (row 6-043)', () => {
  const content = 'correct horse battery staple'

  /** Files of this test that hold the secret. What removal in the background takes meanwhile is passed over. */
  const filesWithTheSecret = () => spawnSync('grep', ['-rlsF', content, place.directory], { encoding: 'utf8' }).stdout

  test('are read by the task’s user alone, and are on no disk while it runs', async () => {
    const volumes = [secretVolume(content, 'key'), secretVolume('second', '/run/deep/key')]
    const command = "stat -c '%a %u %s' key /run/deep/key; (echo x > key) 2>&1; cat /run/deep/key; echo; touch ready; sleep 1000"
    const config = place.config(command, { ...withVolumes(volumes, image), user: 'nobody' })
    await place.start(config)
    await isReady(config)
    const { uid } = await stat(config.sandbox)
    expect(await place.output(config)).toMatch(new RegExp(`^400 ${uid} 28\n400 ${uid} 6\n.*key: .*\nsecond\n$`))
    expect(filesWithTheSecret()).toBe('')
    expect((await stat(join(config.sandbox, 'key'))).size).toBe(0)
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain('ramfs')
    await place.containerizer.destroy(config.id)
    expect(await readFile(join(config.sandbox, 'key'), 'utf8')).toBe('')
  })

  test('lie in memory that is never swapped', async () => {
    const { stdout } = await run(place, 'grep " /run/key " /proc/self/mountinfo', [secretVolume(content, '/run/key')], image)
    expect(stdout).toMatch(/ ro,.* - ramfs /)
  })

  test('are gone when the container could not be started', async () => {
    const volumes = [secretVolume(content, 'key'), hostVolume(at('data'), '/proc')]
    const { termination } = await run(place, 'true', volumes, image)
    expect(termination.message).toContain('could not mount volume /proc')
    expect(filesWithTheSecret()).toBe('')
  })
})

describe('propagation (row 6-041)', () => {
  test('BIDIRECTIONAL needs a shared mount, and says so', async () => {
    await mkdir(at('private'))
    execFileSync('mount', ['-t', 'tmpfs', 'none', at('private')])
    try {
      execFileSync('mount', ['--make-private', at('private')])
      await expect(run(place, 'true', [sharedVolume(at('private'), 'd')])).rejects.toThrow(
        `mount propagation BIDIRECTIONAL needs ${at('private')} to be on a shared mount of this agent`,
      )
    } finally {
      execFileSync('umount', [at('private')])
    }
  })

  describe('on a shared mount', () => {
    beforeAll(async () => {
      await mkdir(at('shared'))
      execFileSync('mount', ['-t', 'tmpfs', 'none', at('shared')])
      execFileSync('mount', ['--make-shared', at('shared')])
      await mkdir(at('shared', 'inside'))
      await mkdir(at('shared', 'outside'))
    })
    afterAll(() => {
      execFileSync('umount', ['-R', at('shared')])
    })

    const mounted = async (path: string) => (await readFile('/proc/self/mountinfo', 'utf8')).includes(` ${path} `)
    const makesAMount =
      'mount -t tmpfs none d/inside && touch d/inside/x && touch ready && until test -e d/outside/seen; do sleep 0.02; done; echo seen'

    test.each([
      ['BIDIRECTIONAL', sharedVolume, true],
      ['HOST_TO_CONTAINER', hostVolume, false],
    ] as const)('%s', async (_, volume, outgoing) => {
      const config = place.config(makesAMount, withVolumes([volume(at('shared'), 'd')]))
      await place.start(config)
      await isReady(config)
      expect(await mounted(at('shared', 'inside'))).toBe(outgoing)
      execFileSync('mount', ['-t', 'tmpfs', 'none', at('shared', 'outside')])
      await writeFile(at('shared', 'outside', 'seen'), '')
      await place.containerizer.wait(config.id)
      expect(await place.output(config)).toBe('seen\n')
      await place.containerizer.destroy(config.id)
      execFileSync('umount', [at('shared', 'outside')])
      if (outgoing) execFileSync('umount', [at('shared', 'inside')])
    })
  })
})

test('read-only is read-only for all that is mounted below the source too', async () => {
  await mkdir(at('tree', 'below'), { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', 'none', at('tree', 'below')])
  try {
    const volume = hostVolume(at('tree'), 'd', { mode: VolumeMode.RO })
    const { stdout } = await run(place, '(touch d/x || touch d/below/x) 2>&1; mount -o remount,rw d/below 2>/dev/null; true', [
      volume,
    ])
    expect(stdout.match(/Read-only file system/g)).toHaveLength(2)
    expect(await readdir(at('tree', 'below'))).toEqual([])
  } finally {
    execFileSync('umount', [at('tree', 'below')])
  }
})
