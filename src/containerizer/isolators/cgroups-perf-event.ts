import type { Container } from '#host/host.js'
import type { PerfStatistics } from '#wire/mesos.js'
import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'
import { eventNames, isReported, perfStatistics } from '../perf-events.js'

/** Counts the events of `--perf_events` for `--perf_duration` in each `--perf_interval` (rows 6-029, 6-060). Without events nothing is done. */
export const cgroupsPerfEvent: IsolatorModule = {
  name: 'cgroups/perf_event',
  linux: true,
  controllers: ['perf_event'],
  create({ host, flags }) {
    const events = eventNames(flags.perfEvents ?? '')
    if (events.length === 0) return {}
    const [unknown] = [...events.filter((name) => !isReported(name)), ...host.uncountable(events)]
    if (unknown !== undefined) throw ContainerizerErrors.PERF_EVENT_UNSUPPORTED({ event: unknown })
    if (flags.perfDuration > flags.perfInterval) throw ContainerizerErrors.PERF_DURATION_TOO_LONG({})
    const samplers = new Map<string, Sampler>()
    return {
      prepare: () => ({ cgroups: { controllers: ['perf_event'] } }),
      watch({ config }, process) {
        const sampler = new Sampler(process, events, flags.perfDuration, flags.perfInterval)
        samplers.set(config.id, sampler)
        process.ended.then(() => sampler.stop())
        void sampler.run()
      },
      usage: ({ config }) => ({ perf: samplers.get(config.id)?.latest }),
      async cleanup(id) {
        samplers.delete(id)
      },
    }
  },
}

/** Samples one container until it ends. */
class Sampler {
  latest: PerfStatistics | undefined
  readonly #process: Container
  readonly #events: readonly string[]
  readonly #duration: number
  readonly #interval: number
  readonly #stopped: Promise<void>
  #running = true
  stop!: () => void

  constructor(process: Container, events: readonly string[], duration: number, interval: number) {
    this.#process = process
    this.#events = events
    this.#duration = duration
    this.#interval = interval
    this.#stopped = new Promise((resolve) => {
      this.stop = () => {
        this.#running = false
        resolve()
      }
    })
  }

  async run(): Promise<void> {
    // A container that was there before this isolator has no such cgroup: there is nothing to sample, then.
    await this.#process.started.catch(() => this.stop())
    while (this.#running) {
      const beganAt = Date.now()
      if (!(await this.#sample(beganAt).catch(() => false))) return
      await this.#pause(this.#interval - (Date.now() - beganAt))
    }
  }

  async #sample(beganAt: number): Promise<boolean> {
    const count = await this.#process.countEvents(this.#events)
    await this.#pause(this.#duration)
    const counters = await count.end()
    if (this.#running) this.latest = perfStatistics(counters, beganAt, Date.now() - beganAt)
    return true
  }

  async #pause(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(milliseconds, 0)).unref()
    })
    await Promise.race([elapsed, this.#stopped])
    clearTimeout(timer)
  }
}
