import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { agentResources } from '#agent/host-resources.js'
import { resourcesText } from '#model/resource-text.js'
import { Resources } from '#model/resources.js'

const GIGABYTE = 1024 ** 3
const found = async (resources: string | undefined, memoryBytes = 8 * GIGABYTE): Promise<Resources> =>
  Resources.from(await agentResources({ resources, defaultRole: '*', workDir: tmpdir() }, { cpus: 4, memoryBytes }))

test('what is not named is what the host has, less what it needs itself (row 5-004)', async () => {
  const all = await found(undefined)
  expect(all.quantity('cpus')).toBe(4)
  expect(all.quantity('mem')).toBe(7 * 1024)
  expect(all.quantity('disk')).toBeGreaterThan(0)
  expect(resourcesText(all.named('ports'))).toContain('31000-32000')
  expect((await found(undefined, GIGABYTE)).quantity('mem')).toBe(512)
})

test('what is named is taken as it is, for the name as a whole', async () => {
  const all = await found('cpus(web):1;cpus:1;mem:100')
  expect(all.quantity('cpus')).toBe(2)
  expect(all.reserved('web').quantity('cpus')).toBe(1)
  expect(all.quantity('mem')).toBe(100)
})

test('GPUs are offered where they were looked for, as many as are named or found (row 6-048)', async () => {
  const gpus = [0, 1].map((index) => ({ index, uuid: `GPU-${index}`, minor: index, pciBusId: '' }))
  const offered = async (resources: string | undefined, nvidiaGpuDevices?: string) => {
    const flags = { resources, defaultRole: '*', workDir: tmpdir(), nvidiaGpuDevices }
    return Resources.from(await agentResources(flags, { cpus: 4, memoryBytes: GIGABYTE, gpus })).quantity('gpus')
  }
  expect(await offered(undefined)).toBe(2)
  expect(await offered('gpus:1')).toBe(1)
  expect(await offered('gpus(ml):1', '1')).toBe(1)
  await expect(offered(undefined, '1')).rejects.toThrow('--nvidia_gpu_devices needs as many gpus in --resources')
  await expect(offered('gpus:3')).rejects.toThrow('3 gpus are more than the 2 of this host')
  expect((await found(undefined)).quantity('gpus')).toBe(0)
})
