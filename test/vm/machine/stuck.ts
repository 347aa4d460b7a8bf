/** The kernel in the machine stands still: what was asked of it will never end. Says why, with the console. */
export class StuckMachine extends Error {
  constructor(console: string) {
    super(`the kernel of the virtual machine got stuck; its last words:\n${console.slice(-6000)}`)
  }
}

/** Of a console: a processor that ran the same thing in the kernel for half a minute. */
export const saysStuck = (console: string): boolean => console.includes('BUG: soft lockup')

/**
 * Emulating two processors at once, QEMU (7.2, TCG) now and then leaves both of them waiting in the kernel for ever: seen in one of about sixty
 * machines. That is no finding about what ran in it, so a stuck machine is told on the terminal, and another one gets the same order.
 */
export async function againIfStuck<T>(order: () => Promise<T>): Promise<T> {
  try {
    return await order()
  } catch (error) {
    if (!(error instanceof StuckMachine)) throw error
    console.warn(error.message)
    return order()
  }
}
