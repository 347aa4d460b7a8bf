//! Where this host has its control groups. v1 wins where it has a controller: a v2 tree beside it has what v1 leaves over, since the kernel gives each
//! controller to one of the two (rows 6-054, 9-061).

use std::{fs, path::Path};

use meseta_spec::{CgroupHierarchy, CgroupWorld};

use crate::{
    failure::{Result, Step},
    mount_table::{self, Line},
};

#[derive(Debug, Clone, PartialEq)]
pub struct World {
    pub kind: CgroupWorld,
    pub hierarchies: Vec<CgroupHierarchy>,
    /// Hierarchies of v1 without a controller (`name=systemd`), in the form of the others.
    pub named: Vec<CgroupHierarchy>,
}

/// `base`: as which cgroup of the v2 tree its controllers are judged, relative to its root.
pub fn find(base: &str) -> Result<World> {
    const FILE: &str = "/proc/self/mountinfo";
    let table = fs::read(FILE).step_at("read", FILE)?;
    Ok(judge(&table, |mount_point| {
        let file = Path::new(mount_point).join(base.trim_start_matches('/')).join("cgroup.controllers");
        fs::read_to_string(file).unwrap_or_default()
    }))
}

pub(crate) fn judge(table: &[u8], controllers_of_tree: impl Fn(&str) -> String) -> World {
    let mut world = World { kind: CgroupWorld::CgroupNone, hierarchies: Vec::new(), named: Vec::new() };
    let mut tree = None;
    for mount in mount_table::lines(table) {
        match mount.kind.as_str() {
            "cgroup" => add_v1(&mut world, &mount),
            "cgroup2" => tree = tree.or(Some(mount.point)),
            _ => {}
        }
    }
    world.kind = match (world.hierarchies.is_empty(), tree.is_some()) {
        (false, true) => CgroupWorld::CgroupHybrid,
        (false, false) => CgroupWorld::CgroupV1,
        (true, true) => CgroupWorld::CgroupV2,
        (true, false) => CgroupWorld::CgroupNone,
    };
    if let Some(mount_point) = tree {
        let controllers = left_over(&controllers_of_tree(&mount_point), &world.hierarchies);
        world.hierarchies.push(CgroupHierarchy { mount_point, controllers, unified: Some(true) });
    }
    world
}

/// Mounted twice, it is used where it was mounted first.
fn add_v1(world: &mut World, mount: &Line) {
    let controllers: Vec<String> = mount.options.iter().filter(|word| is_controller(word)).cloned().collect();
    let list = if controllers.iter().any(|name| name.starts_with("name=")) { &mut world.named } else { &mut world.hierarchies };
    if !controllers.is_empty() && list.iter().all(|known| known.controllers != controllers) {
        list.push(CgroupHierarchy { mount_point: mount.point.clone(), controllers, unified: Some(false) });
    }
}

/// What stands among the options of a v1 mount and is none: flags, and settings other than the name.
fn is_controller(word: &str) -> bool {
    const FLAGS: &[&str] = &["rw", "ro", "xattr", "noprefix", "clone_children", "favordynmods", "cpuset_v2_mode"];
    !FLAGS.contains(&word) && (!word.contains('=') || word.starts_with("name="))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(point: &str, kind: &str, options: &str) -> String {
        format!("36 35 0:30 / {point} rw,relatime shared:1 - {kind} cgroup {options}\n")
    }

    /// Mount point and controllers of each.
    fn told(hierarchies: &[CgroupHierarchy]) -> Vec<(&str, String)> {
        hierarchies.iter().map(|found| (found.mount_point.as_str(), found.controllers.join(" "))).collect()
    }

    #[test]
    fn v1_has_a_hierarchy_for_each_mount_and_one_without_controllers_is_told_apart() {
        let table = [
            line("/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"),
            line("/sys/fs/cgroup/memory", "cgroup", "rw,xattr,release_agent=/bin/true,memory"),
            line("/sys/fs/cgroup/systemd", "cgroup", "rw,xattr,name=systemd"),
            line("/tmp/again", "cgroup", "rw,memory"),
            "40 35 8:1 / / rw - ext4 /dev/vda rw\n".to_owned(),
        ];
        let world = judge(table.concat().as_bytes(), |_| String::new());
        assert_eq!(world.kind, CgroupWorld::CgroupV1);
        let cpu = ("/sys/fs/cgroup/cpu,cpuacct", "cpu cpuacct".to_owned());
        assert_eq!(told(&world.hierarchies), [cpu, ("/sys/fs/cgroup/memory", "memory".to_owned())]);
        assert_eq!(told(&world.named), [("/sys/fs/cgroup/systemd", "name=systemd".to_owned())]);
        assert!(world.hierarchies.iter().all(|found| found.unified == Some(false)));
    }

    #[test]
    fn on_hybrid_hosts_the_v2_tree_has_what_v1_leaves_over() {
        let v1 = ["cpu", "devices", "freezer"].map(|name| line(&format!("/sys/fs/cgroup/{name}"), "cgroup", name));
        let table = v1.concat() + &line("/sys/fs/cgroup/unified", "cgroup2", "rw");
        let world = judge(table.as_bytes(), |_| "hugetlb\n".to_owned());
        assert_eq!(world.kind, CgroupWorld::CgroupHybrid);
        assert_eq!(told(&world.hierarchies)[3], ("/sys/fs/cgroup/unified", "hugetlb perf_event".to_owned()));
        assert_eq!(world.hierarchies[3].unified, Some(true));
    }

    #[test]
    fn v2_is_one_tree_in_the_names_of_plans_also_beside_the_named_hierarchy_of_systemd() {
        let table = line("/sys/fs/cgroup/systemd", "cgroup", "rw,name=systemd") + &line("/sys/fs/cgroup", "cgroup2", "rw");
        let world = judge(table.as_bytes(), |_| "cpu io memory".to_owned());
        assert_eq!(world.kind, CgroupWorld::CgroupV2);
        let controllers = "cpu blkio memory freezer cpuacct devices perf_event".to_owned();
        assert_eq!(told(&world.hierarchies), [("/sys/fs/cgroup", controllers)]);
    }

    #[test]
    fn a_host_without_cgroups_and_a_mount_point_with_a_blank() {
        let none = judge(b"", |_| String::new());
        assert_eq!((none.kind, none.hierarchies), (CgroupWorld::CgroupNone, Vec::new()));
        let world = judge(line(r"/odd\040place", "cgroup", "rw,cpu").as_bytes(), |_| String::new());
        assert_eq!(world.hierarchies[0].mount_point, "/odd place");
    }
}
