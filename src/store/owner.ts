import { readFileSync } from 'node:fs'

/** A process of this host, for as long as the host runs: a number alone may be another's after a while. */
export type Owner = string

/** This process. */
export const self = (): Owner => `${bootId()} ${process.pid} ${startTime(process.pid)}`

/** Whether that process still runs. One of an earlier boot does not. */
export function isAlive(owner: Owner): boolean {
  const [boot, pid, started] = owner.split(' ')
  return boot === bootId() && started !== undefined && started === startTime(Number(pid))
}

export const pidOf = (owner: Owner): string => owner.split(' ')[1] ?? ''

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** In clock ticks since the boot; `undefined` if there is no such process, or only what its parent has not collected yet. */
function startTime(pid: number): string | undefined {
  try {
    // The name may hold spaces and parentheses: fields are counted from its last one. The third of the file is the state, the 22nd the start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\)\s/s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
