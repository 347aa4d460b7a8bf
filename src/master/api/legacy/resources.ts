import { resourcesModel } from '#model/legacy-json/resources.js'
import type { Resources } from '#model/resources.js'
import { Double, type Json, Raw } from './json.js'

/** Row 3-102. */
export function resourcesJson(resources: Resources): Raw {
  return new Raw(resourcesModel(resources))
}

/** Quantities by name, as `/roles` shows them. */
export function quantitiesJson(resources: Resources): Record<string, Json> {
  const quantities = [...resources.quantities()].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(quantities.map(([name, milli]) => [name, new Double(milli / 1000)]))
}
