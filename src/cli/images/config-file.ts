import { readFile } from 'node:fs/promises'
import { CliErrors } from '../errors.js'

/** The docker config.json that a person names: its content goes to the agent, whatever is on the agent's disk. */
export async function readDockerConfig(path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path)
  } catch (error) {
    throw CliErrors.FILE_UNREADABLE({ option: '--docker-config', path, why: (error as Error).message }, error)
  }
}
