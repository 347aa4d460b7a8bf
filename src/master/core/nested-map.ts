/** The inner map of a key, made where there is none yet. */
export function innerMap<K, K2, V>(outer: Map<K, Map<K2, V>>, key: K): Map<K2, V> {
  const known = outer.get(key)
  if (known) return known
  const made = new Map<K2, V>()
  outer.set(key, made)
  return made
}
