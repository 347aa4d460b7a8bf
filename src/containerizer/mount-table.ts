/** A line of /proc/self/mountinfo, as far as we need it. */
export interface MountEntry {
  readonly point: string
  readonly shared: boolean
}

/** The mount that a path without links lies on: of those with the longest path the last, which covers the others. */
export function mountOf(path: string, mountinfo: string): MountEntry | undefined {
  const candidates = mountinfo
    .split('\n')
    .flatMap(entryOf)
    .filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`))
  return candidates.reduce<MountEntry | undefined>(
    (best, next) => (best && best.point.length > next.point.length ? best : next),
    undefined,
  )
}

/** Fields 1 to 6, any number of optional ones such as `shared:7`, a dash, and the rest. */
function entryOf(line: string): MountEntry[] {
  const [, , , , point, , ...rest] = line.split(' ')
  if (point === undefined) return []
  const optional = rest.slice(0, rest.indexOf('-'))
  return [{ point: unescaped(point), shared: optional.some((field) => field.startsWith('shared:')) }]
}

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
