import { HostErrors } from './errors.js'

/** An id is the name of a directory and of a cgroup (S11). */
export function checkedContainerId(id: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,241}$/.test(id)) return id
  throw HostErrors.ID_INVALID({ id })
}
