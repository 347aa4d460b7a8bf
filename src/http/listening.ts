import type { CodedError } from '#base/errors.js'
import { HttpErrors } from './errors.js'

interface Problem {
  why: string
  todo: (port: string) => string
}

/** What stops a server from listening, and what a person does then. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  EADDRINUSE: {
    why: 'another program has this port',
    todo: (port) => `end that one, perhaps a cluster that is up already, or choose another port with ${port}`,
  },
  EADDRNOTAVAIL: { why: 'this machine does not have this address', todo: () => 'choose one that it has with --ip' },
  EACCES: { why: 'ports below 1024 are for root', todo: (port) => `choose another port with ${port}` },
}

/** `portFlag` is the one with which the program that wants to listen is told its port. */
export function cannotListen(address: { ip: string; port: number }, error: unknown, portFlag = '--port'): CodedError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const { why, todo } = PROBLEMS[code] ?? { why: message, todo: (port: string) => `see --ip and ${port}` }
  return HttpErrors.ADDRESS_UNUSABLE({ address: `${address.ip}:${address.port}`, why, todo: todo(portFlag) }, error)
}
