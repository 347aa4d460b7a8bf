import { createServer, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Configurations, without which nobody knows what is to come. */
const SMALL = 10_000

/** In front of a registry: while it holds, blobs of layers come to their first half and then wait. */
export class HoldingProxy {
  readonly address: string
  /** Blobs that were asked for, by digest. */
  readonly asked: string[] = []
  holds = false
  private readonly server: Server
  private readonly held: (() => void)[] = []

  private constructor(server: Server, registry: string) {
    this.server = server
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (incoming, answer) => {
      const { method = 'GET', url: path = '/', headers } = incoming
      const digest = /\/blobs\/(sha256:\w+)$/.exec(path)?.[1]
      if (digest && method === 'GET') this.asked.push(digest)
      const [host, port] = registry.split(':')
      const outgoing = request({ host, port, path, method, headers: { ...headers, host: registry } }, (real) => {
        const pieces: Buffer[] = []
        real.on('data', (piece: Buffer) => pieces.push(piece))
        real.on('end', () => {
          answer.writeHead(real.statusCode ?? 502, real.headers)
          this.send(answer, Buffer.concat(pieces), digest !== undefined && method === 'GET')
        })
      })
      outgoing.on('error', () => answer.destroy())
      incoming.pipe(outgoing)
    })
  }

  static async start(registry: string): Promise<HoldingProxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new HoldingProxy(server, registry)
  }

  release(): void {
    this.holds = false
    for (const go of this.held.splice(0)) go()
  }

  stop(): Promise<void> {
    this.release()
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }

  private send(answer: ServerResponse, body: Buffer, blob: boolean): void {
    if (!blob || !this.holds || body.length < SMALL) return void answer.end(body)
    const half = Math.floor(body.length / 2)
    answer.write(body.subarray(0, half))
    this.held.push(() => answer.end(body.subarray(half)))
  }
}
