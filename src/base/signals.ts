/** Names of signals as libc's strsignal has them: Mesos says how a task ended in these words, and its users grep for them. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  4: 'Illegal instruction',
  5: 'Trace/breakpoint trap',
  6: 'Aborted',
  7: 'Bus error',
  8: 'Floating point exception',
  9: 'Killed',
  10: 'User defined signal 1',
  11: 'Segmentation fault',
  12: 'User defined signal 2',
  13: 'Broken pipe',
  14: 'Alarm clock',
  15: 'Terminated',
  16: 'Stack fault',
  24: 'CPU time limit exceeded',
  25: 'File size limit exceeded',
  31: 'Bad system call',
}

/** `Killed` for 9; the number where there is no name. */
export const signalName = (signal: number): string => NAMES[signal] ?? String(signal)

/** 9 for `Killed` and for `9`. */
export function signalNumberOf(name: string): number | undefined {
  const found = Object.entries(NAMES).find(([, each]) => each === name)?.[0] ?? (/^\d{1,2}$/.test(name) ? name : undefined)
  return found === undefined ? undefined : Number(found)
}
