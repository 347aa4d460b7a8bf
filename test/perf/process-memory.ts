import { readdirSync, readFileSync } from 'node:fs'

const MEBIBYTE_IN_KIB = 1024

/** Proportional set size in MiB: what is shared counts for each by its part. Zero for a process that is gone. */
export function pssMib(pid: number): number {
  try {
    const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kib ?? 0) / MEBIBYTE_IN_KIB
  } catch {
    return 0
  }
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly name: string
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
        return [{ pid: Number(pid), parent: Number(parent), name: name ?? '' }]
      } catch {
        return []
      }
    })
}

/** The process and all that descend from it. */
export function familyOf(root: number): Process[] {
  const all = processes()
  const family = all.filter(({ pid }) => pid === root)
  for (const { pid } of family) family.push(...all.filter((one) => one.parent === pid))
  return family
}
