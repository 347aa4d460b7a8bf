import { readFile, readlink } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ContainerInfoType, ImageType } from '#wire/mesos.js'
import { Workplace } from '../containerizer/workplace.js'
import { NAMESPACES, Pod, PRINT_NAMESPACES, sameNamespaces, withImage } from './pod.js'

let place: Workplace

beforeEach(async () => {
  place = await Workplace.open()
})
afterEach(() => place.close())

const READY = 'echo mark > /in-the-root; echo ready; sleep 1000'

/** A parent with an image, which has everything of its own. */
async function pod(over: Parameters<Workplace['config']>[1] = {}): Promise<Pod> {
  const pod = await Pod.start(place, READY, { ...withImage(place), ...over })
  await expect.poll(() => place.output(pod.parent)).toContain('ready')
  return pod
}

async function parentsNamespaces(config: Pod['parent']): Promise<string> {
  const pid = (await place.containerizer.go(config.id)).taskPid
  return (await Promise.all(NAMESPACES.map((name) => readlink(`/proc/${pid}/ns/${name}`)))).join('\n')
}

test('a debug container has every namespace of its parent, its root, working directory and environment (row 6-068)', async () => {
  const variables = [{ name: 'FROM', value: 'parent' }]
  const around = await pod({ command: { value: READY, environment: { variables } } })
  const script = `${PRINT_NAMESPACES}; cat /in-the-root; pwd; echo $FROM $MESOS_SANDBOX; busybox ps | busybox grep -c '[s]leep 1000'`
  const out = await around.output(around.nested(script, { debug: true }))
  expect(sameNamespaces(out, await parentsNamespaces(around.parent))).toEqual([...NAMESPACES])
  expect(out.trim().split('\n').slice(-4)).toEqual(['mark', '/mnt/mesos/sandbox', 'parent /mnt/mesos/sandbox', '1'])
})

test('in a parent with a user namespace too, where its root is the same nobody outside', async () => {
  await place.close()
  place = await Workplace.open('--isolation=filesystem/linux,namespaces/pid,namespaces/ipc,namespaces/user,cgroups/pids')
  const around = await pod()
  const debug = around.nested(`${PRINT_NAMESPACES}; busybox id -u; busybox touch /made`, { debug: true })
  const out = await around.output(debug)
  expect(sameNamespaces(out, await parentsNamespaces(around.parent))).toEqual([...NAMESPACES])
  expect(out.trim().split('\n').at(-1)).toBe('0')
})

test('with a terminal one may work in the parent, and leaving does not harm it', async () => {
  const around = await pod()
  const debug = around.nested('exec sh', {
    debug: true,
    container: { type: ContainerInfoType.MESOS, ttyInfo: { windowSize: { rows: 20, columns: 40 } } },
  })
  await place.start(debug)
  const input = await place.containerizer.attachInput(debug.id)
  await input.write(Buffer.from('cat /in-the-root; busybox stty size; exit 4\n'))
  expect(await place.containerizer.wait(debug.id)).toEqual({ waitStatus: 4 << 8 })
  expect((await place.output(debug)).replaceAll('\r', '')).toContain('mark\n20 40\n')
  await place.containerizer.destroy(debug.id)
  expect(await place.containerizer.signal(around.parent.id, 0)).toBe(true)
})

test('what joins cannot be looked into by those inside, and holds nothing of the host (S4, S5, S30)', async () => {
  const around = await pod()
  const before = (await readFile(`/proc/${(await place.containerizer.go(around.parent.id)).taskPid}/status`, 'utf8')) ?? ''
  const debug = around.nested(
    'busybox grep -E "^(Cap|Seccomp|NoNew)" /proc/self/status; busybox ls /proc/self/fd | busybox wc -l; sleep 1000',
    {
      debug: true,
    },
  )
  await place.start(debug)
  await expect.poll(() => place.output(debug)).toMatch(/\n\d+\n$/)
  const out = await place.output(debug)
  // Bound exactly as the task of the parent is.
  for (const field of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp']) {
    const line = new RegExp(`^${field}:.*$`, 'm')
    expect(line.exec(out)?.[0], field).toBe(line.exec(before)?.[0])
  }
  expect(out).toMatch(/CapInh:\t0{16}/)
  expect(out.trim().split('\n').at(-1)).toBe('4')
  // Init of the debug container is one more process of the parent's pid namespace; its number there is the last one.
  const { initPid } = await place.containerizer.go(debug.id)
  const inside = /^NSpid:\s+.*?(\d+)$/m.exec(await readFile(`/proc/${initPid}/status`, 'utf8'))?.[1]
  const look = `busybox cat /proc/${inside}/comm; busybox readlink /proc/${inside}/fd/1 || echo closed; busybox readlink /proc/${inside}/cwd || echo hidden`
  const seen = await around.output(around.nested(look, { debug: true }))
  expect(seen).toMatch(/^meseta-init\nclosed\nhidden\n$/)
})

test('an image of its own is refused, and so is a parent that does not run', async () => {
  const around = await pod()
  await expect(place.containerizer.clone(around.nested('true', { debug: true, ...withImage2(place) }))).rejects.toThrow(
    /^Failed to launch container: debug container \S+ has the root of its parent, and cannot have an image$/,
  )
  await place.containerizer.kill(around.parent.id)
  await place.containerizer.wait(around.parent.id)
  await expect(place.containerizer.clone(around.nested('true', { debug: true }))).rejects.toThrow(
    /cannot be nested in \S+, which does not run$/,
  )
})

const withImage2 = (at: Workplace): Pick<Pod['parent'], 'container'> => ({
  container: {
    type: ContainerInfoType.MESOS,
    mesos: { image: { type: ImageType.DOCKER, docker: { name: `${at.directory}/image` } } },
  },
})
