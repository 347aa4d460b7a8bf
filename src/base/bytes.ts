/** Units of Mesos' sizes, largest first; each is 1024 of the next. */
const UNITS: readonly (readonly [name: string, bytes: number])[] = [
  ['TB', 2 ** 40],
  ['GB', 2 ** 30],
  ['MB', 2 ** 20],
  ['KB', 2 ** 10],
  ['B', 1],
]

/** Bytes of `512MB`; `undefined` when the text is no size or more than a number holds exactly. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([KMGT]?B)$/.exec(text) ?? []
  const scale = UNITS.find(([name]) => name === unit)?.[1]
  if (digits === undefined || scale === undefined) return undefined
  const bytes = Number(digits) * scale
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest text that says exactly this size: 2097152 → `2MB`. */
export function formatBytes(bytes: number): string {
  const [name, scale] = UNITS.find(([, size]) => bytes >= size && bytes % size === 0) ?? ['B', 1]
  return `${bytes / scale}${name}`
}

const METRIC = ['B', 'kB', 'MB', 'GB', 'TB']

/** For people: `45.6 MB`, in powers of a thousand as registries count. */
export function bytesText(bytes: number | bigint): string {
  let value = Number(bytes)
  let unit = 0
  for (; value >= 999.95 && unit < METRIC.length - 1; unit++) value /= 1000
  return `${unit === 0 ? value : value.toFixed(1)} ${METRIC[unit]}`
}
