import type protobuf from 'protobufjs/light.js'
import { isMessage, isUnset, snakeName } from './reflect.js'

type Data = Record<string, unknown>

/** More than these are not told: a body could lack millions. */
const MOST = 50

/**
 * The sentence about required fields that are not set, with their paths as Mesos lists them: `subscribe.framework_info.name`,
 * `task_infos[0].task_id`. Slow; for errors.
 */
export function missingRequired(type: protobuf.Type, value: object): string | undefined {
  const paths: string[] = []
  for (const path of pathsOf(type, value, '')) {
    if (paths.length === MOST) {
      paths.push('…')
      break
    }
    paths.push(path)
  }
  return paths.length > 0 ? `Missing required fields: ${paths.join(', ')}` : undefined
}

/** A message's own come before those of its children. */
function* pathsOf(type: protobuf.Type, value: object, path: string): Generator<string> {
  const data = value as Data
  for (const field of type.fieldsArray) if (field.required && isUnset(data[field.name])) yield path + snakeName(field)
  for (const field of type.fieldsArray) {
    const child = data[field.name]
    if (isMessage(field.resolvedType) && !isUnset(child))
      yield* pathsBelow(field, field.resolvedType, child as object, path + snakeName(field))
  }
}

function* pathsBelow(field: protobuf.Field, type: protobuf.Type, child: object, path: string): Generator<string> {
  if (!field.map && !field.repeated) return yield* pathsOf(type, child, `${path}.`)
  // To a protobuf reader a map is a list of entries with a key and a value.
  for (const [i, value] of Object.values(child).entries())
    yield* pathsOf(type, value as object, `${path}[${i}].${field.map ? 'value.' : ''}`)
}
