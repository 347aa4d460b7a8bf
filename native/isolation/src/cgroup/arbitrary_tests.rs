//! Files of the kernel that say something else than we know them to: never a panic, and of what is still whole nothing is lost.

use meseta_spec::{CgroupSettings, CgroupWorld, DeviceAccess, DeviceRule};

use super::tests::Tree;
use crate::chance::Chance;

const STALLS: &str = "some avg10=0.11 avg60=0.22 avg300=0.33 total=44\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n";

const V2_FILES: &[(&str, &str)] = &[
    ("cpu.stat", "usage_usec 100\nuser_usec 60\nsystem_usec 40\nnr_periods 3\nnr_throttled 1\nthrottled_usec 9\n"),
    ("cpu.pressure", STALLS),
    ("memory.current", "4096\n"),
    ("memory.max", "max\n"),
    ("memory.peak", "8192\n"),
    ("memory.stat", "anon 1\nfile 2\nfile_mapped 3\npgfault 4\npgmajfault 5\n"),
    ("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n"),
    ("memory.swap.current", "0\n"),
    ("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n8:16\n"),
    ("hugetlb.2MB.current", "2097152\n"),
    ("hugetlb.2MB.events", "max 7\n"),
    ("pids.current", "3\n"),
    ("pids.max", "max\n"),
    ("cgroup.procs", "1\n2\n"),
    ("cgroup.events", "populated 1\nfrozen 0\n"),
    ("cgroup.controllers", "cpu io memory\n"),
];

const V1_FILES: &[(&str, &str)] = &[
    ("cpu.stat", "nr_periods 3\nnr_throttled 1\nthrottled_time 9\n"),
    ("cpuacct.usage", "100\n"),
    ("cpuacct.usage_user", "60\n"),
    ("cpuacct.usage_sys", "40\n"),
    ("memory.usage_in_bytes", "4096\n"),
    ("memory.limit_in_bytes", "9223372036854771712\n"),
    ("memory.stat", "rss 1\ntotal_rss 1\ntotal_cache 2\ntotal_mapped_file 3\n"),
    ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
    ("blkio.throttle.io_service_bytes_recursive", "8:0 Read 1\n8:0 Write 2\n8:0 Total 3\nTotal 3\n"),
    ("devices.list", "a *:* rwm\nc 1:3 rwm\nb *:* m\n"),
    ("pids.current", "3\n"),
    ("cgroup.procs", "1\n2\n"),
];

const CONTROLLERS: &[&str] = &["cpu", "cpuacct", "memory", "pids", "blkio", "hugetlb", "devices", "freezer"];

fn write_damaged(tree: &Tree, world: CgroupWorld, chance: &mut Chance) {
    let (files, places): (_, &[&str]) = if world == CgroupWorld::CgroupV2 { (V2_FILES, &[""]) } else { (V1_FILES, CONTROLLERS) };
    for (name, text) in files {
        let bytes = if chance.below(3) == 0 { text.as_bytes().to_vec() } else { chance.damaged(text.as_bytes()) };
        for place in places {
            let path = tree.0.join(place).join("mesos/c1").join(name);
            std::fs::create_dir_all(path.parent().expect("below the tree")).expect("made");
            std::fs::write(path, &bytes).expect("written");
        }
    }
}

#[test]
fn statistics_are_told_from_whatever_the_files_say() {
    for world in [CgroupWorld::CgroupV1, CgroupWorld::CgroupV2] {
        let tree = Tree::new();
        for seed in 0..300 {
            write_damaged(&tree, world, &mut Chance::from(seed));
            let cgroup = tree.cgroup(world, CONTROLLERS);
            assert_eq!(cgroup.statistics(seed).timestamp_ms, seed);
            // What they say is read as it stands; that they come back is what counts.
            drop((cgroup.members(), cgroup.children(), cgroup.oom_kills(), cgroup.pressure()));
        }
    }
}

#[test]
fn a_list_of_devices_that_cannot_be_understood_does_not_open_more() {
    let rules = vec![DeviceRule { allow: true, kind: "c".to_owned(), major: Some(1), minor: Some(3), access: "rwm".to_owned() }];
    let settings = CgroupSettings { devices: Some(DeviceAccess { rules }), ..Default::default() };
    for seed in 0..200 {
        let tree = Tree::new();
        tree.file("devices/mesos/c1/devices.allow", "");
        tree.file("devices/mesos/c1/devices.deny", "");
        let listed = Chance::from(seed).damaged(b"a *:* rwm\nc 1:3 rwm\n");
        tree.file("devices/mesos/c1/devices.list", &String::from_utf8_lossy(&listed));
        // Either is fine but one thing: everything at once.
        let _ = tree.cgroup(CgroupWorld::CgroupV1, &["devices"]).apply(&settings, true);
        assert!(!tree.read("devices/mesos/c1/devices.allow").contains('a'), "seed {seed}");
    }
}
