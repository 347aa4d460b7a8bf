import { Resources } from '#model/resources.js'
import { canFollow, isTerminal, taskStateName } from '#model/task-state.js'
import { TaskState, type TaskStatus } from '#wire/mesos.js'
import type { SimulatedAgent } from './simulated-agent.js'
import type { SimulatedFramework } from './simulated-framework.js'
import type { SimulatedMaster } from './simulated-master.js'

export interface Parties {
  readonly master: SimulatedMaster
  readonly agents: readonly SimulatedAgent[]
  readonly framework: SimulatedFramework
  readonly agentCpus: number
  readonly cpusPerTask: number
}

/**
 * Judges from outside: by what ran on the hosts and by what the scheduler heard, not by what master and agents believe, except where the belief itself
 * is the promise (I8, I9). The ids are those of reliability-security.md §6.1.
 */
export class Observer {
  readonly violations: string[] = []
  private readonly parties: Parties

  constructor(parties: Parties) {
    this.parties = parties
  }

  /** What must hold at every instant. */
  watch(): void {
    const { agents, agentCpus, cpusPerTask } = this.parties
    for (const [index, agent] of agents.entries()) {
      const cpus = agent.containers.running.length * cpusPerTask
      if (cpus > agentCpus) this.violate('I8', `agent ${index} runs ${cpus} cpus of ${agentCpus}`)
    }
    this.watchMaster()
  }

  private watchMaster(): void {
    for (const agent of this.parties.master.cluster?.agents.values() ?? []) {
      let granted = Resources.none
      for (const ofFramework of agent.tasks.values()) for (const task of ofFramework.values()) granted = granted.add(task.held)
      for (const offer of agent.offers) granted = granted.add(offer.resources)
      const given = granted.quantities()
      for (const [name, total] of agent.total.quantities())
        if ((given.get(name) ?? 0) > total)
          this.violate('I8', `master gave ${given.get(name)} ${name} of ${total} on ${agent.id}`)
    }
  }

  /** What must hold when all faults are over and the scheduler has heard all that it will hear. */
  judge(): void {
    this.judgeRuns()
    for (const [task, updates] of this.updatesByTask()) this.judgeUpdates(task, updates)
    this.judgeRest()
  }

  private judgeRuns(): void {
    const runs = new Map<string, number>()
    for (const agent of this.parties.agents)
      for (const { task } of agent.containers.executions) runs.set(task, (runs.get(task) ?? 0) + 1)
    for (const [task, count] of runs) if (count > 1) this.violate('I2', `${task} was executed ${count} times`)
    for (const task of this.parties.framework.disk.tasks.values()) {
      if (!isTerminal(task.state))
        this.violate('I1', `${task.id} is ${taskStateName(task.state)} and nothing more is heard of it`)
    }
    for (const { status } of this.parties.framework.heard) {
      const claimsToRun = status.state === TaskState.TASK_RUNNING || status.state === TaskState.TASK_FINISHED
      if (claimsToRun && !runs.has(status.taskId.value))
        this.violate('I1', `${status.taskId.value} never ran, but ${taskStateName(status.state)} was told`)
    }
  }

  private updatesByTask(): Map<string, TaskStatus[]> {
    const byTask = new Map<string, TaskStatus[]>()
    for (const { status, acknowledged } of this.parties.framework.heard) {
      if (!acknowledged) continue
      const id = status.taskId.value
      const list = byTask.get(id)
      if (list) list.push(status)
      else byTask.set(id, [status])
    }
    return byTask
  }

  /** Updates with a uuid come from the agent: one end a task, and in the order in which it happened. */
  private judgeUpdates(task: string, updates: readonly TaskStatus[]): void {
    const seen = new Map<string, TaskStatus>()
    for (const status of updates) seen.set(Buffer.from(status.uuid!).toString('hex'), status)
    const once = [...seen.values()]
    const ends = once.filter(({ state }) => isTerminal(state))
    if (ends.length > 1)
      this.violate('I5', `${task} ended ${ends.length} times: ${ends.map(({ state }) => taskStateName(state)).join(', ')}`)
    for (const [index, status] of once.entries()) {
      const before = once[index - 1]
      if (before && !isTerminal(before.state) && !canFollow(before.state, status.state))
        this.violate('I6', `${task}: ${taskStateName(status.state)} came after ${taskStateName(before.state)}`)
    }
  }

  /** Nothing is left, and every resource is free again. */
  private judgeRest(): void {
    for (const [index, agent] of this.parties.agents.entries()) {
      for (const id of agent.containers.ids) this.violate('I7', `container ${id} is left on agent ${index}`)
      for (const key of agent.state?.updates.keys() ?? []) this.violate('I5', `agent ${index} still repeats an update of ${key}`)
    }
    for (const agent of this.parties.master.cluster?.agents.values() ?? [])
      for (const ofFramework of agent.tasks.values())
        for (const task of ofFramework.values())
          this.violate('I9', `the master still keeps ${task.id} (${taskStateName(task.state)}) on ${agent.id}`)
  }

  private violate(invariant: string, what: string): void {
    const line = `${invariant}: ${what}`
    if (!this.violations.includes(line)) this.violations.push(line)
  }
}
