import type { Answer, Handler, StreamAnswer } from '#http/answer.js'
import { empty, text } from '#http/answer.js'
import { decodeCall } from '#http/call.js'
import { HttpErrors } from '#http/errors.js'
import { MESSAGE_TYPES, type MediaType, negotiate } from '#http/media-type.js'
import { Call, CallType } from '#wire/executor.js'
import { TaskState, type TaskStatus, TaskStatusSource } from '#wire/mesos.js'
import type { StreamId } from '../core/events.js'

/** What the core decided about a call. */
export interface ExecutorAnswer {
  status: number
  body: string | undefined
  stream: StreamId | undefined
}

export interface ExecutorCalls {
  /** Decided at once. `open` is called first if the answer is a stream, so that no event is lost. */
  decide(call: Call, open: (stream: StreamId) => void): ExecutorAnswer
  openStream(id: StreamId, media: MediaType): StreamAnswer
}

/** `POST /api/v1/executor` (rows 2-001 to 2-004, 2-012). */
export function executorEndpoint(calls: ExecutorCalls): Handler {
  return (request) => {
    const call = decodeCall(Call, request)
    validate(call)
    if (call.type === CallType.UNKNOWN) return text(501, 'A call of type UNKNOWN cannot be answered')
    const media = call.type === CallType.SUBSCRIBE ? negotiate(request, MESSAGE_TYPES) : undefined
    return answer(calls, call, media)
  }
}

function answer(calls: ExecutorCalls, call: Call, media: MediaType | undefined): Answer | StreamAnswer {
  let stream: StreamAnswer | undefined
  const { status, body } = calls.decide(call, (id) => {
    stream = calls.openStream(id, media!)
  })
  if (stream) return stream
  return body === undefined ? empty(status) : text(status, body)
}

const invalid = (why: string): Error => HttpErrors.CALL_INVALID({ kind: 'Executor::Call', why })

function validate(call: Call): void {
  if (call.type === undefined) throw invalid("Expecting 'type' to be present")
  if (call.type === CallType.SUBSCRIBE) validateSubscribe(call)
  if (call.type === CallType.MESSAGE && !call.message) throw invalid("Expecting 'message' to be present")
  if (call.type === CallType.UPDATE) validateUpdate(call)
}

/** What comes with it is taken over as updates are, so each must have what tells it from the others. */
function validateSubscribe(call: Call): void {
  if (!call.subscribe) throw invalid("Expecting 'subscribe' to be present")
  for (const { status } of call.subscribe.unacknowledgedUpdates ?? []) {
    validateUuid(status)
    if (status.state === TaskState.TASK_STAGING) throw invalid('TASK_STAGING from an executor is not allowed')
  }
}

function validateUuid({ uuid }: TaskStatus): void {
  if (!uuid) throw invalid("Expecting 'uuid' to be present")
  if (uuid.length !== 16) throw invalid(`Not a valid UUID: it has ${uuid.length} bytes instead of 16`)
}

function validateUpdate(call: Call): void {
  if (!call.update) throw invalid("Expecting 'update' to be present")
  const { status } = call.update
  const who = `executor ${call.executorId.value} of framework ${call.frameworkId.value}`
  validateUuid(status)
  if (status.executorId && status.executorId.value !== call.executorId.value) {
    throw invalid(`The status names executor ${status.executorId.value}, but the call is of ${who}`)
  }
  if (status.source !== TaskStatusSource.SOURCE_EXECUTOR) throw invalid(`The status of ${who} must have source SOURCE_EXECUTOR`)
  if (status.state === TaskState.TASK_STAGING) throw invalid(`TASK_STAGING from ${who} is not allowed`)
}
