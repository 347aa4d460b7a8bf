import type { Resource } from '#wire/mesos.js'

/** What a person wants to see of resources. */
export interface Amounts {
  cpus: number
  mem: number
  disk: number
}

export function amountsOf(resources: readonly Resource[] | undefined): Amounts {
  const sum = (name: string): number =>
    (resources ?? []).reduce((total, one) => total + (one.name === name ? (one.scalar?.value ?? 0) : 0), 0)
  return { cpus: sum('cpus'), mem: sum('mem'), disk: sum('disk') }
}

/** Three digits, as Mesos keeps, without zeros that say nothing. */
export const amountText = (value: number): string => String(Math.round(value * 1000) / 1000)

export const usedOf = (used: number, total: number): string => `${amountText(used)}/${amountText(total)}`
