/** One error of a catalogue: what it says to a person and, where it can reach an HTTP client, the status it has there. */
export interface ErrorKind<Details> {
  say: (details: Details) => string
  http?: number
}

/** An error with a code that programs can switch on and a sentence that people can act on. */
export class CodedError extends Error {
  override readonly name = 'CodedError'
  readonly code: string
  readonly http: number | undefined
  readonly details: unknown
  constructor(code: string, message: string, http: number | undefined, details: unknown, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.http = http
    this.details = details
  }
}

type Makers<Kinds> = {
  [Name in keyof Kinds]: Kinds[Name] extends ErrorKind<infer Details> ? (details: Details, cause?: unknown) => CodedError : never
}

/**
 * The errors of one room. `catalogue('AGENT', { GONE: { say: (e: { id: string }) => … } }).GONE({ id })` is a `CodedError` whose code is
 * `AGENT_GONE`.
 */
// biome-ignore lint/suspicious/noExplicitAny: the details of each kind differ; `infer` above gives each maker its own
export function catalogue<Kinds extends Record<string, ErrorKind<any>>>(room: string, kinds: Kinds): Makers<Kinds> {
  const makers = Object.entries(kinds).map(([name, kind]) => [
    name,
    (details: unknown, cause?: unknown) => new CodedError(`${room}_${name}`, kind.say(details), kind.http, details, cause),
  ])
  return Object.fromEntries(makers) as Makers<Kinds>
}
