//! The class of a container's packets (row 6-027). cgroup v2 has nothing of the kind: packet filters there match the cgroup itself.

use std::path::Path;

use meseta_spec::NetClsSettings;

use crate::{cgroup::files::write, failure::Result};

pub fn apply(at: &Path, settings: &NetClsSettings) -> Result<()> {
    write(&at.join("net_cls.classid"), &settings.class_id.to_string())
}
