import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { chmod, lchown, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CommandInfoURI } from '#wire/mesos.js'
import type { Identity } from '#wire/native.js'
import { type Download, downloadOf } from './download.js'
import { FetcherErrors } from './errors.js'

/** Brings the URIs of a command into its sandbox before the task runs (rows 5-034 to 5-041); the simulator brings its own. */
export interface Fetcher {
  /** All of them, at once. Rejects with the sentence of the first that fails; `abort` makes it give up. */
  fetch(uris: readonly CommandInfoURI[], into: FetchTarget, abort: AbortSignal): Promise<void>
}

export interface FetchTarget {
  readonly sandbox: string
  /** Whose the files shall be. Absent: the agent's. */
  readonly owner?: Identity | undefined
}

export function createFetcher(stallMilliseconds: number): Fetcher {
  return {
    async fetch(uris, into, abort) {
      await Promise.all(uris.map((uri) => fetchOne(uri, into, abort, stallMilliseconds)))
    },
  }
}

async function fetchOne(uri: CommandInfoURI, into: FetchTarget, abort: AbortSignal, stall: number): Promise<void> {
  try {
    const download = downloadOf(uri)
    const to = join(into.sandbox, download.to)
    await makeParents(into, download.to)
    if ('path' in download.from) await copyAs(into.owner, download.from.path, to, abort)
    else await downloadTo(download.from.url, to, abort, stall)
    await finish(download, to, into.owner)
  } catch (error) {
    throw FetcherErrors.FAILED({ uri: uri.value, why: (error as Error).message }, error)
  }
}

async function makeParents({ sandbox, owner }: FetchTarget, file: string): Promise<void> {
  let made = sandbox
  for (const part of dirname(file).split('/')) {
    made = join(made, part)
    await mkdir(made, { recursive: true })
    if (owner && made !== sandbox) await lchown(made, owner.uid, owner.gid)
  }
}

/** By a process of the task's user, so that nobody gets a file of the host that they could not read (row 5-037). */
function copyAs(owner: Identity | undefined, from: string, to: string, abort: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const user = owner && { uid: owner.uid, gid: owner.gid }
    execFile('/bin/cp', ['--', from, to], { signal: abort, env: { LC_ALL: 'C' }, ...user }, (error, _, stderr) => {
      if (error) reject(FetcherErrors.COPY({ why: stderr.trim() || error.message }, error))
      else resolve()
    })
  })
}

async function downloadTo(url: string, to: string, abort: AbortSignal, stall: number): Promise<void> {
  const stalled = new AbortController()
  const give = () => stalled.abort(FetcherErrors.STALLED({ seconds: stall / 1000 }))
  let timer = setTimeout(give, stall)
  const watched = new Transform({
    transform(chunk, _, done) {
      clearTimeout(timer)
      timer = setTimeout(give, stall)
      done(null, chunk)
    },
  })
  const signal = AbortSignal.any([abort, stalled.signal])
  try {
    const response = await fetch(url, { signal })
    if (!response.ok || !response.body) throw FetcherErrors.STATUS({ status: response.status })
    await pipeline(Readable.fromWeb(response.body), watched, createWriteStream(to), { signal })
  } catch (error) {
    throw stalled.signal.aborted ? stalled.signal.reason : ((error as Error).cause ?? error)
  } finally {
    clearTimeout(timer)
  }
}

async function finish({ executable }: Download, to: string, owner: Identity | undefined): Promise<void> {
  if (executable) await chmod(to, 0o755)
  if (owner) await lchown(to, owner.uid, owner.gid)
}
