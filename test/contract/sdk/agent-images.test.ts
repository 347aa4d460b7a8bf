import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { routeImages } from '#agent/api/images-endpoint.js'
import type { Agent } from '#agent/core/state.js'
import { systemClock } from '#base/clock.js'
import { silentLog } from '#base/log.js'
import { TransferGroup } from '#containerizer/transfers.js'
import { createServer, type Server } from '#http/server.js'
import { AgentImages } from '#sdk/agent.js'
import { RecordDecoder } from '#wire/recordio.js'
import { SampleImages, sampleImage } from '../../support/sample-images.js'

let server: Server
let url: string
let client: AgentImages
let images: SampleImages | undefined
let groups: TransferGroup[]
const owners = new Map([['T', { containerId: 'c2' }]])
const agent = { frameworks: new Map([['F', { owners }]]) } as unknown as Agent

beforeEach(async () => {
  images = new SampleImages()
  groups = ['c1', 'c2'].map((what) => new TransferGroup(what))
  for (const group of groups) group.set('layer', '111111111111', { phase: 'running', bytes: 5, total: 10 })
  server = createServer({ prefix: 'slave(1)', log: silentLog })
  const containerizer = {
    get images() {
      return images
    },
    transfers: () => groups,
  }
  routeImages(server, { agent: () => agent, containerizer, clock: systemClock })
  url = `http://127.0.0.1:${await server.listen({ ip: '127.0.0.1', port: 0 })}`
  client = new AgentImages(url)
})

afterEach(async () => {
  await client.close()
  await server.close()
})

const post = (body: object, headers: Record<string, string> = {}) =>
  fetch(`${url}/meseta/v1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

test('images are listed, looked at and removed', async () => {
  images!.images = [sampleImage('a', ['c1']), sampleImage('b'), sampleImage('c')]
  expect((await client.list()).map(({ name, containers }) => [name, containers])).toEqual([
    ['a', ['c1']],
    ['b', undefined],
    ['c', undefined],
  ])
  const details = await client.inspect('b')
  expect(details.summary).toMatchObject({
    digest: sampleImage('b').digest,
    bytes: 1000n,
    layers: 2,
    broughtAtMs: 1_700_000_000_000n,
  })
  expect([details.layerDigests, Buffer.from(details.manifest!).toString()]).toEqual([
    sampleImage('b').layerDigests,
    '{"schemaVersion":2}',
  ])
  expect(await client.prune(['c'])).toEqual({ names: ['b'], layers: 1, bytes: 1000n })
  expect((await client.list()).map(({ name }) => name)).toEqual(['a', 'c'])
})

test('in JSON, names are as in the wire file', async () => {
  images!.images = [sampleImage('a')]
  const answer = await post({ type: 'LIST_IMAGES' })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({
    images: [
      {
        name: 'a',
        digest: sampleImage('a').digest,
        bytes: 1000,
        layers: 2,
        brought_at_ms: 1_700_000_000_000,
        used_at_ms: 1_700_000_100_000,
      },
    ],
  })
})

test('a pull tells how far it is, and last what is there', async () => {
  images!.coming = async (_, { transfers }) => {
    transfers!.set('layer', '222222222222', { phase: 'running', bytes: 3, total: 9 })
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0))
    transfers!.set('layer', '222222222222', { phase: 'done', bytes: 9 })
  }
  const seen: string[] = []
  const pulled = await client.pull(
    { name: 'x:1', force: true, dockerConfig: Buffer.from('{}') },
    { progress: ({ what, transfers }) => seen.push(`${what} ${transfers?.[0]?.bytes} of ${transfers?.[0]?.total}`) },
  )
  expect(pulled.name).toBe('x:1')
  expect([seen[0], seen.at(-1)]).toEqual(['x:1 3 of 9', 'x:1 9 of 9'])
  expect(images!.wanted).toMatchObject([{ kind: 'docker', name: 'x:1', cached: false }])
  expect(Buffer.from(images!.wanted[0]!.dockerConfig!).toString()).toBe('{}')
})

test('changes are many, records few', async () => {
  images!.coming = async (_, { transfers }) => {
    for (let bytes = 0; bytes <= 10_000; bytes++) transfers!.set('layer', '1', { bytes })
  }
  const decoder = new RecordDecoder()
  const records = decoder.decode(Buffer.from(await (await post({ type: 'PULL_IMAGE', pull_image: { name: 'x' } })).arrayBuffer()))
  const texts = records.map((record) => JSON.parse(record.toString()))
  // The first change, perhaps one while it went on, and the end.
  expect(texts.length).toBeLessThan(20)
  expect(texts.at(-1)).toMatchObject({ pulled: { name: 'x' }, transfers: [{ transfers: [{ bytes: 10_000 }] }] })
})

test('a pull that fails says why, and a client that leaves gives it up', async () => {
  images!.coming = async () => {
    throw new Error('x does not exist on registry.example')
  }
  await expect(client.pull({ name: 'x' })).rejects.toThrow('x does not exist on registry.example')

  images!.coming = (_, { abort }) => new Promise((_, fail) => abort.addEventListener('abort', () => fail(abort.reason)))
  const leave = new AbortController()
  const pull = client.pull({ name: 'slow' }, { signal: leave.signal }).catch((error) => error)
  await vi.waitFor(() => expect(images!.wanted.at(-1)?.name).toBe('slow'))
  leave.abort(new Error('no patience'))
  expect((await pull).message).toBe('no patience')
  await vi.waitFor(() => expect(images!.gaveUp).toContain('slow'))
  await vi.waitFor(async () => expect((await client.transfers()).map(({ what }) => what)).toEqual(['c1', 'c2']))
})

test('transfers: all, of a container, of a task, of a pull', async () => {
  expect((await client.transfers()).map(({ what }) => what)).toEqual(['c1', 'c2'])
  expect((await client.transfers({ containerId: 'c1' })).map(({ what }) => what)).toEqual(['c1'])
  expect((await client.transfers({ frameworkId: 'F', taskId: 'T' })).map(({ what }) => what)).toEqual(['c2'])
  expect(await client.transfers({ frameworkId: 'F', taskId: 'other' })).toEqual([])
  await expect(client.transfers({ taskId: 'T' })).rejects.toThrow('both or none')
  let finish = (): void => {}
  images!.coming = (_, { transfers }) => {
    transfers!.set('layer', '1', {})
    return new Promise((done) => {
      finish = done
    })
  }
  const pull = client.pull({ name: 'slow' })
  await vi.waitFor(async () => expect((await client.transfers()).map(({ what }) => what)).toContain('slow'))
  finish()
  await pull
})

test('what makes no sense is refused with a sentence', async () => {
  for (const [body, status, sentence] of [
    [{}, 400, "Expecting 'type'"],
    [{ type: 'INSPECT_IMAGE' }, 400, "Expecting 'inspect_image' to be present"],
    [{ type: 'PULL_IMAGE', pull_image: { name: '' } }, 400, "Expecting 'pull_image.name' to be present"],
    [{ type: 'INSPECT_IMAGE', inspect_image: { name: 'none' } }, 500, '"none" is no digest'],
  ] as const) {
    const answer = await post(body)
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(sentence)])
  }
  expect((await post({}, { 'Content-Type': 'text/html' })).status).toBe(415)
  expect((await fetch(`${url}/meseta/v1`)).status).toBe(405)
  images = undefined
  expect((await post({ type: 'LIST_IMAGES' })).status).toBe(501)
  expect((await client.transfers()).length).toBe(2)
})
