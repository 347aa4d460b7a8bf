import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PreparedContainer } from '#containerizer/isolator.js'
import { linuxSeccomp } from '#containerizer/isolators/linux-seccomp.js'
import { choose } from '#containerizer/seccomp/choose.js'
import { parseProfile } from '#containerizer/seccomp/profile.js'
import { setOf } from '#containerizer/security/capability-sets.js'
import type { Container, Host } from '#host/host.js'
import type { SeccompInfo } from '#wire/mesos.js'
import type { SeccompProfile } from '#wire/native.js'
import { config, container, flags, hybrid, MemoryFiles, prepared, rootAt } from './fixture.js'

const rule = (more: object) => ({ names: ['kill'], action: 'SCMP_ACT_ALLOW', ...more })
const profile = (...syscalls: object[]) => JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls })
const here = { capabilities: setOf(['SYS_ADMIN', 'CHOWN']), architecture: 'x64', kernel: '5.10.0-3-amd64' }
const chosen = (text: string) => choose(parseProfile('p', text), here)

describe("Docker's format", () => {
  test.each([
    ['nothing', {}, true],
    ['a capability that is there', { includes: { caps: ['CAP_SYS_ADMIN'] } }, true],
    ['several, of which one is missing', { includes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } }, false],
    ['the absence of one that is there', { excludes: { caps: ['CAP_CHOWN'] } }, false],
    ['the absence of one that is missing', { excludes: { caps: ['CAP_BPF'] } }, true],
    ['this architecture', { includes: { arches: ['amd64', 'x32'] } }, true],
    ['another architecture', { includes: { arches: ['s390x'] } }, false],
    ['any architecture but this', { excludes: { arches: ['amd64'] } }, false],
    ['an older kernel', { includes: { minKernel: '4.8' } }, true],
    ['this kernel', { includes: { minKernel: '5.10' } }, true],
    ['a newer kernel', { includes: { minKernel: '5.11' } }, false],
  ])('a rule that needs %s', (_, more, holds) => {
    expect(chosen(profile(rule(more))).rules).toHaveLength(holds ? 1 : 0)
  })

  test('numbers of 64 bits keep every digit; absent ones are zero', () => {
    const args = '[{"index": 1, "value": 18446744069414584320, "op": "SCMP_CMP_MASKED_EQ"}]'
    const text = profile(rule({ args: 'ARGS' })).replace('"ARGS"', args)
    expect(chosen(text).rules?.[0]?.conditions).toEqual([
      { index: 1, operator: 'SCMP_CMP_MASKED_EQ', value: 0xffff_ffff_0000_0000n, valueTwo: 0n },
    ])
  })

  test('of a map of architectures only the host counts, of a list all', () => {
    const archMap = [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    ]
    const base = { defaultAction: 'SCMP_ACT_ERRNO' }
    expect(chosen(JSON.stringify({ ...base, archMap })).architectures).toEqual([
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_X86',
      'SCMP_ARCH_X32',
    ])
    expect(chosen(JSON.stringify({ ...base, architectures: ['SCMP_ARCH_X86'] })).architectures).toEqual(['SCMP_ARCH_X86'])
  })

  test.each([
    ['not JSON', '{', /^seccomp profile p: .*syntax error/],
    ['no object', '[]', 'the profile is no object'],
    ['no default', '{}', 'the profile has no text defaultAction'],
    [
      'an unknown member',
      '{"defaultAction": "x", "listenerPath": "/x"}',
      'the profile has "listenerPath", which is not supported',
    ],
    ['a rule without names', profile({ action: 'SCMP_ACT_ALLOW' }), 'syscalls[0] names no system call'],
    ['an unknown member of a rule', profile(rule({ argz: [] })), 'syscalls[0] has "argz", which is not supported'],
    ['a negative number', profile(rule({ args: [{ op: 'x', value: -1 }] })), 'value of args[0] is no number of 64 bits'],
    ['an unknown capability', profile(rule({ includes: { caps: ['CAP_FLY'] } })), 'no known name'],
    ['a bad version', profile(rule({ includes: { minKernel: 'new' } })), 'new is no kernel version'],
    [
      'both kinds of architectures',
      '{"defaultAction":"x","architectures":["a"],"archMap":[{"architecture":"b"}]}',
      'cannot both be given',
    ],
  ])('%s is refused with the place', (_, text, sentence) => {
    expect(() => parseProfile('p', text)).toThrow(sentence)
  })
})

test('whatever a file says, it is read or refused in a sentence that names it', () => {
  const names = [
    'defaultAction',
    'syscalls',
    'names',
    'action',
    'args',
    'index',
    'value',
    'op',
    'includes',
    'caps',
    'archMap',
    'flags',
  ]
  const leaf = fc.oneof(fc.constantFrom('SCMP_ACT_ALLOW', 'CAP_CHOWN', 'SCMP_CMP_EQ', '4.8', null, -1, 1.5), fc.jsonValue())
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('json')),
    ),
  }))
  fc.assert(
    fc.property(json, (value) => {
      try {
        choose(parseProfile('p', JSON.stringify(value)), here)
      } catch (error) {
        expect((error as Error).message).toMatch(/^seccomp profile p: ./)
      }
    }),
    { numRuns: 3000 },
  )
})

describe('linux/seccomp (row 6-037, T149)', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync('/tmp/meseta-seccomp-')
    writeFileSync(join(directory, 'good.json'), profile(rule({})))
    writeFileSync(join(directory, 'bad.json'), '{}')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  function open(...argv: string[]) {
    const compiled: SeccompProfile[] = []
    const compileSeccomp = (wanted: SeccompProfile) => {
      compiled.push(wanted)
      return { program: Buffer.from(`${compiled.length}`) }
    }
    const host = { facts: hybrid, compileSeccomp } as Partial<Host> as Host
    const isolator = linuxSeccomp.create({ host, files: new MemoryFiles(), flags: flags(...argv) })
    const prepare = async (seccomp?: SeccompInfo, image = false) => {
      const wanted = prepared({ config: config({ container: container({ linuxInfo: { seccomp } }) }) })
      const fragment = await isolator.prepare?.({ ...wanted, root: image ? rootAt('/image') : undefined })
      return fragment?.process?.seccomp
    }
    return { prepare, compiled, isolator }
  }
  const configured = () => [`--seccomp_config_dir=${directory}`]

  test('without a word, only containers with an image have a filter', async () => {
    const { prepare } = open()
    expect(await prepare()).toBeUndefined()
    expect(await prepare({}, true)).toBeDefined()
    expect(await prepare({ unconfined: true }, true)).toBeUndefined()
  })

  test('a profile is compiled once for all containers of a kind', async () => {
    const { prepare, compiled } = open()
    await Promise.all([prepare({}, true), prepare({}, true), prepare({}, true)])
    expect(compiled).toHaveLength(1)
  })

  test('the default profile of the agent is for all, and a task may name another or none', async () => {
    const { prepare, compiled } = open(...configured(), '--seccomp_profile_name=good.json')
    expect(await prepare()).toBeDefined()
    expect(await prepare({ profileName: 'good.json' })).toBeDefined()
    expect(compiled.at(-1)?.rules?.[0]?.names).toEqual(['kill'])
    expect(await prepare({ unconfined: true })).toBeUndefined()
  })

  test('strict filters all, and nobody gets out of it', async () => {
    const { prepare } = open('--task_security=strict')
    expect(await prepare()).toBeDefined()
    await expect(prepare({ unconfined: true })).rejects.toThrow('--task_security=strict forbids')
  })

  test('a nested container that says nothing is filtered as those around it', async () => {
    const { isolator } = open(...configured())
    const inside = async (outer: PreparedContainer, seccomp?: SeccompInfo) => {
      const wanted = prepared({ config: config({ container: container({ linuxInfo: { seccomp } }) }) })
      const nested = { ...wanted, parent: { container: outer, process: {} as Container } }
      return (await isolator.prepare?.(nested))?.process?.seccomp
    }
    const outer = (seccomp?: SeccompInfo) => prepared({ config: config({ container: container({ linuxInfo: { seccomp } }) }) })
    expect(await inside(outer())).toBeUndefined()
    expect(await inside({ ...outer(), root: rootAt('/image') })).toBeDefined()
    expect(await inside(outer({ profileName: 'good.json' }))).toBeDefined()
    expect(await inside(outer({ profileName: 'good.json' }), { unconfined: true })).toBeUndefined()
    expect(await inside({ ...outer({ unconfined: true }), root: rootAt('/image') })).toBeUndefined()
  })

  test('a profile that is missing, broken or elsewhere fails the task', async () => {
    const { prepare } = open(...configured())
    await expect(prepare({ profileName: 'none.json' })).rejects.toThrow(/none\.json cannot be read: there is no such file/)
    await expect(prepare({ profileName: 'bad.json' })).rejects.toThrow(
      'seccomp profile bad.json: the profile has no text defaultAction',
    )
    for (const profileName of ['../passwd', '/etc/passwd', '..', '.', '', 'a\0b', 'x'.repeat(256)]) {
      await expect(prepare({ profileName }), profileName).rejects.toThrow('it is no plain file name')
    }
    await expect(prepare({ profileName: 'good.json', unconfined: true })).rejects.toThrow('only one of them can be')
    await expect(open().prepare({ profileName: 'good.json' })).rejects.toThrow('no --seccomp_config_dir')
  })

  test('an agent whose default profile cannot be used does not start', () => {
    expect(() => open(...configured(), '--seccomp_profile_name=bad.json')).toThrow('defaultAction')
    expect(() => open(...configured(), '--seccomp_profile_name=none.json')).toThrow('there is no such file')
    expect(() => open('--seccomp_profile_name=good.json')).toThrow('no --seccomp_config_dir')
  })
})
