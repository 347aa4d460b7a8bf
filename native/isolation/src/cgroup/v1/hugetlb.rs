//! Limits on huge pages (row 6-025).

use std::path::Path;

use meseta_spec::{HugetlbLimit, HugetlbStatistics};

use crate::{
    cgroup::{
        files::{read_number, write},
        page_sizes::page_sizes,
    },
    failure::Result,
};

pub fn apply(at: &Path, limits: &[HugetlbLimit]) -> Result<()> {
    for HugetlbLimit { page_size, limit_bytes } in limits {
        let value = limit_bytes.max(&-1).to_string();
        write(&at.join(format!("hugetlb.{page_size}.limit_in_bytes")), &value)?;
        // Kernels since 5.7 also count what is only reserved, so that a task learns at mmap what else would end it with SIGBUS.
        let reserved = at.join(format!("hugetlb.{page_size}.rsvd.limit_in_bytes"));
        if reserved.exists() {
            write(&reserved, &value)?;
        }
    }
    Ok(())
}

pub fn statistics(at: &Path) -> Vec<HugetlbStatistics> {
    let one = |page_size: String| {
        let number = |name: &str| read_number(&at.join(format!("hugetlb.{page_size}.{name}")));
        HugetlbStatistics {
            usage_bytes: number("usage_in_bytes"),
            max_usage_bytes: number("max_usage_in_bytes"),
            // What is not reserved before is charged as reserved first: then only that counter counts the refusal.
            fail_count: number("failcnt").map(|count| count + number("rsvd.failcnt").unwrap_or(0)),
            page_size,
        }
    };
    page_sizes(at, ".limit_in_bytes").into_iter().map(one).collect()
}
