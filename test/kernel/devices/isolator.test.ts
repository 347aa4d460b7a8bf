import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Workplace } from '../containerizer/workplace.js'

/** A device of the host that the standard list does not hold, under a name of ours. */
let log: string
let place: Workplace

beforeAll(async () => {
  place = await Workplace.open('--isolation=filesystem/linux,namespaces/pid,cgroups/devices,linux/devices')
  log = join(place.directory, 'kernel-log')
  execFileSync('mknod', [log, 'c', '1', '11'])
})
afterAll(() => place.close())

const entry = (access: object): string => JSON.stringify({ allowed_devices: [{ device: { path: log }, access }] })
const open = (node: string): string => `if true <${node}; then echo opens; else echo is refused; fi 2>/dev/null`

test('root with CAP_MKNOD makes a node of a disk and cannot read it (S37)', async () => {
  const { stdout } = await place.run(
    `mknod disk b 8 0 && mknod virtual b 254 0 && ${open('disk')}; ${open('virtual')}; ${open('/dev/null')}`,
  )
  expect(stdout).toBe('is refused\nis refused\nopens\n')
})

test('the list that the kernel keeps is the standard one (row 6-026)', async ({ skip }) => {
  if (!existsSync('/sys/fs/cgroup/devices')) skip('pure cgroup v2 keeps a program and no list (unified.test.ts looks at that)')
  const config = place.config('sleep 1000')
  await place.start(config)
  const list = await readFile(`/sys/fs/cgroup/devices/${place.cgroupsRoot}/${config.id}/devices.list`, 'utf8')
  await place.containerizer.destroy(config.id)
  const lines = list.trim().split('\n').sort()
  expect(lines).toContain('b *:* m')
  expect(lines).toContain('c *:* m')
  expect(lines.filter((line) => line.endsWith('rwm'))).toEqual(
    ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:1', '4:0', '4:1', '136:*', '5:2', '10:200']
      .map((pair) => `c ${pair} rwm`)
      .sort(),
  )
  expect(lines).toHaveLength(14)
})

test('--allowed_devices opens more, as far as it says', async () => {
  const other = await Workplace.open('--isolation=cgroups/devices', `--allowed_devices=${entry({ read: true })}`)
  const { stdout } = await other.run(`${open(log)}; if true >>${log}; then echo writes; else echo does not write; fi 2>/dev/null`)
  await other.close()
  expect(stdout).toBe('opens\ndoes not write\n')
  expect((await place.run(open(log))).stdout).toBe('is refused\n')
})
