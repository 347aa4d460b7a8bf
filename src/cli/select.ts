import { CliErrors } from './errors.js'

/**
 * The one item that a person means: whose id is `wanted`, else begins with it. Framework and agent ids of one master begin alike, so their ends
 * (`-0003`, `S1`) are taken too.
 */
export function select<T>(what: string, items: readonly T[], idOf: (item: T) => string, wanted: string, list: string): T {
  const exact = items.filter((item) => idOf(item) === wanted)
  if (exact.length === 1) return exact[0]!
  const near =
    exact.length > 1
      ? exact
      : items.filter((item) => idOf(item).startsWith(wanted) || idOf(item).endsWith(`-${wanted.replace(/^-/, '')}`))
  if (wanted === '' || near.length === 0) throw CliErrors.NOTHING_MATCHES({ what, id: wanted, list })
  if (near.length > 1) throw CliErrors.SEVERAL_MATCH({ what, id: wanted, found: near.map(idOf).slice(0, SHOWN) })
  return near[0]!
}

/** Of those that match. */
const SHOWN = 5
