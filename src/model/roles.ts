/** Why a role name is not valid (row 1-062), or undefined where it is. */
export function roleFault(role: string): string | undefined {
  if (role === '*') return undefined
  if (role === '') return 'a role name must not be empty'
  if (role.startsWith('/')) return `role '${role}' must not start with a slash`
  if (role.endsWith('/')) return `role '${role}' must not end with a slash`
  if (role.includes('//')) return `role '${role}' must not contain two slashes in a row`
  for (const component of role.split('/')) {
    const fault = componentFault(component)
    if (fault) return `role component '${component}' ${fault}`
  }
  return undefined
}

function componentFault(component: string): string | undefined {
  if (component === '.' || component === '..') return 'is not allowed, since roles are also paths'
  if (component === '*') return "is not allowed: '*' stands only for itself"
  if (component.startsWith('-')) return 'must not start with a dash'
  // Tab to carriage return, space, delete.
  for (const char of component)
    if ((char >= '\t' && char <= '\r') || char === ' ' || char === '\x08' || char === '\x7f')
      return 'must not contain whitespace or control characters'
  return undefined
}

/** Each is a client of the allocator, on every agent: thousands are served, more would only hold others up. */
const mostRoles = 4096

/** The first fault of a list: of one of its roles, or a role that is in it twice. */
export function rolesFault(roles: readonly string[]): string | undefined {
  if (roles.length > mostRoles) return `${roles.length} roles are named, and more than ${mostRoles} are not taken`
  const twice = new Set<string>()
  const seen = new Set<string>()
  for (const role of roles) (seen.has(role) ? twice : seen).add(role)
  if (twice.size > 0) return `roles are listed twice: ${[...twice].join(', ')}`
  for (const role of roles) {
    const fault = roleFault(role)
    if (fault) return fault
  }
  return undefined
}

/** Whether `role` is below `ancestor`: `a` is above `a/b` but not above `ab` (row 4-046). */
export function isStrictAncestor(ancestor: string, role: string): boolean {
  return role.length > ancestor.length && role.startsWith(ancestor) && role[ancestor.length] === '/'
}

export function isAncestorOrSelf(ancestor: string, role: string): boolean {
  return ancestor === role || isStrictAncestor(ancestor, role)
}

/** From the top down, without the role itself: `a/b/c` gives `a`, `a/b`. */
export function ancestorsOf(role: string): string[] {
  const found: string[] = []
  for (let at = role.indexOf('/'); at >= 0; at = role.indexOf('/', at + 1)) found.push(role.slice(0, at))
  return found
}
