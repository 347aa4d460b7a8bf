import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What this process has made and not removed yet. It goes with the process, however early that leaves, unless it is killed. */
const ours = new Set<string>()
process.once('exit', () => {
  for (const directory of ours) rmSync(directory, { recursive: true, force: true })
})

/** A directory until `discard`. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'meseta-vm-'))
  ours.add(directory)
  return directory
}

export async function discard(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  ours.delete(directory)
}

/** Gives a directory to `use`, for so long. */
export async function withScratch<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await scratchDirectory()
  try {
    return await use(directory)
  } finally {
    await discard(directory)
  }
}
