//! Events by the names that `perf list` gives them, as the kernel numbers them.

pub struct Event {
    pub kind: u32,
    pub config: u64,
}

const HARDWARE: u32 = 0;
const SOFTWARE: u32 = 1;
const CACHE: u32 = 3;

/// In the order of the kernel's numbers.
const HARDWARE_EVENTS: [&[&str]; 10] = [
    &["cycles", "cpu-cycles"],
    &["instructions"],
    &["cache-references"],
    &["cache-misses"],
    &["branches", "branch-instructions"],
    &["branch-misses"],
    &["bus-cycles"],
    &["stalled-cycles-frontend", "idle-cycles-frontend"],
    &["stalled-cycles-backend", "idle-cycles-backend"],
    &["ref-cycles"],
];
const SOFTWARE_EVENTS: [&[&str]; 9] = [
    &["cpu-clock"],
    &["task-clock"],
    &["page-faults", "faults"],
    &["context-switches", "cs"],
    &["cpu-migrations", "migrations"],
    &["minor-faults"],
    &["major-faults"],
    &["alignment-faults"],
    &["emulation-faults"],
];
const CACHES: [&str; 7] = ["l1-dcache", "l1-icache", "llc", "dtlb", "itlb", "branch", "node"];
const OPERATIONS: [(&str, &str); 3] = [("loads", "load-misses"), ("stores", "store-misses"), ("prefetches", "prefetch-misses")];

pub fn event_of(name: &str) -> Option<Event> {
    let name = name.to_ascii_lowercase();
    let numbered = |kind: u32, names: &[&[&str]]| {
        let config = names.iter().position(|names| names.contains(&name.as_str()))? as u64;
        Some(Event { kind, config })
    };
    numbered(HARDWARE, &HARDWARE_EVENTS).or_else(|| numbered(SOFTWARE, &SOFTWARE_EVENTS)).or_else(|| cache_event(&name))
}

/// `LLC-load-misses`: cache, operation and result, a byte each.
fn cache_event(name: &str) -> Option<Event> {
    let (cache, rest) =
        CACHES.iter().enumerate().find_map(|(number, cache)| Some((number, name.strip_prefix(cache)?.strip_prefix('-')?)))?;
    let (operation, missed) = OPERATIONS.iter().enumerate().find_map(|(number, (all, misses))| {
        let missed = rest == *misses;
        (missed || rest == *all).then_some((number, missed))
    })?;
    Some(Event { kind: CACHE, config: cache as u64 | (operation as u64) << 8 | u64::from(missed) << 16 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_the_numbers_of_the_kernel() {
        let number = |name| event_of(name).map(|event| (event.kind, event.config));
        assert_eq!(number("cycles"), Some((0, 0)));
        assert_eq!(number("ref-cycles"), Some((0, 9)));
        assert_eq!(number("task-clock"), Some((1, 1)));
        assert_eq!(number("emulation-faults"), Some((1, 8)));
        assert_eq!(number("LLC-load-misses"), Some((3, 0x1_0002)));
        assert_eq!(number("L1-dcache-stores"), Some((3, 0x100)));
        assert_eq!(number("cycles:u"), None);
    }
}
