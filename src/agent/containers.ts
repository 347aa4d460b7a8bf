import type { Clock } from '#base/clock.js'
import { CodedError } from '#base/errors.js'
import { fault } from '#base/fault.js'
import type { Log } from '#base/log.js'
import type { ContainerConfig, Containerizer } from '#containerizer/containerizer.js'
import { launchFailureReason } from '#containerizer/errors.js'
import type { ContainerResources } from '#containerizer/resources.js'
import type { AgentInput } from './core/events.js'
import { StartWatch } from './start-watch.js'

/** How long to wait before what could not be removed is removed again. */
const DESTROY_RETRY = 1000

/** The shell's half of the containerizer: effects in, events out. */
export class Containers {
  private readonly containerizer: Containerizer
  private readonly feed: (event: AgentInput) => void
  private readonly clock: Clock
  private readonly log: Log
  private readonly starts: StartWatch

  constructor(containerizer: Containerizer, feed: (event: AgentInput) => void, clock: Clock, log: Log) {
    this.containerizer = containerizer
    this.feed = feed
    this.starts = new StartWatch(clock, () => containerizer.transfers(), feed)
    this.clock = clock
    this.log = log
  }

  clone(config: ContainerConfig): void {
    const container = config.id
    this.starts.begin(config)
    this.containerizer.clone(config).then(
      ({ supervisor }) => {
        fault('launch.cloned')
        this.follow(container)
        this.feed({ on: 'cloned', container, supervisor })
      },
      (error) => {
        this.starts.end(container)
        this.feed({ on: 'cloneFailed', container, code: codeOf(error), reason: launchFailureReason(error), why: error.message })
      },
    )
  }

  close(): void {
    this.starts.close()
  }

  /** Tells its end, whenever that is; for recovered ones too. */
  follow(container: string): void {
    this.containerizer.wait(container).then(
      (termination) => {
        fault('container.ended')
        this.starts.end(container)
        this.feed({ on: 'ended', container, termination })
      },
      () => undefined, // destroyed and forgotten meanwhile: `destroyed` says so
    )
  }

  go(container: string): void {
    fault('launch.before-go')
    this.containerizer.go(container).then(
      (task) => {
        fault('launch.started')
        this.starts.end(container)
        this.feed({ on: 'started', container, task })
      },
      (error) => this.log.warn({ container, why: error.message }, 'a container could not start'), // its end follows, with the reason
    )
  }

  /** To the group: a shell that waits for a child would not see it otherwise (row 2-031). */
  stop(container: string): void {
    fault('kill.signal')
    this.containerizer.stop(container).catch((error) => this.note(container, 'could not be signalled', error))
  }

  kill(container: string): void {
    fault('kill.escalate')
    this.containerizer.kill(container).catch((error) => this.note(container, 'could not be killed', error))
  }

  destroy(container: string): void {
    fault('container.destroy')
    this.starts.end(container)
    this.containerizer.destroy(container).then(
      () => this.feed({ on: 'destroyed', container }),
      (error) => {
        this.log.warn({ container, why: error.message }, 'a container could not be removed; trying again')
        this.clock.at(this.clock.now() + DESTROY_RETRY, () => this.destroy(container))
      },
    )
  }

  update(container: string, resources: ContainerResources): void {
    this.containerizer.update(container, resources).then(
      () => this.feed({ on: 'updated', container }),
      (error) => this.feed({ on: 'updated', container, why: error.message }),
    )
  }

  private note(container: string, what: string, error: Error): void {
    this.log.debug({ container, why: error.message }, `a container ${what}; it has ended, most likely`)
  }
}

/** Of what went wrong, not of the sentence around it. */
function codeOf(error: unknown): string {
  if (!(error instanceof CodedError)) return ''
  return error.cause instanceof CodedError ? error.cause.code : error.code
}
