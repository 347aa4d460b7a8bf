/** Where executors have their sandboxes. */
import type { Cluster } from './cluster.js'
import { at, listAt, parseJson, textAt } from './json.js'
import { UUID } from './names.js'

const AGENT = 15051
const IN_PATH = new RegExp(`frameworks?/(${UUID}-\\d{4})/executors?/([^/]+)/(?:runs/)?([0-9a-f-]{36}|latest)`, 'g')

export interface SandboxName {
  readonly framework: string
  readonly executor: string
  readonly run: string
}

/** A text without its percent escapes; as it is where those are broken, as some recorded requests want it. */
export function unquotedPath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const sandboxNames = (text: string): SandboxName[] =>
  [...text.matchAll(IN_PATH)].map(([, framework = '', executor = '', run = '']) => ({ framework, executor, run }))

/** Directory of an executor, as the agent tells; of the framework's first where none is named. */
export async function sandboxOf(cluster: Cluster, framework: string, executor?: string): Promise<string | undefined> {
  const state = parseJson((await cluster.get(AGENT, '/state')).body.toString('utf8'))
  const frameworks = [...listAt(state, 'frameworks'), ...listAt(state, 'completed_frameworks')]
  const executors = frameworks
    .filter((entry) => at(entry, 'id') === framework)
    .flatMap((entry) => [...listAt(entry, 'executors'), ...listAt(entry, 'completed_executors')])
  return textAt(
    executors.find((entry) => executor === undefined || textAt(entry, 'id') === executor),
    'directory',
  )
}
