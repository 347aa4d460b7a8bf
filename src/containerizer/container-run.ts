import type { Container } from '#host/host.js'
import type { ContainerConfig, Termination } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'
import type { Isolator, Limitation, PreparedContainer } from './isolator.js'
import { type LifecycleEvent, nextPhase, type Phase } from './lifecycle.js'
import { terminationOf } from './termination.js'
import { TransferGroup } from './transfers.js'

/** One container from `clone` or `recover` to the end of `destroy`. */
export class ContainerRun {
  readonly id: string
  /** The container it is nested in. */
  readonly parent: string | undefined
  readonly terminated: Promise<Termination>
  /** Its image and its URIs, while they come. */
  readonly transfers: TransferGroup
  /** Nobody wants it to start any more: what is under way for that stops. */
  readonly aborted = new AbortController()
  phase: Phase = 'preparing'
  /** Set as soon as user and root are resolved. */
  container: PreparedContainer | undefined
  /** Set from the clone on. */
  process: Container | undefined
  /** What `destroy` must wait for: a clone that is under way. */
  cloning: Promise<unknown> = Promise.resolve()
  destroyed: Promise<void> | undefined
  #limitation: Limitation | undefined
  #failure: Termination | undefined
  #terminate!: (termination: Termination) => void

  constructor(config: ContainerConfig) {
    this.id = config.id
    this.parent = config.parent
    this.transfers = new TransferGroup(config.id)
    this.terminated = new Promise((resolve) => {
      this.#terminate = resolve
    })
  }

  advance(event: LifecycleEvent): void {
    this.phase = nextPhase(this.phase, event)
  }

  abort(): void {
    this.aborted.abort(ContainerizerErrors.DESTROYED({ id: this.id }))
  }

  /** Invariant: the first termination counts, and by then no process of the container is left. */
  end(termination: Termination): void {
    this.advance('ended')
    this.#terminate(termination)
  }

  /** What the end of the container shall be told as, when that comes: its start failed for a reason that the host does not know. */
  fail(failure: Termination): void {
    this.#failure ??= failure
  }

  /** Follows the processes of the container from now on. */
  attach(container: PreparedContainer, process: Container, isolators: readonly Isolator[]): void {
    this.container = container
    this.process = process
    for (const isolator of isolators) isolator.watch?.(container, process, (limitation) => this.#exceeded(limitation))
    process.started.then(
      () => this.advance('started'),
      () => undefined, // `ended` says why
    )
    process.ended.then((end) => {
      for (const isolator of isolators) this.#limitation ??= isolator.explain?.(container, end)
      this.end(this.#failure ?? terminationOf(end, this.#limitation))
    })
  }

  /** The first limit that is exceeded ends the container and is what is reported (row 6-012). */
  #exceeded(limitation: Limitation): void {
    if (this.#limitation) return
    this.#limitation = limitation
    this.process?.kill().catch(() => undefined) // it can only fail because the container is over, or its supervisor, and then it ends as well
  }
}
