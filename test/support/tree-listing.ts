import { execFileSync } from 'node:child_process'

/** In Python, since Node cannot read extended attributes; it prints a line for each entry. */
const PROGRAM = `
import hashlib, os, stat, sys
root = sys.argv[1]
links = {}
def visit(path, name):
    s = os.lstat(path)
    kind = stat.S_IFMT(s.st_mode) >> 12
    about = [oct(s.st_mode & 0o7777), "%d:%d" % (s.st_uid, s.st_gid)]
    if stat.S_ISREG(s.st_mode):
        with open(path, "rb") as f: about.append("%d %s" % (s.st_size, hashlib.file_digest(f, "sha256").hexdigest()[:16]))
        if s.st_nlink > 1: about.append("same as " + ascii(links.setdefault((s.st_dev, s.st_ino), name)))
    if stat.S_ISLNK(s.st_mode): about.append("-> " + ascii(os.readlink(path)))
    if stat.S_ISBLK(s.st_mode) or stat.S_ISCHR(s.st_mode): about.append("%d,%d" % (os.major(s.st_rdev), os.minor(s.st_rdev)))
    about.append("at %d.%09d" % (s.st_mtime_ns // 10**9, s.st_mtime_ns % 10**9))
    for key in sorted(os.listxattr(path, follow_symlinks=False)):
        if not key.startswith("trusted.overlay."): about.append("%s=%s" % (key, os.getxattr(path, key, follow_symlinks=False).hex()))
    print("%x %s %s" % (kind, ascii(name), " ".join(about)))
    if stat.S_ISDIR(s.st_mode):
        for child in sorted(os.listdir(path)): visit(os.path.join(path, child), os.path.join(name, child))
visit(root, ".")
`

/** Every entry below a directory: kind, name, mode, owner, size and hash, target, device, times, extended attributes, and who shares whose content. */
export function treeListing(directory: string): string[] {
  const text = execFileSync('python3', ['-c', PROGRAM, directory], { encoding: 'utf8', maxBuffer: 1 << 28 })
  return text.split('\n').filter(Boolean)
}
