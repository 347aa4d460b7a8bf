import { fromJson } from '#wire/json.js'
import { Request, type Resource, ResourceReservationInfoType, ValueType } from '#wire/mesos.js'
import { ModelErrors } from './errors.js'
import { resourceListFault } from './resource-validation.js'
import { Resources } from './resources.js'
import { parseValue } from './value-text.js'

/**
 * `cpus:16;mem:16384;ports:[31000-32000]`, `cpus(role):8`, or a JSON array of Resource (rows 4-041, 4-048). What names no role is reserved for
 * `defaultRole`, unless that is `*`.
 */
export function parseResources(text: string, defaultRole = '*'): Resources {
  const trimmed = text.trim()
  const list = trimmed.startsWith('[')
    ? parseJson(trimmed)
    : trimmed
        .split(';')
        .filter((it) => it.trim() !== '')
        .map(parseOne)
  const fault = resourceListFault(list)
  if (fault) throw ModelErrors.BAD_RESOURCES({ why: fault })
  return Resources.from(list.map((it) => withRole(it, defaultRole)))
}

/** The array becomes the one field of a message, so that the exact JSON reader of the wire does the work. */
function parseJson(text: string): Resource[] {
  try {
    return fromJson(Request, `{"resources":${text}}`).resources ?? []
  } catch (error) {
    throw ModelErrors.BAD_RESOURCES({ why: error instanceof Error ? error.message : String(error) }, error)
  }
}

function parseOne(text: string): Resource {
  const match = /^\s*([^:()]*?)\s*(?:\(([^()]*)\))?\s*:(.*)$/s.exec(text)
  const [, name, role, value] = match ?? []
  if (!name || value === undefined)
    throw ModelErrors.BAD_RESOURCE({ text: text.trim(), why: 'it must read name:value or name(role):value' })
  const parsed = parseValue(value.trim())
  if (parsed.type === ValueType.TEXT) {
    throw ModelErrors.BAD_RESOURCE({ text: text.trim(), why: 'its value must be a number, ranges in [] or a set in {}' })
  }
  return { name, ...parsed, ...(role !== undefined && { role: role.trim() }) }
}

function withRole(resource: Resource, defaultRole: string): Resource {
  const named = resource.role !== undefined || resource.reservations?.length
  if (named || defaultRole === '*') return resource
  return { ...resource, reservations: [{ type: ResourceReservationInfoType.STATIC, role: defaultRole }] }
}
