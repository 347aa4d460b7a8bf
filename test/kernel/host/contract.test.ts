import { hostContract } from '../../contract/host/contract.js'
import { RealMachine } from '../../support/real-machine.js'

hostContract('real', async () => {
  const machine = await RealMachine.prepare()
  return {
    open: () => machine.open(),
    crash: () => machine.crash(),
    plan: (id, script) => machine.plan(id, script),
    pass: (what) => what,
    dispose: () => machine.dispose(),
  }
})
