/** What events are about, and which are the same again. */
import { at, isObject, type Json, type JsonObject, textAt } from './json.js'

/** Not compared: they hang on timing. */
const UNCOMPARED = new Set(['OFFERS', 'RESCIND', 'HEARTBEAT'])

export const isCompared = (event: JsonObject): boolean => !UNCOMPARED.has(typeOf(event))
export const typeOf = (event: JsonObject): string => (typeof event.type === 'string' ? event.type : '?')

const id = (holder: Json | undefined, ...names: string[]): string => {
  for (const name of names) {
    const found = at(holder, name)
    if (isObject(found)) return textAt(found, 'value') ?? ''
  }
  return ''
}

/** Events about the same thing must come in the recorded order. */
export function subjectOf(event: JsonObject): string {
  const type = typeOf(event)
  const content = at(event, type.toLowerCase())
  switch (type) {
    case 'UPDATE':
    case 'UPDATE_OPERATION_STATUS':
      return `${type} ${id(at(content, 'status') ?? content, 'task_id', 'operation_id')}`
    case 'TASK_ADDED':
    case 'TASK_UPDATED':
      return `task ${id(at(content, 'task') ?? at(content, 'status'), 'task_id')}`
    case 'LAUNCH':
    case 'KILL':
    case 'ACKNOWLEDGED':
      return `${type} ${id(at(content, 'task') ?? content, 'task_id')}`
    case 'FAILURE':
      return `${type} ${id(content, 'executor_id') || 'agent'}`
    default:
      return type.replace(/_(ADDED|REMOVED|UPDATED)$/, '')
  }
}

/** The text of a container's output. */
export function outputOf(event: JsonObject): { readonly channel: string; readonly text: string } | undefined {
  if (event.type !== 'DATA') return undefined
  return {
    channel: textAt(event, 'data', 'type') ?? '',
    text: Buffer.from(textAt(event, 'data', 'data') ?? '', 'base64').toString('utf8'),
  }
}

/** Output without what differs from run to run: an executor's own log lines, paths, fractions. */
export function plain(output: string): string {
  return output
    .replace(/[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+[^\n]*\n?/g, '')
    .replace(/\/[^\s"']*|\r|\d+\.\d+/g, '')
    .trim()
}

const uuidOf = (event: JsonObject): string | undefined =>
  event.type === 'UPDATE' ? textAt(event, 'update', 'status', 'uuid') : undefined

/** The same update again, as when it was not acknowledged. */
export function isRepeated(event: JsonObject, known: readonly JsonObject[]): boolean {
  const uuid = uuidOf(event)
  return uuid !== undefined && known.some((other) => uuidOf(other) === uuid)
}
