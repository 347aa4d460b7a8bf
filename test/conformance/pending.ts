/** Cases that are not yet as recorded, by name, in pending.txt. The list can only shrink. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFORMANCE } from './place.js'

const PENDING_FILE = join(CONFORMANCE, 'pending.txt')

/** How a case is called there. */
export const fullName = (topic: string, name: string): string => `${topic}: ${name}`

export const pendingCases = (): string[] =>
  readFileSync(PENDING_FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
