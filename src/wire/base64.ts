const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/
const NOT_STANDARD = /[^A-Za-z0-9+/=]/

/** Bytes of standard base64 with or without padding, or what is wrong with the text. (Node's own decoder takes anything.) */
export function decodeBase64(text: string): Buffer | string {
  if (!STANDARD.test(text)) return `Invalid character '${NOT_STANDARD.exec(text)?.[0] ?? '='}'`
  const padded = text.endsWith('=')
  if (padded ? text.length % 4 !== 0 : text.length % 4 === 1) return 'Wrong length'
  return Buffer.from(text, 'base64')
}
