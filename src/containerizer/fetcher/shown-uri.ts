/** For logs, errors and progress: user, password and query, where signatures and tokens are, stay with who wrote them. */
export function shownUri(uri: string): string {
  const [, scheme, authority = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is.exec(uri) ?? []
  if (scheme === undefined) return uri
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  return `${scheme}${host}${rest.replace(/[?#].*$/s, (tail) => (tail.startsWith('?') ? '?…' : ''))}`
}
