import { HttpErrors } from '#http/errors.js'
import { type Call, CallType } from '#wire/agent.js'
import type { ContainerID } from '#wire/mesos.js'
import { AgentErrors } from '../errors.js'

type Field = Exclude<keyof Call, 'type'>

/** Calls about containers, each with the field that it must carry and its name on the wire (rows 3-052 to 3-059). */
const CONTAINER_CALLS: Partial<Record<CallType, readonly [field: Field, wire: string]>> = {
  [CallType.LAUNCH_NESTED_CONTAINER]: ['launchNestedContainer', 'launch_nested_container'],
  [CallType.WAIT_NESTED_CONTAINER]: ['waitNestedContainer', 'wait_nested_container'],
  [CallType.KILL_NESTED_CONTAINER]: ['killNestedContainer', 'kill_nested_container'],
  [CallType.REMOVE_NESTED_CONTAINER]: ['removeNestedContainer', 'remove_nested_container'],
  [CallType.LAUNCH_NESTED_CONTAINER_SESSION]: ['launchNestedContainerSession', 'launch_nested_container_session'],
  [CallType.ATTACH_CONTAINER_INPUT]: ['attachContainerInput', 'attach_container_input'],
  [CallType.ATTACH_CONTAINER_OUTPUT]: ['attachContainerOutput', 'attach_container_output'],
  [CallType.LAUNCH_CONTAINER]: ['launchContainer', 'launch_container'],
  [CallType.WAIT_CONTAINER]: ['waitContainer', 'wait_container'],
  [CallType.KILL_CONTAINER]: ['killContainer', 'kill_container'],
  [CallType.REMOVE_CONTAINER]: ['removeContainer', 'remove_container'],
}

/** What is wrong with such a call is said as Mesos does, also while the call itself is not built yet. */
export function refuseContainerCall(call: Call, exists: (container: string) => boolean): void {
  const known = call.type === undefined ? undefined : CONTAINER_CALLS[call.type]
  if (!known) return
  const [field, wire] = known
  const content = call[field] as { containerId?: ContainerID } | undefined
  if (content === undefined) throw HttpErrors.CALL_INVALID({ kind: 'agent::Call', why: `Expecting '${wire}' to be present` })
  const { containerId } = content
  if (!containerId) return
  const root = rootOf(containerId)
  if (exists(root)) return
  const launches = call.type === CallType.LAUNCH_NESTED_CONTAINER || call.type === CallType.LAUNCH_NESTED_CONTAINER_SESSION
  if (launches) throw AgentErrors.PARENT_UNKNOWN({ container: root })
  if (call.type === CallType.LAUNCH_CONTAINER) return
  throw AgentErrors.CONTAINER_UNKNOWN({ container: textOf(containerId) })
}

const rootOf = (id: ContainerID): string => (id.parent ? rootOf(id.parent) : id.value)
const textOf = (id: ContainerID): string => (id.parent ? `${textOf(id.parent)}.${id.value}` : id.value)
