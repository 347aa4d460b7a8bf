import { resolve } from 'node:path/posix'

/** What an image says of how it wants to be run (rows 6-032, 6-033, 9-067, 9-071). Absent: it says nothing. */
export interface ImageRuntimeConfig {
  readonly entrypoint?: readonly string[] | undefined
  readonly command?: readonly string[] | undefined
  /** `NAME=value`. */
  readonly environment?: readonly string[] | undefined
  readonly workingDirectory?: string | undefined
  /** `user`, `uid`, `user:group`, `uid:gid`. */
  readonly user?: string | undefined
  readonly volumes?: readonly string[] | undefined
  readonly exposedPorts?: readonly string[] | undefined
  readonly stopSignal?: string | undefined
  readonly healthcheck?: ImageHealthcheck | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** In place of /bin/sh -c for commands that are text. */
  readonly shell?: readonly string[] | undefined
  readonly architecture?: string | undefined
  readonly os?: string | undefined
  readonly createdAt?: string | undefined
}

/** Where its tasks start. Absolute; an image may write it relative to its root. */
export const startDirectory = ({ workingDirectory }: ImageRuntimeConfig): string | undefined =>
  workingDirectory ? resolve('/', workingDirectory) : undefined

/** Durations in nanoseconds, as images have them. */
export interface ImageHealthcheck {
  readonly test: readonly string[]
  readonly interval?: number | undefined
  readonly timeout?: number | undefined
  readonly startPeriod?: number | undefined
  readonly retries?: number | undefined
}
