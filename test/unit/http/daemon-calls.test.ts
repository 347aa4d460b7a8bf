import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { Metrics } from '#base/metrics.js'
import { Verbosity } from '#base/verbosity.js'
import { answerDaemonCall, type DaemonCall } from '#http/daemon-calls.js'
import { Files } from '#http/files.js'
import { toJson } from '#wire/json.js'
import { CallType, Response } from '#wire/master.js'

const directory = mkdtempSync(join(tmpdir(), 'meseta-calls-'))
afterAll(() => rmSync(directory, { recursive: true }))
writeFileSync(join(directory, 'ten'), '0123456789')
const files = new Files()
files.attach(directory, '/run')
const metrics = new Metrics()
metrics.gauge('a', () => 1)
const verbosity = new Verbosity(() => {})
afterEach(() => verbosity.close())

async function ask(call: DaemonCall): Promise<string> {
  const answer = await answerDaemonCall({ files, metrics, verbosity, flags: [['port', '5050']] }, call, 'master::Call')
  return typeof answer === 'object' ? toJson(Response, answer) : String(answer)
}

test.each<[DaemonCall, string]>([
  [{ type: CallType.GET_HEALTH }, '{"type":"GET_HEALTH","get_health":{"healthy":true}}'],
  [{ type: CallType.GET_FLAGS }, '{"type":"GET_FLAGS","get_flags":{"flags":[{"name":"port","value":"5050"}]}}'],
  [{ type: CallType.GET_METRICS, getMetrics: {} }, '{"type":"GET_METRICS","get_metrics":{"metrics":[{"name":"a","value":1.0}]}}'],
  [{ type: CallType.GET_LOGGING_LEVEL }, '{"type":"GET_LOGGING_LEVEL","get_logging_level":{"level":0}}'],
  [
    { type: CallType.READ_FILE, readFile: { path: '/run/ten', offset: 3n, length: 4n } },
    '{"type":"READ_FILE","read_file":{"size":10,"data":"MzQ1Ng=="}}',
  ],
  [
    { type: CallType.READ_FILE, readFile: { path: '/run/ten', offset: -1n } },
    '{"type":"READ_FILE","read_file":{"size":10,"data":""}}',
  ],
  [{ type: CallType.LIST_FILES, listFiles: { path: '/run/ten' } }, '{"type":"LIST_FILES","list_files":{}}'],
  [{ type: CallType.GET_STATE }, 'undefined'],
])('%o', async (call, answer) => expect(await ask(call)).toBe(answer))

test('a listing has what Mesos shows', async () => {
  const listing = JSON.parse(await ask({ type: CallType.LIST_FILES, listFiles: { path: '/run' } }))
  expect(listing.list_files.file_infos).toMatchObject([
    { path: '/run/ten', size: 10, nlink: 1, mode: expect.any(Number), uid: expect.any(String) },
  ])
})

test.each<[DaemonCall, string, number]>([
  [{ type: CallType.GET_METRICS }, "Failed to validate master::Call: Expecting 'get_metrics' to be present", 400],
  [{ type: CallType.READ_FILE }, "Failed to validate master::Call: Expecting 'read_file' to be present", 400],
  [{ type: CallType.READ_FILE, readFile: { path: '/x', offset: 0n } }, '', 404],
  [{ type: CallType.READ_FILE, readFile: { path: '/run', offset: 0n } }, 'Cannot read a directory.\n', 400],
  [{ type: CallType.READ_FILE, readFile: { path: '/run/ten', offset: -2n } }, 'Negative offset provided: -2.\n', 400],
  [{ type: CallType.LIST_FILES, listFiles: { path: '/x' } }, '', 404],
])('%o is refused', async (call, message, http) => await expect(ask(call)).rejects.toMatchObject({ message, http }))

test('a level is set for a while', async () => {
  expect(
    await ask({ type: CallType.SET_LOGGING_LEVEL, setLoggingLevel: { level: 2, duration: { nanoseconds: 3_600_000_000_000n } } }),
  ).toBe('done')
  expect(await ask({ type: CallType.GET_LOGGING_LEVEL })).toContain('"level":2')
})
