import { attachContract } from '../../contract/host/attach-contract.js'
import { hostContract, type Machine } from '../../contract/host/contract.js'
import { RealMachine } from '../../support/real-machine.js'

const prepare = async (): Promise<Machine> => {
  const machine = await RealMachine.prepare()
  return {
    open: () => machine.open(),
    crash: () => machine.crash(),
    plan: (id, script) => machine.plan(id, script),
    pass: (what) => what,
    dispose: () => machine.dispose(),
  }
}

hostContract('real', prepare)
attachContract('real', prepare)
