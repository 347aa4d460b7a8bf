export interface ProjectRange {
  readonly first: number
  readonly last: number
}

/** What is wrong with `--xfs_project_range`, for its user. Project 0 is that of everything else. */
export function projectRangeProblem(text: string): string | undefined {
  const { first, last } = projectRange(text)
  if (Number.isNaN(first)) return 'is no range such as [5000-10000]'
  return first < 1 || last < first || last > 0xffff_fffe ? 'holds no projects' : undefined
}

/** `text` has passed the check above. */
export function projectRange(text: string): ProjectRange {
  const [, first, last] = /^\s*\[\s*(\d{1,10})\s*-\s*(\d{1,10})\s*\]\s*$/.exec(text) ?? []
  return { first: Number(first), last: Number(last) }
}
