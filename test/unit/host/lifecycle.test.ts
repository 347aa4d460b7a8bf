import { expect, test } from 'vitest'
import { waitStatusOf } from '#host/host.js'
import { endOf, Lifecycle } from '#host/lifecycle.js'

const exited = { how: 'exited', waitStatus: 0, oomKills: 0, finishedAt: 1 } as const

test('phases only go forward', async () => {
  const life = new Lifecycle('c1')
  life.end(exited)
  life.ready()
  life.running({ initPid: 1, taskPid: 2 })
  life.end({ how: 'lost', reason: 'late' })
  expect(life.phase).toBe('ended')
  expect(await life.ended).toBe(exited)
  await expect(life.started).rejects.toMatchObject({ code: 'HOST_ENDED_BEFORE_START' })
})

test('memory pressure that came before anybody listened is told to the first listener, once', () => {
  const life = new Lifecycle('c1')
  life.pressure({ oomKills: 1n })
  const first: unknown[] = []
  const second: unknown[] = []
  life.onOom((pressure) => first.push(pressure))
  life.onOom((pressure) => second.push(pressure))
  life.pressure({ oomKills: 2n })
  expect(first).toEqual([{ oomKills: 1n }, { oomKills: 2n }])
  expect(second).toEqual([{ oomKills: 2n }])
})

test('what a supervisor wrote is read as an end, with a sentence for a failed step', () => {
  expect(endOf({ waitStatus: 768, finishedAtMs: 5n, oomKills: 2n })).toEqual({
    how: 'exited',
    waitStatus: 768,
    oomKills: 2,
    finishedAt: 5,
  })
  const failure = { step: 'mount volume', path: '/data/in', errno: 2, detail: 'no such file or directory' }
  expect(endOf({ failure, finishedAtMs: 5n })).toEqual({
    how: 'failed',
    reason: 'could not mount volume /data/in: no such file or directory',
    finishedAt: 5,
  })
})

test('a wait status is an exit code or a signal', () => {
  expect(waitStatusOf({ waitStatus: 3 << 8 })).toEqual({ code: 3 })
  expect(waitStatusOf({ waitStatus: 15 })).toEqual({ signal: 15, core: false })
  expect(waitStatusOf({ waitStatus: 11 | 0x80 })).toEqual({ signal: 11, core: true })
})
