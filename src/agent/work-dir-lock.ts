import { join } from 'node:path'
import { lockFile } from '#host/file-lock.js'
import { AgentErrors } from './errors.js'
import { makeDurably } from './journal/durable-file.js'
import { metaDirectory } from './paths.js'

/**
 * Two agents on one work directory would destroy each other's journal. The kernel lets the lock go when the agent dies, in whatever way, so that no
 * stale lock can ever keep an agent from starting; and nobody else may open the file, so that no task and no other user can take it meanwhile.
 */
export async function lockWorkDirectory(work: string): Promise<{ close(): Promise<void> }> {
  const directory = metaDirectory(work)
  const lock = await makeDurably(directory)
    .then(() => lockFile(join(directory, 'agent.lock')))
    .catch((error: Error) => {
      throw AgentErrors.WORK_DIR_UNUSABLE({ path: work, why: error.message }, error)
    })
  if (!lock) throw AgentErrors.WORK_DIR_IN_USE({ path: work })
  return lock
}
