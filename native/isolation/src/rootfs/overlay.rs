//! Layers over one another. Changes go to the container's directory of changes, and go with it.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
};

use meseta_spec::Root;
use rustix::{
    fs::{self, CWD, Mode, OFlags},
    mount::{MountAttrFlags, MountFlags, mount as mount_by_name},
};

use super::{STEP, Tree, make_directory};
use crate::{
    failure::{Result, Step},
    idmap::Ids,
    mount::detached::new_filesystem,
    remove_tree::remove_tree,
};

/// What one `fsconfig` takes as the value of an option, its end included.
const LONGEST_OPTION: usize = 256;

pub fn mount(plan: &Root, ids: Option<&Ids<'_>>) -> Result<Tree> {
    make_directory("upper")?;
    make_directory("work")?;
    let layers = layers(plan, ids)?;
    let list = layers.iter().map(|layer| escaped(layer)).collect::<Vec<_>>().join(":");
    let mounted = if fits_an_option(&list) { detached(&list) } else { by_name(&layers) };
    mounted.map_err(|failure| failure.at(&plan.directory))
}

/// Until Linux 6.5 overlay took its options as one list, and `fsconfig` refuses what would part it.
fn fits_an_option(list: &str) -> bool {
    list.len() < LONGEST_OPTION && !list.contains(',')
}

/// Topmost first.
fn layers(plan: &Root, ids: Option<&Ids<'_>>) -> Result<Vec<String>> {
    let all = [&plan.directory].into_iter().chain(&plan.lower);
    match ids {
        None => Ok(all.cloned().collect()),
        Some(ids) => {
            take_after(&plan.directory, ids)?;
            all.enumerate().map(|(index, directory)| ids.layer(index, directory)).collect()
        }
    }
}

/// The directory of changes is what the container sees as its `/`, so it belongs to whom the image's belongs.
fn take_after(directory: &str, ids: &Ids<'_>) -> Result<()> {
    const STEP: &str = "make the directory";
    let stat = fs::stat(directory).step_at(STEP, "upper")?;
    let upper =
        fs::openat(CWD, "upper", OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, "upper")?;
    ids.give(&upper, stat.st_uid, stat.st_gid).step_at(STEP, "upper")
}

/// Whether one can be had with its changes below a directory: tried out, since it depends on the kernel, its modules and the file system at once. The mount
/// is attached nowhere and ends here.
pub fn works(directory: &Path) -> bool {
    let place = directory.join(format!(".overlay-{}", std::process::id()));
    let [lower, upper, work] = ["lower", "upper", "work"].map(|name| place.join(name));
    let made = [&lower, &upper, &work].iter().all(|path| std::fs::create_dir_all(path).is_ok());
    let texts = [&lower, &upper, &work].map(|path| path.to_string_lossy());
    let mounted = made && overlay(&escaped(&texts[0]), &texts[1], &texts[2]).is_ok();
    // The overlay has left directories of its own there. What stays is found by whoever looks into the directory, and does no harm.
    let _ = remove_tree(&place);
    mounted
}

/// Changes and work are named relative to their directory, so that a container does not learn where that is.
fn detached(layers: &str) -> Result<Tree> {
    overlay(layers, "upper", "work").map(Tree::Detached)
}

/// Of layers that are open, with its changes below a directory that holds what it needs; attached nowhere. A container sees numbers, and not where they are.
/// `None`: they are too many for one option.
pub fn detached_in(directory: impl AsFd, layers: &[OwnedFd]) -> Result<Option<OwnedFd>> {
    let here = descriptor_path(directory.as_fd());
    let list = named_by_descriptor(layers);
    let mount = || overlay(&list, &format!("{here}/upper"), &format!("{here}/work"));
    fits_an_option(&list).then(mount).transpose()
}

fn named_by_descriptor(layers: &[OwnedFd]) -> String {
    layers.iter().map(|layer| descriptor_path(layer.as_fd())).collect::<Vec<_>>().join(":")
}

fn overlay(layers: &str, upper: &str, work: &str) -> Result<OwnedFd> {
    let options = [
        ("lowerdir", Some(layers)),
        ("upperdir", Some(upper)),
        ("workdir", Some(work)),
        // What is thrown away need not outlive a crash: without this the end of each container writes all that the disk has pending.
        ("volatile", None),
        ("metacopy", Some("off")),
        // Else whoever still holds a file of a container that is gone keeps the next one from its directory of work.
        ("index", Some("off")),
    ];
    new_filesystem("overlay", &options, MountAttrFlags::empty())
}

/// A list that is too long for one option still fits into the page that the older call takes. Layers are named by descriptor there, so that there may be
/// many of them wherever they are.
fn by_name(layers: &[String]) -> Result<Tree> {
    let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut handles = Vec::new();
    for layer in layers {
        handles.push(fs::open(layer, directory, Mode::empty()).step_at(STEP, layer)?);
    }
    let list = named_by_descriptor(&handles);
    let options = format!("lowerdir={list},upperdir=upper,workdir=work,volatile,metacopy=off,index=off");
    make_directory("root")?;
    let options = std::ffi::CString::new(options).map_err(std::io::Error::from).step(STEP)?;
    mount_by_name("overlay", "root", "overlay", MountFlags::empty(), options.as_c_str()).step(STEP)?;
    fs::openat(CWD, "root", directory, Mode::empty()).step(STEP).map(Tree::Attached)
}

fn descriptor_path(handle: BorrowedFd<'_>) -> String {
    format!("/proc/self/fd/{}", handle.as_raw_fd())
}

/// In a list of lower layers `:` separates and `\` escapes.
fn escaped(directory: &str) -> String {
    directory.replace('\\', "\\\\").replace(':', "\\:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_listed_topmost_first_and_their_names_are_escaped() {
        let plan = Root { directory: "/a".to_owned(), lower: vec!["/b".to_owned(), "/c".to_owned()], ..Default::default() };
        assert_eq!(layers(&plan, None).expect("listed"), ["/a", "/b", "/c"]);
        assert_eq!(escaped("/a:b\\c"), "/a\\:b\\\\c");
    }
}
