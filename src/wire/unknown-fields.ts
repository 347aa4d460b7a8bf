/**
 * Fields that a newer peer set and our proto/ does not know. `decode` keeps them as raw bytes beside the known ones, in
 * every message of the tree, and `encode` writes them back. They are not enumerable, so a copy by spread (`{ ...info, name }`) has lost them,
 * and so has `structuredClone`: whoever changes a message that is stored or passed on writes `withUnknown(info, { ...info, name })`.
 */
interface Keeping {
  $unknowns?: Uint8Array[]
}

/** `changed` with the unknown fields of the message that it was made from. Returns `changed`. */
export function withUnknown<T extends object>(original: T, changed: T): T {
  const unknown = unknownFields(original)
  if (unknown.length > 0) Object.defineProperty(changed, '$unknowns', { value: unknown, configurable: true, writable: true })
  return changed
}

/** The raw unknown fields of one message (not of those within it), each with its tag. */
export const unknownFields = (message: object): readonly Uint8Array[] => (message as Keeping).$unknowns ?? []
