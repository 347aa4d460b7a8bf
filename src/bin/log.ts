import { mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '#base/log.js'

export interface LogOptions {
  /** Of the daemon, and of its log file. */
  name: string
  level: Level
  /** Nothing to the error output. */
  quiet: boolean
  directory?: string | undefined
  write?: (line: string) => void
}

export interface DaemonLog {
  log: Log
  /** Where the log is also written. */
  file: string | undefined
  /** 0 as configured; from 1 on everything (3-083). */
  setVerbosity(level: number): void
}

const SEVERITY = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3 } as const
export type Level = keyof typeof SEVERITY

/** One line an event, for people and for grep: `2026-11-20T20:13:36.123Z INFO master leads port=5050`. */
export function openLog(options: LogOptions): DaemonLog {
  const file = options.directory === undefined ? undefined : join(options.directory, `meseta-${options.name}.log`)
  const descriptor = file === undefined ? undefined : openFile(options.directory!, file)
  const toError = options.write ?? ((line: string) => void process.stderr.write(line))
  let least: number = SEVERITY[options.level]
  const write = (level: Level, bindings: object, details: object, text: string): void => {
    if (SEVERITY[level] < least) return
    const line = `${new Date().toISOString()} ${level.padEnd(7)} ${text}${pairs({ ...bindings, ...details })}\n`
    if (!options.quiet) toError(line)
    if (descriptor !== undefined) writeSync(descriptor, line)
  }
  return {
    log: logger(write, {}),
    file,
    setVerbosity: (level) => {
      least = level > 0 ? SEVERITY.DEBUG : SEVERITY[options.level]
    },
  }
}

type Write = (level: Level, bindings: object, details: object, text: string) => void

function logger(write: Write, bindings: object): Log {
  return {
    debug: (details, text) => write('DEBUG', bindings, details, text),
    info: (details, text) => write('INFO', bindings, details, text),
    warn: (details, text) => write('WARNING', bindings, details, text),
    error: (details, text) => write('ERROR', bindings, details, text),
    child: (more) => logger(write, { ...bindings, ...more }),
  }
}

function openFile(directory: string, file: string): number {
  mkdirSync(directory, { recursive: true })
  return openSync(file, 'a', 0o644)
}

function pairs(details: object): string {
  return Object.entries(details)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${shown(value)}`)
    .join('')
}

/** What came from outside stays on its line. */
function shown(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.stack ?? value.message)
  const text = typeof value === 'string' ? value : (JSON.stringify(value, withBigints) ?? String(value))
  return /^[\w.:/@()-]+$/.test(text) ? text : typeof value === 'string' ? JSON.stringify(text) : text
}

const withBigints = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
