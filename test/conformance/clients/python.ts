/** The virtual environment with pymesos, made once a checkout. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFORMANCE } from '../place.js'

const SYSTEM_PYTHON = '/usr/bin/python3'
const REQUIREMENTS = join(CONFORMANCE, 'clients/requirements.txt')
const ENVIRONMENT = join(process.cwd(), 'dist/.pymesos')

const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** What this machine lacks for these tests, in words; undefined if nothing. */
export function missingForPymesos(): string | undefined {
  if (process.getuid?.() !== 0) return 'root, for a network namespace'
  if (!succeeds('ip', 'netns', 'list')) return 'ip, of iproute2'
  if (!succeeds(SYSTEM_PYTHON, '-c', 'import http_parser, ensurepip')) return 'python3-http-parser or python3-venv'
  return undefined
}

/** The environment's interpreter. The environment is made anew when the requirements have changed. */
export function pythonWithPymesos(): string {
  const python = join(ENVIRONMENT, 'bin/python')
  const stamp = join(ENVIRONMENT, 'requirements.txt')
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python
  rmSync(ENVIRONMENT, { recursive: true, force: true })
  execFileSync(SYSTEM_PYTHON, ['-m', 'venv', '--system-site-packages', ENVIRONMENT])
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS])
  writeFileSync(stamp, wanted)
  return python
}
