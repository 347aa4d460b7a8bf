//! The twins on temp trees that stand in for cgroup file systems.

use std::{fs, path::PathBuf, sync::atomic::AtomicU32, sync::atomic::Ordering};

use meseta_spec::{CgroupHierarchy, CgroupSettings, CgroupWorld, Cgroups, CpuSettings, MemorySettings, PidsSettings};

use super::Cgroup;

/// A directory that goes with the test.
pub struct Tree(pub PathBuf);

impl Tree {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("meseta-cgroup-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("temporary directory");
        Tree(path)
    }

    pub fn file(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("below the tree")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("there")
    }

    pub fn cgroup(&self, world: CgroupWorld, controllers: &[&str]) -> Cgroup {
        let names: Vec<String> = controllers.iter().map(|name| name.to_string()).collect();
        let hierarchies = match world {
            CgroupWorld::CgroupV2 => {
                vec![CgroupHierarchy { mount_point: self.0.display().to_string(), controllers: names.clone(), unified: None }]
            }
            _ => names
                .iter()
                .map(|name| CgroupHierarchy {
                    mount_point: self.0.join(name).display().to_string(),
                    controllers: vec![name.clone()],
                    unified: None,
                })
                .collect(),
        };
        Cgroup::resolve(&Cgroups {
            path: "mesos/c1".to_owned(),
            controllers: names,
            world: Some(world as i32),
            hierarchies,
            settings: None,
            root: Some("mesos".to_owned()),
        })
        .expect("resolves")
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn settings() -> CgroupSettings {
    CgroupSettings {
        cpu: Some(CpuSettings { shares: Some(512), quota_us: Some(50_000), period_us: Some(100_000), ..Default::default() }),
        memory: Some(MemorySettings { limit_bytes: Some(64 << 20), soft_limit_bytes: Some(32 << 20), ..Default::default() }),
        pids: Some(PidsSettings { max: Some(-1) }),
        ..Default::default()
    }
}

#[test]
fn v1_writes_each_limit_into_its_own_hierarchy() {
    let tree = Tree::new();
    for name in ["cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us"] {
        tree.file(&format!("cpu/mesos/c1/{name}"), "");
    }
    for name in ["memory.limit_in_bytes", "memory.soft_limit_in_bytes"] {
        tree.file(&format!("memory/mesos/c1/{name}"), "9223372036854771712");
    }
    tree.file("pids/mesos/c1/pids.max", "");
    let cgroup = tree.cgroup(CgroupWorld::CgroupHybrid, &["cpu", "memory", "pids"]);
    cgroup.create().expect("directories exist");
    cgroup.apply(&settings(), true).expect("applies");
    assert_eq!(tree.read("cpu/mesos/c1/cpu.shares"), "512");
    assert_eq!(tree.read("cpu/mesos/c1/cpu.cfs_quota_us"), "50000");
    assert_eq!(tree.read("pids/mesos/c1/pids.max"), "max");
    assert!(tree.read("memory/mesos/c1/memory.limit_in_bytes").starts_with("67108864"));
}

#[test]
fn v1_never_lowers_a_running_containers_memory_unless_told() {
    let tree = Tree::new();
    tree.file("memory/mesos/c1/memory.limit_in_bytes", "100000000");
    let cgroup = tree.cgroup(CgroupWorld::CgroupV1, &["memory"]);
    let memory = MemorySettings { limit_bytes: Some(50_000_000), ..Default::default() };
    cgroup.apply(&CgroupSettings { memory: Some(memory), ..Default::default() }, false).expect("skips");
    assert_eq!(tree.read("memory/mesos/c1/memory.limit_in_bytes"), "100000000");
    let raised = MemorySettings { limit_bytes: Some(200_000_000), ..Default::default() };
    cgroup.apply(&CgroupSettings { memory: Some(raised), ..Default::default() }, false).expect("raises");
    assert_eq!(tree.read("memory/mesos/c1/memory.limit_in_bytes"), "200000000");
    let lowered = MemorySettings { limit_bytes: Some(150_000_000), lower: Some(true), ..Default::default() };
    cgroup.apply(&CgroupSettings { memory: Some(lowered), ..Default::default() }, false).expect("lowers");
    assert_eq!(tree.read("memory/mesos/c1/memory.limit_in_bytes"), "150000000");
}

#[test]
fn v2_hands_controllers_down_and_keeps_processes_where_they_see_their_limits() {
    let tree = Tree::new();
    for directory in ["", "mesos/", "mesos/c1/"] {
        tree.file(&format!("{directory}cgroup.subtree_control"), "");
    }
    for name in ["cpu.weight", "cpu.max", "memory.max", "memory.low", "pids.max"] {
        tree.file(&format!("mesos/c1/{name}"), "");
    }
    let cgroup = tree.cgroup(CgroupWorld::CgroupV2, &["cpu", "memory", "pids", "freezer"]);
    cgroup.create().expect("prepares");
    cgroup.apply(&settings(), true).expect("applies");
    assert_eq!(tree.read("cgroup.subtree_control"), "+cpu +memory +pids");
    assert_eq!(tree.read("mesos/cgroup.subtree_control"), "+cpu +memory +pids");
    assert_eq!(tree.read("mesos/c1/cgroup.subtree_control"), "");
    assert_eq!(tree.read("mesos/c1/cpu.weight"), "50");
    assert_eq!(tree.read("mesos/c1/cpu.max"), "50000 100000");
    assert_eq!(tree.read("mesos/c1/memory.max"), "67108864");
    assert!(!tree.0.join("mesos/c1/leaf").exists());
}

#[test]
fn v2_writes_nothing_above_where_the_controllers_are_handed_down_already() {
    let tree = Tree::new();
    tree.file("mesos/cgroup.subtree_control", "cpuset cpu io memory pids\n");
    tree.cgroup(CgroupWorld::CgroupV2, &["cpu", "blkio", "perf_event", "devices"]).create().expect("only makes");
    assert!(tree.0.join("mesos/c1").is_dir());
    assert!(!tree.0.join("cgroup.subtree_control").exists());
}

#[test]
fn v2_believes_nothing_above_a_cgroup_that_was_there_already() {
    let tree = Tree::new();
    for directory in ["", "mesos/"] {
        tree.file(&format!("{directory}cgroup.subtree_control"), "cpu memory\n");
    }
    tree.file("mesos/c1/cgroup.controllers", "cpu memory\n");
    tree.cgroup(CgroupWorld::CgroupV2, &["cpu", "memory"]).create().expect("hands down");
    assert_eq!([tree.read("cgroup.subtree_control"), tree.read("mesos/cgroup.subtree_control")], ["+cpu +memory"; 2]);
}

#[test]
fn v2_knows_what_has_been_taken_away() {
    let tree = Tree::new();
    tree.file("mesos/c1/cgroup.controllers", "cpuset cpu io memory pids\n");
    let lacks = |controllers: &[&str]| tree.cgroup(CgroupWorld::CgroupV2, controllers).lacks_controllers();
    assert!(!lacks(&["cpu", "blkio", "perf_event", "devices"]));
    assert!(lacks(&["hugetlb"]));
}

#[test]
fn a_missing_controller_and_a_wandering_path_are_refused() {
    let plan = |path: &str| Cgroups { path: path.to_owned(), controllers: vec!["rdma".to_owned()], ..Default::default() };
    assert!(Cgroup::resolve(&plan("mesos/c1")).expect_err("refused").to_string().contains("rdma"));
    for path in ["/mesos", "../x", "a/../b", ""] {
        assert!(Cgroup::resolve(&plan(path)).expect_err("refused").sentence.contains("relative"), "{path}");
    }
}

#[test]
fn statistics_of_both_worlds_mean_the_same() {
    let tree = Tree::new();
    tree.file("cpuacct/mesos/c1/cpuacct.usage", "3000\n");
    tree.file("cpuacct/mesos/c1/cpuacct.usage_user", "2000\n");
    tree.file("cpu/mesos/c1/cpu.stat", "nr_periods 4\nnr_throttled 1\nthrottled_time 500\n");
    tree.file("memory/mesos/c1/memory.stat", "cache 1\ntotal_rss 4096\ntotal_cache 8192\n");
    tree.file("memory/mesos/c1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    let v1 = tree.cgroup(CgroupWorld::CgroupV1, &["cpu", "cpuacct", "memory"]);
    let cpu = v1.cpu_statistics().expect("cpu");
    assert_eq!((cpu.total_ns, cpu.user_ns, cpu.throttled), (Some(3000), Some(2000), Some(1)));
    let memory = v1.memory_statistics().expect("memory");
    assert_eq!((memory.rss_bytes, memory.oom_kills), (Some(4096), Some(2)));

    let tree = Tree::new();
    tree.file("mesos/c1/cpu.stat", "usage_usec 3\nuser_usec 2\nsystem_usec 1\nnr_throttled 1\n");
    tree.file("mesos/c1/memory.stat", "anon 4096\nfile 8192\n");
    tree.file("mesos/c1/memory.events.local", "low 0\noom 2\noom_kill 2\n");
    let v2 = tree.cgroup(CgroupWorld::CgroupV2, &["cpu", "memory"]);
    assert_eq!(v2.cpu_statistics().expect("cpu").total_ns, Some(3000));
    assert_eq!(v2.memory_statistics().expect("memory").oom_kills, Some(2));
    assert_eq!(v2.pressure().expect("killed").oom_kills, Some(2));
}

#[test]
fn removal_takes_what_the_task_made_below_and_is_idempotent() {
    let tree = Tree::new();
    fs::create_dir_all(tree.0.join("memory/mesos/c1/inner/deeper")).expect("made");
    let cgroup = tree.cgroup(CgroupWorld::CgroupV1, &["memory"]);
    cgroup.remove().expect("removes");
    cgroup.remove().expect("twice");
    assert!(!tree.0.join("memory/mesos/c1").exists());
}
