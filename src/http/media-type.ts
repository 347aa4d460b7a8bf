import { header, type Request } from './answer.js'
import { HttpErrors } from './errors.js'

export const JSON_TYPE = 'application/json'
export const PROTOBUF_TYPE = 'application/x-protobuf'

/** How a message is encoded (1-002). */
export type MediaType = typeof JSON_TYPE | typeof PROTOBUF_TYPE

/** In the order of preference: JSON wins where both are acceptable (1-003). */
export const MESSAGE_TYPES: readonly MediaType[] = [JSON_TYPE, PROTOBUF_TYPE]

type WithHeaders = Pick<Request, 'headers'>

/** The Content-Type of a call. Must be one of `expected` to the letter: Mesos takes no parameters either (1-001). */
export function contentType<T extends string>(request: WithHeaders, expected: readonly T[]): T {
  const given = header(request, 'content-type')
  if (given === undefined || given === '') throw HttpErrors.CONTENT_TYPE_MISSING({})
  const found = expected.find((type) => type === given)
  if (!found) throw HttpErrors.CONTENT_TYPE_UNKNOWN({ expected })
  return found
}

/** The first of `offered` that the client takes; all of them where it does not say. */
export function negotiate<T extends string>(request: WithHeaders, offered: readonly T[]): T {
  const found = offered.find((type) => accepts(request, type))
  if (!found) throw HttpErrors.NOT_ACCEPTABLE({ offered })
  return found
}

export function accepts(request: WithHeaders, type: string): boolean {
  const accept = header(request, 'accept')
  if (accept === undefined || accept.trim() === '') return true
  const family = `${type.slice(0, type.indexOf('/'))}/*`
  return accept.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return (name === type || name === '*/*' || name === family) && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
