import type protobuf from 'protobufjs/light.js'
import { isMessage, isUnset, snakeName } from './reflect.js'

type Data = Record<string, unknown>

/**
 * The paths of all required fields that are not set, as Mesos lists them: `subscribe.framework_info.name`, `task_infos[0].task_id`. A message's
 * own come before those of its children. Slow; for the sentence of an error.
 */
export function missingRequired(type: protobuf.Type, value: object, path = ''): string[] {
  const data = value as Data
  const missing: string[] = []
  for (const field of type.fieldsArray) if (field.required && isUnset(data[field.name])) missing.push(path + snakeName(field))
  for (const field of type.fieldsArray) {
    const child = data[field.name]
    if (isUnset(child) || !isMessage(field.resolvedType)) continue
    missing.push(...missingBelow(field, child as object, path + snakeName(field)))
  }
  return missing
}

function missingBelow(field: protobuf.Field, child: object, path: string): string[] {
  const type = field.resolvedType as protobuf.Type
  if (field.map)
    return Object.entries(child).flatMap(([key, value]) => missingRequired(type, value as object, `${path}[${key}].`))
  if (field.repeated) return (child as object[]).flatMap((value, i) => missingRequired(type, value, `${path}[${i}].`))
  return missingRequired(type, child, `${path}.`)
}
