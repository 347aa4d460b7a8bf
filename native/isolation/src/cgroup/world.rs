//! Where this host has its control groups: what `src/host` finds for an agent, for programs that have none.

use std::{fs, path::Path};

use meseta_spec::{CgroupHierarchy, CgroupWorld};

use crate::failure::{Result, Step};

/// v1 wins where it has a controller: a v2 tree beside it has what it leaves over (hybrid).
pub fn find() -> Result<(CgroupWorld, Vec<CgroupHierarchy>)> {
    const FILE: &str = "/proc/self/mountinfo";
    let table = fs::read_to_string(FILE).step_at("read", FILE)?;
    Ok(judge(&table, |mount_point| fs::read_to_string(Path::new(mount_point).join("cgroup.controllers")).unwrap_or_default()))
}

fn judge(table: &str, controllers_of_tree: impl Fn(&str) -> String) -> (CgroupWorld, Vec<CgroupHierarchy>) {
    let mounts: Vec<Mount<'_>> = table.lines().filter_map(Mount::of).collect();
    let mut hierarchies: Vec<CgroupHierarchy> = Vec::new();
    for mount in mounts.iter().filter(|mount| mount.kind == "cgroup") {
        let controllers = mount.controllers();
        // Mounted twice, it is used where it was mounted first.
        if !controllers.is_empty() && hierarchies.iter().all(|known| known.controllers != controllers) {
            let mount_point = mount.point.to_owned();
            hierarchies.push(CgroupHierarchy { mount_point, controllers, unified: Some(false) });
        }
    }
    let tree = mounts.iter().find(|mount| mount.kind == "cgroup2");
    let world = match (hierarchies.is_empty(), tree.is_some()) {
        (false, true) => CgroupWorld::CgroupHybrid,
        (false, false) => CgroupWorld::CgroupV1,
        (true, true) => CgroupWorld::CgroupV2,
        (true, false) => CgroupWorld::CgroupNone,
    };
    if let Some(tree) = tree {
        let controllers = left_over(&controllers_of_tree(tree.point), &hierarchies);
        hierarchies.push(CgroupHierarchy { mount_point: tree.point.to_owned(), controllers, unified: Some(true) });
    }
    (world, hierarchies)
}

fn left_over(own: &str, v1: &[CgroupHierarchy]) -> Vec<String> {
    let on_v1 = |name: &str| v1.iter().any(|hierarchy| hierarchy.controllers.iter().any(|known| known == name));
    let own = own.split_ascii_whitespace().map(|name| if name == "io" { "blkio" } else { name });
    let all = own.chain(PART_OF_EVERY_V2.iter().copied());
    // Usage of cpus stands in the files of the cpu controller.
    all.filter(|name| !on_v1(name) && (*name != "cpuacct" || !on_v1("cpu"))).map(str::to_owned).collect()
}

/// Part of every v2 cgroup, or of what the kernel can attach to one; v1 has a controller for each.
const PART_OF_EVERY_V2: &[&str] = &["freezer", "cpuacct", "devices", "perf_event"];

struct Mount<'a> {
    point: &'a str,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    /// `id parent device root point options [tags] - kind source super-options`.
    fn of(line: &'a str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let mut before = before.split(' ').skip(4);
        let point = before.next()?;
        let mut after = after.split(' ');
        let (kind, _, options) = (after.next()?, after.next()?, after.next()?);
        Some(Mount { point, kind, options })
    }

    /// Named hierarchies of v1, which have no controller, are known by `name=…`.
    fn controllers(&self) -> Vec<String> {
        const NOT_CONTROLLERS: &[&str] = &["rw", "ro", "xattr", "noprefix", "clone_children", "favordynmods", "cpuset_v2_mode"];
        let words = self.options.split(',').filter(|word| !NOT_CONTROLLERS.contains(word) && !word.starts_with("release_agent="));
        words.map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "30 25 0:26 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
        31 25 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n\
        33 25 0:26 / /srv/again rw - cgroup cgroup rw,cpu,cpuacct\n";
    const V2: &str = "32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

    #[test]
    fn the_three_worlds_are_told_apart() {
        let controllers = |_: &str| "cpu io".to_owned();
        let (world, hierarchies) = judge(V1, controllers);
        assert_eq!(world, CgroupWorld::CgroupV1);
        assert_eq!(hierarchies.len(), 2);
        assert_eq!(hierarchies[0].controllers, ["cpu", "cpuacct"]);
        let (world, hierarchies) = judge(&format!("{V1}{V2}"), controllers);
        assert_eq!(world, CgroupWorld::CgroupHybrid);
        assert_eq!(hierarchies[2].controllers, ["blkio", "freezer", "devices", "perf_event"]);
        let (world, hierarchies) = judge(V2, controllers);
        assert_eq!(world, CgroupWorld::CgroupV2);
        assert_eq!(hierarchies[0].controllers, ["cpu", "blkio", "freezer", "cpuacct", "devices", "perf_event"]);
        assert_eq!(judge("", controllers).0, CgroupWorld::CgroupNone);
    }
}
