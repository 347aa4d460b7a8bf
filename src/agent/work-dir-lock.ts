import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { AgentErrors } from './errors.js'

/**
 * Two agents on one work directory would destroy each other's journal. The lock is an abstract socket: the kernel lets it go when the agent dies, in
 * whatever way, so that no stale lock can ever keep an agent from starting.
 */
export async function lockWorkDirectory(work: string): Promise<{ close(): Promise<void> }> {
  const path = await realpath(work)
  const name = `\0meseta-agent-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  const server = createServer((socket) => socket.destroy())
  await listen(server, name).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? AgentErrors.WORK_DIR_IN_USE({ path }, error) : error
  })
  server.unref()
  return { close: () => new Promise((resolve) => void server.close(() => resolve())) }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path }, resolve)
  })
}
