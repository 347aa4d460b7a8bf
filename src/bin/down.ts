import { scratchDirectory } from '#agent/paths.js'
import { removeEmptyCgroupRoot } from '#host/cgroup-root.js'
import { openRealHost } from '#host/real-host.js'
import { createConnections, exchange } from '#http/exchange.js'
import { dataDirectory, readAddresses } from './data-directory.js'
import { BinErrors } from './errors.js'
import type { Surroundings } from './process.js'

/** Ends the containers that a stopped cluster left. The next agent of this directory reports their tasks as ended. */
export async function runDown(options: { dataDirectory?: string }, { env, say }: Surroundings): Promise<number> {
  const data = dataDirectory(options.dataDirectory, env)
  const addresses = await readAddresses(data)
  if (!addresses) {
    say(`There is no cluster in ${data.root}.\n`)
    return 0
  }
  const url = `http://${addresses.ip}:${addresses.agentPort}`
  if (await answers(url)) throw BinErrors.STILL_UP({ url })
  const scratchDir = scratchDirectory(data.agent)
  const host = await openRealHost({ runtimeDir: data.runtime, scratchDir, cgroupsRoot: data.cgroups })
  try {
    const { containers, leftovers, removal } = await host.recover()
    const live = containers.filter(({ phase }) => phase !== 'ended').length
    const ids = [...containers.map(({ id }) => id), ...leftovers]
    await Promise.all(ids.map((id) => host.destroy(id)))
    for (const sentence of await removal) say(`${sentence}\n`)
    await removeEmptyCgroupRoot(host.facts, data.cgroups)
    say(`Ended ${live === 1 ? '1 task' : `${live} tasks`}.\n`)
    return 0
  } finally {
    await host.close()
  }
}

async function answers(url: string): Promise<boolean> {
  const connections = createConnections()
  try {
    return (await exchange(connections, { url: `${url}/health`, method: 'GET' })).status === 200
  } catch {
    return false
  } finally {
    await connections.close()
  }
}
