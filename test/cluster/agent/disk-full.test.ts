import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TaskState } from '#wire/mesos.js'
import { OneAgent } from './one-agent.js'

test('on a full disk launches fail with that reason, running tasks go on, and their ends are told', async () => {
  const cluster = await OneAgent.begin()
  mkdirSync(cluster.workDirectory)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', cluster.workDirectory])
  try {
    cluster.start('', ['--resources=cpus:4;mem:2048;disk:1000', '--disk_watch_interval=1weeks'])
    await cluster.up()
    await cluster.launch({ name: 'before', command: { value: 'sleep 1000' } })
    await cluster.reached('before', TaskState.TASK_RUNNING)
    const ballast = join(cluster.workDirectory, 'ballast')
    expect(() => writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024))).toThrow(/ENOSPC/)
    // Larger than what is left in the last page of a file.
    const data = Buffer.alloc(64 * 1024)
    await cluster.launch({ name: 'refused', data, command: { value: `echo ran >> ${cluster.marks}/refused` } })
    const end = await cluster.ended('refused')
    expect(end.state).toBe(TaskState.TASK_FAILED)
    expect(end.message).toMatch(/space|full/)
    expect(cluster.runs('refused')).toBe(0)
    await cluster.scheduler.kill('before')
    expect((await cluster.ended('before')).state).toBe(TaskState.TASK_KILLED)
    rmSync(ballast)
    await cluster.launch({ name: 'after', command: { value: 'true' } })
    await cluster.reached('after', TaskState.TASK_FINISHED)
  } finally {
    await cluster.stop()
    execFileSync('umount', ['-l', cluster.workDirectory])
    await cluster.end()
  }
})
