// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'

export interface Duration {
  seconds?: bigint | undefined
  nanos?: number | undefined
}
export const Duration: MessageType<Duration> = message('google.protobuf.Duration')
