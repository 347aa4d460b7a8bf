// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

export interface InverseOfferStatus {
  status: InverseOfferStatusStatus
  frameworkId: mesos.FrameworkID
  timestamp: mesos.TimeInfo
}
export const InverseOfferStatus: MessageType<InverseOfferStatus> = message('mesos.v1.allocator.InverseOfferStatus')

export const InverseOfferStatusStatus = {
  UNKNOWN: 1,
  ACCEPT: 2,
  DECLINE: 3,
} as const
export type InverseOfferStatusStatus = (typeof InverseOfferStatusStatus)[keyof typeof InverseOfferStatusStatus]
