//! `mounts`: each becomes a mount of the plan.

use std::path::Path;

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::{Mount, Namespaces, NewFilesystem};

use super::mount_options::{self, Options};
use crate::config::{self, Config};

const STEP: &str = "use the mounts of config.json";

pub fn of(config: &Config, namespaces: &Namespaces, bundle: &Path) -> Result<Vec<Mount>> {
    let mut all = Vec::new();
    for wanted in &config.mounts {
        let options = mount_options::parse(&wanted.options);
        let kind = wanted.kind.as_deref().unwrap_or("");
        match kind {
            _ if options.bind || kind == "bind" || kind == "rbind" => all.push(bind(wanted, &options, namespaces, bundle)?),
            "" => return Err(Failure::because(STEP, "it has neither a type nor a bind option").at(&wanted.destination)),
            _ => all.push(filesystem(wanted, kind, &options)),
        }
    }
    Ok(all)
}

/// Relative destinations were allowed once; they were meant from the root.
fn target(wanted: &config::Mount) -> String {
    format!("/{}", wanted.destination.trim_start_matches('/'))
}

fn with_attributes(options: &Options, mount: Mount) -> Mount {
    let below = options.set_below | options.clear_below != 0;
    Mount {
        set_attributes: Some(options.set & !options.clear_below | options.set_below).filter(|&bits| bits != 0),
        clear_attributes: Some(options.clear | options.clear_below).filter(|&bits| bits != 0),
        attributes_shallow: (!below).then_some(true),
        propagation: options.propagation.map(|kind| kind as i32),
        ..mount
    }
}

fn bind(wanted: &config::Mount, options: &Options, namespaces: &Namespaces, bundle: &Path) -> Result<Mount> {
    let Some(source) = wanted.source.as_deref().filter(|source| !source.is_empty()) else {
        return Err(Failure::because(STEP, "a bind needs a source").at(&wanted.destination));
    };
    let own = |mappings: &[config::IdMapping]| mappings.iter().map(super::namespaces::mapping).collect::<Vec<_>>();
    let (uids, gids) = (own(&wanted.uid_mappings), own(&wanted.gid_mappings));
    let mapped = options.id_mapped || !uids.is_empty();
    if mapped && !uids.is_empty() && (uids != namespaces.uid_mappings || gids != namespaces.gid_mappings) {
        return Err(Failure::because(STEP, "id mappings other than the container's are not supported").at(&wanted.destination));
    }
    Ok(with_attributes(
        options,
        Mount {
            source: Some(bundle.join(source).display().to_string()),
            target: target(wanted),
            shallow: Some(!(options.recursive || wanted.kind.as_deref() == Some("rbind"))),
            id_mapped: mapped.then_some(true),
            ..Default::default()
        },
    ))
}

fn filesystem(wanted: &config::Mount, kind: &str, options: &Options) -> Mount {
    let made = NewFilesystem { kind: kind.to_owned(), source: wanted.source.clone(), options: options.data.clone() };
    with_attributes(
        options,
        Mount {
            target: target(wanted),
            filesystem: Some(made),
            read_only: (options.set & libc::MOUNT_ATTR_RDONLY != 0).then_some(true),
            copy_up: options.copy_up.then_some(true),
            ..Default::default()
        },
    )
}
