import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Containerizer } from '#containerizer/containerizer.js'
import type { Fetcher } from '#containerizer/fetcher/fetcher.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import type { IsolatorModule } from '#containerizer/isolator.js'
import { createMesosContainerizer } from '#containerizer/mesos-containerizer.js'
import { ContainerInfoType, ImageType, TaskState, TaskStatusReason } from '#wire/mesos.js'
import { SampleImages } from '../../support/sample-images.js'
import { config, container, flags, MEGABYTE, MemoryFiles, resources } from './fixture.js'
import { ScriptedContainer, ScriptedHost } from './scripted-host.js'

let host: ScriptedHost
let files: MemoryFiles
let containerizer: Containerizer

const make = ({
  argv = [] as string[],
  fetcher = undefined as Fetcher | undefined,
  modules = [] as IsolatorModule[],
  images = undefined as ImageStore | undefined,
} = {}) => createMesosContainerizer({ host, files, flags: flags(...argv), modules, images, ...(fetcher && { fetcher }) })

beforeEach(() => {
  host = new ScriptedHost()
  files = new MemoryFiles('/images/a')
  containerizer = make()
})

const exit = (waitStatus: number) => ({ how: 'exited', waitStatus, oomKills: 0, finishedAt: 0 }) as const
const image = (name: string) => container({ mesos: { image: { type: ImageType.DOCKER, docker: { name } } } })

describe('a life', () => {
  test('clone tells the supervisor for the checkpoint, and the task does not run before go', async () => {
    expect(await containerizer.clone(config())).toEqual({ id: 'c1', supervisor: { pid: 10, startTime: 11n, socket: '/run/s' } })
    expect(host.find('c1')?.went).toBe(false)
  })

  test('go, end, wait, destroy', async () => {
    await containerizer.clone(config())
    const going = containerizer.go('c1')
    const process = host.find('c1')!
    process.run()
    expect(await going).toEqual({ initPid: 20, taskPid: 21 })
    expect(process.went).toBe(true)
    process.end(exit(768))
    expect(await containerizer.wait('c1')).toEqual({ waitStatus: 768 })
    expect(containerizer.containers()).toEqual(['c1'])
    await containerizer.destroy('c1')
    expect(containerizer.containers()).toEqual([])
    expect(host.destroyed).toEqual(['c1'])
  })

  test('an unknown container is refused, but can be destroyed', async () => {
    expect(() => containerizer.wait('x')).toThrow('container x is unknown')
    await containerizer.destroy('x')
    expect(host.destroyed).toEqual(['x'])
  })

  test('an id is taken once', async () => {
    await containerizer.clone(config())
    await expect(containerizer.clone(config())).rejects.toThrow('Failed to launch container: container c1 exists already')
  })

  test('signals go to the task', async () => {
    await containerizer.clone(config())
    await containerizer.signal('c1', 15)
    expect(host.find('c1')?.signals).toEqual([15])
  })
})

describe('what goes wrong', () => {
  test('a refusal leaves nothing, and is told as a failed launch', async () => {
    const refused = containerizer.clone(config({ container: { type: ContainerInfoType.DOCKER } }))
    await expect(refused).rejects.toThrow(/^Failed to launch container: a container of type DOCKER/)
    expect(host.plans).toEqual([])
    expect(containerizer.containers()).toEqual([])
  })

  test('a step that fails is told by go and by wait alike', async () => {
    await containerizer.clone(config())
    const going = containerizer.go('c1')
    host.find('c1')!.end({ how: 'failed', reason: 'could not mount volumes /d: no such file or directory', finishedAt: 0 })
    const message = 'Failed to launch container: could not mount volumes /d: no such file or directory'
    await expect(going).rejects.toThrow(message)
    expect(await containerizer.wait('c1')).toEqual({
      state: TaskState.TASK_FAILED,
      reason: TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED,
      message,
    })
  })

  test('out of memory: the container is killed and the limit is the reason', async () => {
    await containerizer.clone(config())
    const process = host.find('c1')!
    process.run()
    process.oom({ limitBytes: BigInt(64 * MEGABYTE), maxUsageBytes: BigInt(64 * MEGABYTE), memoryStat: 'rss 1' })
    expect(await containerizer.wait('c1')).toMatchObject({
      waitStatus: 9,
      state: TaskState.TASK_FAILED,
      reason: TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY,
      limitation: { resources: [{ name: 'mem', scalar: { value: 64 } }] },
    })
  })

  test('an isolator that refuses after the clone takes the container with it', async () => {
    const refusing: IsolatorModule = {
      name: 'org/no',
      create: () => ({ isolate: () => Promise.reject(new Error('not today')) }),
    }
    containerizer = make({ argv: ['--isolation=org/no'], modules: [refusing] })
    await expect(containerizer.clone(config())).rejects.toThrow('Failed to launch container: not today')
    expect(host.destroyed).toEqual(['c1'])
    expect(containerizer.containers()).toEqual([])
  })
})

describe('destroy is possible in every state (row 6-004)', () => {
  test('while the supervisor is being cloned', async () => {
    let release!: () => void
    host.starting = new Promise((resolve) => {
      release = resolve
    })
    const cloning = containerizer.clone(config())
    const refused = expect(cloning).rejects.toThrow(/was destroyed before its task started/)
    const ended = containerizer.wait('c1')
    await vi.waitFor(() => expect(host.plans).toHaveLength(1))
    const destroyed = containerizer.destroy('c1')
    release()
    await Promise.all([refused, destroyed])
    expect(await ended).toMatchObject({ waitStatus: 9 })
    expect(containerizer.containers()).toEqual([])
  })

  test('before anything was started', async () => {
    const refused = expect(containerizer.clone(config())).rejects.toThrow(/was destroyed before its task started/)
    await Promise.all([containerizer.destroy('c1'), refused])
    expect(host.plans).toEqual([])
    expect(containerizer.containers()).toEqual([])
  })

  test('between clone and go', async () => {
    await containerizer.clone(config())
    const ended = containerizer.wait('c1')
    await containerizer.destroy('c1')
    expect(await ended).toEqual({ waitStatus: 9 })
    await expect(containerizer.go('c1')).rejects.toThrow('container c1 is unknown')
  })

  test('twice at once', async () => {
    await containerizer.clone(config())
    await Promise.all([containerizer.destroy('c1'), containerizer.destroy('c1')])
    expect(host.destroyed).toEqual(['c1'])
  })

  test('again after it failed', async () => {
    await containerizer.clone(config())
    const destroy = host.destroy.bind(host)
    host.destroy = () => Promise.reject(new Error('cgroup is busy'))
    await expect(containerizer.destroy('c1')).rejects.toThrow('cgroup is busy')
    expect(containerizer.containers()).toEqual(['c1'])
    host.destroy = destroy
    await containerizer.destroy('c1')
    expect(containerizer.containers()).toEqual([])
  })
})

describe('the plan', () => {
  test('without an image the task runs in its sandbox, with the files of the host', async () => {
    await containerizer.clone(config({ environment: { A: 'b' } }))
    expect(host.plans[0]).toMatchObject({
      containerId: 'c1',
      process: {
        executable: '/bin/sh',
        arguments: ['sh', '-c', 'true'],
        workingDirectory: '/work/sandbox',
        stdio: { stdout: '/work/sandbox/stdout', stderr: '/work/sandbox/stderr' },
      },
      cgroups: { path: 'mesos/c1', controllers: ['cpu', 'cpuacct', 'memory', 'pids'] },
      namespaces: { mount: true, pid: true, ipc: true },
    })
    expect(host.plans[0]?.process.environment).toContain('MESOS_SANDBOX=/work/sandbox')
    expect(host.plans[0]?.root).toBeUndefined()
  })

  test('with an image the sandbox is seen at --sandbox_directory', async () => {
    containerizer = make({ argv: ['--sandbox_directory=/box'] })
    await containerizer.clone(config({ container: image('/images/a') }))
    const [plan] = host.plans
    expect(plan?.root).toEqual({ directory: '/images/a', overlay: true })
    expect(plan?.process.workingDirectory).toBe('/box')
    expect(plan?.process.environment).toContain('MESOS_SANDBOX=/box')
    expect(plan?.mounts?.[0]).toEqual({ source: '/work/sandbox', target: '/box' })
  })

  test.each([
    ['alpine:latest', /image "alpine:latest" cannot be provisioned/],
    ['/images/none', /image directory \/images\/none does not exist on this agent/],
  ])('image %s is refused', async (name, why) => {
    await expect(containerizer.clone(config({ container: image(name) }))).rejects.toThrow(why)
  })

  test('the task runs as its user and the sandbox is theirs (row 5-026)', async () => {
    const identity = { uid: 1000, gid: 1000, groups: [4] }
    host.users.set('ann', { name: 'ann', identity, home: '/home/ann', shell: '/bin/sh' })
    await containerizer.clone(config({ user: 'ann' }))
    expect(host.plans[0]?.process.identity).toEqual(identity)
    expect(files.owners.get('/work/sandbox')).toBe(1000)
  })

  test('a user that does not exist is refused, unless users are not switched', async () => {
    await expect(containerizer.clone(config({ user: 'nobody-here' }))).rejects.toThrow(/user "nobody-here" does not exist/)
    containerizer = make({ argv: ['--no-switch_user'] })
    await containerizer.clone(config({ user: 'nobody-here' }))
    expect(host.plans[0]?.process.identity).toBeUndefined()
  })
})

describe('uris', () => {
  const withUris = config({ command: { value: 'true', uris: [{ value: 'http://h/x' }] } })

  test('are there before the task runs', async () => {
    let fetched!: () => void
    const fetcher = { fetch: () => new Promise<void>((resolve) => (fetched = resolve)) }
    containerizer = make({ fetcher })
    await containerizer.clone(withUris)
    const going = containerizer.go('c1')
    const process = host.find('c1')!
    expect(process.went).toBe(false)
    fetched()
    process.run()
    await going
    expect(process.went).toBe(true)
  })

  test('that cannot be had fail the launch by their own reason', async () => {
    containerizer = make({ fetcher: { fetch: () => Promise.reject(new Error('Failed to fetch http://h/x: gone')) } })
    await containerizer.clone(withUris)
    const message = 'Failed to launch container: Failed to fetch http://h/x: gone'
    await expect(containerizer.go('c1')).rejects.toThrow(message)
    expect(await containerizer.wait('c1')).toMatchObject({ message, reason: TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED })
  })
})

test('update applies what all isolators say at once, and usage tells it', async () => {
  await containerizer.clone(config())
  await containerizer.update('c1', resources({ cpus: 2, memory: 128 * MEGABYTE }))
  const bytes = BigInt(128 * MEGABYTE)
  expect(host.find('c1')?.updates).toEqual([{ cpu: { shares: 2048n }, memory: { softLimitBytes: bytes, limitBytes: bytes } }])
  expect(await containerizer.usage('c1')).toMatchObject({
    timestamp: 5,
    cpusSoftLimit: 2,
    cpusUserTimeSecs: 1,
    memRssBytes: 7n,
    processes: 1,
  })
})

test('status has the id and the pid', async () => {
  await containerizer.clone(config())
  expect(await containerizer.status('c1')).toEqual({ containerId: { value: 'c1' }, executorPid: 10 })
  host.find('c1')!.run()
  await containerizer.go('c1')
  expect(await containerizer.status('c1')).toEqual({ containerId: { value: 'c1' }, executorPid: 20 })
})

describe('recovery (design §6)', () => {
  const found = (id: string, shape: (process: ScriptedContainer) => void): ScriptedContainer => {
    const process = new ScriptedContainer(id)
    shape(process)
    return process
  }

  test('known containers are attached, unknown ones destroyed, vanished ones told as lost', async () => {
    host.recovered = {
      containers: [
        found('runs', (process) => process.run()),
        found('over', (process) => process.end(exit(256))),
        found('stranger', (process) => process.run()),
      ],
      leftovers: ['debris'],
      removal: Promise.resolve([]),
    }
    const known = ['runs', 'over', 'vanished'].map((id) => config({ id }))
    expect(await containerizer.recover(known)).toMatchObject({
      live: ['runs'],
      ended: ['over', 'vanished'],
      orphans: ['stranger', 'debris'],
      stuck: [],
    })
    expect(host.destroyed).toEqual(['stranger', 'debris'])
    expect(await containerizer.wait('over')).toEqual({ waitStatus: 256 })
    expect(await containerizer.wait('vanished')).toMatchObject({ state: TaskState.TASK_FAILED, message: /gone/ as never })
  })

  test('one that cannot be destroyed holds up none of the others, and is known until it is', async () => {
    const names = ['stuck', 'gone', 'runs']
    const containers = names.map((id) => found(id, (process) => process.run()))
    host.recovered = { containers, leftovers: [], removal: Promise.resolve(['could not remove .removed-c9']) }
    const destroy = host.destroy.bind(host)
    let busy = true
    host.destroy = async (id) => {
      if (busy && id === 'stuck') throw new Error('could not remove stuck: Device or resource busy')
      return destroy(id)
    }
    const { removal, ...recovered } = await containerizer.recover([config({ id: 'runs' })])
    expect(recovered).toEqual({ live: ['runs'], ended: [], orphans: ['stuck', 'gone'], stuck: ['stuck'] })
    expect(await removal).toEqual(['could not remove .removed-c9'])
    expect(containerizer.containers().sort()).toEqual(['runs', 'stuck'])
    await expect(containerizer.destroy('stuck')).rejects.toThrow(/busy/)
    busy = false
    containers[0]!.end(exit(9))
    await containerizer.destroy('stuck')
    expect(containerizer.containers()).toEqual(['runs'])
  })

  test('a container whose user and image have vanished since runs on', async () => {
    host.recovered = { containers: [found('c1', (process) => process.run())], leftovers: [], removal: Promise.resolve([]) }
    const known = config({ user: 'left-the-company', container: image('/images/none') })
    expect((await containerizer.recover([known])).live).toEqual(['c1'])
  })

  test('limits are watched again', async () => {
    const process = found('c1', (each) => each.run())
    host.recovered = { containers: [process], leftovers: [], removal: Promise.resolve([]) }
    await containerizer.recover([config()])
    process.oom({})
    expect((await containerizer.wait('c1')).reason).toBe(TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY)
  })
})

describe('an image from the store', () => {
  let images: SampleImages
  beforeEach(() => {
    images = new SampleImages()
    containerizer = make({ images })
  })
  const alpine = () => config({ command: { shell: false }, container: image('alpine') })

  test('is the root, layer over layer, and says what is run', async () => {
    await containerizer.clone(alpine())
    expect(host.plans[0]).toMatchObject({
      root: { directory: '/layers/2', lower: ['/layers/1'], overlay: true },
      process: { executable: '/bin/true', arguments: ['/bin/true'], workingDirectory: '/mnt/mesos/sandbox' },
    })
    expect(images.leases.has('c1')).toBe(true)
  })

  test('is released when its container is removed', async () => {
    await containerizer.clone(alpine())
    await containerizer.destroy('c1')
    expect(images.leases.has('c1')).toBe(false)
  })

  test('whose lease cannot be written is no container', async () => {
    images.unwritable = new Error('no space left')
    await expect(containerizer.clone(alpine())).rejects.toThrow('Failed to launch container: no space left')
    expect([host.find('c1'), images.leases.has('c1'), containerizer.containers()]).toEqual([undefined, false, []])
  })

  test('is its files alone with --docker_ignore_runtime', async () => {
    containerizer = make({ images, argv: ['--docker_ignore_runtime'] })
    await expect(containerizer.clone(alpine())).rejects.toThrow(/neither a value nor arguments/)
    expect(images.leases.has('c1')).toBe(false)
  })

  test.each(['kill', 'destroy'] as const)('that is still coming does not hold up a %s', async (end) => {
    images.coming = (_, { abort }) =>
      new Promise((_, reject) => abort.addEventListener('abort', () => reject(new Error('stopped'))))
    const refused = expect(containerizer.clone(alpine())).rejects.toThrow(
      'Failed to launch container: container c1 was destroyed before its task started',
    )
    await vi.waitFor(() => expect(images.wanted).toHaveLength(1))
    await containerizer[end]('c1')
    await refused
    expect(images.gaveUp).toEqual(['alpine'])
    expect(host.plans).toEqual([])
    expect(containerizer.containers()).toEqual([])
  })

  test('of a container that an earlier agent started is known by its lease alone', async () => {
    await containerizer.clone(alpine())
    containerizer = make({ images })
    images.wanted.length = 0
    host.recovered = { containers: [host.find('c1')!], leftovers: [], removal: Promise.resolve([]) }
    await containerizer.recover([alpine()])
    expect(images.wanted).toEqual([])
    await containerizer.destroy('c1')
    expect(images.leases.has('c1')).toBe(false)
  })
})
