// What is judged without running a test: each check is one program whose exit status is the verdict.

const node = process.execPath

export const CHECKS = [
  { name: 'generated code is current', command: [node, ['scripts/generate.mjs', '--check']] },
  { name: 'TypeScript', command: [node, ['node_modules/typescript/bin/tsc', '-b']] },
  { name: 'Biome', command: [node, ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']] },
  { name: 'rustfmt', command: ['cargo', ['fmt', '--all', '--check']] },
  {
    name: 'clippy',
    command: ['cargo', ['clippy', '--quiet', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings']],
  },
]
