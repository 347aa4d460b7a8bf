import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { ContainerInfoType, ImageType } from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { Workplace } from '../containerizer/workplace.js'
import { Pod } from '../nested/pod.js'
import { type Audit, auditOf } from './audit.js'
import { compile, missingCompiler } from './programs.js'

/**
 * What a task can do, as it sees it itself, kept as a golden file for each profile (reliability-security.md §3.6): any difference is a change of
 * somebody's security, and must be one that was meant. `MESETA_REGENERATE=1` writes the files anew.
 */
const golden = (name: string): string => fileURLToPath(new URL(`golden/${name}.json`, import.meta.url))

const EVERYTHING = 'writable readable devices sockets calls'

const missing = missingCompiler()

describe.skipIf(missing)(`security profiles${missing ? ` (${missing})` : ''}`, () => {
  const places = new Map<string, Workplace>()
  let root: string
  let probe: string

  beforeAll(async () => {
    places.set('standard', await Workplace.open())
    places.set('strict', await Workplace.open('--task_security=strict'))
    const ids = 'filesystem/linux,namespaces/pid,namespaces/ipc,namespaces/user,cgroups/all,linux/seccomp,posix/rlimits'
    places.set('ids of its own', await Workplace.open(`--isolation=${ids}`))
    const { directory } = place('standard')
    root = busyboxRoot(join(directory, 'image'))
    probe = await compile('probe', directory)
    await copyFile(probe, join(root, 'bin/probe'))
  })
  afterAll(() => Promise.all([...places.values()].map((one) => one.close())))

  const place = (security: string): Workplace => {
    const found = places.get(security)
    if (!found) throw new Error(`no place is ${security}`)
    return found
  }

  const image = (): Partial<ContainerConfig> => ({
    container: { type: ContainerInfoType.MESOS, mesos: { image: { type: ImageType.DOCKER, docker: { name: root } } } },
  })

  async function audit(security: string, sections: string, over: Partial<ContainerConfig>): Promise<Audit> {
    const { stdout, stderr, termination } = await place(security).run(`${over.container ? 'probe' : probe} ${sections}`, over)
    expect(termination.waitStatus, `${termination.message} ${stderr}`).toBe(0)
    return auditOf(stdout)
  }

  test.each([
    ['image-root', 'standard', EVERYTHING, () => image()],
    ['image-user', 'standard', EVERYTHING, () => ({ ...image(), user: 'daemon' })],
    ['image-strict', 'strict', EVERYTHING, () => image()],
    ['image-own-ids', 'ids of its own', EVERYTHING, () => image()],
    ['host-root', 'standard', '', () => ({})],
    ['host-user', 'standard', '', () => ({ user: 'daemon' })],
    ['host-strict', 'strict', 'sockets calls', () => ({})],
  ] as const)('%s (S42, S43, S44, S50, S51, S52)', async (name, security, sections, over) => {
    const found = await audit(security, sections, over())
    if (process.env.MESETA_REGENERATE) await writeFile(golden(name), `${JSON.stringify(found, undefined, 2)}\n`)
    expect(found).toEqual(JSON.parse(await readFile(golden(name), 'utf8')))
  })

  test.each([
    ['nested', () => image()],
    ['debug', () => ({ debug: true })],
  ] as const)('%s, in a container with an image (S5, S30)', async (name, over) => {
    const pod = await Pod.start(place('standard'), 'echo ready; sleep 1000', image())
    const found = auditOf(await pod.output(pod.nested(`probe ${EVERYTHING}`, over())))
    await place('standard').containerizer.destroy(pod.parent.id)
    if (process.env.MESETA_REGENERATE) await writeFile(golden(name), `${JSON.stringify(found, undefined, 2)}\n`)
    expect(found).toEqual(JSON.parse(await readFile(golden(name), 'utf8')))
  })
})
