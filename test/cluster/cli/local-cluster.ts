import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'

export const script = fileURLToPath(new URL('../../../dist/bin/meseta.js', import.meta.url))

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A program of ours under way: what it wrote so far, and how it ended. */
export class Program {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''

  constructor(argv: readonly string[], env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [script, ...argv], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process.stdout!.on('data', (bytes) => {
      this.stdout += bytes
    })
    this.process.stderr!.on('data', (bytes) => {
      this.stderr += bytes
    })
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }))
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }
}

/** `meseta up` in a directory of its own, on free ports. */
export class LocalCluster {
  readonly directory = mkdtempSync(join(tmpdir(), 'meseta-cli-'))
  up: Program | undefined
  master = ''

  async start(...more: readonly string[]): Promise<void> {
    const up = new Program([
      'up',
      '--data-dir',
      this.directory,
      '--port',
      '0',
      '--agent-port',
      '0',
      '--resources',
      'cpus:4;mem:2048;disk:1000',
      ...more,
    ])
    this.up = up
    await Promise.race([
      vi.waitFor(() => this.findMaster(up), { timeout: 60_000, interval: 50 }),
      up.ended.then(({ stderr }) => Promise.reject(new Error(`meseta up ended: ${stderr}`))),
    ])
  }

  private findMaster(up: Program): void {
    const master = /Master {2}(http:\S+)/.exec(up.stdout)?.[1]
    if (!master) throw new Error(`not up yet: ${up.stdout}${up.stderr}`)
    this.master = master
  }

  /** Runs to its end. */
  run(...argv: string[]): Promise<Ended> {
    return this.begin(...argv).ended
  }

  begin(...argv: string[]): Program {
    return new Program(argv, { MESETA_MASTER: this.master })
  }

  /** Pids of the daemons of this cluster. */
  async daemons(name: 'master' | 'agent'): Promise<number[]> {
    return (await processes())
      .filter(({ text }) => text.includes(`meseta.js ${name} `) && text.includes(this.directory))
      .map(({ pid }) => pid)
  }

  async stop(): Promise<Ended | undefined> {
    this.up?.signal('SIGINT')
    return this.up?.ended
  }

  /** Ends all, tasks too, and removes the directory. */
  async remove(): Promise<void> {
    await this.stop()
    await this.run('down', '--data-dir', this.directory)
    rmSync(this.directory, { recursive: true, force: true })
  }

  log(name: 'master' | 'agent'): string {
    return readFileSync(join(this.directory, 'log', `${name}.log`), 'utf8')
  }
}

export function processes(): Promise<{ pid: number; text: string }[]> {
  return new Promise((resolve, reject) => {
    execFile('ps', ['-eo', 'pid=,args='], { maxBuffer: 1 << 24 }, (error, out) => {
      if (error) return reject(error)
      const rows = out.split('\n').map((line) => /^ *(\d+) (.*)$/.exec(line) ?? [])
      resolve(rows.flatMap(([, pid, text]) => (pid && text !== undefined ? [{ pid: Number(pid), text }] : [])))
    })
  })
}
