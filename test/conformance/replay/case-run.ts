/** Runs one recorded case against a live cluster. */

import { seconds, until } from '../../support/waiting.js'
import { act } from './actions.js'
import { clean } from './cleaning.js'
import { type Cluster, MASTER } from './cluster.js'
import { EventStream, type Listener } from './event-stream.js'
import { Events } from './events.js'
import { BEFOREHAND, KEEPS_UPDATES, pauseOf } from './exceptions.js'
import { type Answer, call, type Request, send, sendRecords } from './http.js'
import { at, isObject, type Json, type JsonObject, listAt, parseJson, textAt, writeJson } from './json.js'
import { Likeness } from './likeness.js'
import { ids, isFrameworkId, isWholeId, Names } from './names.js'
import { Offers } from './offers.js'
import { Differs } from './outcome.js'
import { preludeFramework } from './prelude.js'
import { type Case, isRequest, type RequestStep, type Step } from './recording.js'
import { sandboxNames, sandboxOf, unquotedPath } from './sandboxes.js'

/** Seconds that an event may come later than it was recorded. */
const GRACE = 5
/** Seconds without an event after which a case goes on. */
const QUIET = 0.35
/** A read that differs is repeated for that long, because the recorder's pauses are not part of the recording. */
const READ_AGAIN = 3

const statusOf = (step: RequestStep): number => Number(step.status?.split(' ')[1] ?? 0)
const headerOf = (step: RequestStep, name: string): string | undefined =>
  step.headers.find(([key]) => key.toLowerCase() === name)?.[1]
const mainType = (header: string | undefined): string => header?.split(';')[0] ?? ''

/** Whether an agent ends after that step, as it should. */
function sendsAgentAway(step: Step): boolean {
  if (!isRequest(step)) return step.action.startsWith('the agent process: ended')
  const request = writeJson(step.request)
  return String(step.status).slice(9, 10) === '2' && /MARK_AGENT_GONE|START_MAINTENANCE|mark_gone|\/machine\/down/.test(request)
}

const isReading = (method: string, body: Json | undefined): boolean =>
  method === 'GET' || /^(GET_|LIST_|READ_)/.test(textAt(body, 'type') ?? '')

export class CaseRun implements Listener {
  readonly name: string
  readonly steps: readonly Step[]
  readonly cluster: Cluster
  readonly names: Names
  readonly streams: EventStream[] = []
  readonly acknowledgesUpdates: boolean
  readonly acknowledgesOperations: boolean
  /** Daemons that end by what the case does. */
  readonly mayDie: ReadonlySet<string>
  readonly #likeness: Likeness
  readonly #events: Events
  readonly #offers: Offers
  readonly #strictData: boolean
  /** The request that ended Mesos: ours must answer it and live. */
  readonly #fatal: Step | undefined
  #pace: { readonly recorded: number; readonly live: number } | undefined

  constructor(recorded: Case, cluster: Cluster) {
    this.name = recorded.name
    this.steps = recorded.steps
    this.cluster = cluster
    this.names = new Names(cluster)
    const requests = this.steps.filter(isRequest)
    const text = writeJson(requests.map(({ request }) => request))
    this.#strictData = cluster.topic === 'files'
    this.#likeness = new Likeness(this.names, text, this.#strictData)
    const unwatched = requests.flatMap(({ stream, events }) => (stream && !events ? [stream] : []))
    this.#events = new Events(this.names, this.#likeness, new Set(unwatched))
    this.#offers = new Offers(this.steps, this.names, 1)
    this.acknowledgesUpdates = !text.includes('"ACKNOWLEDGE"') && !KEEPS_UPDATES.test(this.name)
    this.acknowledgesOperations = !text.includes('"ACKNOWLEDGE_OPERATION_STATUS"')
    this.mayDie = new Set(this.steps.some(sendsAgentAway) ? ['agent'] : [])
    this.#fatal = recorded.aborts ? (requests.find(({ status }) => status === null) ?? requests.at(-1)) : undefined
  }

  arrived(stream: string, event: JsonObject): void {
    this.#events.arrived(stream, event)
  }

  /** Throws the first difference. */
  async run(): Promise<void> {
    await this.#prepare()
    for (const [i, step] of this.steps.entries()) {
      try {
        await this.#step(step)
      } catch (error) {
        throw error instanceof Differs ? new Differs(`step ${i + 1}: ${error.message}`) : error
      }
      if (step === this.#fatal) return
    }
    await this.#events.settle(QUIET)
    this.#events.conclude()
  }

  /** Streams end, frameworks are torn down, reservations, quota and maintenance go. */
  async leave(): Promise<void> {
    for (const { framework } of this.streams) {
      if (framework)
        await call(this.cluster.ports[MASTER] ?? 0, { type: 'TEARDOWN', teardown: { framework_id: framework } }, 5).catch(
          () => {},
        )
    }
    for (const stream of this.streams) stream.close()
    if (this.cluster.dead().length === 0) await clean(this.cluster).catch(() => {})
  }

  /** What was there before the case began. */
  async #prepare(): Promise<void> {
    const found = ids(writeJson(this.steps))
    await this.names.bindAgents(found.filter((id) => id.includes('-S')).slice(0, 1))
    const frameworks = found.filter(isFrameworkId)
    const subscribes = this.steps.some((step) => isRequest(step) && step.stream)
    if (frameworks.length > 0 && !subscribes) {
      const live = await preludeFramework(this.cluster)
      if (live) this.names.live.set(mostFrequent(frameworks), live)
    }
    const beforehand = BEFOREHAND[this.name]
    if (beforehand) {
      const [agent = ''] = await this.cluster.agents()
      await call(this.cluster.ports[MASTER] ?? 0, parseJson(beforehand.replace('"AGENT"', JSON.stringify(agent))))
      await seconds(0.5)
    }
  }

  async #step(step: Step): Promise<void> {
    if (!isRequest(step)) await act(this, step)
    else {
      await this.names.bindAgents(step.request)
      await this.#keepPace(step)
      await this.#request(step)
    }
    if (step === this.#fatal) return this.#checkDaemons(1)
    this.#offers.stepIsOver(step)
    await this.#events.wait(this.#events.expect(step) + GRACE)
    await this.#checkDaemons()
  }

  /** Lets pass what passed between two requests when they were recorded, as far as their Date headers show it (to a second). */
  async #keepPace(step: RequestStep): Promise<void> {
    const date = headerOf(step, 'date')
    if (!date) return
    const recorded = Date.parse(date) / 1000
    if (this.#pace) {
      const wanted = Math.min(recorded - this.#pace.recorded - 1, 3)
      await seconds(Math.max(0, wanted - (Date.now() / 1000 - this.#pace.live)) + pauseOf(this.name))
    }
    this.#pace = { recorded, live: Date.now() / 1000 }
  }

  async #checkDaemons(after = 0): Promise<void> {
    await seconds(after)
    const died = this.cluster.dead().filter((name) => !this.mayDie.has(name))
    if (died.length > 0) throw new Differs(`a daemon died: ${died.join(', ')}`)
  }

  async #request(step: RequestStep): Promise<void> {
    const { request } = step
    await this.#bindSandboxes(step)
    const headers = this.names.value(request.headers as JsonObject) as Record<string, string>
    const live: Request = {
      port: this.cluster.ports[request.port] ?? 0,
      method: request.method,
      path: this.names.text(request.path),
      headers,
      body: await this.#body(step, headers),
      timeout: 40,
      ...(step.status === null ? {} : { wanted: statusOf(step) }),
    }
    if (step.stream) return this.#openStream(step, step.stream, live)
    await this.#events.settle(0.02)
    this.#killLater(step, live)
    await this.#exchange(step, live)
    if (!isReading(live.method, live.body)) await this.#events.settle(this.streams.length > 0 ? QUIET : 0.05)
  }

  /** Sends the request until its answer is as recorded, if it only reads; else once. */
  async #exchange(step: RequestStep, live: Request): Promise<void> {
    const end = Date.now() + READ_AGAIN * 1000
    for (;;) {
      try {
        const answer = await this.#answer(step, live)
        if (answer && step.status !== null && step !== this.#fatal) this.#compareAnswer(step, answer)
        return
      } catch (error) {
        if (!(error instanceof Differs) || !isReading(live.method, live.body) || Date.now() > end) throw error
      }
      await seconds(0.2)
    }
  }

  async #answer(step: RequestStep, live: Request): Promise<Answer | undefined> {
    try {
      return step.request.records ? await sendRecords(live, this.names.value(step.request.records)) : await send(live)
    } catch (error) {
      if (step.status === null && step !== this.#fatal) return undefined
      throw new Differs(`no answer (${error instanceof Error ? error.message : error})`)
    }
  }

  /** Where another client killed the container that this request waits for. */
  #killLater(step: RequestStep, live: Request): void {
    if (!step.note?.includes('killed by another client')) return
    const container = at(live.body, 'wait_container') ?? {}
    void seconds(1).then(() => call(live.port, { type: 'KILL_CONTAINER', kill_container: container }).catch(() => {}))
  }

  /** The request's body with live ids and offers. */
  async #body(step: RequestStep, headers: Record<string, string>): Promise<Json | undefined> {
    const recorded = step.request.body
    if (typeof recorded === 'string' && recorded.includes('%')) await this.names.bindAgents(recorded)
    const body = this.names.value(recorded)
    if (!isObject(body)) return body
    for (const kind of ['accept', 'decline']) {
      const content = body[kind]
      if (!isObject(content) || !('offer_ids' in content)) continue
      const stream = this.streams.find(({ id }) => id !== undefined && id === headers['Mesos-Stream-Id'])
      content.offer_ids = await this.#offers.replace(listAt(recorded, kind, 'offer_ids'), stream)
    }
    return body
  }

  #compareAnswer(step: RequestStep, live: Answer): void {
    const wanted = statusOf(step)
    if (live.status !== wanted)
      throw new Differs(`status ${live.status} instead of ${wanted} ${live.body.subarray(0, 150).toString('utf8')}`)
    if (wanted < 200 || wanted >= 300) return
    const type = mainType(headerOf(step, 'content-type'))
    const liveType = mainType(live.headers['content-type'])
    if (step.body !== '' && step.body !== null && liveType !== type)
      throw new Differs(`content type '${liveType}' instead of '${type}'`)
    if (typeof step.body === 'object' && step.body !== null && step.request.method !== 'HEAD')
      this.#compareJson(step.body, live.body)
    else if (type === 'application/octet-stream' && this.#strictData && live.body.toString('utf8') !== step.body) {
      throw new Differs(`body ${live.body.subarray(0, 80)} instead of ${step.body}`)
    }
  }

  #compareJson(recorded: Json, body: Buffer): void {
    const value = attemptJson(body)
    if (value === undefined) throw new Differs(`no JSON: ${body.subarray(0, 100)}`)
    if (isObject(recorded)) this.names.learn(recorded, value)
    const found = this.#likeness.difference(recorded, value)
    if (found) throw new Differs(`body ${found}`)
  }

  async #openStream(step: RequestStep, name: string, live: Request): Promise<void> {
    const wanted = statusOf(step)
    const { timeout: _, ...request } = live
    const open = (): Promise<EventStream> => EventStream.open(name, request, this)
    let stream = await open()
    const end = Date.now() + GRACE * 1000
    while (stream.status !== wanted && wanted === 200 && this.cluster.restarted && Date.now() < end) {
      await seconds(0.25)
      stream = await open()
    }
    this.streams.push(stream)
    const recordedId = headerOf(step, 'mesos-stream-id')
    if (stream.id && recordedId) this.names.live.set(recordedId, stream.id)
    if (stream.status !== wanted)
      throw new Differs(`status ${stream.status} instead of ${wanted} ${stream.refusal.slice(0, 150)}`)
    if (stream.isScheduler && wanted === 200)
      await until(() => stream.framework || stream.closed || this.#events.hasError(name), GRACE)
    await this.#events.settle(QUIET)
  }

  /** Paths of a sandbox whose framework this case did not subscribe: that of the prelude's task stands for it. */
  async #bindSandboxes({ request }: RequestStep): Promise<void> {
    for (const { framework, executor, run } of sandboxNames(
      unquotedPath(request.path) + unquotedPath(writeJson(request.body ?? '')),
    )) {
      const directory = await sandboxOf(this.cluster, this.names.text(framework), executor)
      if (directory && isWholeId(run) && !this.names.has(run))
        this.names.live.set(run, directory.slice(directory.lastIndexOf('/') + 1))
    }
  }
}

function attemptJson(body: Buffer): Json | undefined {
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function mostFrequent(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0] as [string, number])[0]
}
