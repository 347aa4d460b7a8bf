import { catalogue } from '#base/errors.js'

export const ModelErrors = catalogue('MODEL', {
  BAD_RESOURCE: { say: (e: { text: string; why: string }) => `resource '${e.text}' cannot be read: ${e.why}`, http: 400 },
  BAD_RESOURCES: { say: (e: { why: string }) => `the resources cannot be read: ${e.why}`, http: 400 },
  BAD_ATTRIBUTE: { say: (e: { text: string; why: string }) => `attribute '${e.text}' cannot be read: ${e.why}`, http: 400 },
  BAD_VALUE: { say: (e: { text: string; why: string }) => `value '${e.text}' cannot be read: ${e.why}`, http: 400 },
})
