import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { leaks, type Scope } from '../support/leaks.js'
import { compile } from './c-tools.js'
import { enterRun, killRun } from './cpu-group.js'
import { type DockerDaemon, startDocker } from './docker.js'
import { missing } from './peers.js'
import type { Patience } from './quiet.js'
import { busyboxRoot } from './rootfs.js'
import type { Scale } from './scale.js'

const SETTLE_MS = 1000

/** What all suites share: programs, directories, the one dockerd. Everything of it is gone after `leave`. */
export class Workplace {
  readonly scale: Scale
  readonly patience: Patience
  readonly directory: string
  /** The same in memory, as /run is on most hosts. */
  readonly memory: string
  /** A small root file system. */
  readonly root: string
  readonly floor: string
  readonly repeat: string
  private readonly leaveGroup: () => void
  private docker: DockerDaemon | undefined

  constructor(scale: Scale, patience: Patience) {
    this.scale = scale
    this.patience = patience
    this.floor = compile('floor')
    this.repeat = compile('repeat')
    this.directory = mkdtempSync(join(tmpdir(), 'meseta-bench-'))
    this.memory = mkdtempSync('/dev/shm/meseta-bench-')
    mkdirSync(join(this.directory, 'root'))
    this.root = busyboxRoot(join(this.directory, 'root'))
    this.leaveGroup = enterRun()
    // Beside anybody else's work: what is woken waits for nobody (performance.md §0, traps 1 and 3).
    setPriority(constants.priority.PRIORITY_HIGHEST)
  }

  /** Started when it is first wanted. Without docker on this machine, nothing. */
  async dockerd(): Promise<DockerDaemon | undefined> {
    if (!missing('docker')) this.docker ??= await startDocker(join(this.directory, 'docker'), this.root)
    return this.docker
  }

  /** Ends whatever is under way, in the middle of it. */
  async breakOff(): Promise<void> {
    killRun()
    this.docker = undefined
    await sleep(SETTLE_MS)
    await this.leave()
  }

  /** Directories go last: a burst of removals slows every later `open` of a new file down (performance.md §3). Answers what would not go. */
  async leave(): Promise<string[]> {
    await this.docker?.stop()
    this.leaveGroup()
    const scope: Scope = { directories: [this.directory, this.memory], cgroupsRoot: `meseta-bench-${process.pid}` }
    const left = await leaks(scope)
    if (left.length === 0) for (const path of [this.directory, this.memory]) rmSync(path, { recursive: true, force: true })
    return left
  }
}
