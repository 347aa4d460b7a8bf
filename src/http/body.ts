import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Answer, Request } from './answer.js'
import { header } from './answer.js'
import { HttpErrors } from './errors.js'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** A smaller body gains nothing (1-016; libprocess has the same bound). */
const WORTH_PACKING = 1024

/** The body as the sender meant it. What a small body unpacks to is bounded like the body itself. */
export async function decodeBody(body: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return body
  if (encoding !== 'gzip') throw HttpErrors.ENCODING_UNKNOWN({ encoding })
  try {
    return await unpack(body, { maxOutputLength: limit })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw HttpErrors.BODY_TOO_LARGE({ limit })
    throw HttpErrors.ENCODING_BROKEN({}, error)
  }
}

/** The answer, packed where the client takes gzip and it pays. */
export async function encodeAnswer(request: Pick<Request, 'headers'>, answer: Answer): Promise<Answer> {
  const body = answer.body ?? ''
  if (
    body instanceof Readable ||
    Buffer.byteLength(body) < WORTH_PACKING ||
    answer.headers?.['Content-Encoding'] ||
    !acceptsGzip(request)
  )
    return answer
  return { status: answer.status, headers: { ...answer.headers, 'Content-Encoding': 'gzip' }, body: await pack(body) }
}

function acceptsGzip(request: Pick<Request, 'headers'>): boolean {
  const accepted = header(request, 'accept-encoding') ?? ''
  return accepted.split(',').some((one) => {
    const [name, ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    return (name === 'gzip' || name === '*') && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
