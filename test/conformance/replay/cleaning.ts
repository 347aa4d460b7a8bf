/** Undoes what a case may have left in the master: reservations, volumes, quota, maintenance. */

import { seconds, until } from '../../support/waiting.js'
import { type Cluster, MASTER } from './cluster.js'
import { type Answer, call, send } from './http.js'
import { at, isObject, type Json, type JsonObject, listAt, parseJson, textAt } from './json.js'

interface Reserved {
  readonly agent: string
  readonly resource: JsonObject
}

export async function clean(cluster: Cluster): Promise<void> {
  if (!cluster.prelude)
    await until(async () => (await cluster.slaves()).every((slave) => at(slave, 'used_resources', 'cpus') === 0), 6)
  for (let round = 0; round < 3; round++) {
    const reserved = await reservations(cluster)
    if (reserved.length === 0) break
    for (const one of reserved) await unreserve(cluster, one)
    await seconds(0.1)
  }
  await removeQuota(cluster)
  if (cluster.topic === 'agent-lifecycle') await operate(cluster, 'UPDATE_MAINTENANCE_SCHEDULE', { schedule: {} })
}

const operate = (cluster: Cluster, type: string, content: JsonObject): Promise<Answer> =>
  call(cluster.ports[MASTER] ?? 0, { type, [type.toLowerCase()]: content }, 10)

const isDynamic = (resource: Json): boolean => listAt(resource, 'reservations').some((one) => at(one, 'type') === 'DYNAMIC')

async function reservations(cluster: Cluster): Promise<Reserved[]> {
  return (await cluster.slaves()).flatMap((slave) => {
    const byRole = at(slave, 'reserved_resources_full')
    const resources = isObject(byRole) ? Object.values(byRole).flatMap((list) => (Array.isArray(list) ? list : [])) : []
    return resources.filter(isDynamic).map((resource) => ({ agent: textAt(slave, 'id') ?? '', resource: resource as JsonObject }))
  })
}

/** Takes away the volume, then one reservation after another, the latest first. */
async function unreserve(cluster: Cluster, { agent, resource }: Reserved): Promise<void> {
  const agent_id = { value: agent }
  const { allocation_info: _, shared, disk, ...rest } = resource
  const source = at(disk, 'source')
  if (at(disk, 'persistence')) {
    const volume = { ...rest, ...(shared ? { shared } : {}), ...(disk ? { disk } : {}) }
    await operate(cluster, 'DESTROY_VOLUMES', { agent_id, volumes: [volume] })
  }
  const stack = [...listAt(resource, 'reservations')]
  while (at(stack.at(-1), 'type') === 'DYNAMIC') {
    const reserved: Json = { ...rest, ...(source ? { disk: { source } } : {}), reservations: [...stack] }
    await operate(cluster, 'UNRESERVE_RESOURCES', { agent_id, resources: [reserved] })
    stack.pop()
  }
}

async function removeQuota(cluster: Cluster): Promise<void> {
  const body = parseJson((await operate(cluster, 'GET_QUOTA', {})).body.toString('utf8'))
  const roles = listAt(body, 'get_quota', 'status', 'configs').map((config) => textAt(config, 'role') ?? '')
  for (const role of roles.sort((a, b) => b.length - a.length)) {
    if (role.includes('/') || role === '*') await operate(cluster, 'UPDATE_QUOTA', { force: true, quota_configs: [{ role }] })
    else await send({ port: cluster.ports[MASTER] ?? 0, method: 'DELETE', path: `/quota/${encodeURIComponent(role)}` })
  }
}
