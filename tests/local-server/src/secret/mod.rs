//! Secrets: kept by name, shown without their values, bound to sandboxes as stand-in values.

mod auth;
pub mod providers;

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use auth::{Auth, AuthType, check_hosts};

const MAX_NAME: usize = 64;
const MAX_VALUE_BYTES: usize = 8192;

/// The body of a secret's creation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSecret {
    name: String,
    value: String,
    provider: Option<String>,
    auth: Option<Auth>,
    hosts: Option<Vec<String>>,
}

/// A secret without its value, which nothing on this server can use.
#[derive(Debug, Clone)]
pub struct Secret {
    pub id: Uuid,
    pub name: String,
    auth_type: Value,
    auth_config: Value,
    provider: Option<&'static str>,
    hosts: Vec<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    token_shape: &'static str,
}

/// A secret in an answer.
#[derive(Debug, Serialize)]
pub struct SecretView {
    id: Uuid,
    name: String,
    auth_type: Value,
    auth_config: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_shortcut: Option<&'static str>,
    hosts: Vec<String>,
    created_at: String,
    updated_at: String,
}

impl Secret {
    pub fn view(&self) -> SecretView {
        SecretView {
            id: self.id,
            name: self.name.clone(),
            auth_type: self.auth_type.clone(),
            auth_config: self.auth_config.clone(),
            provider_shortcut: self.provider,
            hosts: self.hosts.clone(),
            created_at: self.created_at.to_string(),
            updated_at: self.updated_at.to_string(),
        }
    }

    /// A new value for an environment, of the shape that programs expect.
    pub fn stand_in(&self) -> String {
        let prefix = self.token_shape.trim_end_matches('.');
        format!("{prefix}{}", Uuid::new_v4().simple())
    }
}

/// What a secret's value may be.
pub fn check_value(value: &str) -> Result<(), String> {
    if value.is_empty() || value.len() > MAX_VALUE_BYTES {
        return Err(format!("value must have 1 to {MAX_VALUE_BYTES} bytes"));
    }
    Ok(())
}

impl CreateSecret {
    /// Checks all and lets the value go.
    fn secret(self) -> Result<Secret, String> {
        let letter = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if self.name.is_empty() || self.name.len() > MAX_NAME || !self.name.chars().all(letter) {
            return Err(format!(
                "name must have 1 to {MAX_NAME} of A-Z a-z 0-9 . _ -"
            ));
        }
        check_value(&self.value)?;
        let now = Timestamp::now();
        let secret = |auth_type, auth_config, provider, hosts, token_shape| Secret {
            id: Uuid::new_v4(),
            name: self.name.clone(),
            auth_type,
            auth_config,
            provider,
            hosts,
            created_at: now,
            updated_at: now,
            token_shape,
        };
        match (self.provider, self.auth, self.hosts) {
            (Some(name), None, None) => {
                let provider =
                    providers::find(&name).ok_or_else(|| format!("no such provider: {name}"))?;
                let hosts = provider
                    .hosts
                    .iter()
                    .map(|host| (*host).to_owned())
                    .collect();
                let auth_type = provider.auth_type.into();
                let (config, shape) = (provider.auth_config, provider.token_shape);
                Ok(secret(auth_type, config, Some(provider.name), hosts, shape))
            }
            (None, Some(auth), hosts) => {
                auth.check()?;
                let hosts = match hosts {
                    None if auth.kind() == AuthType::PerHost => auth.hosts(),
                    hosts => hosts.ok_or("hosts are needed with auth")?,
                };
                check_hosts(&hosts)?;
                let kind = serde_json::to_value(auth.kind()).map_err(|error| error.to_string())?;
                Ok(secret(kind, auth.config(), None, hosts, "sst_..."))
            }
            (None, None, _) => Err("either provider or auth with hosts is needed".to_owned()),
            (Some(_), ..) => Err("provider excludes auth and hosts".to_owned()),
        }
    }
}

/// Why a secret was not made.
#[derive(Debug)]
pub enum Refused {
    Invalid(String),
    NameTaken,
}

/// All secrets, by name.
#[derive(Debug, Default)]
pub struct Secrets(RwLock<BTreeMap<String, Secret>>);

impl Secrets {
    pub fn create(&self, create: CreateSecret) -> Result<Secret, Refused> {
        let secret = create.secret().map_err(Refused::Invalid)?;
        self.write(|all| {
            if all.contains_key(&secret.name) {
                return Err(Refused::NameTaken);
            }
            all.insert(secret.name.clone(), secret.clone());
            Ok(secret)
        })
    }

    pub fn find(&self, name: &str) -> Option<Secret> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    pub fn all(&self) -> Vec<Secret> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }

    /// Notes that the value was replaced.
    pub fn touch(&self, name: &str) -> Option<Secret> {
        self.write(|all| {
            let secret = all.get_mut(name)?;
            secret.updated_at = Timestamp::now();
            Some(secret.clone())
        })
    }

    pub fn delete(&self, name: &str) -> Option<Secret> {
        self.write(|all| all.remove(name))
    }

    fn write<T>(&self, use_it: impl FnOnce(&mut BTreeMap<String, Secret>) -> T) -> T {
        use_it(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A secret as one sandbox has it.
#[derive(Debug, Clone)]
pub struct Binding {
    pub secret_id: Uuid,
    pub secret_name: String,
    pub stand_in: String,
    /// The secret was deleted.
    pub revoked: bool,
}

impl Binding {
    pub fn new(secret: &Secret) -> Self {
        Self {
            secret_id: secret.id,
            secret_name: secret.name.clone(),
            stand_in: secret.stand_in(),
            revoked: false,
        }
    }
}
