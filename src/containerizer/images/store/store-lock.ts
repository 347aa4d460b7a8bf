import { createServer } from 'node:net'
import { StoreErrors } from './errors.js'
import { sha256 } from './paths.js'

/**
 * Two agents with one store would take each other's half-brought layers for rubbish. The lock is an abstract socket, which the kernel lets go with the
 * agent, however that ends.
 */
export async function lockStore(path: string): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path: `\0meseta-store-${sha256(path).slice(0, 32)}` }, resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'another agent keeps its images there' : error.message
    throw StoreErrors.DIRECTORY_UNUSABLE({ path, why }, error)
  })
  server.unref()
  return () => new Promise((resolve) => void server.close(() => resolve()))
}
