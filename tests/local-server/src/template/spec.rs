//! What a template is built from, and the API's limits on it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const MAX_NAME: usize = 128;
const MAX_USER_NAME: usize = 31;

/// Images that have no shell, or no glibc, and so no build.
const UNSUPPORTED: [&str; 2] = ["alpine", "distroless"];

/// Sizes of a template's sandboxes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Resources {
    pub vcpu: u32,
    pub memory_mib: u32,
    pub disk_mib: u32,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            vcpu: 1,
            memory_mib: 1024,
            disk_mib: 4096,
        }
    }
}

/// The body of a template's creation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTemplate {
    pub name: String,
    vcpu: Option<u32>,
    memory_mib: Option<u32>,
    disk_mib: Option<u32>,
    pub build_spec: BuildSpec,
}

/// How to build it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildSpec {
    pub from: String,
    #[serde(default)]
    pub steps: Vec<StepFields>,
    #[serde(default)]
    pub start_cmd: Option<String>,
    #[serde(default)]
    pub ready_cmd: Option<String>,
}

/// A step as it is sent: exactly one field is to be set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    env: Option<Variable>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workdir: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<User>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    pub key: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    pub name: String,
    #[serde(default)]
    pub sudo: bool,
}

/// A step as it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Run(String),
    Env(Variable),
    Workdir(String),
    User(User),
}

impl StepFields {
    /// The one field that is set; `None` if it is none or several.
    pub fn step(&self) -> Option<Step> {
        match self.clone() {
            Self {
                run: Some(run),
                env: None,
                workdir: None,
                user: None,
            } => Some(Step::Run(run)),
            Self {
                run: None,
                env: Some(env),
                workdir: None,
                user: None,
            } => Some(Step::Env(env)),
            Self {
                run: None,
                env: None,
                workdir: Some(path),
                user: None,
            } => Some(Step::Workdir(path)),
            Self {
                run: None,
                env: None,
                workdir: None,
                user: Some(user),
            } => Some(Step::User(user)),
            _ => None,
        }
    }
}

impl BuildSpec {
    /// Identifies the spec: the same for the same build.
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(&json)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl CreateTemplate {
    /// Checks every limit; the error is a message for the caller.
    pub fn check(&self) -> Result<Resources, String> {
        check_name(&self.name)?;
        let default = Resources::default();
        let resources = Resources {
            vcpu: within("vcpu", self.vcpu.unwrap_or(default.vcpu), 1, 4)?,
            memory_mib: within(
                "memory_mib",
                self.memory_mib.unwrap_or(default.memory_mib),
                256,
                4096,
            )?,
            disk_mib: within(
                "disk_mib",
                self.disk_mib.unwrap_or(default.disk_mib),
                1024,
                8192,
            )?,
        };
        let from = self.build_spec.from.trim();
        if from.is_empty() {
            return Err("build_spec.from must not be empty".to_owned());
        }
        if let Some(name) = UNSUPPORTED
            .iter()
            .find(|name| from.to_lowercase().contains(**name))
        {
            return Err(format!("build_spec.from: {name} images are not supported"));
        }
        for (index, fields) in self.build_spec.steps.iter().enumerate() {
            check_step(fields).map_err(|why| format!("build_spec.steps[{index}]: {why}"))?;
        }
        let commands = [
            ("start_cmd", &self.build_spec.start_cmd),
            ("ready_cmd", &self.build_spec.ready_cmd),
        ];
        for (field, command) in commands {
            if command
                .as_deref()
                .is_some_and(|command| !is_command(command))
            {
                return Err(format!(
                    "build_spec.{field} must not be empty nor have a NUL byte"
                ));
            }
        }
        Ok(resources)
    }
}

fn within(field: &str, value: u32, least: u32, most: u32) -> Result<u32, String> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{field} must be between {least} and {most}"))
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| edge(byte) || b"._/-".contains(&byte);
    let bytes = name.as_bytes();
    let ends = bytes.first().copied().is_some_and(edge) && bytes.last().copied().is_some_and(edge);
    if !ends || bytes.len() > MAX_NAME || !bytes.iter().copied().all(inner) {
        return Err(format!(
            "name must have 1 to {MAX_NAME} of a-z 0-9 . _ / - and begin and end with a letter or digit"
        ));
    }
    if name.starts_with("superserve/") {
        return Err("names that start with superserve/ are reserved".to_owned());
    }
    Ok(())
}

fn check_step(fields: &StepFields) -> Result<(), String> {
    let step = fields
        .step()
        .ok_or("exactly one of run, env, workdir and user must be set")?;
    let sound = match &step {
        Step::Run(command) => is_command(command),
        Step::Workdir(path) => is_command(path),
        Step::Env(Variable { key, value }) => {
            !key.is_empty() && !key.contains(['=', '\0']) && !value.contains('\0')
        }
        Step::User(user) => is_user_name(&user.name),
    };
    match step {
        _ if sound => Ok(()),
        Step::Run(_) => Err("run must not be empty nor have a NUL byte".to_owned()),
        Step::Workdir(_) => Err("workdir must not be empty nor have a NUL byte".to_owned()),
        Step::Env(_) => Err("env needs a key without = and NUL".to_owned()),
        Step::User(_) => {
            Err("user needs a name of a-z 0-9 _ - that begins with a letter or _".to_owned())
        }
    }
}

fn is_command(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains('\0')
}

fn is_user_name(name: &str) -> bool {
    let first = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    name.bytes().next().is_some_and(first)
        && name.len() <= MAX_USER_NAME
        && name
            .bytes()
            .all(|byte| first(byte) || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(changes: Value) -> Result<(), String> {
        let mut body = json!({ "name": "a", "build_spec": { "from": "debian" } });
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        let create: CreateTemplate =
            serde_json::from_value(body).map_err(|error| error.to_string())?;
        create.check().map(drop)
    }

    #[test]
    fn names() {
        for good in ["a", "0", "a/b.c_d-e", &"a".repeat(128)] {
            check(json!({ "name": good })).unwrap();
        }
        for bad in [
            "",
            "A",
            "-a",
            "a-",
            "a b",
            "superserve/x",
            "é",
            &"a".repeat(129),
        ] {
            check(json!({ "name": bad })).unwrap_err();
        }
    }

    #[test]
    fn sizes() {
        for (field, least, most) in [
            ("vcpu", 1, 4),
            ("memory_mib", 256, 4096),
            ("disk_mib", 1024, 8192),
        ] {
            check(json!({ field: least })).unwrap();
            check(json!({ field: most })).unwrap();
            assert!(
                check(json!({ field: least - 1 }))
                    .unwrap_err()
                    .contains(field)
            );
            assert!(
                check(json!({ field: most + 1 }))
                    .unwrap_err()
                    .contains(field)
            );
        }
    }

    #[test]
    fn steps_set_one_thing_each() {
        let spec =
            |steps: Value| check(json!({ "build_spec": { "from": "debian", "steps": steps } }));
        let good = json!([
            { "run": "true" }, { "env": { "key": "A", "value": "" } }, { "workdir": "x" },
            { "user": { "name": "_a-1" } }, { "user": { "name": "b", "sudo": true } },
        ]);
        spec(good).unwrap();
        for bad in [
            json!({}),
            json!({ "run": "a", "workdir": "b" }),
            json!({ "run": "" }),
            json!({ "copy": "x" }),
            json!({ "env": { "key": "A=", "value": "" } }),
            json!({ "env": { "key": "A" } }),
            json!({ "user": { "name": "Root" } }),
            json!({ "user": { "name": "1a" } }),
            json!({ "user": { "name": "a".repeat(32) } }),
        ] {
            spec(json!([bad])).unwrap_err();
        }
        assert!(
            spec(json!([{ "run": "a" }, {}]))
                .unwrap_err()
                .contains("steps[1]")
        );
    }

    #[test]
    fn images_without_a_shell_are_refused() {
        for from in [
            "",
            " ",
            "alpine:3",
            "python:3.11-alpine",
            "gcr.io/distroless/base",
            "Alpine",
        ] {
            check(json!({ "build_spec": { "from": from } })).unwrap_err();
        }
        check(json!({ "build_spec": { "from": "nobody/has-this" } })).unwrap();
    }

    #[test]
    fn the_hash_follows_the_spec() {
        let spec = |value: Value| serde_json::from_value::<BuildSpec>(value).unwrap().hash();
        let one = spec(json!({ "from": "debian", "steps": [{ "run": "a" }] }));
        assert_eq!(
            one,
            spec(json!({ "steps": [{ "run": "a" }], "from": "debian", "start_cmd": null }))
        );
        assert_ne!(
            one,
            spec(json!({ "from": "debian", "steps": [{ "run": "b" }] }))
        );
        assert_eq!(one.len(), 64);
    }
}
