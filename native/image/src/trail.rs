//! Directories of one layer, looked up one path after the other. Of sorted paths each opens only what the one before it has not.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

use crate::{parents::open_directory, whiteout};

/// Descriptors that are kept open.
const DEEPEST: usize = 64;

pub struct Trail {
    root: Step,
    /// Below it, by name.
    steps: Vec<(Vec<u8>, Step)>,
}

enum Step {
    Directory { directory: OwnedFd, opaque: bool },
    Nothing,
    Hidden,
}

pub enum Found<'a> {
    Directory(BorrowedFd<'a>),
    /// And layers below count.
    Nothing,
    /// Whatever is below is hidden.
    Hidden,
}

impl Trail {
    pub fn of(root: OwnedFd) -> Self {
        Trail { root: Step::at(root, false), steps: Vec::new() }
    }

    /// Of a cleaned path. Never through a link: where a layer has one, there is no directory of this path for those above to be merged with.
    pub fn follow(&mut self, path: &[u8]) -> Result<Found<'_>, Errno> {
        let mut names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).peekable();
        let mut known = 0;
        while self.steps.get(known).is_some_and(|(name, _)| names.peek() == Some(&&name[..])) {
            known += 1;
            names.next();
        }
        self.steps.truncate(known);
        for name in names {
            let step = self.last().enter(name)?;
            let kept = self.steps.len() < DEEPEST;
            if !kept {
                self.steps.pop();
            }
            // What has no name here is not found by the next path, which is only slower.
            self.steps.push((if kept { name.to_vec() } else { Vec::new() }, step));
        }
        Ok(self.last().found())
    }

    fn last(&self) -> &Step {
        self.steps.last().map_or(&self.root, |(_, step)| step)
    }
}

impl Step {
    fn at(directory: OwnedFd, below_opaque: bool) -> Self {
        let opaque = below_opaque || whiteout::is_opaque(&directory);
        Step::Directory { directory, opaque }
    }

    fn enter(&self, name: &[u8]) -> Result<Step, Errno> {
        let (directory, opaque) = match self {
            Step::Directory { directory, opaque } => (directory, *opaque),
            Step::Nothing => return Ok(Step::Nothing),
            Step::Hidden => return Ok(Step::Hidden),
        };
        match open_directory(directory, name) {
            Ok(found) => Ok(Step::at(found, opaque)),
            Err(Errno::NOENT) if !opaque => Ok(Step::Nothing),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(Step::Hidden),
            Err(errno) => Err(errno),
        }
    }

    fn found(&self) -> Found<'_> {
        match self {
            Step::Directory { directory, .. } => Found::Directory(directory.as_fd()),
            Step::Nothing => Found::Nothing,
            Step::Hidden => Found::Hidden,
        }
    }
}
