//! The words of a mount's `options`: attributes of the mount, its propagation, flags of its file system, and what only the file system knows.

use meseta_spec::Propagation;

/// What the options of one mount come to.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Options {
    pub bind: bool,
    /// Of a bind: with all that is mounted below.
    pub recursive: bool,
    /// MOUNT_ATTR_* of the mount itself.
    pub set: u64,
    pub clear: u64,
    /// And of all below it.
    pub set_below: u64,
    pub clear_below: u64,
    pub propagation: Option<Propagation>,
    pub copy_up: bool,
    pub id_mapped: bool,
    /// `key=value` or a lone `key` for the file system.
    pub data: Vec<String>,
}

const ATIME: u64 = libc::MOUNT_ATTR__ATIME;

/// Word, what it sets, what it clears. With an `r` in front it means everything below, too.
const ATTRIBUTES: &[(&str, u64, u64)] = &[
    ("ro", libc::MOUNT_ATTR_RDONLY, 0),
    ("rw", 0, libc::MOUNT_ATTR_RDONLY),
    ("nosuid", libc::MOUNT_ATTR_NOSUID, 0),
    ("suid", 0, libc::MOUNT_ATTR_NOSUID),
    ("nodev", libc::MOUNT_ATTR_NODEV, 0),
    ("dev", 0, libc::MOUNT_ATTR_NODEV),
    ("noexec", libc::MOUNT_ATTR_NOEXEC, 0),
    ("exec", 0, libc::MOUNT_ATTR_NOEXEC),
    ("nosymfollow", libc::MOUNT_ATTR_NOSYMFOLLOW, 0),
    ("symfollow", 0, libc::MOUNT_ATTR_NOSYMFOLLOW),
    ("nodiratime", libc::MOUNT_ATTR_NODIRATIME, 0),
    ("diratime", 0, libc::MOUNT_ATTR_NODIRATIME),
    ("noatime", libc::MOUNT_ATTR_NOATIME, ATIME),
    ("atime", libc::MOUNT_ATTR_RELATIME, ATIME),
    ("relatime", libc::MOUNT_ATTR_RELATIME, ATIME),
    ("norelatime", libc::MOUNT_ATTR_RELATIME, ATIME),
    ("strictatime", libc::MOUNT_ATTR_STRICTATIME, ATIME),
    ("nostrictatime", libc::MOUNT_ATTR_RELATIME, ATIME),
];

/// Mean the kernel's default, or nothing to today's kernels.
const WITHOUT_EFFECT: &[&str] = &[
    "defaults",
    "async",
    "loud",
    "silent",
    "nomand",
    "mand",
    "noiversion",
    "iversion",
    "nolazytime",
    "acl",
    "noacl",
    "nofail",
    "remount",
];

/// Flags of a whole file system; one that is bound has them already.
const OF_FILESYSTEM: &[&str] = &["sync", "dirsync", "lazytime"];

pub fn parse(words: &[String]) -> Options {
    let mut options = Options::default();
    words.iter().for_each(|word| take(&mut options, word));
    options
}

fn take(options: &mut Options, word: &str) {
    match word {
        "bind" => options.bind = true,
        "rbind" => (options.bind, options.recursive) = (true, true),
        "tmpcopyup" => options.copy_up = true,
        "idmap" | "ridmap" => options.id_mapped = true,
        _ if take_attribute(options, word) || WITHOUT_EFFECT.contains(&word) => {}
        _ => match propagation(word) {
            Some((kind, _)) => options.propagation = Some(kind),
            None => options.data.push(word.to_owned()),
        },
    }
}

/// Of words that contradict each other, the last wins.
fn take_attribute(options: &mut Options, word: &str) -> bool {
    if let Some((set, clear)) = attribute(word) {
        options.set = options.set & !clear | set;
        options.clear = options.clear & !set | clear;
        return true;
    }
    // `relatime`, which is found above, is not `elatime` for all below.
    let Some((set, clear)) = word.strip_prefix('r').and_then(attribute) else { return false };
    options.set_below = options.set_below & !clear | set;
    options.clear_below = options.clear_below & !set | clear;
    true
}

fn attribute(word: &str) -> Option<(u64, u64)> {
    ATTRIBUTES.iter().find(|(name, ..)| *name == word).map(|&(_, set, clear)| (set, clear))
}

/// And whether it holds for all below.
pub fn propagation(word: &str) -> Option<(Propagation, bool)> {
    Some(match word {
        "private" => (Propagation::Private, false),
        "rprivate" => (Propagation::Private, true),
        "slave" => (Propagation::HostToContainer, false),
        "rslave" => (Propagation::HostToContainer, true),
        "shared" => (Propagation::Bidirectional, false),
        "rshared" => (Propagation::Bidirectional, true),
        "unbindable" => (Propagation::Unbindable, false),
        "runbindable" => (Propagation::Unbindable, true),
        _ => return None,
    })
}

/// Every word that means something to us, for `features`.
pub fn known() -> Vec<String> {
    let attributes = ATTRIBUTES.iter().flat_map(|(name, ..)| [(*name).to_owned(), format!("r{name}")]);
    let propagations =
        ["private", "slave", "shared", "unbindable"].iter().flat_map(|name| [(*name).to_owned(), format!("r{name}")]);
    let others = ["bind", "rbind", "tmpcopyup", "idmap", "ridmap"].iter().chain(WITHOUT_EFFECT).chain(OF_FILESYSTEM);
    let mut all: Vec<String> = attributes.chain(propagations).chain(others.map(|name| (*name).to_owned())).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Options {
        parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_last_of_two_that_contradict_wins() {
        let options = of(&["ro", "rw", "nosuid"]);
        assert_eq!((options.set, options.clear), (libc::MOUNT_ATTR_NOSUID, libc::MOUNT_ATTR_RDONLY));
        let options = of(&["noatime", "strictatime"]);
        assert_eq!((options.set, options.clear & ATIME), (libc::MOUNT_ATTR_STRICTATIME, ATIME));
    }

    #[test]
    fn a_leading_r_means_all_below() {
        let options = of(&["rbind", "rro", "rshared", "relatime"]);
        assert!(options.bind && options.recursive);
        assert_eq!((options.set, options.set_below), (libc::MOUNT_ATTR_RELATIME, libc::MOUNT_ATTR_RDONLY));
        assert_eq!(options.propagation, Some(Propagation::Bidirectional));
    }

    #[test]
    fn what_is_not_known_is_the_file_systems() {
        assert_eq!(of(&["newinstance", "mode=0620", "sync"]).data, ["newinstance", "mode=0620", "sync"]);
    }
}
