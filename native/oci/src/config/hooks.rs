//! `hooks`: programs of the user's that run at fixed points of a container's life.

use serde::Deserialize;

#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub struct Hooks {
    pub prestart: Vec<Hook>,
    pub create_runtime: Vec<Hook>,
    pub create_container: Vec<Hook>,
    pub start_container: Vec<Hook>,
    pub poststart: Vec<Hook>,
    pub poststop: Vec<Hook>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub struct Hook {
    /// Absolute.
    pub path: String,
    /// With argv\[0\]; empty means the path alone.
    pub args: Vec<String>,
    /// Absent: empty for those that run outside; inside, what the container's program gets.
    pub env: Option<Vec<String>>,
    /// Seconds; a hook that takes longer is killed and has failed.
    pub timeout: Option<u64>,
}
