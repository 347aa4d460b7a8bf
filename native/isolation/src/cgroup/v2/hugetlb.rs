//! Limits on huge pages (rows 6-061, 9-049).

use std::path::Path;

use meseta_spec::{HugetlbLimit, HugetlbStatistics};

use crate::{
    cgroup::{
        files::{read, read_number, value_of, write_limit},
        page_sizes::page_sizes,
    },
    failure::Result,
};

pub fn apply(at: &Path, limits: &[HugetlbLimit]) -> Result<()> {
    for HugetlbLimit { page_size, limit_bytes } in limits {
        write_limit(&at.join(format!("hugetlb.{page_size}.max")), Some(*limit_bytes))?;
        // As on v1: what is only reserved counts too.
        let reserved = at.join(format!("hugetlb.{page_size}.rsvd.max"));
        if reserved.exists() {
            write_limit(&reserved, Some(*limit_bytes))?;
        }
    }
    Ok(())
}

/// The kernel keeps no maximum of the past here.
pub fn statistics(at: &Path) -> Vec<HugetlbStatistics> {
    let one = |page_size: String| {
        let file = |name: &str| at.join(format!("hugetlb.{page_size}.{name}"));
        HugetlbStatistics {
            usage_bytes: read_number(&file("current")),
            max_usage_bytes: None,
            fail_count: read(&file("events")).and_then(|text| value_of(&text, "max")),
            page_size,
        }
    };
    page_sizes(at, ".max").into_iter().map(one).collect()
}
