/** One way in which a server wants to be told who asks (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const SCHEME = new RegExp(`[\\s,]*(${TOKEN})(?:[ \\t]+|(?=,)|$)`, 'y')
const PARAMETER = new RegExp(`[\\s,]*(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]*))`, 'y')
const LONGEST = 16 * 1024

/** All that WWW-Authenticate asks for; several may stand in one header, and quoted values may hold commas (S60). */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  const text = (typeof header === 'string' ? header : (header ?? []).join(', ')).slice(0, LONGEST)
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match
  }
  for (;;) {
    const parameter = challenges.length > 0 ? take(PARAMETER) : null
    if (parameter) {
      const [, name = '', quoted, plain = ''] = parameter
      challenges.at(-1)!.parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? plain
      continue
    }
    const scheme = take(SCHEME)
    if (!scheme) return challenges
    challenges.push({ scheme: scheme[1]!.toLowerCase(), parameters: {} })
  }
}
