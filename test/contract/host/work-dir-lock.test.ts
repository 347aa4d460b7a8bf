import { mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockWorkDirectory } from '#agent/work-dir-lock.js'

test('a work directory has one agent at a time, by whatever path it is named', async () => {
  const work = await mkdtemp(join(tmpdir(), 'meseta-lock-'))
  const other = `${work}-link`
  await symlink(work, other)
  const first = await lockWorkDirectory(work)
  await expect(lockWorkDirectory(other)).rejects.toMatchObject({ code: 'AGENT_WORK_DIR_IN_USE' })
  // Who can open it can lock it, and keep an agent from coming back.
  expect((await stat(join(work, 'meta', 'agent.lock'))).mode & 0o777).toBe(0o600)
  await first.close()
  const second = await lockWorkDirectory(other)
  await second.close()
  await rm(work, { recursive: true })
  await rm(other)
})
