/** A sandbox of a task's user on this machine, below a directory that this user cannot reach, as an agent's work directory may be. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFetcher, type Fetcher, type FetcherOptions, type FetchTarget } from '#containerizer/fetcher/fetcher.js'
import { TransferGroup } from '#containerizer/transfers.js'
import type { CommandInfoURI } from '#wire/mesos.js'
import type { Identity } from '#wire/native.js'

export const NOBODY: Identity = { uid: 65534, gid: 65534, groups: [65534] }

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export class FetchPlace {
  readonly directory: string
  readonly sandbox: string
  readonly transfers = new TransferGroup('test')
  readonly #fetchers: Fetcher[] = []
  readonly #servers: Server[] = []

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'meseta-fetcher-'))
    this.sandbox = this.newSandbox()
  }

  newSandbox(owner = NOBODY): string {
    const sandbox = mkdtempSync(join(this.directory, 'sandbox-'))
    chownSync(sandbox, owner.uid, owner.gid)
    return sandbox
  }

  fetcher(options: Partial<FetcherOptions> = {}): Fetcher {
    const fetcher = createFetcher({ stallMilliseconds: 30_000, ...options })
    this.#fetchers.push(fetcher)
    return fetcher
  }

  /** By a fetcher of its own, as nobody, unless told otherwise. */
  fetch(uris: CommandInfoURI | CommandInfoURI[], over: Partial<FetchTarget> & { abort?: AbortSignal } = {}): Promise<void> {
    return this.with(this.fetcher(), uris, over)
  }

  with(
    fetcher: Fetcher,
    uris: CommandInfoURI | CommandInfoURI[],
    { abort = new AbortController().signal, ...over }: Partial<FetchTarget> & { abort?: AbortSignal } = {},
  ): Promise<void> {
    const into = { sandbox: this.sandbox, owner: NOBODY, transfers: this.transfers, ...over }
    return fetcher.fetch([uris].flat(), into, abort)
  }

  /** A file of root that everybody may read. */
  file(name: string, content: string | Buffer, mode = 0o644): string {
    const path = join(this.directory, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, content, { mode })
    return path
  }

  /** Where nobody can read what is in it by its path, such as files that shall be fetched. */
  async serve(answer: Answer): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1')
    this.#servers.push(server)
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  read(name: string): string {
    return readFileSync(join(this.sandbox, name), 'utf8')
  }

  /** Each with its type, permissions and owner: `f 644 65534 a/b`. */
  tree(sandbox = this.sandbox): string[] {
    const out = execFileSync('find', [sandbox, '-mindepth', '1', '-printf', '%y %m %U %P%l\n'], { encoding: 'utf8' })
    return out
      .split('\n')
      .filter((line) => line && !line.endsWith(' stderr'))
      .sort()
  }

  /** But for the log. */
  names(sandbox = this.sandbox): string[] {
    return readdirSync(sandbox)
      .filter((name) => name !== 'stderr')
      .sort()
  }

  exists(name: string): boolean {
    return lstatSync(join(this.sandbox, name), { throwIfNoEntry: false }) !== undefined
  }

  async close(): Promise<void> {
    await Promise.all(this.#fetchers.map((fetcher) => fetcher.close?.()))
    for (const server of this.#servers) {
      server.closeAllConnections()
      server.close()
    }
    rmSync(this.directory, { recursive: true })
  }
}
