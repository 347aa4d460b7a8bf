import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const repository = fileURLToPath(new URL('../..', import.meta.url))

export interface Bundle {
  /** Arguments for `node`, and the environment that lets it find the packages. */
  file: string
  env: NodeJS.ProcessEnv
  dispose(): Promise<void>
}

/** Makes one script of a TypeScript file and what it imports of src/, for tests that need a process of its own to watch or to kill. */
export async function bundle(source: URL): Promise<Bundle> {
  const directory = await mkdtemp(join(tmpdir(), 'meseta-bundle-'))
  const file = join(directory, 'main.cjs')
  await build({
    input: fileURLToPath(source),
    cwd: repository,
    platform: 'node',
    external: /^[a-z@]/,
    resolve: { conditionNames: ['source', 'node', 'import'] },
    output: { file, format: 'cjs' },
    logLevel: 'warn',
  })
  return {
    file,
    env: { ...process.env, NODE_PATH: join(repository, 'node_modules') },
    dispose: () => rm(directory, { recursive: true, force: true }),
  }
}
