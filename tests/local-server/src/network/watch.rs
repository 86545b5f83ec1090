//! Looks at the machine's sockets a few times a second and notes new outbound connections of the
//! sandboxes that use its network.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::log::Verdict;
use super::sockets::{self, Row};
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::record::Status;
use crate::state::App;

/// What opens and closes in between is not seen.
const INTERVAL: Duration = Duration::from_millis(250);

/// Watches until the server's state is gone; `own_port` is the server's.
pub async fn run(app: Weak<App>, own_port: u16) {
    let mut seen = Seen::default();
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(app) = app.upgrade() else { return };
        let active = |sandbox: &Arc<Sandbox>| {
            !sandbox.machine.has_own_network() && sandbox.status() == Status::Active
        };
        if !app.all().iter().any(active) {
            continue;
        }
        let look = move || {
            seen.look(&app, own_port);
            seen
        };
        match tokio::task::spawn_blocking(look).await {
            Ok(back) => seen = back,
            Err(_) => return,
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    /// Sockets that are dealt with: another's, incoming, or noted.
    settled: HashSet<u64>,
    /// Connections that a sandbox has begun and nobody has answered yet.
    connecting: HashMap<u64, (Weak<Sandbox>, SocketAddr)>,
}

impl Seen {
    fn look(&mut self, app: &App, own_port: u16) {
        let all = || {
            let all = app.all().into_iter();
            all.filter(|sandbox| !sandbox.machine.has_own_network())
        };
        // Reading the kernel's tables takes it milliseconds, and most sandboxes have no socket.
        if self.connecting.is_empty() && all().all(|it| it.machine.sockets().is_empty()) {
            return;
        }
        let rows = sockets::read();
        // Only now, and with those that are paused: whose a connection is, is asked but once.
        let sandboxes: Vec<_> = all().collect();
        let alive: HashSet<u64> = rows.iter().map(|row| row.inode).collect();
        self.settled.retain(|inode| alive.contains(inode));
        self.connecting.retain(|inode, (sandbox, destination)| {
            if alive.contains(inode) {
                return true;
            }
            if let Some(sandbox) = sandbox.upgrade() {
                sandbox
                    .machine
                    .network_log
                    .add(*destination, Verdict::Failed);
            }
            false
        });
        let new: Vec<&Row> = rows
            .iter()
            .filter(|row| row.is_connected() || row.is_connecting())
            // Requests to this server: many, and no sandbox's.
            .filter(|row| row.local.port() != own_port)
            .filter(|row| !self.settled.contains(&row.inode))
            .filter(|row| row.is_connected() || !self.connecting.contains_key(&row.inode))
            .collect();
        if new.is_empty() {
            return;
        }
        for sandbox in &sandboxes {
            let own = sandbox.machine.sockets();
            let listening: HashSet<u16> = rows
                .iter()
                .filter(|row| row.is_listening() && own.contains(&row.inode))
                .map(|row| row.local.port())
                .collect();
            for row in new.iter().filter(|row| own.contains(&row.inode)) {
                let incoming = listening.contains(&row.local.port());
                let within =
                    row.remote.ip().is_loopback() && listening.contains(&row.remote.port());
                if incoming || within {
                    continue;
                }
                if row.is_connecting() {
                    self.connecting
                        .insert(row.inode, (Arc::downgrade(sandbox), row.remote));
                } else {
                    sandbox
                        .machine
                        .network_log
                        .add(row.remote, Verdict::Allowed);
                }
            }
        }
        for row in new.iter().filter(|row| row.is_connected()) {
            self.connecting.remove(&row.inode);
            self.settled.insert(row.inode);
        }
        // A socket of nobody's that is still connecting.
        for row in new.iter().filter(|row| row.is_connecting()) {
            if !self.connecting.contains_key(&row.inode) {
                self.settled.insert(row.inode);
            }
        }
    }
}
