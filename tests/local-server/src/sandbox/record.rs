//! What the server knows of a sandbox, and how the API shows it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;

use crate::preview::Ports;
use crate::secret::Binding;
use crate::template::Image;
use crate::template::spec::Resources;

/// Strings by name: metadata, environment.
pub type Strings = BTreeMap<String, String>;

/// Where a sandbox is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Starting,
    Active,
    Pausing,
    Paused,
    Resuming,
    Migrating,
    Failed,
    Deleted,
}

impl Status {
    /// Whether it passes by itself.
    pub fn is_transition(self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Pausing | Self::Resuming | Self::Migrating
        )
    }

    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Active => "active",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Resuming => "resuming",
            Self::Migrating => "migrating",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }
}

/// What may be reached from inside; kept and shown, not enforced.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_out: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deny_out: Option<Vec<String>>,
}

/// Who may open preview ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewAccess {
    Public,
    Private,
}

/// The parts of a sandbox that change.
#[derive(Debug)]
pub struct Record {
    pub name: String,
    pub status: Status,
    pub token: String,
    pub metadata: Strings,
    pub env_vars: Strings,
    pub network: Option<Network>,
    pub timeout_seconds: Option<u64>,
    pub auto_delete_seconds: Option<u64>,
    pub preview_access: Option<PreviewAccess>,
    pub ports: Ports,
    /// Whether a snapshot is being taken.
    pub capturing: bool,
    /// How often it was resumed, and whether clients must activate it once before it is reached.
    pub generation: u64,
    pub stale_route: bool,
    /// By the environment variable.
    pub secrets: BTreeMap<String, Binding>,
    /// When it last became active; `None` while it is not.
    pub active_since: Option<Instant>,
    /// Active time before `active_since`.
    pub active_before: Duration,
    /// When it is to be deleted; only while paused.
    pub delete_at: Option<(Instant, Timestamp)>,
}

impl Record {
    /// Time spent active, pauses not counted.
    pub fn active_time(&self) -> Duration {
        self.active_before
            + self
                .active_since
                .map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Starts the deletion countdown anew, or clears it.
    pub fn arm_auto_delete(&mut self) {
        self.delete_at = match (self.status, self.auto_delete_seconds) {
            (Status::Paused, Some(seconds)) => {
                let wait = Duration::from_secs(seconds);
                Some((Instant::now() + wait, Timestamp::now() + wait))
            }
            _ => None,
        };
    }
}

/// What a sandbox was made from.
#[derive(Debug)]
pub struct Origin {
    pub template_id: Uuid,
    pub resources: Resources,
    pub image: Image,
    /// The snapshot, where it was one.
    pub snapshot: Option<Uuid>,
}

/// A secret's binding in an answer.
#[derive(Debug, Serialize)]
pub struct BindingView {
    pub env_key: String,
    pub secret_name: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

/// A sandbox in an answer.
#[derive(Debug, Serialize)]
pub struct View {
    pub id: String,
    pub name: String,
    pub status: Status,
    pub vcpu_count: u32,
    pub memory_mib: u32,
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_delete_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_delete_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    pub metadata: Strings,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_access: Option<PreviewAccess>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_snapshot_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<BindingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Only in answers that wake a sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_hint: Option<String>,
}
