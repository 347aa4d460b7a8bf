//! `spec`: a config.json to begin with. It runs a shell with what Docker's containers have, too.

use std::{fs, path::Path};

use meseta_isolation::failure::{Failure, Result, Step};
use serde_json::{Value, json};

use super::Context;
use crate::{
    command_line::{Arguments, Flag, switch, value},
    config,
};

pub const FLAGS: &[Flag] = &[
    value("bundle", "b", "directory to write it to (.)"),
    switch("rootless", "", "refused: containers without root are not supported"),
];

pub fn run(_: &Context, arguments: &Arguments) -> Result<u8> {
    const STEP: &str = "write";
    if arguments.has("rootless") {
        return Err(Failure::because("read the option", "containers without root are not supported").at("--rootless"));
    }
    let file = Path::new(arguments.value("bundle").unwrap_or(".")).join(config::FILE);
    if file.exists() {
        return Err(Failure::because(STEP, "it exists already").at(&file));
    }
    fs::write(&file, format!("{:#}\n", template())).step_at(STEP, &file).map(|()| 0)
}

fn template() -> Value {
    let namespaces = ["pid", "network", "ipc", "uts", "mount", "cgroup"];
    let capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
    json!({
        "ociVersion": config::VERSION,
        "process": {
            "terminal": true,
            "user": { "uid": 0, "gid": 0 },
            "args": ["sh"],
            "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            "cwd": "/",
            "capabilities": { "bounding": capabilities, "effective": capabilities, "permitted": capabilities },
            "rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024 }],
            "noNewPrivileges": true,
        },
        "root": { "path": "rootfs", "readonly": true },
        "hostname": "meseta",
        "mounts": mounts(),
        "linux": {
            "resources": { "devices": [{ "allow": false, "access": "rwm" }] },
            "namespaces": namespaces.map(|kind| json!({ "type": kind })),
            "maskedPaths": [
                "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
                "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
            ],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    })
}

fn mounts() -> Value {
    let mount = |destination: &str, kind: &str, options: &[&str]| json!({ "destination": destination, "type": kind, "source": kind, "options": options });
    json!([
        mount("/proc", "proc", &["nosuid", "noexec", "nodev"]),
        mount("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
        mount("/dev/pts", "devpts", &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
        mount("/dev/shm", "tmpfs", &["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
        mount("/dev/mqueue", "mqueue", &["nosuid", "noexec", "nodev"]),
        mount("/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
        mount("/sys/fs/cgroup", "cgroup", &["nosuid", "noexec", "nodev", "relatime", "ro"]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn what_it_writes_can_be_used() {
        let config: Config = config::parse(template().to_string().as_bytes()).expect("read");
        config.check().expect("complete");
    }
}
