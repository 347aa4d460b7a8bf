/** Units of Mesos' durations, longest first, in milliseconds. */
const UNITS: readonly (readonly [name: string, milliseconds: number])[] = [
  ['weeks', 604_800_000],
  ['days', 86_400_000],
  ['hrs', 3_600_000],
  ['mins', 60_000],
  ['secs', 1000],
  ['ms', 1],
  ['us', 0.001],
  ['ns', 0.000001],
]

/** The longest duration that 64 bits of nanoseconds hold, as in Mesos. */
const LONGEST = 9_223_372_036_854.775

/** Milliseconds of `10secs`, `1.5hrs`, `100ms` …; `undefined` when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d*)?|\.\d+)([a-z]+)$/.exec(text) ?? []
  const scale = UNITS.find(([name]) => name === unit)?.[1]
  if (digits === undefined || scale === undefined) return undefined
  const milliseconds = Number(digits) * scale
  return milliseconds <= LONGEST ? milliseconds : undefined
}

/** The shortest text that says exactly this duration: 60000 → `1mins`. */
export function formatDuration(milliseconds: number): string {
  const nanoseconds = Math.round(milliseconds * 1e6)
  if (nanoseconds === 0) return '0ns'
  for (const [name, scale] of UNITS) {
    const unit = Math.round(scale * 1e6)
    if (nanoseconds % unit === 0) return `${nanoseconds / unit}${name}`
  }
  return `${nanoseconds}ns`
}
