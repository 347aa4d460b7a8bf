import { SimMachine } from '#host/sim-host.js'
import { VirtualTime } from '../../simulation/virtual-time.js'
import { attachContract } from './attach-contract.js'
import { hostContract, type Machine } from './contract.js'

const prepare = async (): Promise<Machine> => {
  const clock = new VirtualTime(0)
  const machine = new SimMachine({ clock })
  return {
    open: async () => machine.open(),
    crash: async () => machine.crash(),
    plan: (id, script) => ({
      containerId: id,
      cgroups: { path: `mesos/${id}`, controllers: ['cpu', 'memory'] },
      process: { executable: '/bin/sh', arguments: ['sh', '-c', script], workingDirectory: '/', stdio: {} },
    }),
    async pass(what) {
      let settled = false
      const seen = what.finally(() => {
        settled = true
      })
      seen.catch(() => {})
      // Promises first, then time: a step of the clock may settle what only shows after a turn of the event loop.
      for (let step = 0; !settled && step < 1000; step++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (!settled) clock.runUntil(clock.now() + 10)
      }
      return seen
    },
    dispose: async () => machine.crash(),
  }
}

hostContract('simulated', prepare)
attachContract('simulated', prepare)
