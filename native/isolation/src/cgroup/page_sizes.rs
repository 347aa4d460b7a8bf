//! Which sizes of huge pages there are is only told by the names of the files.

use std::{fs, path::Path};

/// Of files `hugetlb.<size><suffix>`, smallest name first.
pub fn page_sizes(at: &Path, suffix: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(at) else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut sizes: Vec<String> =
        names.filter_map(|name| Some(name.strip_prefix("hugetlb.")?.strip_suffix(suffix)?.to_owned())).collect();
    sizes.retain(|size| !size.contains('.'));
    sizes.sort();
    sizes
}
