//! CORS as the service's data plane has it: a few origins, two request headers, three methods.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::state::App;

/// Answers preflights and marks the other answers for the origins that may read them.
pub async fn answer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = origin.filter(|origin| allows(&app.options.cors_origins, origin));
    let mut response = if request.method() == Method::OPTIONS {
        let mut preflight = StatusCode::NO_CONTENT.into_response();
        if allowed.is_some() {
            let headers = preflight.headers_mut();
            let set = HeaderValue::from_static;
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, set("GET, POST, OPTIONS"));
            headers.insert(
                ACCESS_CONTROL_ALLOW_HEADERS,
                set("X-Access-Token, Content-Type"),
            );
            headers.insert(ACCESS_CONTROL_MAX_AGE, set("600"));
        }
        preflight
    } else {
        next.run(request).await
    };
    response
        .headers_mut()
        .append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        response
            .headers_mut()
            .insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn allows(configured: &[String], origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if configured.is_empty() {
        return is_loopback(origin);
    }
    configured.iter().any(|one| one == "*" || one == origin)
}

fn is_loopback(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else {
        return false;
    };
    let Some(host) = uri.host() else { return false };
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_origins() {
        for origin in [
            "http://localhost:5173",
            "https://a.localhost",
            "http://127.9.0.1",
            "http://[::1]:1",
        ] {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in [
            "null",
            "http://localhost.evil.com",
            "http://10.0.0.1",
            "http://evillocalhost",
        ] {
            assert!(!is_loopback(origin), "{origin}");
        }
    }
}
