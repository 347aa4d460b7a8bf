//! Paths inside a container are the container's to choose, so they are resolved by descriptor and never leave its root (S15 to S25).

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Component, Path},
};

use rustix::{
    fs::{self, Mode, OFlags, ResolveFlags},
    io::Errno,
};

/// What is missing at the end of a mount target is made in the likeness of its source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Directory,
    File,
}

/// How far symbolic links may lead.
#[derive(Clone, Copy)]
pub enum Links {
    /// Anywhere inside the root; `..` and absolute links stop at it.
    InRoot,
    /// Nowhere out of the directory that the walk starts from; leaving it is an error.
    Beneath,
    /// There must be none.
    Refused,
}

impl Links {
    fn flags(self) -> ResolveFlags {
        ResolveFlags::NO_MAGICLINKS
            | match self {
                Links::InRoot => ResolveFlags::IN_ROOT,
                Links::Beneath => ResolveFlags::BENEATH,
                Links::Refused => ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
            }
    }
}

/// A handle on `path` below `root`; `path` may be written as absolute.
pub fn open_below(root: impl AsFd, path: impl AsRef<Path>, links: Links) -> Result<OwnedFd, Errno> {
    let relative = relative(path.as_ref());
    for _ in 0..PATIENCE {
        match fs::openat2(&root, relative, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), links.flags()) {
            // Something was renamed while the kernel walked over a `..`, so it cannot tell where that led.
            Err(Errno::AGAIN | Errno::INTR) => {}
            found => return found,
        }
    }
    Err(Errno::AGAIN)
}

/// Who is renaming all the time to hold us up shall fail the start, not hang it.
const PATIENCE: usize = 1000;

/// As `open_below`; makes what is missing, one component after another, each relative to the handle of the one before.
pub fn make_below(root: impl AsFd, path: impl AsRef<Path>, links: Links, kind: Kind) -> Result<OwnedFd, Errno> {
    match open_below(root.as_fd(), path.as_ref(), links) {
        Err(Errno::NOENT) => make_each(root.as_fd(), relative(path.as_ref()), links, kind),
        found => found,
    }
}

fn make_each(root: BorrowedFd<'_>, path: &Path, links: Links, kind: Kind) -> Result<OwnedFd, Errno> {
    let components: Vec<_> = path.components().collect();
    let mut walked = std::path::PathBuf::new();
    let mut at = open_below(root, ".", links)?;
    for (index, component) in components.iter().enumerate() {
        let Component::Normal(name) = component else { return Err(Errno::INVAL) };
        walked.push(name);
        let last = index + 1 == components.len();
        at = match open_below(root, &walked, links) {
            Err(Errno::NOENT) => {
                make_one(&at, name.as_ref(), if last { kind } else { Kind::Directory })?;
                // What we have just made is opened without following anything. A link that leads nowhere is a target itself, as a file; below it there is
                // nothing, so it is an error on the way.
                fs::openat2(
                    &at,
                    *name,
                    OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW,
                    Mode::empty(),
                    ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
                )?
            }
            found => found?,
        };
    }
    Ok(at)
}

fn make_one(at: &OwnedFd, name: &Path, kind: Kind) -> Result<(), Errno> {
    let made = match kind {
        Kind::Directory => fs::mkdirat(at, name, Mode::from_raw_mode(0o755)),
        Kind::File => {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            fs::openat(at, name, flags, Mode::from_raw_mode(0o644)).map(drop)
        }
    };
    match made {
        Err(Errno::EXIST) => Ok(()),
        other => other,
    }
}

/// openat2 takes an absolute path to mean the root of the walk only with IN_ROOT, so the leading slash goes.
fn relative(path: &Path) -> &Path {
    let path = path.strip_prefix("/").unwrap_or(path);
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

#[cfg(test)]
mod tests {
    use std::{fs as std_fs, os::unix::fs::symlink, path::PathBuf};

    use super::*;

    struct Root(PathBuf);

    impl Root {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("meseta-resolve-{}-{name}", std::process::id()));
            std_fs::create_dir_all(path.join("root")).expect("made");
            Root(path)
        }

        fn open(&self) -> OwnedFd {
            fs::open(self.0.join("root"), OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).expect("opened")
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            let _ = std_fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_link_out_of_the_root_leads_back_into_it() {
        let root = Root::new("link");
        std_fs::create_dir(root.0.join("outside")).expect("made");
        symlink("../../outside", root.0.join("root/way")).expect("linked");
        make_below(root.open(), "/way/new", Links::InRoot, Kind::Directory).expect_err("the link dangles inside the root");
        assert!(!root.0.join("outside/new").exists());
        symlink("/", root.0.join("root/top")).expect("linked");
        make_below(root.open(), "/top/made", Links::InRoot, Kind::Directory).expect("made inside");
        assert!(root.0.join("root/made").is_dir());
    }

    #[test]
    fn beneath_and_refused_links_are_errors() {
        let root = Root::new("beneath");
        symlink("/etc", root.0.join("root/etc")).expect("linked");
        assert!(make_below(root.open(), "etc/x", Links::Beneath, Kind::File).is_err());
        std_fs::create_dir(root.0.join("root/real")).expect("made");
        symlink("real", root.0.join("root/alias")).expect("linked");
        assert!(open_below(root.open(), "alias", Links::Beneath).is_ok());
        assert_eq!(open_below(root.open(), "alias", Links::Refused).expect_err("refused"), Errno::LOOP);
    }

    #[test]
    fn what_is_missing_is_made_in_the_likeness_of_the_source() {
        let root = Root::new("make");
        make_below(root.open(), "/a/b/file", Links::InRoot, Kind::File).expect("made");
        make_below(root.open(), "/a/b/directory", Links::InRoot, Kind::Directory).expect("made");
        assert!(root.0.join("root/a/b/file").is_file());
        assert!(root.0.join("root/a/b/directory").is_dir());
        assert!(make_below(root.open(), "/a/../../x", Links::Beneath, Kind::File).is_err());
    }
}
