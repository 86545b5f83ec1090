//! How a secret is attached to a request: what a caller may say of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sandbox::record::Strings;

/// One rule, or one for each group of hosts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Auth {
    PerHost(PerHost),
    Rule(Rule),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerHost {
    per_host: Vec<HostRule>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthType {
    Bearer,
    Basic,
    ApiKey,
    Custom,
    #[serde(rename = "per_host", skip_deserializing)]
    PerHost,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[serde(rename = "type")]
    kind: AuthType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<Strings>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct HostRule {
    hosts: Vec<String>,
    #[serde(flatten)]
    rule: Rule,
}

impl Auth {
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Rule(rule) => rule.check(),
            Self::PerHost(PerHost { per_host }) if per_host.is_empty() => {
                Err("auth.per_host must not be empty".to_owned())
            }
            Self::PerHost(PerHost { per_host }) => per_host.iter().try_for_each(|one| {
                check_hosts(&one.hosts)?;
                one.rule.check()
            }),
        }
    }

    pub fn kind(&self) -> AuthType {
        match self {
            Self::Rule(rule) => rule.kind,
            Self::PerHost(_) => AuthType::PerHost,
        }
    }

    /// All but the type.
    pub fn config(&self) -> Value {
        let config = match self {
            Self::Rule(rule) => serde_json::to_value(rule),
            Self::PerHost(per_host) => serde_json::to_value(per_host),
        };
        let mut config = config.unwrap_or_else(|_| Value::Object(Map::new()));
        if let (Self::Rule(_), Some(fields)) = (self, config.as_object_mut()) {
            fields.remove("type");
        }
        config
    }

    /// The hosts that its rules name.
    pub fn hosts(&self) -> Vec<String> {
        match self {
            Self::Rule(_) => Vec::new(),
            Self::PerHost(PerHost { per_host }) => {
                per_host.iter().flat_map(|one| one.hosts.clone()).collect()
            }
        }
    }
}

impl Rule {
    fn check(&self) -> Result<(), String> {
        let needs = |field: &str, set: bool| {
            if set {
                Ok(())
            } else {
                Err(format!("auth of this type needs {field}"))
            }
        };
        match self.kind {
            AuthType::Bearer | AuthType::PerHost => Ok(()),
            AuthType::Basic => needs("username", self.username.is_some()),
            AuthType::ApiKey => needs(
                "header",
                self.header.as_ref().is_some_and(|it| !it.is_empty()),
            ),
            AuthType::Custom => needs(
                "headers",
                self.headers.as_ref().is_some_and(|it| !it.is_empty()),
            ),
        }
    }
}

/// Names of hosts, at least one; no URLs.
pub fn check_hosts(hosts: &[String]) -> Result<(), String> {
    if hosts.is_empty() {
        return Err("hosts must not be empty".to_owned());
    }
    let sound = |host: &String| {
        !host.is_empty() && !host.contains(|c: char| c == '/' || c == ':' || c.is_whitespace())
    };
    match hosts.iter().find(|host| !sound(host)) {
        Some(host) => Err(format!("hosts: {host:?} is not the name of a host")),
        None => Ok(()),
    }
}
