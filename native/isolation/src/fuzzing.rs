//! Targets of the fuzzer (native/fuzz): what parses what others wrote. Each ends for whatever bytes, without a panic, and what comes out holds.

use std::{fs, path::PathBuf, sync::OnceLock};

use meseta_spec::{
    CgroupHierarchy, CgroupSettings, CgroupWorld, Cgroups, ControlEvent, ControlRequest, Frames, HostConfig, LaunchPlan, Message,
    Namespaces, SeccompProfile, SupervisorRecord, Sysctl,
};

use crate::{
    cgroup::{Cgroup, world},
    mount_table, network_device, seccomp, sysctl,
};

type Target = (&'static str, fn(&[u8]));

pub const TARGETS: &[Target] = &[
    ("messages", messages),
    ("frames", frames),
    ("mountinfo", mountinfo),
    ("cgroup-files", cgroup_files),
    ("seccomp", seccomp_profile),
    ("parameters", parameters),
];

/// What is read is written so that it is read again as the same.
fn messages(bytes: &[u8]) {
    fn one<M: Message + Default + PartialEq>(bytes: &[u8]) {
        if let Ok(message) = M::decode(bytes) {
            assert!(M::decode(message.encode_to_vec().as_slice()).is_ok_and(|again| again == message));
        }
    }
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind % 6 {
        0 => one::<LaunchPlan>(bytes),
        1 => one::<SupervisorRecord>(bytes),
        2 => one::<ControlRequest>(bytes),
        3 => one::<ControlEvent>(bytes),
        4 => one::<CgroupSettings>(bytes),
        _ => one::<HostConfig>(bytes),
    }
}

/// However the bytes of a conversation are cut, the same messages come out of it.
fn frames(bytes: &[u8]) {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    let read = |size: usize| {
        let (mut frames, mut seen) = (Frames::default(), Vec::new());
        for chunk in bytes.chunks(size) {
            frames.push(chunk);
            loop {
                match frames.take::<ControlRequest>() {
                    Ok(Some(request)) => seen.push(request),
                    Ok(None) => break,
                    Err(_) => return seen,
                }
            }
        }
        seen
    };
    assert_eq!(read(usize::from(*cut) + 1), read(bytes.len().max(1)));
}

fn mountinfo(bytes: &[u8]) {
    for line in mount_table::lines(bytes) {
        assert!(!line.point.is_empty() || bytes.contains(&b' '));
    }
    let world = world::judge(bytes, |point| point.replace('/', " "));
    let of = |unified| world.hierarchies.iter().filter(move |found| found.unified() == unified);
    assert!(of(true).count() <= 1);
    let expected = match (of(false).count(), of(true).count()) {
        (0, 0) => CgroupWorld::CgroupNone,
        (0, _) => CgroupWorld::CgroupV2,
        (_, 0) => CgroupWorld::CgroupV1,
        _ => CgroupWorld::CgroupHybrid,
    };
    assert_eq!(world.kind, expected);
    // The kernel gives each controller to one of the two.
    for controller in of(true).flat_map(|tree| &tree.controllers) {
        assert!(of(false).all(|v1| !v1.controllers.contains(controller)));
    }
}

const CONTROLLERS: &[&str] = &["cpu", "cpuacct", "memory", "pids", "blkio", "hugetlb", "devices", "freezer"];

const FILES: &[&str] = &[
    "blkio.throttle.io_service_bytes_recursive",
    "blkio.throttle.io_serviced_recursive",
    "cgroup.controllers",
    "cgroup.events",
    "cgroup.procs",
    "cgroup.subtree_control",
    "cpu.max",
    "cpu.pressure",
    "cpu.stat",
    "cpuacct.usage",
    "cpuacct.usage_sys",
    "cpuacct.usage_user",
    "devices.list",
    "freezer.state",
    "hugetlb.2MB.current",
    "hugetlb.2MB.events",
    "hugetlb.2MB.usage_in_bytes",
    "io.pressure",
    "io.stat",
    "memory.current",
    "memory.events",
    "memory.events.local",
    "memory.limit_in_bytes",
    "memory.max",
    "memory.oom_control",
    "memory.peak",
    "memory.pressure",
    "memory.stat",
    "memory.swap.current",
    "memory.usage_in_bytes",
    "pids.current",
    "pids.max",
];

/// The first byte says which world; then pieces, each a byte that says which file, what is in it, and a zero.
fn cgroup_files(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let unified = kind % 2 == 0;
    let tree = tree();
    let directory = tree.join("mesos/c1");
    let _ = fs::remove_dir_all(tree);
    if fs::create_dir_all(&directory).is_err() {
        return;
    }
    for (number, content) in bytes.split(|byte| *byte == 0).filter_map(<[u8]>::split_first) {
        let _ = fs::write(directory.join(FILES[usize::from(*number) % FILES.len()]), content);
    }
    let controllers: Vec<String> = CONTROLLERS.iter().map(|name| (*name).to_owned()).collect();
    let mount_point = tree.display().to_string();
    let resolved = Cgroup::resolve(&Cgroups {
        path: "mesos/c1".to_owned(),
        controllers: controllers.clone(),
        world: Some(if unified { CgroupWorld::CgroupV2 } else { CgroupWorld::CgroupV1 } as i32),
        hierarchies: vec![CgroupHierarchy { mount_point, controllers, unified: Some(unified) }],
        ..Default::default()
    });
    if let Ok(cgroup) = resolved {
        assert_eq!(cgroup.statistics(7).timestamp_ms, 7);
        drop((cgroup.members(), cgroup.children(), cgroup.oom_kills(), cgroup.pressure()));
    }
}

fn tree() -> &'static PathBuf {
    static TREE: OnceLock<PathBuf> = OnceLock::new();
    TREE.get_or_init(|| std::env::temp_dir().join(format!("meseta-fuzz-cgroup-{}", std::process::id())))
}

/// Whatever a profile says, the program is one that the kernel takes: it never jumps out of itself, and ends in a return.
fn seccomp_profile(bytes: &[u8]) {
    let Ok(profile) = SeccompProfile::decode(bytes) else { return };
    for compiled in [seccomp::compile(&profile), seccomp::compile_with_listener(&profile)].into_iter().flatten() {
        assert_eq!(compiled.program.len() % 8, 0);
        let program: Vec<&[u8]> = compiled.program.chunks_exact(8).collect();
        assert!(!program.is_empty() && program.len() <= 4096);
        let inside = |at: usize, by: usize| at + 1 + by < program.len();
        for (at, instruction) in program.iter().enumerate() {
            let operand = u32::from_ne_bytes([instruction[4], instruction[5], instruction[6], instruction[7]]);
            let code = u32::from(u16::from_ne_bytes([instruction[0], instruction[1]]));
            match (code & 0x07, code & 0xf0) {
                (libc::BPF_JMP, libc::BPF_JA) => assert!(inside(at, operand as usize)),
                (libc::BPF_JMP, _) => assert!(inside(at, instruction[2].into()) && inside(at, instruction[3].into())),
                (libc::BPF_RET, _) => {}
                _ => assert!(inside(at, 0)),
            }
        }
    }
}

/// `name=value`: what is allowed to be written is one line, into a place below /proc/sys that is the container's own (S39).
fn parameters(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = network_device::check_name(&text);
    let Some((name, value)) = text.split_once('=') else { return };
    let all = Namespaces { network: Some(true), ipc: Some(true), uts: Some(true), ..Default::default() };
    let wanted = Sysctl { name: name.to_owned(), value: value.to_owned() };
    assert!(sysctl::checked(&wanted, &Namespaces::default()).is_err());
    let Ok((path, value)) = sysctl::checked(&wanted, &all) else { return };
    assert!(["net/", "kernel/", "fs/mqueue/"].iter().any(|own| path.starts_with(own)));
    assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")));
    assert!(!value.contains(['\n', '\0']));
}

#[cfg(test)]
#[path = "../../fuzz/src/replay.rs"]
mod replay;

#[test]
fn the_corpus_is_taken() {
    replay::replay(TARGETS);
    let _ = fs::remove_dir_all(tree());
}
