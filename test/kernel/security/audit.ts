import { readFileSync, readlinkSync } from 'node:fs'

/** What the probe says, by section. */
export type Audit = Record<string, Record<string, string>>

/** Without what differs from host to host: namespaces are its own or the host's, a full set of capabilities is the agent's. */
export function auditOf(json: string): Audit {
  const audit = JSON.parse(json) as Audit
  const { process = {}, namespaces = {} } = audit
  for (const [kind, found] of Object.entries(namespaces)) {
    namespaces[kind] = found === readlinkSync(`/proc/self/ns/${kind}`) ? 'of the host' : 'its own'
  }
  const status = readFileSync('/proc/self/status', 'utf8')
  for (const name of ['CapPrm', 'CapEff', 'CapBnd']) {
    const agents = new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]
    if (process[name] === agents) process[name] = 'those of the agent'
  }
  if (process['core limit'] === hostsCoreLimit()) process['core limit'] = 'that of the agent'
  return audit
}

function hostsCoreLimit(): string {
  const [, hard] = /^Max core file size\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return hard === 'unlimited' ? 'unlimited' : Number(hard) <= 1 ? 'none' : 'some'
}
