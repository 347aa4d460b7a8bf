/** Names of files and directories stay below this, and ids become such names. */
const longestId = 255

/** Why an id is not valid (row 1-090), or undefined where it is. Ids of tasks, executors, volumes and agents become path components. */
export function idFault(id: string): string | undefined {
  if (id === '') return 'an id must not be empty'
  if (Buffer.byteLength(id) > longestId) return `an id must not be longer than ${longestId} bytes`
  if (id === '.' || id === '..') return `'${id}' is not allowed as an id`
  for (const char of id) {
    const code = char.codePointAt(0)!
    if (char === '/' || char === '\\' || code < 0x20 || code === 0x7f)
      return `'${printable(id)}' contains characters that an id must not have`
  }
  return undefined
}

function printable(id: string): string {
  return JSON.stringify(id).slice(1, -1)
}
