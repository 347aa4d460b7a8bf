//! Held against `du`, on trees that a hostile task may make.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::AtomicU32,
};

use super::*;

/// A directory that goes with the test.
struct Tree(PathBuf);

impl Tree {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("meseta-walk-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("temporary directory");
        Tree(path)
    }

    fn file(&self, name: &str, kilobytes: usize) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("below the tree")).expect("made");
        fs::write(&path, vec![7; kilobytes << 10]).expect("written");
        path
    }

    fn request(&self) -> DiskUsageRequest {
        DiskUsageRequest { directories: vec![self.0.display().to_string()], ..Default::default() }
    }

    fn measured(&self) -> DiskUsage {
        measured(&self.request())
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // By a program that does not recurse on its stack: some trees are deep.
        let _ = Command::new("rm").arg("-rf").arg(&self.0).status();
    }
}

fn measured(request: &DiskUsageRequest) -> DiskUsage {
    measure(request, &AtomicBool::new(false)).expect("measured")
}

fn du(path: &Path) -> u64 {
    let output = Command::new("du").args(["-sx", "--block-size=1"]).arg(path).output().expect("du runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.split_ascii_whitespace().next().and_then(|word| word.parse().ok()).expect("a number")
}

#[test]
fn counts_what_du_counts() {
    let tree = Tree::new();
    for index in 0..300 {
        tree.file(&format!("d{}/e{}/f{index}", index % 7, index % 3), index % 20);
    }
    let sparse = fs::File::create(tree.0.join("sparse")).expect("made");
    sparse.set_len(1 << 30).expect("grown");
    let usage = tree.measured();
    assert_eq!(usage.bytes, du(&tree.0));
    assert_eq!((usage.incomplete, usage.enough), (Some(false), Some(false)));
    assert_eq!(usage.entries, 300 + 7 + 21 + 1 + 1);
}

#[test]
fn names_of_one_file_count_once_and_links_are_not_followed() {
    let (tree, outside) = (Tree::new(), Tree::new());
    let big = tree.file("a/big", 512);
    fs::create_dir_all(tree.0.join("b")).expect("made");
    fs::hard_link(&big, tree.0.join("b/again")).expect("linked");
    outside.file("huge", 4096);
    symlink(&outside.0, tree.0.join("out")).expect("linked");
    symlink("/", tree.0.join("a/root")).expect("linked");
    let usage = tree.measured();
    assert_eq!(usage.bytes, du(&tree.0));
    assert!((512 << 10..640 << 10).contains(&usage.bytes), "{}", usage.bytes);
}

#[test]
fn a_tree_given_twice_shares_its_hard_links_only() {
    let tree = Tree::new();
    let file = tree.file("sandbox/file", 64);
    fs::create_dir_all(tree.0.join("upper")).expect("made");
    fs::hard_link(file, tree.0.join("upper/file")).expect("linked");
    let directories = ["sandbox", "upper"].iter().map(|name| tree.0.join(name).display().to_string()).collect();
    let both = measured(&DiskUsageRequest { directories, ..Default::default() });
    assert!((64 << 10..128 << 10).contains(&both.bytes), "{}", both.bytes);
}

#[test]
fn excluded_directories_do_not_count() {
    let tree = Tree::new();
    tree.file("own/file", 16);
    tree.file("volume/file", 1024);
    let excluded = vec![tree.0.join("volume").display().to_string(), "/does/not/exist".to_owned()];
    let usage = measured(&DiskUsageRequest { excluded, ..tree.request() });
    assert!(usage.bytes < 64 << 10, "{}", usage.bytes);
}

#[test]
fn stops_when_it_has_found_enough() {
    let tree = Tree::new();
    for index in 0..50 {
        tree.file(&format!("d{index}/file"), 64);
    }
    let usage = measured(&DiskUsageRequest { enough_bytes: Some(256 << 10), ..tree.request() });
    assert_eq!(usage.enough, Some(true));
    assert!((256 << 10..1 << 20).contains(&usage.bytes), "{}", usage.bytes);
}

#[test]
fn what_does_not_exist_holds_nothing_and_who_is_told_stops() {
    let tree = Tree::new();
    let gone = DiskUsageRequest { directories: vec![tree.0.join("gone").display().to_string()], ..Default::default() };
    assert_eq!(measured(&gone).bytes, 0);
    let failure = measure(&tree.request(), &AtomicBool::new(true)).expect_err("stopped");
    assert!(failure.to_string().contains("not wanted any more"), "{failure}");
}

/// Two directories a level, far deeper than paths and descriptors go: each level is made from the one above, by descriptor.
#[test]
fn a_tree_is_measured_that_is_deeper_than_paths_and_descriptors_go() {
    const DEPTH: usize = 3000;
    let tree = Tree::new();
    let mut at = open(CWD, &CString::new(tree.0.display().to_string()).expect("text")).expect("opened");
    for _ in 0..DEPTH {
        for name in [c"a", c"b", c"c"] {
            rustix::fs::mkdirat(&at, name, Mode::RWXU).expect("made");
        }
        at = open(at.as_fd(), c"b").expect("opened");
    }
    let usage = tree.measured();
    assert_eq!((usage.entries, usage.incomplete), (3 * DEPTH as u64 + 1, Some(false)));
    // The long chain alone, without forks, needs no way back at all.
    let chain = Tree::new();
    let mut at = open(CWD, &CString::new(chain.0.display().to_string()).expect("text")).expect("opened");
    for _ in 0..DEPTH {
        rustix::fs::mkdirat(&at, c"only", Mode::RWXU).expect("made");
        at = open(at.as_fd(), c"only").expect("opened");
    }
    assert_eq!(chain.measured().entries, DEPTH as u64 + 1);
}
