//! Whatever bytes are damaged in whatever way: what this reader takes, GNU tar, bsdtar, Python and Go take as the same entries, or do not take (S69).

use std::{fs, path::Path, process::Command};

use super::{Entry, Kind, tests::entries};
use crate::{
    chance::Chance,
    testing::{Part, archive, directory, file, hard_link, part, pax, sign, symlink},
};

const CASES: u64 = 600;

/// Prints what each archive of a directory has: a line for each entry, or `refused`.
const PYTHON: &str = r#"
import sys, os, tarfile
for name in sorted(os.listdir(sys.argv[1])):
    lines = []
    try:
        with tarfile.open(os.path.join(sys.argv[1], name), "r:", encoding="utf-8", errors="surrogateescape") as archive:
            for m in archive:
                kind = "F" if m.isreg() else "D" if m.isdir() else "L" if m.issym() else "H" if m.islnk() else "-"
                size = m.size if kind == "F" else 0
                lines.append("%s %s %d" % (kind, m.name.encode("utf-8", "surrogateescape").rstrip(b"/").hex(), size))
    except Exception:
        lines = ["refused"]
    print(name, ";".join(lines))
"#;

const GO: &str = r#"
package main
import ("archive/tar"; "encoding/hex"; "fmt"; "io"; "os"; "path/filepath"; "strings")
func list(path string) string {
	file, _ := os.Open(path)
	defer file.Close()
	reader := tar.NewReader(file)
	lines := []string{}
	for {
		h, err := reader.Next()
		if err == io.EOF { return strings.Join(lines, ";") }
		if err != nil { return "refused" }
		kind, size := "-", int64(0)
		switch h.Typeflag {
		case tar.TypeXGlobalHeader: continue
		case tar.TypeReg, '7', tar.TypeGNUSparse: kind, size = "F", h.Size
		case tar.TypeDir: kind = "D"
		case tar.TypeSymlink: kind = "L"
		case tar.TypeLink: kind = "H"
		}
		if kind == "F" && strings.HasSuffix(h.Name, "/") { kind = "D" }
		lines = append(lines, fmt.Sprintf("%s %s %d", kind, hex.EncodeToString([]byte(strings.TrimRight(h.Name, "/"))), size))
	}
}
func main() {
	paths, _ := filepath.Glob(os.Args[1] + "/*")
	for _, path := range paths { fmt.Println(filepath.Base(path), list(path)) }
}
"#;

fn line(entry: &Entry) -> String {
    let kind = match entry.kind {
        Kind::File => 'F',
        Kind::Directory => 'D',
        Kind::Symlink => 'L',
        Kind::HardLink => 'H',
        Kind::Other(_) => '?',
        _ => '-',
    };
    let size = if kind == 'F' { entry.sparse.as_ref().map_or(entry.size, |sparse| sparse.size) } else { 0 };
    let end = entry.path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let name: String = entry.path[..end].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{kind} {name} {size}")
}

fn whole() -> Vec<Part> {
    let long = |flag, text: &str| Part { content: format!("{text}\0").into(), gnu: true, ..part(flag, "././@LongLink") };
    vec![
        directory("d/"),
        file("d/a", "content of a"),
        pax(&[("path", b"d/by-pax"), ("size", b"5"), ("mtime", b"1.5")]),
        file("d/short", "five!"),
        long(b'L', &format!("d/{}", "n".repeat(120))),
        Part { gnu: true, ..file("d/nnn", "long") },
        hard_link("d/a", "d/h"),
        symlink("a", "d/l"),
        Part { flag: b'g', ..pax(&[("comment", b"global")]) },
        pax(&[
            ("GNU.sparse.size", b"100"),
            ("GNU.sparse.numblocks", b"1"),
            ("GNU.sparse.map", b"10,4"),
            ("GNU.sparse.name", b"d/s"),
        ]),
        file("d/GNUSparse/s", "hole"),
        part(b'6', "d/fifo"),
        file("last", &archive_text()),
    ]
}

/// Content that would be entries if a size were read wrongly.
fn archive_text() -> String {
    String::from_utf8(archive(&[file("smuggled", "x")])).expect("ascii")
}

/// Fields of headers are changed and the checksum made right again, or records of extended headers are.
fn damaged(chance: &mut Chance) -> Vec<u8> {
    let mut parts = whole();
    for _ in 0..=chance.below(2) {
        let at = chance.below(parts.len() as u64) as usize;
        match chance.below(5) {
            0 => drop(parts.remove(at)),
            1 => parts.insert(at, chance.of(&whole())),
            2 if parts[at].flag == b'x' || parts[at].flag == b'g' => {
                parts[at].content = chance.damaged(&parts[at].content.clone())
            }
            3 => {
                parts[at].size = Some(chance.of(&[
                    *b"00000000000\0",
                    *b"00000001000\0",
                    *b"        17 \0",
                    *b"\x80\0\0\0\0\0\0\0\0\0\x02\0",
                    [0xff; 12],
                ]))
            }
            _ => parts[at].flag = chance.of(b"0\x0012357xgLKSDVX"),
        }
    }
    let mut bytes = archive(&parts);
    if chance.below(3) == 0 {
        let header = chance.below(bytes.len() as u64 / 512) as usize * 512;
        let field = chance.of(&[0_usize, 5, 99, 124, 126, 135, 136, 156, 157, 257, 262, 263, 345, 482]);
        bytes[header + field] = chance.of(&[0, b' ', b'/', b'.', b'1', b'7', b'8', b'-', 0x80, 0xff]);
        sign(&mut bytes[header..]);
    }
    bytes
}

fn listed(output: std::io::Result<std::process::Output>) -> Option<String> {
    output.ok().filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok())
}

/// Readers that print all archives at once; each line is the archive's name and its entries.
fn tables(place: &Path, archives: &Path) -> Vec<(&'static str, String)> {
    let program = place.join("list.go");
    fs::write(&program, GO).expect("written");
    let python = listed(Command::new("python3").arg("-c").arg(PYTHON).arg(archives).output());
    let go = listed(Command::new("go").arg("run").arg(&program).arg(archives).output());
    let tables = [("Python", python), ("Go", go)];
    tables.into_iter().filter_map(|(name, table)| Some((name, table?))).collect()
}

#[test]
fn other_readers_see_the_same_entries() {
    let place = std::env::temp_dir().join(format!("meseta-differential-{}", std::process::id()));
    let archives = place.join("archives");
    fs::create_dir_all(&archives).expect("made");
    let mut taken = Vec::new();
    for seed in 0..CASES {
        let bytes = damaged(&mut Chance::from(seed));
        let Ok(read) = entries(&bytes) else { continue };
        fs::write(archives.join(format!("{seed:05}")), &bytes).expect("written");
        taken.push((format!("{seed:05}"), read.iter().map(|(entry, _)| line(entry)).collect::<Vec<_>>().join(";")));
    }
    assert!(taken.len() > CASES as usize / 10 && taken.len() < CASES as usize, "{} were taken", taken.len());
    let mut differences = Vec::new();
    for (reader, table) in tables(&place, &archives) {
        let theirs: std::collections::HashMap<_, _> = table.lines().filter_map(|line| line.split_once(' ')).collect();
        for (name, ours) in &taken {
            let their = theirs.get(name.as_str()).copied().unwrap_or_default();
            if their != "refused" && their != ours.replace('?', "-") {
                differences.push(format!("{reader} {name}:\n  {ours}\n  {their}"));
            }
        }
    }
    for (name, ours) in &taken {
        differences.extend(names_differ(&archives.join(name), ours));
    }
    fs::remove_dir_all(&place).expect("removed");
    assert!(differences.is_empty(), "{}\n{} differences in {} archives", differences.join("\n"), differences.len(), taken.len());
}

/// GNU tar and bsdtar, of which only names can be had exactly.
fn names_differ(archive: &Path, ours: &str) -> Vec<String> {
    let programs: [(&str, &[&str]); 2] = [("tar", &["--quoting-style=literal", "-Ptf"]), ("bsdtar", &["-tf"])];
    let mut differences = Vec::new();
    for (program, arguments) in programs {
        let output = Command::new(program).env("LC_ALL", "C.UTF-8").args(arguments).arg(archive).output();
        let Ok(output) = output else { continue };
        if !output.status.success() || !output.stderr.is_empty() {
            continue;
        }
        // Others are shown in some way of their own.
        if output.stdout.iter().any(|byte| !(b' '..=b'~').contains(byte) && *byte != b'\n') || output.stdout.contains(&b'\\') {
            continue;
        }
        let names: Vec<String> = output.stdout.split(|byte| *byte == b'\n').filter(|name| !name.is_empty()).map(hex).collect();
        let lines = || ours.split(';').filter_map(|line| line.split_once(' '));
        let wanted: Vec<&str> = lines().filter_map(|(_, line)| line.split(' ').next()).collect();
        // Labels of volumes and the like are no files to anybody, but some list them.
        let files: Vec<&str> = lines().filter(|(kind, _)| *kind != "?").filter_map(|(_, line)| line.split(' ').next()).collect();
        let has_newline = wanted.iter().any(|name| name.as_bytes().chunks(2).any(|byte| byte == b"0a"));
        if names != wanted && names != files && !has_newline {
            differences.push(format!("{program} {}:\n  {wanted:?}\n  {names:?}", archive.display()));
        }
    }
    differences
}

fn hex(name: &[u8]) -> String {
    let end = name.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    name[..end].iter().map(|byte| format!("{byte:02x}")).collect()
}
