/** What a verdict may say: names and lists of the caller stand in it, and one that fills megabytes would be told once for each of its tasks. */
const longestSentence = 2000

/** A verdict of bounded length, without half a character at its end. */
export function sentence(text: string): string {
  return text.length <= longestSentence ? text : `${text.slice(0, longestSentence).replace(/\p{Surrogate}$/u, '')}…`
}
