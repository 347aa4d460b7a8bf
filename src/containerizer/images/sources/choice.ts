import { SourceErrors } from './errors.js'

/** The one image that is there, or the one of that name. */
export function choose<T>(
  where: string,
  wanted: string | undefined,
  images: readonly T[],
  namesOf: (image: T) => readonly string[],
): T {
  const names = (): string => images.flatMap(namesOf).join(', ')
  if (wanted !== undefined) {
    const found = images.find((image) => namesOf(image).some((name) => familiar(name) === familiar(wanted)))
    if (found) return found
    throw SourceErrors.CHOICE_MISSING({ where, wanted, names: names() })
  }
  const [only] = images
  if (only === undefined) throw SourceErrors.CHOICE_MISSING({ where, wanted: '', names: '' })
  if (images.length > 1) throw SourceErrors.CHOICE_NEEDED({ where, names: names() })
  return only
}

/** Without what Docker leaves away, and with the tag that it adds. */
export function familiar(name: string): string {
  const short = name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  return /:[^/]*$/.test(short) ? short : `${short}:latest`
}
