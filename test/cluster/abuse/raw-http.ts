import { connect, type Socket } from 'node:net'

/** Sends bytes as they are; answers what came until the server closed, or `quiet` milliseconds of silence. */
export function sendRaw(port: number, bytes: string | Buffer, quiet = 1000): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    )
    socket.setTimeout(quiet, () => socket.destroy())
    socket.on('data', (piece) => {
      answer += piece.toString('latin1')
    })
    // Who refuses may cut the connection while we still send.
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

/** A connection that is held open, and read only as far as the caller reads. */
export function hold(port: number, bytes: string, read = true): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.from(bytes, 'latin1'))
      if (read) socket.resume()
      else socket.pause()
      resolve(socket)
    })
    socket.on('error', reject)
  })
}

export const request = (
  line: string,
  { headers = [], body = '', close = true }: { headers?: readonly string[]; body?: string; close?: boolean } = {},
): string => [line, 'Host: x', ...(close ? ['Connection: close'] : []), ...headers, '', body].join('\r\n')

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)
export const statusesOf = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
