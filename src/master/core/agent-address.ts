import type { Address } from '#wire/mesos.js'
import type { AgentRecord } from './cluster.js'

/** Where the agent's HTTP server answers, from `slave(1)@ip:port`. */
export function agentAddress(agent: AgentRecord): Address {
  const address = agent.pid.slice(agent.pid.indexOf('@') + 1)
  const colon = address.lastIndexOf(':')
  return {
    hostname: agent.info.hostname,
    ip: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)) || (agent.info.port ?? 5051),
  }
}
