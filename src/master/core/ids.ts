/** Ids are opaque text on the wire; the names keep them apart in signatures. */
export type FrameworkId = string
export type AgentId = string
export type TaskId = string
export type ExecutorId = string
export type OfferId = string
/** One subscription of a scheduler; fences out the one before (row 1-008). */
export type StreamId = string
/** One link of an agent; fences out the one before. */
export type LinkId = string
/** One HTTP request that waits for an answer; chosen by the shell. */
export type RequestId = number
