//! Arbitrary bytes: whatever comes, it ends, nothing is left of what fails, and nothing outside changes (S70).

use std::io::Write;

use crate::{
    chance::Chance,
    testing::{Arena, Part, archive, directory, file, hard_link, part, pax, sign, symlink},
};

const CASES: u64 = 400;

fn whole(out: &str) -> Vec<Part> {
    vec![
        directory("a"),
        file("a/x", "one"),
        symlink(out, "way"),
        file("way/canary", "two"),
        hard_link("a/x", "a/y"),
        pax(&[
            ("path", b"b/c/d"),
            ("mtime", b"3.25"),
            ("SCHILY.xattr.user.k", b"v"),
            ("SCHILY.xattr.trusted.overlay.opaque", b"y"),
        ]),
        file("short", "three"),
        part(b'6', "fifo"),
        file("a/.wh.z", ""),
        file("a/.wh..wh..opq", ""),
        pax(&[("GNU.sparse.size", b"100"), ("GNU.sparse.map", b"10,4"), ("GNU.sparse.name", b"s")]),
        file("hole", "hole"),
        hard_link("way", "a/w"),
        directory("way"),
    ]
}

fn damaged(chance: &mut Chance, out: &str) -> Vec<u8> {
    let mut parts = whole(out);
    for _ in 0..chance.below(6) {
        let (from, to) = (chance.below(parts.len() as u64) as usize, chance.below(parts.len() as u64) as usize);
        match chance.below(4) {
            0 => parts.swap(from, to),
            1 => parts[from].name = chance.of(&parts).name,
            2 => parts[from].flag = chance.of(b"01256xgLKS"),
            _ => parts[from].link = chance.of(&[b"..".to_vec(), b"/".to_vec(), b"a/../..".to_vec(), parts[to].name.clone()]),
        }
    }
    let mut bytes = archive(&parts);
    if chance.below(2) == 0 {
        bytes = chance.damaged(&bytes);
        for header in bytes.chunks_exact_mut(512).filter(|header| header.get(257..262) == Some(b"ustar")) {
            sign(header);
        }
    }
    bytes
}

fn compressed(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    };
    let half = bytes.len() / 2;
    match chance.below(4) {
        0 => gzip(bytes),
        1 => [gzip(&bytes[..half]), gzip(&bytes[half..])].concat(),
        2 => zstd::encode_all(bytes, 1).expect("in memory"),
        _ => bytes.to_vec(),
    }
}

#[test]
fn nothing_outside_changes_whatever_comes() {
    let arena = Arena::new();
    let out = arena.path.join("outside").display().to_string();
    let mut taken = 0;
    for seed in 0..CASES {
        let mut chance = Chance::from(seed);
        let bytes = damaged(&mut chance, &out);
        let bytes = compressed(&bytes, &mut chance);
        taken += u64::from(arena.unpack(&bytes).is_ok());
        let bytes = chance.damaged(&bytes);
        arena.clear();
        let _ = arena.unpack(&bytes);
        arena.clear();
    }
    assert!(taken > CASES / 20 && taken < CASES, "{taken} were taken");
}
