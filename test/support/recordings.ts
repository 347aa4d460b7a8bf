import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../conformance/recordings/', import.meta.url))

/** What was recorded from a real Mesos, by its name in test/conformance/recordings (large ones are there with `.gz`). */
export function recorded(name: string): Buffer {
  const file = root + name
  return existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`))
}

/** The names of all recordings of a directory. */
export const recordings = (directory: string): string[] =>
  readdirSync(root + directory).map((file) => `${directory}/${file.replace(/\.gz$/, '')}`)
