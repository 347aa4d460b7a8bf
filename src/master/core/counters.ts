/** Numbers that only grow, by the names under which `/metrics/snapshot` shows them (section 4.8). Part of the state, so that a run replays exactly. */
export class Counters {
  private readonly values = new Map<string, number>()
  add(name: string, by = 1): void {
    this.values.set(name, (this.values.get(name) ?? 0) + by)
  }
  get(name: string): number {
    return this.values.get(name) ?? 0
  }
  entries(): IterableIterator<[string, number]> {
    return this.values.entries()
  }
}
