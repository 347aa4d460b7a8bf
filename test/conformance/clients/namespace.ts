/** A network namespace of its own: what listens on all addresses there listens to nobody else. */
import { execFileSync } from 'node:child_process'

export class NetworkNamespace {
  readonly #name = `meseta-test-${process.pid}`

  create(): void {
    execFileSync('ip', ['netns', 'add', this.#name])
    execFileSync('ip', ['-n', this.#name, 'link', 'set', 'lo', 'up'])
  }

  remove(): void {
    execFileSync('ip', ['netns', 'delete', this.#name])
  }

  /** What runs a program inside. Not `ip netns exec`: that mounts another /sys, and the agent would lose its control groups. */
  get enter(): readonly string[] {
    return ['nsenter', `--net=/run/netns/${this.#name}`]
  }
}
