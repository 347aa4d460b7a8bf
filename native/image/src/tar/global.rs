//! Global headers, which count for all entries that follow. Some readers apply them and some do not; what would make them see other files is refused.

use meseta_isolation::failure::Result;

use super::{Time, pax::Pax};
use crate::failure::malformed;

#[derive(Default)]
pub struct Global {
    pub uid: Option<u64>,
    pub gid: Option<u64>,
    pub modified: Option<Time>,
}

impl Global {
    pub fn apply(&mut self, pax: Pax) -> Result<()> {
        if pax.path.is_some() || pax.link.is_some() || pax.size.is_some() || pax.sparse.any || !pax.xattrs.is_empty() {
            return Err(malformed("a global header of it says what only an entry can say"));
        }
        self.uid = pax.uid.or(self.uid);
        self.gid = pax.gid.or(self.gid);
        self.modified = pax.modified.or(self.modified);
        Ok(())
    }
}
