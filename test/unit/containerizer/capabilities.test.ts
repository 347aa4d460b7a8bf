import { expect, test } from 'vitest'
import { setOf, TIGHT } from '#containerizer/security/capability-sets.js'
import { capabilityPolicy, taskCapabilities } from '#containerizer/security/task-capabilities.js'
import type { CapabilityInfo, LinuxInfo } from '#wire/mesos.js'
import { CapabilityInfoCapability as Capability } from '#wire/mesos.js'
import { config, container, flags, hybrid, prepared, rootAt } from './fixture.js'

const info = (...names: (keyof typeof Capability)[]): CapabilityInfo => ({ capabilities: names.map((name) => Capability[name]) })
const json = (...names: string[]) => JSON.stringify({ capabilities: names })

interface Case {
  argv?: string[]
  linuxInfo?: LinuxInfo
  image?: boolean
  uid?: number
  available?: bigint
}

function capabilities({ argv = [], linuxInfo = {}, image = false, uid, available }: Case) {
  const facts = { ...hybrid, security: { ...hybrid.security, capabilities: available ?? hybrid.security.capabilities } }
  const user = uid === undefined ? undefined : { name: 'u', identity: { uid, gid: uid }, home: '/', shell: '/bin/sh' }
  const wanted = {
    ...prepared({ config: config({ container: container({ linuxInfo }) }) }),
    user,
    root: image ? rootAt('/image') : undefined,
  }
  return taskCapabilities(wanted, capabilityPolicy(flags(...argv), facts))
}

test('on the files of the host nothing is taken that nobody asked to be taken', () => {
  expect(capabilities({})).toBeUndefined()
  expect(capabilities({ uid: 1000 })).toBeUndefined()
})

test('a container with an image has the tight set; a user other than root may at most gain it', () => {
  expect(capabilities({ image: true })).toEqual({ bounding: TIGHT, effective: TIGHT, inheritable: 0n, ambient: 0n })
  expect(capabilities({ image: true, uid: 1000 })).toEqual({ bounding: TIGHT, effective: 0n, inheritable: 0n, ambient: 0n })
  expect(capabilities({ image: true, available: setOf(['CHOWN', 'SYS_ADMIN']) })?.bounding).toBe(setOf(['CHOWN']))
})

test('strict gives it to all, and more cannot be asked for', () => {
  expect(capabilities({ argv: ['--task_security=strict'] })?.bounding).toBe(TIGHT)
  const linuxInfo = { effectiveCapabilities: info('NET_RAW') }
  expect(() => capabilities({ argv: ['--task_security=strict'], linuxInfo })).toThrow(
    'CAP_NET_RAW cannot be had: --task_security=strict allows less',
  )
  const argv = ['--task_security=strict', `--bounding_capabilities=${json('NET_RAW')}`]
  expect(capabilities({ argv, linuxInfo })?.effective).toBe(setOf(['NET_RAW']))
})

test('what a user other than root asks for is ambient, so that it survives exec (T148)', () => {
  const wanted = setOf(['NET_RAW'])
  const linuxInfo = { effectiveCapabilities: info('NET_RAW') }
  expect(capabilities({ linuxInfo, uid: 1000 })).toEqual({
    bounding: wanted,
    effective: wanted,
    inheritable: wanted,
    ambient: wanted,
  })
  expect(capabilities({ linuxInfo: { capabilityInfo: info('NET_RAW') }, uid: 1000 })?.ambient).toBe(wanted)
})

test('root gets back with exec what is in the bounding set, so that holds no more than is effective', () => {
  const linuxInfo = { effectiveCapabilities: info('CHOWN'), boundingCapabilities: info('CHOWN', 'NET_RAW') }
  expect(capabilities({ linuxInfo })?.bounding).toBe(setOf(['CHOWN']))
  expect(capabilities({ linuxInfo, uid: 1000 })?.bounding).toBe(setOf(['CHOWN', 'NET_RAW']))
})

test('flags are default and maximum (row 6-035)', () => {
  const argv = [`--bounding_capabilities=${json('CHOWN', 'KILL')}`, `--effective_capabilities=${json('KILL')}`]
  expect(capabilities({ argv, uid: 1000 })).toMatchObject({ bounding: setOf(['CHOWN', 'KILL']), effective: setOf(['KILL']) })
  expect(capabilities({ argv, uid: 1000, linuxInfo: { effectiveCapabilities: info('CHOWN') } })?.effective).toBe(setOf(['CHOWN']))
  expect(() => capabilities({ argv, linuxInfo: { boundingCapabilities: info('SYS_ADMIN', 'NET_RAW') } })).toThrow(
    'CAP_NET_RAW, CAP_SYS_ADMIN cannot be had: outside --bounding_capabilities',
  )
})

test('effective ones must be in the bounding set that is asked for beside them', () => {
  const linuxInfo = { effectiveCapabilities: info('KILL'), boundingCapabilities: info('CHOWN') }
  expect(() => capabilities({ linuxInfo })).toThrow('CAP_KILL cannot be effective without being in the bounding set')
})

test('what the agent lacks nobody gets: refused where it is asked for, also by a flag', () => {
  const available = setOf(['CHOWN'])
  expect(() => capabilities({ available, linuxInfo: { effectiveCapabilities: info('SYS_RESOURCE') } })).toThrow(
    'CAP_SYS_RESOURCE cannot be had: neither the agent nor this kernel has it',
  )
  expect(() => capabilities({ available, argv: [`--effective_capabilities=${json('SYS_RESOURCE')}`] })).toThrow(
    'CAP_SYS_RESOURCE',
  )
})

test('a nested container has at most what the one around it has', () => {
  const nested = (around: LinuxInfo, own: LinuxInfo, debug = false) => {
    const parent = prepared({ config: config({ container: container({ linuxInfo: around }) }) })
    const wanted = prepared({ config: config({ debug, container: container({ linuxInfo: own }) }) })
    const within = { ...wanted, parent: { container: parent, process: {} as never } }
    return taskCapabilities(within, capabilityPolicy(flags(), hybrid))
  }
  const around = { effectiveCapabilities: info('CHOWN', 'KILL') }
  expect(nested({}, {})).toBeUndefined()
  expect(nested(around, {})?.bounding).toBe(setOf(['CHOWN', 'KILL']))
  expect(nested(around, { effectiveCapabilities: info('KILL') })?.bounding).toBe(setOf(['KILL']))
  expect(() => nested(around, { effectiveCapabilities: info('NET_RAW') })).toThrow(
    'CAP_NET_RAW cannot be had: the container around it does not have it',
  )
  // Root of the parent has lost NET_RAW; who looks into it says the same words.
  const less = { effectiveCapabilities: info('CHOWN'), boundingCapabilities: info('CHOWN', 'NET_RAW') }
  expect(nested(less, less, true)?.bounding).toBe(setOf(['CHOWN']))
})

test('a name that is none is refused', () => {
  expect(() => capabilities({ linuxInfo: { effectiveCapabilities: { capabilities: [Capability.UNKNOWN] } } })).toThrow(
    'no known name',
  )
  expect(() => flags('--bounding_capabilities={"capabilities": ["CAP_NET_RAW"]}')).toThrow(
    'names "CAP_NET_RAW", which is no capability',
  )
  expect(() => flags('--bounding_capabilities=[]')).toThrow('is no list such as')
})
