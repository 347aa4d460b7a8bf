/** Entries of the error catalogue as cases. Its bare calls were those of one subscribed framework, whose subscription is added here. */
import { at, isObject, type Json, type JsonObject, listAt, parseJson, textAt, writeJson } from './json.js'
import type { Case, RecordedEvent, RecordedRequest, RequestStep } from './recording.js'

export const JSON_HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json' }
const NO_ID = '00000000-0000-0000-0000-000000000000'
const SCHEDULER = { method: 'POST', path: '/api/v1/scheduler', port: 15050 }
const FRAMEWORK_INFO = {
  user: 'root',
  name: 'errors',
  roles: ['probe'],
  checkpoint: true,
  failover_timeout: 60,
  capabilities: ['MULTI_ROLE', 'PARTITION_AWARE', 'TASK_KILLING_STATE'].map((type) => ({ type })),
}

export function catalogueCase(entry: JsonObject): Case {
  const name = String(entry.name)
  const request = entry.request as JsonObject
  const steps = 'method' in request ? [requestOf(entry)] : request.type === 'SUBSCRIBE' ? [subscription(entry)] : bareCall(entry)
  return { name, steps, ...(String(entry.note ?? '').includes('CRASH') ? { aborts: 'agent' } : {}) }
}

function answerOf(entry: JsonObject): Pick<RequestStep, 'status' | 'headers' | 'body'> {
  const headers = (entry.headers ?? []) as unknown as RequestStep['headers']
  const isJson = writeJson(headers).includes('json') && typeof entry.body === 'string' && /^[{[]/.test(entry.body)
  return {
    status: (entry.status as string | undefined) ?? null,
    headers,
    body: isJson ? parseJson(entry.body as string) : (entry.body ?? ''),
  }
}

function requestOf(entry: JsonObject): RequestStep {
  const request = { ...SCHEDULER, headers: JSON_HEADERS, ...(entry.request as JsonObject) } as unknown as RecordedRequest
  return { ...answerOf(entry), request, events: [] }
}

function subscription(entry: JsonObject): RequestStep {
  const first = listAt(entry, 'events').slice(0, 1) as JsonObject[]
  return {
    ...answerOf(entry),
    request: { ...SCHEDULER, headers: JSON_HEADERS, body: entry.request as Json },
    stream: 'new',
    body: '(stream)',
    events: first.map((event) => ({ after_ms: 1000, stream: 'new', event })),
  }
}

/** A call by the framework of the catalogue, after its subscription. */
function bareCall(entry: JsonObject): RequestStep[] {
  const request = entry.request as JsonObject
  const call = (isObject(request.body) ? request.body : request) as JsonObject
  const framework = { value: /"([^"]*-\d{4})"/.exec(writeJson([call, entry.events ?? []]))?.[1] ?? `${NO_ID}-0000` }
  const ownHeaders = { ...JSON_HEADERS, 'Mesos-Stream-Id': NO_ID, ...(isObject(request.headers) ? request.headers : {}) }
  const headers = Object.fromEntries(Object.entries(ownHeaders).filter(([, value]) => value !== null)) as Record<string, string>
  const step = {
    ...answerOf(entry),
    request: { ...SCHEDULER, headers, body: { framework_id: framework, ...call } },
    events: [offersFor(entry, call), ...eventsOf(entry, call)],
  }
  return [subscribed(framework), step]
}

function subscribed(framework: JsonObject): RequestStep {
  return {
    request: { ...SCHEDULER, headers: JSON_HEADERS, body: { type: 'SUBSCRIBE', subscribe: { framework_info: FRAMEWORK_INFO } } },
    status: 'HTTP/1.1 200 OK',
    headers: [['Mesos-Stream-Id', NO_ID]],
    stream: 'probe',
    body: '(stream)',
    events: [{ after_ms: 1000, stream: 'probe', event: { type: 'SUBSCRIBED', subscribed: { framework_id: framework } } }],
  }
}

/** The offers that the call names, so that live ones stand in for them. */
function offersFor(entry: JsonObject, call: JsonObject): RecordedEvent {
  const agent = /"([^"]*-S\d+)"/.exec(writeJson(call))?.[1] ?? `${NO_ID}-S0`
  const ids = entry.name === 'offer: already used' ? [] : listAt(call, 'accept', 'offer_ids')
  const offers = ids.map((id) => ({ id, agent_id: { value: agent }, resources: [], allocation_info: { role: 'probe' } }))
  return { after_ms: 0, stream: 'probe', event: { type: 'OFFERS', offers: { offers } } }
}

/** The entry's events; updates only of tasks that the call names, as late ones of earlier entries are among them. */
function eventsOf(entry: JsonObject, call: JsonObject): RecordedEvent[] {
  const tasks = [...writeJson(call).matchAll(/"task_id":\{"value":("[^"]*")\}/g)].map(([, id]) => id)
  return (listAt(entry, 'events') as JsonObject[])
    .map((event) => ('type' in event ? event : { type: 'UPDATE', update: { status: event } }))
    .filter(
      (event) =>
        event.type !== 'UPDATE' || tasks.includes(writeJson(textAt(at(event, 'update', 'status'), 'task_id', 'value') ?? '')),
    )
    .map((event) => ({ after_ms: 3000, stream: 'probe', event }))
}
