import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** What can be in a layer, and what a later one can do to it. In shell and Python: it is short there, and exact. */
const LOWEST = `
mkdir -p bin usr/share/deep/er etc 'with space' empty-dir gone/was/here opaque/old/old kept
cp /bin/busybox bin/busybox; ln -s busybox bin/sh; ln bin/busybox bin/hard-linked; ln bin/busybox usr/share/other-link
printf 'root:x:0:0::/:/bin/sh\\n' > etc/passwd; : > etc/empty; chmod 4755 bin/hard-linked
printf x > usr/share/deep/er/setgid; chmod 2751 usr/share/deep/er/setgid; chmod 2775 usr/share/deep; chmod 1777 empty-dir
printf secret > etc/private; chown 1234:4321 etc/private; chmod 0 etc/private
ln -s /etc/passwd absolute; ln -s ../../outside relative-out; ln -s nowhere dangling
mkfifo pipe; mknod zero c 1 5; mknod block b 7 99; chown -h 12:34 dangling
truncate -s 5M sparse; printf end >> sparse
printf café > 'with space/é ü 漢'; printf long > "$(printf 'n%.0s' $(seq 150))"
d=$(printf 'd%.0s' $(seq 120)); mkdir -p $d/$d/$d; printf far > $d/$d/$d/file
printf gone > gone/was/here/f; printf old > opaque/old/old/f; printf a > becomes-dir; mkdir becomes-file; printf x > becomes-file/x
printf a > replaced; printf stays > kept/a; printf goes > kept/b
python3 -c '
import os
os.setxattr("etc/passwd", "user.note", b"\\x00binary\\xff")
os.setxattr("bin/busybox", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
'
find . -depth -exec touch -h -d '2001-02-03T04:05:06.789012345Z' {} +
`
const MIDDLE = `
mkdir -p gone opaque/new becomes-dir kept usr/share
: > .wh.gone-never-was; : > gone/.wh.was; : > opaque/.wh..wh..opq; printf new > opaque/new/f
printf inside > becomes-dir/f; printf now-a-file > becomes-file; printf bb > replaced; : > kept/.wh.b
: > usr/share/.wh.other-link; printf new > added; chmod 700 added
find . -depth -exec touch -h -d '2011-12-13T14:15:16.5Z' {} +
`
const TOP = `
mkdir -p kept gone empty-dir; : > .wh.pipe; printf again > kept/b; ln kept/b kept/c; printf back > gone/was; chmod 755 empty-dir
find . -depth -exec touch -h -d '2021-01-01T00:00:00Z' {} +
`

/** Directories for layers, lowest first, below `directory`. Needs root. */
export function oddLayers(directory: string): string[] {
  return [LOWEST, MIDDLE, TOP].map((script, index) => {
    const layer = join(directory, `layer-${index}`)
    execFileSync('/bin/bash', ['-euc', `umask 022; mkdir -p "$0"; cd "$0"; ${script}`, layer])
    return layer
  })
}

/** Two layers with a shell and a text of their own, which nothing else shares. */
export function smallLayers(directory: string, text: string): string[] {
  const scripts = [
    `mkdir -p bin tmp etc proc dev sys mnt; cp /bin/busybox bin/; for p in sh cat true sleep echo pwd; do ln -s busybox bin/$p; done; echo ${text} > etc/below`,
    `echo I am ${text} > says; head -c 300000 /dev/urandom > noise`,
  ]
  return scripts.map((script, index) => {
    const layer = join(directory, `layer-${index}`)
    execFileSync('/bin/bash', ['-euc', `umask 022; mkdir -p "$0"; cd "$0"; ${script}`, layer])
    return layer
  })
}
