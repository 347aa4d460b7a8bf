import { readFile } from 'node:fs/promises'
import type { JoinedNamespace } from '#wire/native.js'
import { HostErrors } from './errors.js'
import type { NamespaceKind, StartedTask, SupervisorIdentity } from './host.js'

/** Of these init is not a member: the task enters them by itself. */
const OF_TASK: readonly NamespaceKind[] = ['cgroup', 'time']

/**
 * Namespaces of a running container by processes that are certainly its own: a pid alone might be another's by now, but a child of its supervisor, whose
 * start time is known, is nobody but its init (design §6).
 */
export async function joinable(
  id: string,
  supervisor: SupervisorIdentity,
  { initPid, taskPid }: StartedTask,
  kinds: readonly NamespaceKind[],
): Promise<JoinedNamespace[]> {
  const [init, task] = await Promise.all([statOf(initPid), statOf(taskPid)])
  // Read after the others: if it still runs, it was their parent then.
  const parent = await statOf(supervisor.pid)
  const known = parent?.startTime === supervisor.startTime && init?.parent === supervisor.pid
  return kinds.map((kind) => {
    const ofTask = OF_TASK.includes(kind)
    const member = ofTask ? task : init
    if (!known || !member || (ofTask && member.parent !== initPid)) throw HostErrors.ENDED({ id })
    return { kind, pid: ofTask ? taskPid : initPid, startTime: member.startTime }
  })
}

async function statOf(pid: number): Promise<{ parent: number; startTime: bigint } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name in brackets may hold anything, brackets too.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields && { parent: Number(fields[1]), startTime: BigInt(fields[19] ?? 0) }
}
