//! What a container has used so far, as its controllers count it.

use meseta_spec::{CpuStatistics, MemoryStatistics, Statistics};

use super::{Cgroup, Version, files, v1, v2};

impl Cgroup {
    pub fn statistics(&self, timestamp_ms: u64) -> Statistics {
        let (processes, threads) = self.counts().unzip();
        Statistics {
            timestamp_ms,
            cpu: self.cpu_statistics(),
            memory: self.memory_statistics(),
            processes,
            threads,
            pids_limit: self.find("pids").and_then(|at| files::read_number(&at.path.join("pids.max"))),
            blkio: self.find("blkio").map(|at| match at.version {
                Version::V1 => v1::blkio::statistics(&at.path),
                Version::V2 => v2::io::statistics(&at.path),
            }),
            hugetlb: self.find("hugetlb").map_or_else(Vec::new, |at| match at.version {
                Version::V1 => v1::hugetlb::statistics(&at.path),
                Version::V2 => v2::hugetlb::statistics(&at.path),
            }),
            pressure: self.unified().and_then(|at| v2::pressure::statistics(&at.path)),
            perf: Vec::new(),
        }
    }

    pub fn cpu_statistics(&self) -> Option<CpuStatistics> {
        let [cpu, cpuacct] = ["cpu", "cpuacct"].map(|name| self.find(name));
        match cpu.or(cpuacct)?.version {
            Version::V1 => Some(v1::cpu::statistics(cpuacct.map(|at| at.path.as_path()), cpu.map(|at| at.path.as_path()))),
            Version::V2 => Some(v2::cpu::statistics(&cpu.or(cpuacct)?.path)),
        }
    }

    pub fn memory_statistics(&self) -> Option<MemoryStatistics> {
        let at = self.find("memory")?;
        Some(match at.version {
            Version::V1 => v1::memory::statistics(&at.path),
            Version::V2 => v2::memory::statistics(&at.path),
        })
    }

    /// How many processes and threads it holds.
    fn counts(&self) -> Option<(u64, u64)> {
        let directory = self.directories.first()?;
        let (home, threads) = match directory.version {
            Version::V1 => (directory.path.clone(), "tasks"),
            Version::V2 => (v2::tree::home(&directory.path), "cgroup.threads"),
        };
        Some((files::count_lines(&home.join("cgroup.procs")), files::count_lines(&home.join(threads))))
    }
}
