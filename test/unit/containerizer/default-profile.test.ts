import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defaultProfile } from '#containerizer/seccomp/default-profile.js'

/** All calls of the architectures that we build for: name, x86_64, x86, x32, aarch64. */
const table = readFileSync(new URL('../../../native/isolation/src/seccomp/syscalls.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'))
const known = new Set(table.map(([name]) => name))
const native = table.filter(([, x64, , , arm64]) => x64 !== '-' || arm64 !== '-').map(([name]) => name)

/** Nobody gets these, whatever the capabilities. */
const NEVER = `
  _sysctl add_key afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms getpmsg io_uring_enter io_uring_register io_uring_setup
  keyctl nfsservctl putpmsg query_module request_key security sysfs tuxcall uselib ustat vserver`
  .split(/\s+/)
  .filter((name) => name !== '')

test('every name is that of a call', () => {
  const names = defaultProfile.rules.flatMap((rule) => rule.names)
  expect(names.filter((name) => !known.has(name))).toEqual([])
})

test('of every call somebody has decided', () => {
  const named = new Set(defaultProfile.rules.flatMap((rule) => rule.names))
  expect(native.filter((name) => !named.has(name ?? '')).sort()).toEqual([...NEVER].sort())
})
