import { setFlagsFromString } from 'node:v8'

/**
 * For a daemon that is mostly idle, and is to leave its host's memory to tasks. To be called before anything else is loaded. The young generation
 * stays at its first size, a mebibyte twice, where V8 would let it grow to 32 and keep it. The HTTP parser, which is WebAssembly, is not compiled a
 * second time: that takes 40 MiB, once, for what an agent asks of others.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--liftoff-only')
}
