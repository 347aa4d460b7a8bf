/** `--image_gc_config`, as Mesos has it (row 6-083). */
export interface ImageGcConfig {
  /** Part of the disk that stays free, 0 to 1. */
  readonly headroom: number
  /** Milliseconds. */
  readonly interval: number
  /** As tasks name them. */
  readonly excluded: readonly string[]
}

/** What is wrong with the value of the flag, for its user. */
export function imageGcProblem(value: unknown): string | undefined {
  try {
    readImageGcConfig(value)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** `value` has passed the check above. */
export const imageGcConfig = (value: unknown): ImageGcConfig | undefined =>
  value === undefined ? undefined : readImageGcConfig(value)

function readImageGcConfig(value: unknown): ImageGcConfig {
  const fields = asObject(value, 'it')
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) throw new Error(`has ${JSON.stringify(unknown)}, which is none of ${FIELDS.join(', ')}`)
  return { headroom: headroomOf(fields), interval: intervalOf(fields), excluded: excludedOf(fields) }
}

const FIELDS = ['image_disk_headroom', 'image_disk_watch_interval', 'excluded_images']

function headroomOf({ image_disk_headroom: headroom }: Record<string, unknown>): number {
  if (typeof headroom === 'number' && headroom >= 0 && headroom <= 1) return headroom
  throw new Error('needs image_disk_headroom, a number from 0 to 1: the part of the disk that stays free')
}

function intervalOf({ image_disk_watch_interval: interval }: Record<string, unknown>): number {
  const nanoseconds = Number((interval as { nanoseconds?: unknown } | undefined)?.nanoseconds)
  if (Number.isSafeInteger(nanoseconds) && nanoseconds >= 1_000_000) return nanoseconds / 1e6
  throw new Error('needs image_disk_watch_interval, such as {"nanoseconds": 3600000000000}, of at least a millisecond')
}

/** Images as tasks have them, or only their names. */
function excludedOf({ excluded_images: images = [] }: Record<string, unknown>): string[] {
  if (!Array.isArray(images)) throw new Error('has excluded_images that are no list')
  return images.map((image) => {
    if (typeof image === 'string') return image
    const { docker, appc } = asObject(image, 'an excluded image') as { docker?: { name?: unknown }; appc?: { name?: unknown } }
    const name = docker?.name ?? appc?.name
    if (typeof name !== 'string')
      throw new Error('has an excluded image without a name: {"type": "DOCKER", "docker": {"name": "alpine"}}')
    return name
  })
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error(`is wrong: ${what} is no JSON object`)
}
