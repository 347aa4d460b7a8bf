//! `config.json` of a bundle, as runtime-spec 1.2 has it. What is not known here is ignored, as the specification demands.

pub mod hooks;
pub mod linux;
pub mod process;
pub mod resources;
pub mod seccomp;

use std::{collections::BTreeMap, fs, path::Path};

use meseta_isolation::failure::{Failure, Result, Step};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

pub use self::{hooks::Hooks, linux::Linux, process::Process};

/// Newest version of the specification that is spoken here.
pub const VERSION: &str = "1.2.0";
pub const FILE: &str = "config.json";

#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub struct Config {
    pub oci_version: String,
    pub process: Option<Process>,
    pub root: Option<Root>,
    pub hostname: Option<String>,
    pub domainname: Option<String>,
    pub mounts: Vec<Mount>,
    pub hooks: Hooks,
    pub annotations: BTreeMap<String, String>,
    pub linux: Linux,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct Root {
    pub path: String,
    pub readonly: bool,
}

#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub struct Mount {
    pub destination: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub source: Option<String>,
    pub options: Vec<String>,
    pub uid_mappings: Vec<IdMapping>,
    pub gid_mappings: Vec<IdMapping>,
}

#[derive(Deserialize, Default, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub struct IdMapping {
    #[serde(rename = "containerID")]
    pub container_id: u32,
    #[serde(rename = "hostID")]
    pub host_id: u32,
    pub size: u32,
}

/// Reads one JSON document; lists and objects that are `null` count as absent.
pub fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    const STEP: &str = "read";
    let text = fs::read(file).step_at(STEP, file)?;
    parse(&text).map_err(|error| Failure::because(STEP, error.to_string()).at(file))
}

pub fn parse<T: DeserializeOwned>(text: &[u8]) -> serde_json::Result<T> {
    let mut value = serde_json::from_slice(text)?;
    drop_nulls(&mut value);
    serde_json::from_value(value)
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

impl Config {
    pub fn of_bundle(bundle: &Path) -> Result<Self> {
        let config: Config = read(&bundle.join(FILE))?;
        config.check()?;
        Ok(config)
    }

    /// What a container cannot be made of, said before anything is made.
    pub fn check(&self) -> Result<()> {
        const STEP: &str = "use config.json";
        check_version(&self.oci_version)?;
        let root = self.root.as_ref().ok_or_else(|| Failure::because(STEP, "it names no root file system"))?;
        if root.path.is_empty() {
            return Err(Failure::because(STEP, "the path of its root file system is empty"));
        }
        for mount in &self.mounts {
            if mount.destination.is_empty() {
                return Err(Failure::because(STEP, "a mount has no destination"));
            }
        }
        match &self.process {
            Some(process) => process.check(),
            None => Err(Failure::because(STEP, "it has no process")),
        }
    }
}

/// Any 1.x: what a later one adds is ignored where it is not known.
fn check_version(version: &str) -> Result<()> {
    const STEP: &str = "use config.json";
    let mut numbers = version.split(['.', '-', '+']);
    let number = |part: Option<&str>| part.is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    let major = numbers.next();
    let well_formed = number(major) && number(numbers.next()) && number(numbers.next());
    match (well_formed, major) {
        (true, Some("1")) => Ok(()),
        (true, _) => Err(Failure::because(STEP, format!("ociVersion {version} is not supported; this is version {VERSION}"))),
        (false, _) => Err(Failure::because(STEP, format!("ociVersion {version:?} is not a version"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_judged_by_their_major_number() {
        for good in ["1.0.0", "1.0.2-dev", "1.2.0+build"] {
            check_version(good).expect(good);
        }
        for bad in ["", "1", "1.0", "2.0.0", "v1.0.0", "one.two.three"] {
            check_version(bad).expect_err(bad);
        }
    }

    #[test]
    fn null_is_absent_and_the_unknown_is_ignored() {
        let text = br#"{"ociVersion":"1.0.0","mounts":null,"process":{"args":null,"cwd":"/"},"vm":{"x":[1,null]},"later":1}"#;
        let config: Config = parse(text).expect("read");
        assert!(config.mounts.is_empty());
        assert!(config.process.expect("there").args.is_empty());
    }
}
