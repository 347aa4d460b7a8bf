import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ImageStore } from '#containerizer/images/image-store.js'
import { ContainerInfoType, ImageType } from '#wire/mesos.js'
import { missingPrograms, RealRegistry } from '../../support/real-registry.js'
import { ImagePlace } from './place.js'

const missing = missingPrograms('docker-registry', 'skopeo', 'umoci')
const CONFIG = { Env: ['PATH=/bin'] }

let place: ImagePlace
let registry: RealRegistry

beforeAll(async () => {
  if (missing.length > 0) return
  place = await ImagePlace.open()
  registry = await RealRegistry.start(place.path('registry'))
})
afterAll(async () => {
  await registry?.stop()
  await place?.close()
})

const store = (): ImageStore => place.workplace.containerizer.images!
const push = async (name: string, tag: string): Promise<string> => {
  const layout = await place.layout(name, CONFIG, {}, tag)
  const reference = registry.push(layout, tag, `${name}:${tag}`)
  await rm(layout, { recursive: true })
  return reference
}
const said = async (name: string, cached = true): Promise<string> => {
  const image = { type: ImageType.DOCKER, docker: { name }, cached }
  const outcome = await place.run('', 'cat /etc/from', { container: { type: ContainerInfoType.MESOS, mesos: { image } } })
  expect(outcome.termination, outcome.stderr).toEqual({ waitStatus: 0 })
  return outcome.stdout
}

test.skipIf(missing.length > 0)(
  `what was pulled starts with the registry down, by any of its names, for the next agent too; only who wants it fresh is refused${missing.map((name) => ` (needs ${name})`)}`,
  async () => {
    const reference = await push('web', 'latest')
    expect(await said(reference)).toBe('web\n')
    const asked = registry.blobRequests()
    await registry.stop()
    expect(await said(reference.replace(/:latest$/, ''))).toBe('web\n')
    await place.workplace.restart()
    expect(await said(reference)).toBe('web\n')
    await expect(said(reference, false)).rejects.toThrow(`an older ${reference} is on this agent, and runs if the task does not`)
    await registry.begin()
    expect(await said(reference, false)).toBe('web\n')
    expect(registry.blobRequests()).toBeLessThanOrEqual(asked + 1)
  },
)

test.skipIf(missing.length > 0)(
  'a name that stands for something new is brought anew, without the layers that are here',
  async () => {
    const layout = await place.layout('app', CONFIG, {}, '1')
    const reference = registry.push(layout, '1', 'app:1')
    expect(await said(reference)).toBe('app\n')
    await writeFile(place.path('from'), 'new\n')
    execFileSync('umoci', ['insert', '--image', `${layout}:1`, place.path('from'), '/etc/from'])
    registry.push(layout, '1', 'app:1')
    expect(await said(reference)).toBe('app\n')
    const asked = registry.blobRequests()
    expect(await said(reference, false)).toBe('new\n')
    // The configuration and the new layer.
    expect(registry.blobRequests()).toBe(asked + 2)
  },
)

test.skipIf(missing.length > 0)('an image by its digest is the image of that digest', async () => {
  const reference = await push('fixed', '1')
  await said(reference)
  const { digest } = await store().inspect(reference)
  const byDigest = `${reference.slice(0, reference.lastIndexOf(':'))}@${digest}`
  expect(await said(byDigest)).toBe('fixed\n')
  const names = (await store().list()).filter((image) => image.digest === digest).map(({ name }) => name)
  expect(names).toEqual([reference, byDigest].sort())
  expect(join(...(await store().inspect(byDigest)).image.layers)).toBe(join(...(await store().inspect(reference)).image.layers))
})
