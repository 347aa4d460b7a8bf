/** The replayer itself, without a cluster: what it reads, renames and calls alike. */
import { describe, expect, test } from 'vitest'
import { fullName, pendingCases } from './pending.js'
import { ExactNumber, type Json, parseJson, writeJson } from './replay/json.js'
import { Likeness } from './replay/likeness.js'
import { Names } from './replay/names.js'
import { isRequest, loadTopic, TOPICS } from './replay/recording.js'
import { subjectOf } from './replay/subject.js'

const ID = '856424ac-2230-4749-8249-0947f0206e73'
const OTHER = '11111111-2230-4749-8249-0947f0206e73'
const place = { directory: '/tmp/x', ports: { 15050: 5050, 15051: 5051, 15052: 5052 }, agents: async () => [`${OTHER}-S4`] }
const likeness = (mentioned = ''): Likeness => new Likeness(new Names(place), mentioned, false)
const topics = Object.keys(TOPICS).map(loadTopic)

describe('recordings', () => {
  test('hold all 481 sequences and 149 bad requests', () => {
    expect(topics.reduce((sum, { cases }) => sum + cases.length, 0)).toBe(481 + 149)
  })

  test('every case sends something', () => {
    const silent = topics.flatMap(({ cases }) => cases).filter(({ steps }) => !steps.some(isRequest))
    expect(silent).toEqual([])
  })

  test('pending cases are known, each named once', () => {
    const known = new Set(topics.flatMap(({ name, cases }) => cases.map((one) => fullName(name, one.name))))
    const pending = pendingCases()
    expect(pending.filter((name) => !known.has(name))).toEqual([])
    expect(new Set(pending).size).toBe(pending.length)
  })
})

describe('numbers', () => {
  test('keep every digit through reading and writing', () => {
    const text = '{"a":9223372036854775808,"b":[1,2.5,"9223372036854775808"],"c":1e999}'
    expect(writeJson(parseJson(text))).toBe(text)
    expect(parseJson('[18446744073709551615]')).toEqual([new ExactNumber('18446744073709551615')])
  })
})

describe('names', () => {
  test('are learnt from equal places and put into texts', () => {
    const names = new Names(place)
    names.learn({ framework_id: { value: `${ID}-0001` } }, { framework_id: { value: `${OTHER}-0007` } })
    expect(names.text(`frameworks/${ID}-0001/x`)).toBe(`frameworks/${OTHER}-0007/x`)
    expect(names.text('/var/lib/mesos/agent on 127.0.0.1:15051')).toBe('/tmp/x/agent on 127.0.0.1:5051')
    expect(names.text('%2Fvar%2Flib%2Fmesos%2Fagent')).toBe('%2Ftmp%2Fx%2Fagent')
  })

  test('of agents are those that are registered', async () => {
    const names = new Names(place)
    await names.bindAgents({ agent_id: { value: `${ID}-S0` } })
    expect(names.text(`${ID}-S0`)).toBe(`${OTHER}-S4`)
  })
})

describe('likeness', () => {
  const cases: [string, Json, Json, string | undefined][] = [
    ['the same', { a: 1, b: [true, 'x'] }, { a: 1, b: [true, 'x'] }, undefined],
    ['more keys and elements', { b: ['x'] }, { a: 1, b: ['y', 'x'] }, undefined],
    ['lists are multisets', { b: [{ k: 1 }, { k: 2 }] }, { b: [{ k: 2 }, { k: 1 }] }, undefined],
    ['a missing key', { a: 1 }, {}, '.a is missing'],
    ['another value', { a: 1 }, { a: 2 }, '.a: 2 instead of 1'],
    ['another type', { a: 1 }, { a: '1' }, '.a: "1" instead of 1'],
    ['a missing element', { b: [{ k: 1 }] }, { b: [{ k: 2 }] }, '.b lacks {"k":1} (.b[].k: 2 instead of 1)'],
    ['an element that must be there twice', { b: ['x', 'x'] }, { b: ['x'] }, '.b lacks "x" (missing)'],
    ['texts of messages', { message: 'a' }, { message: 'b' }, undefined],
    ['but not their type', { message: 'a' }, { message: 1 }, '.message: 1 instead of "a"'],
    ['ids that nobody knows yet', { id: `${ID}-S0` }, { id: `${OTHER}-S9` }, undefined],
    ['an id that is none', { id: `${ID}-S0` }, { id: 'x' }, `.id: "x" instead of "${ID}-S0"`],
    ['a tree of volatile values', { statistics: { cpus: 1 } }, { statistics: { cpus: 2 } }, undefined],
  ]
  test.each(cases)('%s', (_, recorded, live, expected) => {
    expect(likeness().difference(recorded, live)).toBe(expected)
  })

  test('roles that the case never mentions are left over from another', () => {
    const recorded = { get_roles: { roles: [{ name: 'mine' }, { name: 'old' }] } }
    const live = { get_roles: { roles: [{ name: 'mine' }] } }
    expect(likeness('"mine"').difference(recorded, live)).toBeUndefined()
    expect(likeness('"mine" "old"').difference(recorded, live)).toContain('lacks {"name":"old"}')
  })
})

describe('subjects', () => {
  test('keep events of one task in order, and apart from those of others', () => {
    const update = (id: string): { type: string; update: Json } => ({
      type: 'UPDATE',
      update: { status: { task_id: { value: id } } },
    })
    expect(subjectOf(update('a'))).toBe('UPDATE a')
    expect(subjectOf(update('b'))).not.toBe(subjectOf(update('a')))
    expect(subjectOf({ type: 'AGENT_ADDED' })).toBe(subjectOf({ type: 'AGENT_REMOVED' }))
  })
})
