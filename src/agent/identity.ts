import { readFile, readlink, unlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { Resources } from '#model/resources.js'
import { AgentCheckpoint } from '#wire/internal.js'
import { type AgentInfo, Attribute } from '#wire/mesos.js'
import { decode, encode } from '#wire/protobuf.js'
import { AgentErrors } from './errors.js'
import type { AgentFlags } from './flags.js'
import { ifExists, makeDurably, relink, syncDirectory, writeDurably } from './journal/durable-file.js'
import { agentMeta, identityFile, latestLink, metaDirectory } from './paths.js'

export interface Identity {
  readonly info: AgentInfo
  readonly bootId: string
}

/** Who this work directory says that we are (rows 5-008, 5-010); nobody yet, if the link is missing. */
export async function readIdentity(work: string): Promise<Identity | undefined> {
  const target = await readlink(latestLink(work)).catch(ifExists)
  if (target === undefined) return undefined
  const path = identityFile(work, basename(target))
  try {
    return decode(AgentCheckpoint, await readFile(path))
  } catch (error) {
    throw AgentErrors.CHECKPOINT_UNREADABLE({ path, why: (error as Error).message }, error)
  }
}

/** Durable when it resolves, under the same id ever after. */
export async function saveIdentity(work: string, { info, bootId }: Identity): Promise<void> {
  const id = info.id!.value
  await makeDurably(agentMeta(work, id))
  await writeDurably(identityFile(work, id), encode(AgentCheckpoint, { info, bootId }))
  await relink(latestLink(work), id)
  await syncDirectory(metaDirectory(work).concat('/slaves'))
}

/** The next start is that of a new agent. */
export async function forgetIdentity(work: string): Promise<void> {
  await unlink(latestLink(work)).catch(ifExists)
}

/** Without the boot in which it was known, it is a new one. */
export interface KnownIdentity {
  readonly info: AgentInfo
  readonly bootId: string | undefined
}

/** The agent that was here, if it can go on with these flags; after a reboot nothing binds it, and it may come back as another (T15, T17). */
export async function identityToKeep(
  flags: Pick<AgentFlags, 'workDir' | 'reconfigurationPolicy'>,
  info: AgentInfo,
  bootId: string,
): Promise<KnownIdentity> {
  const known = await readIdentity(flags.workDir)
  if (!known) return { info, bootId: undefined }
  const what = reconfigured(known.info, info, flags.reconfigurationPolicy)
  if (what === undefined) return { info: { ...info, id: known.info.id }, bootId: known.bootId }
  if (known.bootId === bootId) throw AgentErrors.RECONFIGURED({ what, policy: flags.reconfigurationPolicy })
  await forgetIdentity(flags.workDir)
  return { info, bootId: undefined }
}

export type ReconfigurationPolicy = 'equal' | 'additive'

/** What has changed so that the agent cannot go on under its id, or nothing (row 5-009). */
export function reconfigured(old: AgentInfo, next: AgentInfo, policy: ReconfigurationPolicy): string | undefined {
  if (old.hostname !== next.hostname) return `the hostname changed from ${old.hostname} to ${next.hostname}`
  if (old.port !== next.port) return `the port changed from ${old.port} to ${next.port}`
  const [before, after] = [Resources.from(old.resources), Resources.from(next.resources)]
  const attributes = attributesChanged(old.attributes, next.attributes, policy)
  if (policy === 'equal') return before.equals(after) ? attributes : 'the resources changed'
  return after.contains(before) ? attributes : 'resources became fewer'
}

function attributesChanged(old: Attribute[] = [], next: Attribute[] = [], policy: ReconfigurationPolicy): string | undefined {
  const texts = new Set(next.map(attributeKey))
  const kept = old.every((it) => texts.has(attributeKey(it)))
  if (kept && (policy === 'additive' || old.length === next.length)) return undefined
  return 'the attributes changed'
}

const attributeKey = (attribute: Attribute): string => encode(Attribute, attribute).toString('latin1')
