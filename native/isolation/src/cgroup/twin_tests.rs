//! Each controller on both versions: what is written where, what is read from where, and what only one of them has.

use meseta_spec::{
    BlkioDevice, BlkioDeviceStatistics, BlkioSettings, CgroupFile, CgroupSettings, CgroupWorld, CpuSettings, CpusetSettings,
    HugetlbLimit, MemorySettings, NetClsSettings,
};

use super::{Cgroup, Woken, tests::Tree};

/// A tree in which the container's files exist and are empty, as the kernel would have made them.
fn prepared(world: CgroupWorld, controller: &str, files: &[&str]) -> (Tree, Cgroup) {
    let tree = Tree::new();
    for file in files {
        tree.file(&at(world, controller, file), "");
    }
    let cgroup = tree.cgroup(world, &[controller]);
    (tree, cgroup)
}

fn at(world: CgroupWorld, controller: &str, file: &str) -> String {
    if world == CgroupWorld::CgroupV2 { format!("mesos/c1/{file}") } else { format!("{controller}/mesos/c1/{file}") }
}

const V1: CgroupWorld = CgroupWorld::CgroupV1;
const V2: CgroupWorld = CgroupWorld::CgroupV2;

fn cpu(settings: CpuSettings) -> CgroupSettings {
    CgroupSettings { cpu: Some(settings), ..Default::default() }
}

fn memory(settings: MemorySettings) -> CgroupSettings {
    CgroupSettings { memory: Some(settings), ..Default::default() }
}

fn refusal(world: CgroupWorld, controller: &str, settings: &CgroupSettings) -> String {
    prepared(world, controller, &[]).1.apply(settings, true).expect_err("refused").to_string()
}

#[test]
fn cpu_burst_and_idle() {
    let settings = cpu(CpuSettings { quota_us: Some(50_000), burst_us: Some(10_000), idle: Some(true), ..Default::default() });
    let (tree, cgroup) = prepared(V1, "cpu", &["cpu.cfs_quota_us", "cpu.cfs_burst_us", "cpu.idle"]);
    cgroup.apply(&settings, true).expect("applies");
    assert_eq!(tree.read(&at(V1, "cpu", "cpu.cfs_burst_us")), "10000");
    assert_eq!(tree.read(&at(V1, "cpu", "cpu.idle")), "1");
    let (tree, cgroup) = prepared(V2, "cpu", &["cpu.max", "cpu.max.burst", "cpu.idle"]);
    cgroup.apply(&settings, true).expect("applies");
    // Without a period the kernel keeps its own.
    assert_eq!(tree.read(&at(V2, "cpu", "cpu.max")), "50000");
    assert_eq!(tree.read(&at(V2, "cpu", "cpu.max.burst")), "10000");
}

#[test]
fn cpu_weight_is_of_v2_and_realtime_of_v1() {
    let (tree, cgroup) = prepared(V2, "cpu", &["cpu.weight"]);
    for (shares, weight) in [(2, "1"), (10, "1"), (40, "4"), (1024, "100"), (u64::MAX, "10000")] {
        tree.file(&at(V2, "cpu", "cpu.weight"), "");
        cgroup.apply(&cpu(CpuSettings { shares: Some(shares), ..Default::default() }), true).expect("applies");
        assert_eq!(tree.read(&at(V2, "cpu", "cpu.weight")), weight, "{shares} shares");
    }
    tree.file(&at(V2, "cpu", "cpu.weight"), "");
    cgroup.apply(&cpu(CpuSettings { shares: Some(2), weight: Some(77), ..Default::default() }), true).expect("applies");
    assert_eq!(tree.read(&at(V2, "cpu", "cpu.weight")), "77");
    let weight = cpu(CpuSettings { weight: Some(77), ..Default::default() });
    assert_eq!(refusal(V1, "cpu", &weight), "could not set cpu.weight: cgroup v1 has cpu.shares in its place");
    let realtime = cpu(CpuSettings { realtime_runtime_us: Some(1000), ..Default::default() });
    assert_eq!(refusal(V2, "cpu", &realtime), "could not set the realtime runtime: cgroup v2 has no such limit");
}

#[test]
fn a_period_alone_keeps_the_quota() {
    let (tree, cgroup) = prepared(V2, "cpu", &[]);
    let period = cpu(CpuSettings { period_us: Some(200_000), ..Default::default() });
    let absent = cgroup.apply(&period, true).expect_err("nothing to set it in").to_string();
    assert!(absent.contains("cpu.max: no such file"), "{absent}");
    tree.file(&at(V2, "cpu", "cpu.max"), "max 100000");
    cgroup.apply(&period, true).expect("applies");
    assert_eq!(tree.read(&at(V2, "cpu", "cpu.max")), "max 200000");
}

#[test]
fn memory_protection_and_groups_are_of_v2() {
    let names = ["memory.min", "memory.low", "memory.high", "memory.max", "memory.oom.group", "memory.swap.max"];
    let (tree, cgroup) = prepared(V2, "memory", &names);
    let settings = memory(MemorySettings {
        min_bytes: Some(1),
        soft_limit_bytes: Some(2),
        high_bytes: Some(-1),
        limit_bytes: Some(100),
        swap_limit_bytes: Some(150),
        oom_group: Some(true),
        ..Default::default()
    });
    cgroup.apply(&settings, true).expect("applies");
    let written = names.map(|name| tree.read(&at(V2, "memory", name)));
    // Swap alone is what is left of both together.
    assert_eq!(written, ["1", "2", "max", "100", "1", "50"]);
    let only_v2 = [
        MemorySettings { min_bytes: Some(1), ..Default::default() },
        MemorySettings { high_bytes: Some(1), ..Default::default() },
        MemorySettings { oom_group: Some(true), ..Default::default() },
    ];
    only_v2.into_iter().for_each(|settings| assert!(refusal(V1, "memory", &memory(settings)).contains("cgroup v1")));
}

#[test]
fn kernel_memory_swappiness_and_waiting_are_of_v1() {
    let names = ["memory.kmem.limit_in_bytes", "memory.kmem.tcp.limit_in_bytes", "memory.swappiness", "memory.oom_control"];
    let (tree, cgroup) = prepared(V1, "memory", &names);
    let settings = MemorySettings {
        kernel_limit_bytes: Some(1),
        kernel_tcp_limit_bytes: Some(2),
        swappiness: Some(30),
        disable_oom_killer: Some(true),
        ..Default::default()
    };
    cgroup.apply(&memory(settings), true).expect("applies");
    assert_eq!(names.map(|name| tree.read(&at(V1, "memory", name))), ["1", "2", "30", "1"]);
    let only_v1 = [
        MemorySettings { kernel_limit_bytes: Some(1), ..Default::default() },
        MemorySettings { swappiness: Some(1), ..Default::default() },
        MemorySettings { disable_oom_killer: Some(true), ..Default::default() },
    ];
    only_v1.into_iter().for_each(|settings| assert!(refusal(V2, "memory", &memory(settings)).contains("cgroup v2")));
}

#[test]
fn only_a_new_shortage_of_v2_is_news() {
    let (tree, cgroup) = prepared(V2, "memory", &["memory.stat"]);
    let events = |oom: u32| tree.file(&at(V2, "memory", "memory.events.local"), &format!("max 9\noom {oom}\noom_kill {oom}\n"));
    let mut told = 0;
    events(0);
    assert_eq!(cgroup.woken(&mut told), Woken::InVain);
    events(1);
    assert!(matches!(cgroup.woken(&mut told), Woken::OutOfMemory(_)));
    assert_eq!(cgroup.woken(&mut told), Woken::InVain);
    cgroup.remove().expect_err("files are in it here");
    std::fs::remove_dir_all(tree.0.join("mesos")).expect("removed");
    assert_eq!(cgroup.woken(&mut told), Woken::Gone);
}

#[test]
fn disks_by_weight_and_limit() {
    let device = BlkioDevice { major: 8, minor: 16, read_bytes: Some(100), write_operations: Some(0), ..Default::default() };
    let settings = BlkioSettings { weight: Some(505), devices: vec![device] };
    let settings = CgroupSettings { blkio: Some(settings), ..Default::default() };
    let names = ["blkio.weight", "blkio.throttle.read_bps_device", "blkio.throttle.write_iops_device"];
    let (tree, cgroup) = prepared(V1, "blkio", &names);
    cgroup.apply(&settings, true).expect("applies");
    assert_eq!(names.map(|name| tree.read(&at(V1, "blkio", name))), ["505", "8:16 100", "8:16 0"]);
    let (tree, cgroup) = prepared(V2, "blkio", &["io.weight", "io.max"]);
    cgroup.apply(&settings, true).expect("applies");
    assert_eq!(tree.read(&at(V2, "blkio", "io.weight")), "default 5000");
    assert_eq!(tree.read(&at(V2, "blkio", "io.max")), "8:16 rbps=100 wiops=max");
    tree.file(&at(V2, "blkio", "io.bfq.weight"), "");
    cgroup.apply(&settings, true).expect("applies");
    assert_eq!(tree.read(&at(V2, "blkio", "io.bfq.weight")), "default 505");
}

#[test]
fn disks_are_counted_alike() {
    let expected = BlkioDeviceStatistics {
        major: 8,
        minor: 0,
        read_bytes: Some(1),
        write_bytes: Some(2),
        discard_bytes: Some(5),
        read_operations: Some(3),
        write_operations: Some(4),
        discard_operations: Some(6),
    };
    let (tree, cgroup) = prepared(V1, "blkio", &[]);
    let bytes = "8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n8:0 Async 0\n8:0 Discard 5\n8:0 Total 3\nTotal 3\n";
    tree.file(&at(V1, "blkio", "blkio.throttle.io_service_bytes_recursive"), bytes);
    tree.file(&at(V1, "blkio", "blkio.throttle.io_serviced_recursive"), "8:0 Read 3\n8:0 Write 4\n8:0 Discard 6\nTotal 7\n");
    assert_eq!(cgroup.statistics(0).blkio.expect("counted").devices, [expected]);
    let (tree, cgroup) = prepared(V2, "blkio", &[]);
    tree.file(&at(V2, "blkio", "io.stat"), "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=1\n");
    assert_eq!(cgroup.statistics(0).blkio.expect("counted").devices, [expected]);
}

#[test]
fn huge_pages_with_and_without_reservations() {
    let limit = HugetlbLimit { page_size: "2MB".to_owned(), limit_bytes: 4 << 20 };
    let settings = CgroupSettings { hugetlb: vec![limit], ..Default::default() };
    let (tree, cgroup) = prepared(V1, "hugetlb", &["hugetlb.2MB.limit_in_bytes"]);
    cgroup.apply(&settings, true).expect("applies");
    assert_eq!(tree.read(&at(V1, "hugetlb", "hugetlb.2MB.limit_in_bytes")), "4194304");
    tree.file(&at(V1, "hugetlb", "hugetlb.2MB.usage_in_bytes"), "2097152\n");
    assert_eq!(cgroup.statistics(0).hugetlb[0].usage_bytes, Some(2 << 20));
    let (tree, cgroup) = prepared(V2, "hugetlb", &["hugetlb.2MB.max", "hugetlb.2MB.rsvd.max"]);
    cgroup.apply(&settings, true).expect("applies");
    assert_eq!(tree.read(&at(V2, "hugetlb", "hugetlb.2MB.rsvd.max")), "4194304");
    tree.file(&at(V2, "hugetlb", "hugetlb.2MB.events"), "max 3\n");
    let counted = cgroup.statistics(0).hugetlb;
    assert_eq!((counted.len(), counted[0].fail_count), (1, Some(3)));
}

#[test]
fn cpus_and_network_classes() {
    let chosen = CpusetSettings { cpus: Some("0-1".to_owned()), memory_nodes: Some("0".to_owned()) };
    let settings = CgroupSettings { cpuset: Some(chosen), ..Default::default() };
    for world in [V1, V2] {
        let (tree, cgroup) = prepared(world, "cpuset", &["cpuset.cpus", "cpuset.mems"]);
        cgroup.apply(&settings, true).expect("applies");
        assert_eq!(tree.read(&at(world, "cpuset", "cpuset.cpus")), "0-1");
    }
    let (tree, cgroup) = prepared(V1, "net_cls", &["net_cls.classid"]);
    let settings = CgroupSettings { net_cls: Some(NetClsSettings { class_id: 0x0012_0001 }), ..Default::default() };
    cgroup.apply(&settings, true).expect("applies");
    assert_eq!(tree.read(&at(V1, "net_cls", "net_cls.classid")), "1179649");
}

#[test]
fn an_empty_cpuset_of_v1_gets_what_its_parent_has() {
    let tree = Tree::new();
    for (directory, text) in [("", "0-3\n"), ("mesos/", "\n"), ("mesos/c1/", "\n")] {
        tree.file(&format!("cpuset/{directory}cpuset.cpus"), text);
        tree.file(&format!("cpuset/{directory}cpuset.mems"), "0\n");
    }
    tree.cgroup(V1, &["cpuset"]).create().expect("inherits");
    assert_eq!(tree.read("cpuset/mesos/c1/cpuset.cpus"), "0-3");
}

#[test]
fn stall_times_of_the_v2_tree() {
    let (tree, cgroup) = prepared(V2, "cpu", &[]);
    assert_eq!(cgroup.statistics(0).pressure, None);
    let text = "some avg10=1.50 avg60=0.25 avg300=0.00 total=1234\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
    tree.file(&at(V2, "cpu", "memory.pressure"), text);
    let memory = cgroup.statistics(0).pressure.and_then(|pressure| pressure.memory).expect("told");
    let some = memory.some.expect("told");
    assert_eq!((some.avg10, some.avg60, some.total_us), (1.5, 0.25, 1234));
    assert_eq!(memory.full.map(|full| full.total_us), Some(7));
}

#[test]
fn files_of_v2_by_name_stay_in_the_containers_directory() {
    let file = |name: &str| CgroupSettings {
        unified: vec![CgroupFile { name: name.to_owned(), value: "1".to_owned() }],
        ..Default::default()
    };
    let (tree, cgroup) = prepared(V2, "memory", &["memory.zswap.max"]);
    cgroup.apply(&file("memory.zswap.max"), true).expect("writes");
    assert_eq!(tree.read(&at(V2, "memory", "memory.zswap.max")), "1");
    for name in ["../memory.max", "/etc/passwd.x", "..", "plain", ""] {
        assert!(cgroup.apply(&file(name), true).is_err(), "{name}");
    }
    assert!(refusal(V1, "memory", &file("memory.max")).contains("in no cgroup of version 2"));
}
