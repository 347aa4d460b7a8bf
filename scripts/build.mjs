// `npm run build`: dependencies, generated code, native code and TypeScript, whatever of it is not current.
import { setUp } from './setup/steps.mjs'

await setUp()
