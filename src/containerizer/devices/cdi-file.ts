import { GpuErrors } from './errors.js'

/** A CDI file as far as it is understood here. */
export interface CdiSpec {
  readonly kind: string
  readonly devices: readonly { readonly name: string; readonly containerEdits: CdiEdits }[]
  readonly containerEdits?: CdiEdits
}

export interface CdiEdits {
  readonly env?: readonly string[]
  readonly deviceNodes?: readonly CdiDeviceNode[]
  readonly mounts?: readonly CdiMount[]
  readonly hooks?: unknown
  readonly additionalGids?: unknown
  readonly intelRdt?: unknown
  readonly netDevices?: unknown
}

export interface CdiDeviceNode {
  readonly path: string
  readonly hostPath?: string
  readonly type?: string
  readonly major?: number
  readonly minor?: number
  readonly fileMode?: number
  readonly permissions?: string
  readonly uid?: number
  readonly gid?: number
}

export interface CdiMount {
  readonly hostPath: string
  readonly containerPath: string
  readonly options?: readonly string[]
}

type Check = (value: unknown, where: string) => void
type Shape = Readonly<Record<string, Check>>

class Wrong extends Error {}

const isOf =
  (what: string, good: (value: unknown) => boolean): Check =>
  (value, where) => {
    if (!good(value)) throw new Wrong(`${where} is not ${what}`)
  }
const text = isOf('a text', (value) => typeof value === 'string')
const absolute = isOf('an absolute path', (value) => typeof value === 'string' && value.startsWith('/'))
const number = isOf('a whole number', Number.isSafeInteger)
const anything: Check = () => {}
const listOf =
  (item: Check): Check =>
  (value, where) => {
    if (!Array.isArray(value)) throw new Wrong(`${where} is not a list`)
    for (const [index, each] of value.entries()) item(each, `${where}[${index}]`)
  }
/** What the file format does not know is a mistake: it would be left out in silence otherwise. */
const object =
  (shape: Shape, ...required: string[]): Check =>
  (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Wrong(`${where} is not an object`)
    for (const name of required) if (!Object.hasOwn(value, name)) throw new Wrong(`${where} has no ${name}`)
    for (const [name, each] of Object.entries(value)) {
      const check = shape[name]
      if (!check) throw new Wrong(`${where} has a field ${name} that is not known`)
      check(each, `${where}.${name}`)
    }
  }

const edits = object({
  env: listOf(isOf('NAME=value', (value) => typeof value === 'string' && /^[^=\0]+=[^\0]*$/.test(value))),
  deviceNodes: listOf(
    object(
      {
        path: absolute,
        hostPath: absolute,
        type: isOf('b, c or u', (value) => value === 'b' || value === 'c' || value === 'u'),
        major: number,
        minor: number,
        fileMode: number,
        permissions: isOf('made of r, w and m', (value) => typeof value === 'string' && /^[rwm]+$/.test(value)),
        uid: number,
        gid: number,
      },
      'path',
    ),
  ),
  mounts: listOf(
    object({ hostPath: absolute, containerPath: absolute, options: listOf(text), type: text }, 'hostPath', 'containerPath'),
  ),
  hooks: anything,
  additionalGids: anything,
  intelRdt: anything,
  netDevices: anything,
})

const spec = object(
  {
    cdiVersion: text,
    kind: text,
    annotations: anything,
    containerEdits: edits,
    devices: listOf(object({ name: text, annotations: anything, containerEdits: edits }, 'name', 'containerEdits')),
  },
  'cdiVersion',
  'kind',
  'devices',
)

/** Throws a sentence that names the file and the place in it. */
export function parseCdi(path: string, content: string): CdiSpec {
  try {
    const value: unknown = JSON.parse(content)
    spec(value, 'it')
    return value as CdiSpec
  } catch (error) {
    throw GpuErrors.CDI_UNREADABLE({ path, why: (error as Error).message }, error)
  }
}
