import { mkdtemp, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { forgetIdentity, readIdentity, reconfigured, saveIdentity } from '#agent/identity.js'
import { parseAttributes } from '#model/attributes.js'
import { parseResources } from '#model/resource-flags.js'
import type { AgentInfo } from '#wire/mesos.js'

let work: string
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'meseta-identity-'))
})
afterEach(() => rm(work, { recursive: true, force: true }))

const info = (more: { resources?: string; attributes?: string; hostname?: string; port?: number } = {}): AgentInfo => ({
  id: { value: 'S0' },
  hostname: more.hostname ?? 'h',
  port: more.port ?? 5051,
  resources: parseResources(more.resources ?? 'cpus:4;mem:1024;ports:[1-10]').toProto(),
  attributes: parseAttributes(more.attributes ?? 'rack:r1'),
})

test('an identity is read again, and without its link the next agent is a new one (row 5-010)', async () => {
  expect(await readIdentity(work)).toBeUndefined()
  await saveIdentity(work, { info: info(), bootId: 'b' })
  expect(await readlink(join(work, 'meta/slaves/latest'))).toBe('S0')
  expect(await readIdentity(work)).toMatchObject({ bootId: 'b', info: { id: { value: 'S0' }, hostname: 'h' } })
  await forgetIdentity(work)
  expect(await readIdentity(work)).toBeUndefined()
})

test('a checkpoint that cannot be read says what to do about it', async () => {
  await saveIdentity(work, { info: info(), bootId: 'b' })
  await writeFile(join(work, 'meta/slaves/S0/agent.info'), 'x')
  await expect(readIdentity(work)).rejects.toThrow(/meta\/slaves\/latest/)
})

describe('reconfiguration (row 5-009)', () => {
  test.each([
    ['nothing', {}, {}, true, true],
    ['more resources', {}, { resources: 'cpus:8;mem:1024;ports:[1-20]' }, false, true],
    ['fewer resources', {}, { resources: 'cpus:2;mem:1024;ports:[1-10]' }, false, false],
    ['another attribute more', {}, { attributes: 'rack:r1;zone:z' }, false, true],
    ['another value of an attribute', {}, { attributes: 'rack:r2' }, false, false],
    ['another host name', {}, { hostname: 'i' }, false, false],
    ['another port', {}, { port: 5052 }, false, false],
  ])('%s', (_what, before, after, equal, additive) => {
    expect(reconfigured(info(before), info(after), 'equal') === undefined).toBe(equal)
    expect(reconfigured(info(before), info(after), 'additive') === undefined).toBe(additive)
  })
})
