//! CORS as the service's data plane has it: a few origins, two request headers, three methods.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::names::allows_origin;
use crate::state::App;

/// Answers preflights and marks the other answers for the origins that may read them.
pub async fn answer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = origin.filter(|origin| allows_origin(&app.options.cors_origins, origin));
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
