import type { Command } from 'commander'

export interface ConnectedOptions {
  master?: string
}

/** For commands that talk to a cluster. */
export function connected(command: Command): Command {
  return command.option('--master <url>', 'address of a master (default: MESETA_MASTER, else http://127.0.0.1:5050)')
}

export interface ListOptions extends ConnectedOptions {
  json?: boolean
}

/** For commands that show something. */
export function listing(command: Command): Command {
  return connected(command).option('--json', 'for programs: what the master said, as JSON')
}

/** For commands about what agents have. */
export function onAgents(command: Command): Command {
  return connected(command)
    .option('--agent <host:port>', 'only this agent, without asking a master (default: every active agent)')
    .option('--agent-id <id>', 'only the agent with this id; its end is enough')
    .option('--json', 'for programs: what the agents said, as JSON')
}

/** Collects an option that may be repeated. Without a default of commander's, which help would show as `[]`. */
export const several = (value: string, all: readonly string[] = []): string[] => [...all, value]

/** The end of a command's help. */
export function examples(...lines: readonly (readonly [example: string, note: string])[]): string {
  const shown = lines.map(([example, note]) => `  ${example}${note ? `    # ${note}` : ''}`)
  return `\nExamples:\n${shown.join('\n')}\n`
}
