//! Routes to sandboxes that clients must have renewed, and the hints that name them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{Plain, PlainResult};
use crate::options::StaleRoute;
use crate::sandbox::lifecycle::Sandbox;
use crate::state::App;

const VERSION: &str = "v1";

/// What a hint says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// When it ends, in seconds.
    e: i64,
    s: String,
    /// The sandbox's resumes so far: another one is another route.
    g: u64,
}

/// A new hint for a sandbox, where this server gives any.
pub fn hint(app: &App, sandbox: &Sandbox) -> Option<String> {
    let seconds = app.options.routing_hint_s?;
    let claims = Claims {
        e: Timestamp::now().as_second() + i64::from(seconds),
        s: sandbox.shown_id.clone(),
        g: sandbox.record().generation,
    };
    let claims = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).ok()?);
    let seal = app.signer.seal(&claims);
    Some(format!("{VERSION}.{claims}.{seal}"))
}

/// Whether a request, and the hint that it has, reach the sandbox.
pub fn check(app: &App, sandbox: &Sandbox, hint: Option<&str>) -> PlainResult<()> {
    let stale = sandbox.record().stale_route;
    match app.options.stale_routes.filter(|_| stale) {
        Some(StaleRoute::Stale) => return Err(Plain::route_stale()),
        Some(StaleRoute::Unavailable) => return Err(Plain::unavailable()),
        None => {}
    }
    match hint {
        Some(hint) if !is_current(app, sandbox, hint) => Err(Plain::route_stale()),
        _ => Ok(()),
    }
}

fn is_current(app: &App, sandbox: &Sandbox, hint: &str) -> bool {
    let claims = || {
        let (claims, seal) = hint
            .strip_prefix(VERSION)?
            .strip_prefix('.')?
            .split_once('.')?;
        let json = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
        let genuine = app.signer.is_seal(claims, seal);
        genuine.then(|| serde_json::from_slice::<Claims>(&json).ok())?
    };
    claims().is_some_and(|claims| {
        claims.e > Timestamp::now().as_second()
            && claims.s == sandbox.shown_id
            && claims.g == sandbox.record().generation
    })
}
