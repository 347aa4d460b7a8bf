import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { routeImages } from '#agent/api/images-endpoint.js'
import type { Agent } from '#agent/core/state.js'
import { systemClock } from '#base/clock.js'
import { silentLog } from '#base/log.js'
import type { CliContext } from '#cli/context.js'
import { runCli } from '#cli/program.js'
import { ImageErrors } from '#containerizer/images/errors.js'
import { createServer, type Server } from '#http/server.js'
import { SampleImages, sampleImage } from '../../support/sample-images.js'

let server: Server
let agent: string
let images: SampleImages
let interrupt: () => void

beforeEach(async () => {
  images = new SampleImages()
  server = createServer({ prefix: 'slave(1)', log: silentLog })
  const state = { frameworks: new Map() } as unknown as Agent
  routeImages(server, { agent: () => state, containerizer: { images, transfers: () => [] }, clock: systemClock })
  agent = `127.0.0.1:${await server.listen({ ip: '127.0.0.1', port: 0 })}`
})

afterEach(() => server.close())

/** `meseta image …` about that agent. */
async function image(command: string, ...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const daemon = async () => 0
  const context: CliContext = {
    stdout: { write: (text) => void out.push(String(text)) },
    stderr: { write: (text) => void err.push(String(text)) },
    env: {},
    user: 'me',
    onSignal: (listener) => {
      interrupt = () => listener('SIGINT')
      return () => {}
    },
    daemons: { master: daemon, agent: daemon, up: daemon, down: daemon },
  }
  const code = await runCli(['image', command, '--agent', agent, ...argv], context)
  return { code, out: out.join(''), err: err.join('') }
}

test('pull shows what comes and what came of it', async () => {
  images.coming = async (_, { transfers }) => {
    transfers!.set('layer', '111111111111', { phase: 'running', bytes: 5_000_000, total: 10_000_000 })
    transfers!.set('layer', '222222222222', { phase: 'here' })
  }
  const { code, out, err } = await image('pull', 'alpine:3')
  expect(code).toBe(0)
  expect(err).toContain('alpine:3: 222222222222 already here\n')
  expect(out.split('\n').slice(0, 2)).toEqual([
    expect.stringMatching(/^AGENT +RESULT +DIGEST +LAYERS +SIZE$/),
    `${agent}  alpine:3  sha256:abababababab       2  1.0 kB`,
  ])
  expect((await image('pull', '-q', 'alpine:3')).err).toBe('')
})

test('pull passes on what was asked for', async () => {
  const { code, out } = await image('pull', '--force', '--appc', '--json', 'example.com/app')
  expect([code, images.wanted]).toMatchObject([0, [{ kind: 'appc', name: 'example.com/app', cached: false }]])
  expect(JSON.parse(out)).toMatchObject([{ agent, pulled: { name: 'example.com/app', bytes: 1000 } }])
})

test('a pull that fails says so with one sentence and a code', async () => {
  images.coming = async () => {
    throw ImageErrors.DIGEST_INVALID({ digest: 'sha256:1' })
  }
  const { code, out, err } = await image('pull', 'x@sha256:1')
  expect([code, out, err]).toEqual([1, '', expect.stringMatching(/^meseta: 127.0.0.1:\d+: "sha256:1" is no digest: .*\n$/)])
})

test('Ctrl-C gives a pull up', async () => {
  images.coming = (_, { abort }) => new Promise((_, fail) => abort.addEventListener('abort', () => fail(abort.reason)))
  const pull = image('pull', 'slow')
  await vi.waitFor(() => expect(images.wanted).toHaveLength(1))
  interrupt()
  expect((await pull).code).toBe(130)
  await vi.waitFor(() => expect(images.gaveUp).toEqual(['slow']))
})

test('ls lists, inspect looks, prune removes', async () => {
  images.images = [sampleImage('a', ['c1']), sampleImage('b'), sampleImage('c')]
  const { out } = await image('ls')
  expect(out.split('\n')[1]).toMatch(new RegExp(`^a +sha256:abababababab +2 +1.0 kB +\\d+d +\\d+d +1 +${agent}$`))
  expect(JSON.parse((await image('ls', '--json')).out)[0].images).toHaveLength(3)

  expect((await image('inspect', 'b')).out).toContain('Image:        b\n')
  expect(JSON.parse((await image('inspect', '--json', 'b')).out)).toMatchObject([
    { agent, name: 'b', manifest: { schemaVersion: 2 } },
  ])

  expect((await image('prune', '--exclude', 'c')).out.split('\n')[1]).toBe(`${agent}  1.0 kB       1  b`)
  expect(images.prunedWith).toEqual([['c']])
  expect(JSON.parse((await image('prune', '--json')).out)).toEqual([{ agent, images: ['c'], layers: 1, bytes: 1000 }])
  expect((await image('prune')).out).toContain('nothing to remove')
})
