import { header } from '#http/answer.js'
import { decodeCall } from '#http/call.js'
import { HttpErrors } from '#http/errors.js'
import { JSON_TYPE, MESSAGE_TYPES, negotiate } from '#http/media-type.js'
import type { Server } from '#http/server.js'
import { Call, CallType } from '#wire/scheduler.js'
import { callFault } from '../core/call-form.js'
import type { ApiContext } from './context.js'

/** POST /api/v1/scheduler (section 1). */
export function routeScheduler(server: Server, { runner }: ApiContext): void {
  server.route(
    '/api/v1/scheduler',
    (request) => {
      const call = decodeCall(Call, request)
      const fault = callFault(call)
      if (fault !== undefined) throw HttpErrors.CALL_INVALID({ kind: 'scheduler::Call', why: fault })
      // What a client accepts matters only where something comes back (row 1-003).
      const media = call.type === CallType.SUBSCRIBE ? negotiate(request, MESSAGE_TYPES) : JSON_TYPE
      return runner.schedulerCall(call, header(request, 'mesos-stream-id'), media)
    },
    { methods: ['POST'] },
  )
}
