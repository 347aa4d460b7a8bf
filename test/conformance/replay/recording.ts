/** What was recorded from a real Mesos (../recordings/README.md), as cases of steps. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CONFORMANCE } from '../place.js'
import { catalogueCase } from './catalogue.js'
import { CONTINUES } from './exceptions.js'
import { type Json, type JsonObject, parseJson } from './json.js'

export interface RecordedEvent {
  readonly after_ms: number
  /** Name of the stream that saw it. */
  readonly stream: string
  /** A text where the recorder only noted what happened. */
  readonly event: JsonObject | string
}

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly port: number
  readonly headers: Record<string, string>
  readonly body?: Json
  /** Of a streaming request: each goes out by itself. */
  readonly records?: Json[]
}

export interface RequestStep {
  readonly request: RecordedRequest
  /** Null where Mesos gave no answer. */
  readonly status: string | null
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Json
  readonly events?: readonly RecordedEvent[]
  /** The name of the stream that the answer opens. */
  readonly stream?: string
  readonly note?: string
}

export interface ActionStep {
  readonly action: string
  readonly events?: readonly RecordedEvent[]
  /** Names of the variables that a task saw. */
  readonly environment?: Record<string, string> | string[]
  readonly files?: Json
}

export type Step = RequestStep | ActionStep

export const isRequest = (step: Step): step is RequestStep => 'request' in step

export interface Case {
  readonly name: string
  readonly steps: readonly Step[]
  /** The daemon that Mesos lost by this case. */
  readonly aborts?: string
}

export interface Topic {
  readonly name: string
  readonly cases: readonly Case[]
}

const RECORDINGS = join(CONFORMANCE, 'recordings')

/** Every topic and its file; the error catalogue is one of them. */
export const TOPICS: Readonly<Record<string, string>> = {
  catalogue: 'errors/catalogue.json.gz',
  'frameworks-and-offers': 'sequences/frameworks-and-offers.json.gz',
  'executor-api': 'sequences/executor-api.json.gz',
  'kill-policy': 'sequences/kill-policy.json.gz',
  environment: 'sequences/environment.json.gz',
  files: 'sequences/files.json.gz',
  'odd-requests': 'sequences/odd-requests.json.gz',
  operations: 'sequences/operations.json.gz',
  'quota-weights-roles': 'sequences/quota-weights-roles.json.gz',
  'agent-lifecycle': 'sequences/agent-lifecycle.json.gz',
  checks: 'sequences/checks.json.gz',
  'pods-and-containers': 'sequences/pods-and-containers.json.gz',
}

const streamsOf = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => ('stream' in step && step.stream ? [step.stream] : []))

/** A case that goes on where another ended begins with the steps of the other; streams that those opened are not opened again. */
function withWhatItContinues(one: Case, cases: readonly Case[]): Case {
  const before = cases.find(({ name }) => name === CONTINUES[one.name])
  if (!before) return one
  const open = streamsOf(before.steps)
  const own = one.steps.filter((step) => !('stream' in step && step.stream && open.includes(step.stream)))
  return { ...one, steps: [...before.steps, ...own] }
}

export function loadTopic(name: string): Topic {
  const file = TOPICS[name]
  if (!file) throw new Error(`there is no topic ${name}; topics are ${Object.keys(TOPICS).join(', ')}`)
  const entries = parseJson(gunzipSync(readFileSync(join(RECORDINGS, file))).toString('utf8')) as JsonObject[]
  const cases = entries.map((entry) => ('steps' in entry ? (entry as unknown as Case) : catalogueCase(entry)))
  return { name, cases: cases.map((one) => withWhatItContinues(one, cases)) }
}
