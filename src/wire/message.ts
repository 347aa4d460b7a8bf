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

/** The descriptor of every message, resolved. */
export function reflection(): protobuf.Root {
  if (!schema) {
    schema = protobuf.Root.fromJSON(JSON.parse(descriptor))
    schema.resolveAll()
    decodePlainly(schema)
  }
  return schema
}

/**
 * protobufjs gives decoded messages defaults, on their prototypes and as empty lists and maps, where a field that is not set cannot be told from
 * one that is. They are taken away: what is not set reads `undefined`.
 */
function decodePlainly(namespace: protobuf.NamespaceBase): void {
  for (const nested of namespace.nestedArray) {
    if (nested instanceof protobuf.Type) {
      removeDefaults(nested)
      verifyId(nested)
    }
    if (nested instanceof protobuf.Namespace) decodePlainly(nested)
  }
}

function removeDefaults(type: protobuf.Type): void {
  type.ctor = function Plain() {} as unknown as protobuf.Constructor<object>
  const prototype = type.ctor.prototype as Record<string, unknown>
  for (const field of type.fieldsArray) delete prototype[field.name]
  type.setup = () => setUp(type)
  // What JSON.stringify asks for, in logs and traces: the message's own fields, and no converter that would have to be set up first.
  type.toObject = ((message: object) => ({ ...message })) as protobuf.Type['toObject']
}

/** What protobufjs does at the first use of a type, with our util for the decoder and without the converters that nobody uses. */
function setUp(type: protobuf.Type): protobuf.Type {
  const types = type.fieldsArray.map((field) => field.resolvedType)
  const { Reader, Writer, util } = protobuf
  type.encode = protobuf.encoder(type)({ Writer, types, util }) as unknown as protobuf.Type['encode']
  type.decode = protobuf.decoder(type)({ Reader, types, util: decoderUtil, C: type.ctor }) as unknown as protobuf.Type['decode']
  return type
}

const decoderUtil = {
  ...protobuf.util,
  /** In whose place the decoder makes a map: nothing, since there is no default. */
  emptyObject: undefined,
  /** Unknown fields are kept in `$unknowns`. Enumerable, unlike protobufjs': they survive `{ ...info, id }` and reach who the copy is for. */
  makeProp: (message: object, name: string) => protobuf.util.makeProp(message, name),
}

/**
 * A string that is no UTF-8 is read with replacement characters, so that a message from a task is not lost over one letter; an id is refused:
 * two different ones could read the same (B30). What protobufjs looks at is a feature that only newer syntax can set.
 */
function verifyId(type: protobuf.Type): void {
  const { value } = type.fields
  if (!type.name.endsWith('ID') || value?.type !== 'string') return
  const resolved = value as unknown as { _features: Record<string, string> }
  resolved._features = { ...resolved._features, utf8_validation: 'VERIFY' }
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
