// Builds the Rust half into prebuilds/linux-x64: the addon (meseta.glibc.node) and the static programs meseta-launcher and meseta-oci.
// Skips what is current. The addon is built by napi-rs' command line, so the dependencies come first.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = 'x86_64-unknown-linux-gnu'
const prebuilds = join(root, 'prebuilds', 'linux-x64')

/** A target of its own keeps the static flag off build scripts, a directory of its own keeps it off the addon. */
function staticProgram(name) {
  const crate = `meseta-${name}`
  const directory = join(root, 'target', 'launcher')
  return {
    what: crate,
    file: join(prebuilds, crate),
    crates: ['spec', 'isolation', name],
    built: join(directory, target, 'launcher', crate),
    command: ['cargo', 'build', '--profile', 'launcher', '-p', crate, '--target', target, '--target-dir', directory],
    environment: { RUSTFLAGS: '-C target-feature=+crt-static' },
  }
}

/** Each artefact is newer than every file it is made from. `crates` are the workspace members that go into it. */
const artefacts = [
  {
    what: 'addon',
    file: join(prebuilds, 'meseta.glibc.node'),
    crates: ['spec', 'isolation', 'image', 'addon'],
    built: join(root, 'target', 'napi', 'meseta.node'),
    command: [
      process.execPath,
      join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js'),
      'build',
      '--release',
      '--no-js',
      '--manifest-path',
      'native/addon/Cargo.toml',
      '--package-json-path',
      'package.json',
      '--target-dir',
      'target',
      '--output-dir',
      'target/napi',
    ],
    environment: {},
  },
  staticProgram('launcher'),
  staticProgram('oci'),
]

const stop = (sentence) => {
  console.error(sentence)
  process.exit(1)
}

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isCurrent({ file, crates }) {
  if (!existsSync(file)) return false
  const sources = ['Cargo.toml', 'Cargo.lock', ...crates.flatMap((name) => [`native/${name}/src`, `native/${name}/Cargo.toml`])]
  return Math.max(...sources.map((name) => newest(join(root, name)))) <= statSync(file).mtimeMs
}

function runs(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

function build({ what, file, built, command, environment }) {
  console.log(`native: building the ${what} …`)
  const begun = Date.now()
  const result = spawnSync(command[0], command.slice(1), { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
  if (result.status !== 0) stop(`native: the ${what} could not be built; cargo's reasons are above`)
  mkdirSync(prebuilds, { recursive: true })
  // By rename: a running agent keeps the file that it has mapped.
  copyFileSync(built, `${file}.new`)
  renameSync(`${file}.new`, file)
  console.log(`native: ${what} built in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

if (process.platform !== 'linux' || process.arch !== 'x64') stop('The native parts are built for Linux on x86-64 only.')
const stale = artefacts.filter((artefact) => !isCurrent(artefact))
if (stale.length === 0) {
  console.log('native: addon, launcher and oci are current')
} else {
  if (!runs('cargo')) stop('cargo is missing: install Rust 1.85 or newer, for example from https://rustup.rs')
  if (!runs('cc')) stop('A C linker is missing: install one, on Debian with apt-get install gcc libc6-dev')
  stale.forEach(build)
}
