/** Where this room lies: npm and vitest both run in the project's root, while a bundled program lies elsewhere. */
import { join } from 'node:path'

export const CONFORMANCE = join(process.cwd(), 'test/conformance')
