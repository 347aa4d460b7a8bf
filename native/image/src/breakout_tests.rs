//! What others broke out with, by the names it has in their tests (S66, S68): containerd's archive tests, and CVEs of tar readers. Each is unpacked beside a
//! canary, whose content, mode, owner, links and times stay what they were, change time included.

use std::{fs, os::unix::fs::MetadataExt};

use crate::testing::{Arena, Part, archive, directory, file, hard_link, part, symlink};

enum Outcome {
    Refused,
    /// Files in the layer with their content; a name that ends with `/` is a directory, and content `->x` a link.
    Has(&'static [(&'static str, &'static str)]),
}
use Outcome::{Has, Refused};

/// `OUT` is the absolute path of what is outside.
fn cases(out: &str) -> Vec<(&'static str, Vec<Part>, Outcome)> {
    let canary = format!("{out}/canary");
    let up = "../../../../../../../../../../..".to_owned() + out;
    let up_canary = format!("{up}/canary");
    vec![
        ("SymlinkAbsolute", vec![directory("etc"), symlink("/etc", "localetc"), file("localetc/x", "1")], Has(&[("etc/x", "1")])),
        ("SymlinkAbsolute to outside", vec![symlink(out, "way"), file("way/x", "1")], Has(&[("way", "->")])),
        (
            "SymlinkUpAndOut",
            vec![directory("etc"), directory("dummy"), symlink("/dummy/../etc", "localetc"), file("localetc/x", "1")],
            Has(&[("etc/x", "1")]),
        ),
        (
            "SymlinkMultipleAbsolute",
            vec![
                directory("etc"),
                directory("dummy"),
                symlink("/etc", "dummy/etc"),
                symlink("/dummy/etc", "localetc"),
                file("dummy/etc/x", "1"),
                file("localetc/y", "2"),
            ],
            Has(&[("etc/x", "1"), ("etc/y", "2")]),
        ),
        (
            "SymlinkMultipleRelative",
            vec![
                directory("etc"),
                directory("dummy"),
                symlink("/etc", "dummy/etc"),
                symlink("./dummy/etc", "localetc"),
                file("localetc/x", "1"),
            ],
            Has(&[("etc/x", "1")]),
        ),
        (
            "SymlinkEmptyFile",
            vec![directory("etc"), file("etc/emptied", "notempty"), symlink("/etc", "localetc"), file("localetc/emptied", "")],
            Has(&[("etc/emptied", "")]),
        ),
        ("SymlinkUpAndOut to outside", vec![symlink(&up, "way"), file("way/canary", "changed")], Has(&[("way", "->")])),
        ("symlink to the canary, then a file of its name", vec![symlink(&canary, "f"), file("f", "new")], Has(&[("f", "new")])),
        (
            "HardlinkRelative",
            vec![
                directory("etc"),
                file("etc/passwd", "root"),
                directory("breakouts"),
                symlink("../../etc", "breakouts/d1"),
                hard_link("/breakouts/d1/passwd", "breakouts/mypasswd"),
            ],
            Has(&[("breakouts/mypasswd", "root")]),
        ),
        (
            "HardlinkDownAndOut",
            vec![
                directory("etc"),
                file("etc/passwd", "root"),
                directory("breakouts"),
                directory("downandout"),
                symlink("../downandout/../../etc", "breakouts/d1"),
                hard_link("/breakouts/d1/passwd", "breakouts/mypasswd"),
            ],
            Has(&[("breakouts/mypasswd", "root")]),
        ),
        (
            "HardlinkAbsolute",
            vec![
                directory("etc"),
                file("etc/passwd", "root"),
                symlink("/etc", "localetc"),
                hard_link("/localetc/passwd", "localpasswd"),
            ],
            Has(&[("localpasswd", "root")]),
        ),
        (
            "HardlinkRelativeLong",
            vec![
                directory("etc"),
                file("etc/passwd", "root"),
                symlink("../../../../../../../etc", "localetc"),
                hard_link("/localetc/passwd", "localpasswd"),
            ],
            Has(&[("localpasswd", "root")]),
        ),
        (
            "HardlinkRelativeUpAndOut",
            vec![symlink("upandout/../../../etc", "localetc"), hard_link("/localetc/passwd", "localpasswd")],
            Refused,
        ),
        ("HardlinkDirectAbsolute", vec![hard_link(&canary, "f")], Refused),
        ("HardlinkDirectRelative", vec![hard_link(&up_canary, "f")], Refused),
        ("HardlinkDirectDownAndOut", vec![directory("d"), hard_link("d/../../outside/canary", "f")], Refused),
        (
            "HardlinkSymlinkBeforeCreateTarget",
            vec![
                directory("etc"),
                symlink(&canary, "localpasswd"),
                hard_link("localpasswd", "localpasswd-dup"),
                file("localpasswd-dup", "new"),
            ],
            Has(&[("localpasswd-dup", "new"), ("localpasswd", "->")]),
        ),
        (
            "HardlinkSymlinkRelative",
            vec![symlink("../outside/canary", "l"), hard_link("l", "dup"), file("dup", "new")],
            Has(&[("dup", "new")]),
        ),
        ("HardlinkSymlinkAbsolute", vec![symlink(&canary, "l"), hard_link("/l", "dup")], Has(&[("dup", "->")])),
        (
            "HardlinkSymlinkChmod (CVE-2021-32760)",
            vec![
                symlink(&canary, "l"),
                hard_link("l", "dup"),
                Part { mode: 0o777, ..hard_link("l", "dup2") },
                Part { mode: 0o777, ..directory("dup") },
            ],
            Has(&[("dup/", "")]),
        ),
        (
            "chmod through a link by a directory (RUSTSEC-2026-0067)",
            vec![symlink(out, "d"), Part { mode: 0o777, ..directory("d") }],
            Has(&[("d/", "")]),
        ),
        (
            "chmod through a link below (RUSTSEC-2026-0113)",
            vec![symlink(out, "d"), Part { mode: 0o777, ..directory("d/below") }],
            Has(&[("d", "->")]),
        ),
        ("hard link through a symbolic one to outside", vec![symlink(out, "d"), hard_link("d/canary", "f")], Refused),
        (
            "hard link, then written (CVE-2026-23745)",
            vec![file("a", "old"), hard_link("a", "b"), file("b", "new")],
            Has(&[("a", "old"), ("b", "new")]),
        ),
        ("hard link to a directory", vec![directory("d"), hard_link("d", "e")], Refused),
        ("hard link to itself", vec![file("a", "x"), hard_link("a", "a")], Refused),
        ("ParentDirectory", vec![file("..", "x")], Refused),
        ("names that climb", vec![file("../outside/canary", "x")], Refused),
        ("names that climb after going down", vec![file("a/../../outside/canary", "x")], Refused),
        ("./..", vec![directory("./..")], Refused),
        ("absolute names are below", vec![file("/etc/passwd", "x")], Has(&[("etc/passwd", "x")])),
        ("names with .. inside", vec![directory("a"), file("a/../b", "x")], Has(&[("b", "x")])),
        ("empty name", vec![file("", "x")], Refused),
        ("/", vec![file("/", "")], Has(&[])),
        (". as a file", vec![file(".", "x")], Refused),
        ("SlashEnded", vec![file("a/", ""), file("a/b", "x")], Has(&[("a/b", "x")])),
        ("SlashEnded with content", vec![file("a/", "x")], Refused),
        ("OverrideDirectory", vec![directory("d"), file("d/x", "1"), file("d", "file")], Has(&[("d", "file")])),
        ("OverrideDirectoryRelative", vec![directory("d"), file("d/x", "1"), file("./d/../d", "file")], Has(&[("d", "file")])),
        ("DirectoryOverrideRelative", vec![file("d", "file"), directory("./d"), file("d/x", "1")], Has(&[("d/x", "1")])),
        (
            "DirectoryOverrideSymlink",
            vec![directory("real"), symlink("real", "d"), directory("d"), file("d/x", "1")],
            Has(&[("d/x", "1"), ("real/", "")]),
        ),
        (
            "DirectoryOverrideSymlinkAndHardlink",
            vec![directory("real"), symlink("real", "d"), hard_link("d", "e"), directory("e"), file("e/x", "1")],
            Has(&[("e/x", "1"), ("d", "->")]),
        ),
        ("WhiteoutParentDoesNotExist", vec![file("no/where/.wh.x", "")], Has(&[("no/where/", "")])),
        ("through a file", vec![file("a", "x"), file("a/b", "y")], Refused),
        ("links in a circle", vec![symlink("b", "a"), symlink("a", "b"), file("a/x", "1")], Refused),
        ("a link to itself", vec![symlink("a", "a"), file("a/x", "1")], Refused),
        ("through /proc", vec![symlink("/proc/self/root", "p"), file("p/x", "1")], Has(&[("proc/self/root/x", "1")])),
        ("a fifo is not opened", vec![part(b'6', "f"), file("f", "x")], Has(&[("f", "x")])),
        ("a link that leads nowhere yet", vec![symlink("usr/lib", "lib"), file("lib/x", "1")], Has(&[("usr/lib/x", "1")])),
        ("a link to nothing", vec![symlink("", "l")], Refused),
    ]
}

#[test]
fn nothing_breaks_out() {
    let arena = Arena::new();
    let out = arena.path.join("outside").display().to_string();
    for (name, parts, outcome) in cases(&out) {
        let unpacked = arena.unpack(&archive(&parts));
        match outcome {
            Refused => assert!(unpacked.is_err(), "{name} was taken"),
            Has(expected) => {
                unpacked.unwrap_or_else(|failure| panic!("{name}: {failure}"));
                expected.iter().for_each(|(path, content)| check(&arena, name, path, content));
            }
        }
        arena.clear();
    }
}

fn check(arena: &Arena, name: &str, path: &str, content: &str) {
    let place = arena.layer().join(path.trim_end_matches('/'));
    let about = place.symlink_metadata().unwrap_or_else(|error| panic!("{name}: {path}: {error}"));
    match content {
        _ if path.ends_with('/') => assert!(about.is_dir(), "{name}: {path}"),
        "->" => assert!(about.is_symlink(), "{name}: {path}"),
        content => assert_eq!(fs::read_to_string(&place).expect("a file"), content, "{name}: {path}"),
    }
}

#[test]
fn a_second_layer_in_the_same_place_is_refused() {
    let arena = Arena::new();
    arena.unpack(&archive(&[file("a", "1")])).expect("unpacked");
    let request = arena.request(&archive(&[file("a", "2")]));
    let progress = std::sync::Arc::new(crate::progress::Progress::new(1, std::sync::Arc::new(drop)));
    assert!(crate::unpack::unpack(&request, None, &progress).is_err());
    assert_eq!(fs::read_to_string(arena.layer().join("a")).expect("there"), "1");
}

#[test]
fn set_user_bits_are_kept_and_devices_of_overlays_are_not() {
    let arena = Arena::new();
    let parts = [
        Part { mode: 0o4755, ..file("su", "x") },
        Part { mode: 0o2750, ..directory("d") },
        file("d/x", "1"),
        Part { device: (0, 0), ..part(b'3', "mark") },
        part(b'V', "label"),
    ];
    let unpacked = arena.unpack(&archive(&parts)).expect("unpacked");
    let mode = |name: &str| arena.layer().join(name).symlink_metadata().expect("there").mode() & 0o7777;
    assert_eq!((mode("su"), mode("d"), mode("d/x")), (0o4755, 0o2750, 0o644));
    assert!(!arena.layer().join("mark").exists());
    assert_eq!(unpacked.left_out.len(), 2, "{:?}", unpacked.left_out);
}
