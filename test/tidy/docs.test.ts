import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const below = (directory: string): string[] =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name))
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'src/README.md', ...below('docs')]

/** Files of this repository that a page links to. */
function links(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)]
    .map(([, to]) => to!)
    .filter((to) => !to.includes('://'))
    .map((to) => relative(root, join(root, dirname(page), to)))
}

test('every link of a page leads to a file', () => {
  const broken = pages
    .flatMap((page) => links(page).map((to) => [page, to] as const))
    .filter(([, to]) => !existsSync(join(root, to)))
  expect(broken).toEqual([])
})

test('every page can be found from the README', () => {
  const found = new Set(['README.md', 'CHANGELOG.md'])
  for (const page of found) for (const to of links(page)) if (to.endsWith('.md')) found.add(to)
  expect(pages.filter((page) => !found.has(page))).toEqual([])
})
