import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Everything here can be made again, so it lies outside the project and may be deleted at any time. */
const directory = process.env.MESETA_VM_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'meseta-vm')

/** How many versions of one piece are kept: more than one, since two work trees may take turns. */
const KEPT = 3

/**
 * The piece `name` made of what `ingredients` say, from the cache or by `make`, which gets a path to make it at. It appears by rename, so
 * another process never sees half of it, and two that make it at once only waste work.
 */
export async function cached(
  name: string,
  ingredients: readonly string[],
  make: (path: string) => Promise<void>,
): Promise<string> {
  const path = join(directory, `${name}-${digest(ingredients)}`)
  if (!existsSync(path)) {
    await mkdir(directory, { recursive: true })
    const unfinished = `${path}.${randomBytes(4).toString('hex')}.new`
    try {
      await make(unfinished)
      await rename(unfinished, path)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
    await removeOld(name)
  }
  const now = new Date()
  await utimes(path, now, now)
  return path
}

export function digest(ingredients: readonly string[]): string {
  const hash = createHash('sha256')
  for (const one of ingredients) hash.update(one).update('\0')
  return hash.digest('hex').slice(0, 16)
}

async function removeOld(name: string): Promise<void> {
  const versions = (await readdir(directory)).filter((entry) => new RegExp(`^${name}-[0-9a-f]{16}$`).test(entry))
  const dated = await Promise.all(versions.map(async (entry) => ({ entry, used: (await stat(join(directory, entry))).mtimeMs })))
  const old = dated.sort((a, b) => b.used - a.used).slice(KEPT)
  await Promise.all(old.map(({ entry }) => rm(join(directory, entry), { recursive: true, force: true })))
}
