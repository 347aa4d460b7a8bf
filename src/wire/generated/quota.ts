// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

export interface QuotaInfo {
  role?: string | undefined
  principal?: string | undefined
  guarantee?: mesos.Resource[] | undefined
}
export const QuotaInfo: MessageType<QuotaInfo> = message('mesos.v1.quota.QuotaInfo')

export interface QuotaRequest {
  force?: boolean | undefined
  role?: string | undefined
  guarantee?: mesos.Resource[] | undefined
}
export const QuotaRequest: MessageType<QuotaRequest> = message('mesos.v1.quota.QuotaRequest')

export interface QuotaConfig {
  role: string
  guarantees?: Record<string, mesos.ValueScalar> | undefined
  limits?: Record<string, mesos.ValueScalar> | undefined
}
export const QuotaConfig: MessageType<QuotaConfig> = message('mesos.v1.quota.QuotaConfig')

export interface QuotaStatus {
  infos?: QuotaInfo[] | undefined
  configs?: QuotaConfig[] | undefined
}
export const QuotaStatus: MessageType<QuotaStatus> = message('mesos.v1.quota.QuotaStatus')
