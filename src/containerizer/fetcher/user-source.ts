import { createReadStream } from 'node:fs'
import type { UserFiles } from '#host/user-files.js'
import type { Identity } from '#wire/native.js'
import type { Source } from './scheme.js'

/** A file of this host, as its user may read it. */
export function userSource(files: UserFiles, path: string, user: Identity | undefined): Source {
  return async (from) => {
    const file = await files.open(path, user)
    return { size: file.size, body: contentOf(file.descriptor, from, () => file.close()) }
  }
}

async function* contentOf(descriptor: number, from: number, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream('', { fd: descriptor, start: from, autoClose: false })
  } finally {
    close()
  }
}
