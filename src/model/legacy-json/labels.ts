import { toJson } from '#wire/json.js'
import { Label, type Labels } from '#wire/mesos.js'
import { array, type JsonText } from './text.js'

/** Undefined where there are none: the member is left out. */
export function labelsModel(labels: Labels): JsonText
export function labelsModel(labels: Labels | undefined): JsonText | undefined
export function labelsModel(labels: Labels | undefined): JsonText | undefined {
  return labels && array((labels.labels ?? []).map((it) => toJson(Label, it) as JsonText))
}
