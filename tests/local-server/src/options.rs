//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::sandbox::lifecycle::Delays;

/// A local server that speaks the Superserve HTTP API with real processes.
#[derive(Debug, Clone, Parser)]
#[command(version, about)]
pub struct Options {
    /// Port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,

    /// Address to listen on. Anything but loopback lets others run commands on this machine.
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// The API key that clients must send; a random one by default.
    #[arg(long, env = "SUPERSERVE_LOCAL_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,

    /// Where the sandboxes' files are kept while the server runs; the system's temporary directory
    /// by default.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,

    /// Run commands directly on this machine, with its files and this user's rights.
    #[arg(long)]
    pub no_isolation: bool,

    /// How long a sandbox stays `pausing`, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub pause_delay_ms: u64,

    /// How long a sandbox is `migrating` after every pause, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub migration_ms: u64,

    /// How long a sandbox stays `resuming`, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub resume_delay_ms: u64,

    /// A region to tag ids with, as in `sb-use-<uuid>`; ids are bare UUIDs by default.
    #[arg(long, value_parser = crate::id::check_region)]
    pub region: Option<String>,

    /// How long an event stream may be silent before it gets a comment, in milliseconds.
    #[arg(long, default_value_t = 15_000)]
    pub keepalive_ms: u64,

    /// What the data plane says of a new or resumed sandbox until it is activated.
    #[arg(long, value_enum)]
    pub stale_routes: Option<StaleRoute>,

    /// Give out routing hints, good for so many seconds.
    #[arg(long)]
    pub routing_hint_s: Option<u32>,

    /// A machine credential that makes and moves sandboxes in place of the API key.
    #[arg(
        long,
        env = "SUPERSERVE_LOCAL_MACHINE_CREDENTIAL",
        hide_env_values = true
    )]
    pub machine_credential: Option<String>,

    /// WebSockets at once to one sandbox; one more is answered with 429.
    #[arg(long, default_value_t = 200)]
    pub max_sockets_per_sandbox: usize,

    /// WebSockets at once from one address; one more is answered with 429.
    #[arg(long, default_value_t = 100)]
    pub max_sockets_per_address: usize,

    /// How long a session of `/exec/connect` may last, in seconds.
    #[arg(long, default_value_t = 12 * 3600)]
    pub session_max_s: u64,

    /// Snapshots at most; one more is answered with 429 `too_many_snapshots`.
    #[arg(long, default_value_t = 100)]
    pub max_snapshots: usize,

    /// Snapshots of one sandbox at most; one more is answered with 429 `too_many_snapshots`.
    #[arg(long, default_value_t = 20)]
    pub max_snapshots_per_sandbox: usize,

    /// Snapshots that are taken at once; one more is answered with 429
    /// `too_many_snapshots_in_flight`.
    #[arg(long, default_value_t = 4)]
    pub max_snapshots_in_flight: usize,

    /// How long a snapshot stays `creating`, and `deleting`, in milliseconds. With 0 the request
    /// waits for it.
    #[arg(long, default_value_t = 0)]
    pub snapshot_delay_ms: u64,

    /// Live sandboxes at most; one more is answered with 429 `too_many_sandboxes`.
    #[arg(long, default_value_t = 1000)]
    pub max_sandboxes: usize,

    /// Templates of clients at most; one more is answered with 429 `too_many_templates`.
    #[arg(long, default_value_t = 1000)]
    pub max_templates: usize,

    /// Builds under way or queued at most; one more is answered with 429 `too_many_builds`.
    #[arg(long, default_value_t = 100)]
    pub max_builds: usize,

    /// Builds that run at once; the others are queued.
    #[arg(long, default_value_t = 4)]
    pub build_slots: usize,

    /// How long a template's `ready_cmd` may fail, in seconds.
    #[arg(long, default_value_t = 600)]
    pub ready_timeout_s: u64,

    /// How long after its log has said `ready` a template takes sandboxes, in milliseconds.
    #[arg(long, default_value_t = 500)]
    pub ready_lag_ms: u64,

    /// Bytes of standard output and of standard error that `/exec` keeps, each.
    #[arg(long, default_value_t = 64 << 20)]
    pub max_output_bytes: usize,

    /// How long a terminal may be silent, in seconds.
    #[arg(long, default_value_t = 600)]
    pub terminal_idle_s: u64,

    /// How long a terminal may last, in seconds.
    #[arg(long, default_value_t = 4 * 3600)]
    pub terminal_max_s: u64,

    /// How long a terminal's program may leave input unread that fills the server's room for it, in
    /// seconds of the sandbox's active time.
    #[arg(long, default_value_t = 30)]
    pub terminal_unread_s: u64,

    /// How long the head of a connection's next request may take, in seconds.
    #[arg(long, default_value_t = 120)]
    pub head_timeout_s: u64,

    /// A browser origin that the data plane answers; repeatable, `*` for all. Any loopback origin
    /// by default.
    #[arg(long = "cors-origin", value_name = "ORIGIN")]
    pub cors_origins: Vec<String>,

    /// A host name under which clients reach this server, with all names below it; repeatable, `*`
    /// for all. `localhost`, names below it and loopback addresses always do; other addresses do
    /// where the server does not listen on loopback.
    #[arg(long = "allowed-host", value_name = "NAME")]
    pub allowed_hosts: Vec<String>,

    /// A TCP port of this machine's loopback that sandboxes find on their own; repeatable.
    #[arg(long = "host-port", value_name = "PORT")]
    pub host_ports: Vec<u16>,

    /// Leave /etc/hosts alone where `*.localhost` does not resolve.
    #[arg(long)]
    pub no_hosts_file: bool,
}

/// What the data plane says of a sandbox that clients must activate first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StaleRoute {
    /// 404 `sandbox_route_stale`.
    Stale,
    /// 503 `sandbox_unavailable`.
    Unavailable,
}

impl Options {
    /// How long transitions take beyond what they need.
    pub fn delays(&self) -> Delays {
        Delays {
            pause: Duration::from_millis(self.pause_delay_ms),
            migration: Duration::from_millis(self.migration_ms),
            resume: Duration::from_millis(self.resume_delay_ms),
        }
    }
}
