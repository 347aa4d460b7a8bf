import { resolve } from 'node:path'
import { bringUp } from './bring-up.js'
import type { AgentFlags } from './flags.js'
import { type AgentDependencies, openParts } from './parts.js'
import { routeAgent } from './routes.js'
import { lockWorkDirectory } from './work-dir-lock.js'

export interface RunningAgent {
  /** `http://127.0.0.1:5051` */
  readonly url: string
  readonly port: number
  /** Resolves when the agent wants its process to end by itself: the master or the operator sent it away. */
  readonly ended: Promise<string>
  /** Takes the agent out of the cluster: its tasks end, and `ended` follows (row 5-013). */
  leave(): void
  /** Ends the agent; containers run on. Idempotent. */
  close(): Promise<void>
}

/** Starts an agent and goes into service; resolves as soon as it recovered and answers, whether the master can be reached or not. */
export async function startAgent(given: AgentFlags, dependencies: AgentDependencies): Promise<RunningAgent> {
  const flags = { ...given, workDir: resolve(given.workDir) }
  const lock = await lockWorkDirectory(flags.workDir)
  const parts = await openParts(flags, dependencies)
  const { server, images, containerizer, verbosity } = parts
  routeAgent(parts)
  try {
    const port = await server.listen({ ip: flags.ip, port: flags.port })
    const { shell, collector, ...serving } = await bringUp(parts, port)
    const close = async (): Promise<void> => {
      await server.close()
      for (const part of [shell, collector, verbosity, containerizer, lock]) await part.close()
    }
    return { ...serving, close }
  } catch (error) {
    await server.close()
    await images?.close()
    await lock.close()
    throw error
  }
}
