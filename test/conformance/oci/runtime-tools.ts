/** opencontainers/runtime-tools' validation programs: built once, outside of the tree, and run with one runtime. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const MODULE = 'github.com/opencontainers/runtime-tools'
const VERSION = 'v0.9.1-0.20250523060157-0ea5ed0382a2'
const INSIDE = 'runtimetest'

export interface Suite {
  readonly directory: string
  readonly programs: readonly string[]
}

/** The programs, or the sentence that says what is missing to have them. */
export function buildSuite(): Suite | string {
  const directory = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'meseta', `runtime-tools-${VERSION}`)
  const complete = join(directory, 'complete')
  if (!existsSync(complete)) {
    if (spawnSync('go', ['version']).status !== 0) return 'Go is missing, which builds runtime-tools'
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'go.mod'), 'module validation\n\ngo 1.23\n')
    // Without a C library, since the program that runs inside the containers finds none.
    const env = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' }
    const go = (...words: string[]) => spawnSync('go', words, { cwd: directory, env, encoding: 'utf8' })
    go('mod', 'edit', `-require=${MODULE}@${VERSION}`)
    const built = go('build', '-o', 'bin/', `${MODULE}/validation/...`, `${MODULE}/cmd/${INSIDE}`)
    if (built.status !== 0) return `runtime-tools could not be built: ${built.stderr.trim().split('\n').at(-1)}`
    const source = go('list', '-m', '-f', '{{.Dir}}', MODULE).stdout.trim()
    copyFileSync(join(source, 'rootfs-amd64.tar.gz'), join(directory, 'rootfs-amd64.tar.gz'))
    copyFileSync(join(directory, 'bin', INSIDE), join(directory, INSIDE))
    writeFileSync(complete, '')
  }
  return { directory, programs: readdirSync(join(directory, 'bin')).filter((name) => name !== INSIDE) }
}

export interface Outcome {
  readonly code: number | null
  /** Every assertion that was made, with its count if one is made more than once, and whether it held. */
  readonly assertions: ReadonlyMap<string, boolean>
}

export function runProgram({ directory }: Suite, program: string, runtime: string): Outcome {
  const temporary = mkdtempSync(join(tmpdir(), 'meseta-ocitest-'))
  try {
    const { status, stdout } = spawnSync(join(directory, 'bin', program), {
      cwd: directory,
      env: { ...process.env, RUNTIME: runtime, TMPDIR: temporary },
      encoding: 'utf8',
      timeout: 60_000,
    })
    return { code: status, assertions: assertionsIn(stdout) }
  } finally {
    unmountBelow(temporary)
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Lines of TAP, without what differs from one run to the next: ids, names of temporary directories, pids. */
function assertionsIn(tap: string): Map<string, boolean> {
  const all = new Map<string, boolean>()
  for (const [, verdict, name = ''] of tap.matchAll(/^\s*(ok|not ok) \d+(?: - )?(.*)$/gm)) {
    const plain = name.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|ocitest\w+|\b\d{3,}\b/g, '…')
    let key = plain
    for (let count = 2; all.has(key); count++) key = `${plain} (${count})`
    all.set(key, verdict === 'ok')
  }
  return all
}

/** Some programs run containers in the host's mount namespace, and not every runtime takes away what it has mounted there. */
function unmountBelow(directory: string): void {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  for (const point of points.reverse().filter((path) => path.startsWith(directory))) spawnSync('umount', ['-l', point])
}
