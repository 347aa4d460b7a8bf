import { armFaults } from '#base/fault.js'
import type { NativeAssets } from '#host/addon.js'
import type { ContainerPlan } from '#host/host.js'
import { openRealHost } from '#host/real-host.js'

/** What the test tells this stand-in for an agent; 64-bit numbers are left out of its plans. */
export interface AgentOrders {
  runtimeDir: string
  scratchDir?: string
  cgroupsRoot: string
  /** Of systemd. */
  scope?: string
  assets: NativeAssets
  start: { plan: ContainerPlan; go: boolean /** When it has ended. */; destroy?: boolean }[]
}

/** Starts containers as an agent does, says what came of each, and stays until it is killed. */
async function main(orders: AgentOrders): Promise<void> {
  armFaults(process.env.MESETA_FAULT)
  setInterval(() => {}, 60_000)
  const host = await openRealHost(orders)
  for (const { plan, go, destroy } of orders.start) {
    const container = await host.start(plan)
    console.log(`cloned ${container.id} ${container.supervisor.pid}`)
    if (!go) continue
    container.go()
    container.started.then(
      ({ taskPid }) => console.log(`running ${container.id} ${taskPid}`),
      (error: Error) => console.log(`failed ${container.id} ${error.message}`),
    )
    if (!destroy) continue
    await container.ended
    console.log(`destroying ${container.id}`)
    await host.destroy(container.id)
    console.log(`destroyed ${container.id}`)
  }
}

main(JSON.parse(process.argv[2] ?? '{}')).catch((error: Error) => {
  console.log(`error ${error.message}`)
  process.exit(1)
})
