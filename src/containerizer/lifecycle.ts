/**
 * Where a container stands (row 6-004). Pure, so that it can be read and tested as a table; what a phase means for callers:
 *
 *   preparing   isolators are asked, the supervisor is being cloned; no task can run
 *   cloned      waits for *go*, which follows the agent's checkpoint
 *   starting    *go* was given, the program is not known to have been executed
 *   running     the task's program runs
 *   ended       no process is left; the termination waits to be read
 *   destroying  traces are being removed; ends with the container being forgotten
 */
export type Phase = 'preparing' | 'cloned' | 'starting' | 'running' | 'ended' | 'destroying'

export type LifecycleEvent = 'cloned' | 'go' | 'started' | 'ended' | 'destroy'

const NEXT: Readonly<Record<Phase, Partial<Record<LifecycleEvent, Phase>>>> = {
  preparing: { cloned: 'cloned', ended: 'ended', destroy: 'destroying' },
  cloned: { go: 'starting', ended: 'ended', destroy: 'destroying' },
  starting: { started: 'running', ended: 'ended', destroy: 'destroying' },
  running: { ended: 'ended', destroy: 'destroying' },
  ended: { destroy: 'destroying' },
  destroying: {},
}

/** The phase after an event. What comes too late, or twice, changes nothing: events of the host race with calls of the agent. */
export function nextPhase(phase: Phase, event: LifecycleEvent): Phase {
  return NEXT[phase][event] ?? phase
}
