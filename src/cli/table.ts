/** One column: its heading, and whether its values are numbers, which read better to the right. */
export interface Column {
  heading: string
  numeric?: boolean
}

/** Plain aligned text. What comes from the cluster is shown without what a terminal would obey (control characters). */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { bold?: boolean } = {},
): string {
  const cells = rows.map((row) => row.map(printable))
  const widths = columns.map(({ heading }, i) => Math.max(heading.length, ...cells.map((row) => (row[i] ?? '').length)))
  const line = (row: readonly string[]): string =>
    columns
      .map(({ numeric }, i) => (numeric ? (row[i] ?? '').padStart(widths[i]!) : (row[i] ?? '').padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  const head = line(columns.map(({ heading }) => heading))
  return [options.bold ? `\x1b[1m${head}\x1b[0m` : head, ...cells.map(line)].map((each) => `${each}\n`).join('')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
export const printable = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')

/** Headings in bold: on a terminal, unless somebody asked for none (https://no-color.org). */
export function wantsColor(output: { isTTY?: boolean | undefined }, env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(output.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
}

/** `3d`, `5h`, `12m`, `40s`: how long ago that was. */
export function age(seconds: number | undefined, now: number): string {
  if (seconds === undefined) return '-'
  const past = Math.max(0, Math.round(now - seconds))
  if (past < 120) return `${past}s`
  if (past < 7200) return `${Math.floor(past / 60)}m`
  if (past < 172_800) return `${Math.floor(past / 3600)}h`
  return `${Math.floor(past / 86_400)}d`
}
