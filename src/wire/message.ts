import protobuf from 'protobufjs/light.js'
import { descriptor } from './generated/descriptor.js'

/** A message type of proto/, as a value. `T` is the plain data shape that codecs take and give. */
export interface MessageType<T> {
  /** Full protobuf name, such as `mesos.v1.TaskInfo`. */
  readonly name: string
  /** The reflected type; resolved at first use. */
  readonly reflected: protobuf.Type
  /** Never set: ties `T` to the value. */
  readonly shape?: T
}

let schema: protobuf.Root | undefined

/**
 * The descriptor of every message, resolved. protobufjs puts default values on the prototypes of decoded messages, where an absent field
 * cannot be told from a set one; they are removed, so that absent reads `undefined`. Maps keep theirs (an empty object): the decoder needs it.
 */
export function reflection(): protobuf.Root {
  if (!schema) {
    schema = protobuf.Root.fromJSON(JSON.parse(descriptor))
    schema.resolveAll()
    removeDefaults(schema)
  }
  return schema
}

function removeDefaults(namespace: protobuf.NamespaceBase): void {
  for (const nested of namespace.nestedArray) {
    if (nested instanceof protobuf.Type) {
      const prototype = nested.ctor.prototype as Record<string, unknown>
      for (const field of nested.fieldsArray) if (!field.map) delete prototype[field.name]
    }
    if (nested instanceof protobuf.Namespace) removeDefaults(nested)
  }
}

/** For generated code: the value that stands for a message type. */
export function message<T>(name: string): MessageType<T> {
  let reflected: protobuf.Type | undefined
  return {
    name,
    get reflected() {
      reflected ??= reflection().lookupType(name)
      return reflected
    },
  }
}
