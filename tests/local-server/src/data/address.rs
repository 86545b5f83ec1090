//! Which sandbox a request is for: by header, by host name, or by the token alone.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use uuid::Uuid;

use super::error::{Plain, PlainResult};
use super::route;
use crate::id;
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::record::Status;
use crate::state::App;

/// The running sandbox that a request's token opens.
#[derive(Debug)]
pub struct Target(pub Arc<Sandbox>);

impl FromRequestParts<Arc<App>> for Target {
    type Rejection = Plain;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> PlainResult<Self> {
        let named = named(&parts.headers)?;
        let token = parts
            .headers
            .get("x-access-token")
            .map(|value| value.to_str());
        match token {
            None => Err(Plain::unauthorized("missing X-Access-Token header")),
            Some(Ok(token)) => authorize(app, named, token, hint(&parts.headers)).map(Self),
            Some(Err(_)) => Err(Plain::unauthorized("invalid access token")),
        }
    }
}

/// The sandbox, if it exists, the token is its current one, it runs and the route is current:
/// checked in this order.
pub fn authorize(
    app: &App,
    named: Option<Uuid>,
    token: &str,
    hint: Option<&str>,
) -> PlainResult<Arc<Sandbox>> {
    let invalid = || Plain::unauthorized("invalid access token");
    let sandbox = match named {
        Some(id) => app
            .find(id)
            .ok_or_else(|| Plain::not_found("sandbox not found"))?,
        None => app.find_by_token(token).ok_or_else(invalid)?,
    };
    let status = {
        let record = sandbox.record();
        if record.token != token {
            return Err(invalid());
        }
        record.status
    };
    match status {
        Status::Active => {
            route::check(app, &sandbox, hint)?;
            Ok(sandbox)
        }
        // To clients with hints only this says that it sleeps.
        _ if app.options.routing_hint_s.is_some() => Err(Plain::unavailable()),
        _ => Err(Plain::not_running()),
    }
}

/// The hint that a request has in its headers.
fn hint(headers: &HeaderMap) -> Option<&str> {
    let hint = headers.get("x-superserve-routing-hint")?;
    // One that cannot be read is none of this server's.
    Some(hint.to_str().unwrap_or_default())
}

/// The sandbox that the request names beside its token.
pub fn named(headers: &HeaderMap) -> PlainResult<Option<Uuid>> {
    let unknown = || Plain::not_found("sandbox not found");
    match headers.get("x-superserve-sandbox-id") {
        Some(id) => {
            let id = id.to_str().ok().and_then(id::parse);
            id.map(Some).ok_or_else(unknown)
        }
        None => match sandbox_of_host(headers) {
            Some(id) => id::parse(id).map(Some).ok_or_else(unknown),
            None => Ok(None),
        },
    }
}

/// What follows `boxd-` in the first label of the host name.
pub fn sandbox_of_host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    host.split(['.', ':']).next()?.strip_prefix("boxd-")
}
