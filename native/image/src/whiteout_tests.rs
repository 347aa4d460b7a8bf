//! Whiteouts as layers have them, by the names of the cases in containerd's and umoci's tests (S67). Marks that an overlay understands need root.

use std::{
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::Path,
};

use crate::testing::{Arena, Part, archive, directory, file, hard_link, symlink};

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Mark,
    Opaque,
    Plain,
    Missing,
}
use Seen::{Mark, Missing, Opaque, Plain};

fn seen(path: &Path) -> Seen {
    let Ok(about) = path.symlink_metadata() else { return Missing };
    if about.file_type().is_char_device() && about.rdev() == 0 {
        return Mark;
    }
    let mut value = [0_u8; 1];
    match rustix::fs::lgetxattr(path, "trusted.overlay.opaque", &mut value[..]) {
        Ok(1) if &value == b"y" => Opaque,
        _ => Plain,
    }
}

type Case = (&'static str, Vec<Part>, &'static [(&'static str, Seen)]);

fn cases() -> Vec<Case> {
    let mark = |name: &str| file(name, "");
    vec![
        ("a file", vec![directory("etc"), mark("etc/.wh.hosts")], &[("etc/hosts", Mark), ("etc/.wh.hosts", Missing)]),
        ("at the root", vec![mark(".wh.gone")], &[("gone", Mark)]),
        ("WhiteoutDirectory with trailing slash", vec![directory(".wh.d/")], &[("d", Mark)]),
        ("whiteout as a link", vec![symlink("x", ".wh.l")], &[("l", Mark)]),
        ("whiteout as a hard link to nothing", vec![hard_link("nowhere", ".wh.l")], &[("l", Mark)]),
        (
            "through a link to a directory",
            vec![directory("real"), symlink("real", "way"), mark("way/.wh.x")],
            &[("real/x", Mark), ("way", Plain)],
        ),
        ("WhiteoutDeadLinkParent", vec![symlink("/dead", "way"), mark("way/.wh.x")], &[("dead/x", Mark)]),
        ("WhiteoutParentDoesNotExist", vec![mark("a/b/.wh.x")], &[("a/b/x", Mark)]),
        ("real entry later wins", vec![mark(".wh.f"), file("f", "new")], &[("f", Plain)]),
        ("real entry before stays", vec![file("f", "new"), mark(".wh.f")], &[("f", Plain)]),
        (
            "directory later hides what was below",
            vec![mark(".wh.d"), directory("d"), file("d/x", "1")],
            &[("d", Opaque), ("d/x", Plain)],
        ),
        ("directory before too", vec![directory("d"), mark(".wh.d")], &[("d", Opaque)]),
        ("implied directory too", vec![mark(".wh.d"), file("d/e/x", "1")], &[("d", Opaque), ("d/e", Plain), ("d/e/x", Plain)]),
        ("opaque", vec![directory("d"), mark("d/.wh..wh..opq"), file("d/x", "1")], &[("d", Opaque), ("d/x", Plain)]),
        (
            "opaque, its entries first",
            vec![directory("d"), file("d/x", "1"), mark("d/.wh..wh..opq")],
            &[("d", Opaque), ("d/x", Plain)],
        ),
        ("opaque at the root", vec![mark(".wh..wh..opq"), file("x", "1")], &[("", Opaque), ("x", Plain)]),
        ("opaque of an implied directory", vec![mark("a/b/.wh..wh..opq")], &[("a/b", Opaque), ("a", Plain)]),
        ("twice", vec![mark(".wh.f"), mark(".wh.f")], &[("f", Mark)]),
        (
            "aufs' own are left out",
            vec![directory(".wh..wh.plnk"), mark(".wh..wh.aufs")],
            &[(".wh..wh.plnk", Missing), (".wh.plnk", Missing)],
        ),
        ("names that only look like one", vec![file("a.wh.b", "x"), file(".whx", "x")], &[("a.wh.b", Plain), (".whx", Plain)]),
        ("below a whited-out name", vec![mark(".wh.f"), mark("f/.wh.g")], &[("f", Opaque), ("f/g", Mark)]),
    ]
}

#[test]
fn marks_become_what_an_overlay_understands() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let arena = Arena::new();
    for (name, parts, expected) in cases() {
        arena.unpack(&archive(&parts)).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        for (path, what) in expected {
            assert_eq!(&seen(&arena.layer().join(path)), what, "{name}: {path}");
        }
        arena.clear();
    }
}

#[test]
fn marks_of_nothing_are_refused() {
    let arena = Arena::new();
    for name in [".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh..", "d/.wh..."] {
        assert!(arena.unpack(&archive(&[file(name, "")])).is_err(), "{name}");
    }
}

#[test]
fn links_to_what_is_gone_are_refused() {
    let arena = Arena::new();
    assert!(arena.unpack(&archive(&[file(".wh.f", ""), hard_link("f", "g")])).is_err());
}

#[test]
fn without_whiteouts_they_are_names_like_any_other() {
    let arena = Arena::new();
    let mut request = arena.request(&archive(&[file(".wh.f", "x"), file("d/.wh..wh..opq", "y")]));
    request.whiteouts = None;
    arena.run(&request).expect("unpacked");
    assert_eq!(fs::read_to_string(arena.layer().join(".wh.f")).expect("there"), "x");
    assert_eq!(seen(&arena.layer().join("d")), Plain);
}
