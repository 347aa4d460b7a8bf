import { CodedError } from '#base/errors.js'
import { type MasterOperator, masterOperator } from '#sdk/operator.js'
import { CliErrors, EXIT } from './errors.js'

/** What a command may touch of the world; bin passes the real one, tests their own. */
export interface CliContext {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls back on SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (listener: (signal: 'SIGINT' | 'SIGTERM') => void) => () => void
  readonly user: string
  readonly daemons: Daemons
}

export interface Output {
  write(text: string | Uint8Array): void
  /** Resolves when what was written is on its way: a reader that is slow may not cost memory. */
  drained?(): Promise<void>
  /** Colours and the width of tables are for people. */
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** Programs of rooms that the command line may not import; each runs in the foreground and resolves with its exit code. */
export interface Daemons {
  master(argv: readonly string[]): Promise<number>
  agent(argv: readonly string[]): Promise<number>
  up(options: UpOptions): Promise<number>
  down(options: { dataDirectory?: string }): Promise<number>
}

export interface UpOptions {
  ip: string
  port: number
  agentPort: number
  dataDirectory?: string
  resources?: string
  masterFlags: readonly string[]
  agentFlags: readonly string[]
}

const DEFAULT_MASTER = 'http://127.0.0.1:5050'

/** `host:port` or a whole URL. */
export function masterUrl(given: string | undefined, env: CliContext['env']): string {
  const text = given ?? env.MESETA_MASTER ?? DEFAULT_MASTER
  const url = text.includes('://') ? text : `http://${text}`
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw CliErrors.MASTER_URL_INVALID({ url: text })
  return new URL(url).origin
}

/** Runs `use` with a client of the master; one that does not answer is an error that says what to do. */
export async function withMaster<T>(url: string, use: (master: MasterOperator) => Promise<T>): Promise<T> {
  const master = masterOperator(url)
  try {
    return await use(master)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'HTTP_UNREACHABLE' && error.message.startsWith(url)) {
      throw CliErrors.MASTER_UNREACHABLE({ url, why: (error.details as { why: string }).why }, error)
    }
    if (isOfAgent(error)) throw CliErrors.NOT_A_MASTER({ url, why: error.message }, error)
    throw error
  } finally {
    await master.close()
  }
}

/** Agents have the same path for their calls and number them otherwise: they refuse ours, or answer what we cannot read. */
const isOfAgent = (error: unknown): error is CodedError =>
  error instanceof CodedError && (error.code.startsWith('WIRE_') || error.message.includes('agent::Call'))

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof CodedError)) return EXIT.failed
  if (error.code === 'CLI_MASTER_UNREACHABLE' || error.code === 'CLI_AGENT_UNREACHABLE') return EXIT.unavailable
  if (USAGE.has(error.code) || error.code.startsWith('FLAG_')) return EXIT.usage
  return EXIT.failed
}

const USAGE: ReadonlySet<string> = new Set(
  [
    'MASTER_URL_INVALID',
    'AMOUNT_INVALID',
    'VARIABLE_INVALID',
    'COMMAND_MISSING',
    'DIRECTORY_NOT_ABSOLUTE',
    'CHOOSE_TASK_OR_FRAMEWORK',
    'AGENT_ADDRESS_INVALID',
    'IMAGE_AND_DIRECTORY',
    'OPTION_NEEDS_IMAGE',
    'FILE_UNREADABLE',
  ].map((name) => `CLI_${name}`),
)
