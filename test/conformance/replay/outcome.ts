/** How a case ends. */

/** The product behaves otherwise than recorded. */
export class Differs extends Error {}

/** A step that cannot be repeated on this machine. */
export class NotHere extends Error {}

export type Outcome = { readonly kind: 'same' } | { readonly kind: 'differs' | 'skipped'; readonly why: string }

export const same: Outcome = { kind: 'same' }
export const differs = (why: string): Outcome => ({ kind: 'differs', why })
export const skipped = (why: string): Outcome => ({ kind: 'skipped', why })
