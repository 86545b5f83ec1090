//! `http://<port>-<sandbox id>.localhost:<server port>`: a reverse proxy to a port in a sandbox.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CONNECTION, COOKIE, HOST, HeaderName, RETRY_AFTER, SET_COOKIE, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use uuid::Uuid;

use super::{Gate, gate, is_previewable};
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::record::Status;
use crate::state::App;
use crate::{desktop, id};

/// Headers about one connection, not about the message.
const HOP_BY_HOP: [HeaderName; 4] = [
    CONNECTION,
    TRANSFER_ENCODING,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Port and sandbox of a preview's host name.
pub fn target_of_host(headers: &HeaderMap) -> Option<(u32, Uuid)> {
    target_of_name(headers.get(HOST)?.to_str().ok()?)
}

pub fn target_of_name(host: &str) -> Option<(u32, Uuid)> {
    let (port, id) = host.split(['.', ':']).next()?.split_once('-')?;
    Some((port.parse().ok()?, id::parse(id)?))
}

/// Answers a request to a preview's host.
pub async fn serve(app: Arc<App>, port: u32, id: Uuid, request: Request) -> Response {
    match forward(&app, port, id, request).await {
        Ok(response) => response,
        Err((StatusCode::BAD_GATEWAY, text)) => {
            (StatusCode::BAD_GATEWAY, [(RETRY_AFTER, "2")], text).into_response()
        }
        Err(refused) => refused.into_response(),
    }
}

type Refused = (StatusCode, &'static str);

const NO_PAGE: Refused = (
    StatusCode::NOT_IMPLEMENTED,
    "the page of the screen is not served: it needs the packages novnc and websockify on this machine",
);

async fn forward(
    app: &App,
    port: u32,
    id: Uuid,
    mut request: Request,
) -> Result<Response, Refused> {
    let port = is_previewable(port).ok_or((StatusCode::BAD_REQUEST, "port cannot be previewed"))?;
    let sandbox = app
        .find(id)
        .ok_or((StatusCode::NOT_FOUND, "sandbox not found"))?;
    let (status, gate) = {
        let record = sandbox.record();
        (
            record.status,
            gate(record.preview_access, record.ports.get(&port)),
        )
    };
    let credentials = Credentials::take(&mut request);
    let cookie = match gate {
        Gate::Open => None,
        Gate::NotPublished => return Err((StatusCode::NOT_FOUND, "port is not published")),
        Gate::Token(version) => {
            let verify = |token: &str| app.signer.verify(token, id, port, version);
            if !credentials.open(verify) {
                return Err((StatusCode::UNAUTHORIZED, "missing or invalid preview token"));
            }
            credentials.cookie(verify)
        }
    };
    if status != Status::Active {
        return Err((StatusCode::SERVICE_UNAVAILABLE, "sandbox is not running"));
    }
    let unreachable = match port {
        desktop::PAGE_PORT if sandbox.origin.image.screen => NO_PAGE,
        _ => (StatusCode::BAD_GATEWAY, "sandbox unreachable"),
    };
    let stream = reach(sandbox, port).await.ok_or(unreachable)?;
    let mut response = pass_on(stream, request).await.map_err(|error| {
        tracing::debug!(%error, port, "preview");
        unreachable
    })?;
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The token of a request, wherever it was; the sandbox does not see it.
#[derive(Default)]
struct Credentials {
    header: Option<String>,
    query: Option<String>,
    cookie: Option<String>,
}

impl Credentials {
    fn take(request: &mut Request) -> Self {
        let header = request.headers_mut().remove(super::HEADER);
        let header = header.and_then(|value| value.to_str().ok().map(str::to_owned));
        let (uri, query) = without_token(request.uri());
        *request.uri_mut() = uri;
        let cookies = request.headers_mut().remove(COOKIE);
        let cookies = cookies
            .as_ref()
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (mut cookie, mut others) = (None, Vec::new());
        for one in cookies
            .split(';')
            .map(str::trim)
            .filter(|one| !one.is_empty())
        {
            match one.split_once('=') {
                Some((super::COOKIE, value)) => cookie = Some(value.to_owned()),
                _ => others.push(one),
            }
        }
        if let (false, Ok(value)) = (others.is_empty(), others.join("; ").parse()) {
            request.headers_mut().insert(COOKIE, value);
        }
        Self {
            header,
            query,
            cookie,
        }
    }

    fn open(&self, verify: impl Fn(&str) -> bool) -> bool {
        [&self.header, &self.query, &self.cookie]
            .into_iter()
            .flatten()
            .any(|token| verify(token))
    }

    /// A page that was opened by a signed URL loads the rest of itself by this. The URL is
    /// anybody's who made a link: what it holds becomes a cookie only if it opens the port by itself.
    fn cookie(&self, verify: impl Fn(&str) -> bool) -> Option<HeaderValue> {
        let token = self.query.as_deref()?;
        if !verify(token) || !token.bytes().all(is_cookie_octet) {
            return None;
        }
        format!("{}={token}; Path=/; HttpOnly; SameSite=Lax", super::COOKIE)
            .parse()
            .ok()
    }
}

/// What the value of a cookie can carry (RFC 6265): a `;` would begin an attribute.
const fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~')
}

fn without_token(uri: &Uri) -> (Uri, Option<String>) {
    let Some(query) = uri.query() else {
        return (uri.clone(), None);
    };
    let mut token = None;
    let mut others = Vec::new();
    for part in query.split('&') {
        match part.split_once('=') {
            Some((super::QUERY_PARAM, value)) => token = Some(value.to_owned()),
            _ => others.push(part),
        }
    }
    let query = if others.is_empty() {
        String::new()
    } else {
        format!("?{}", others.join("&"))
    };
    let clean = format!("{}{query}", uri.path()).parse();
    (clean.unwrap_or_else(|_| uri.clone()), token)
}

/// A connection to where the sandbox listens on the port.
async fn reach(sandbox: Arc<Sandbox>, port: u16) -> Option<TcpStream> {
    let listening = {
        let sandbox = sandbox.clone();
        tokio::task::spawn_blocking(move || sandbox.machine.listening())
    };
    let mut listening = listening.await.ok()?.into_iter();
    let mut address = listening.find(|address| address.port() == port)?;
    if address.ip().is_unspecified() {
        let ip = if address.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        };
        address.set_ip(ip);
    }
    let connected = sandbox.machine.connect(address).await;
    connected
        .inspect_err(|error| tracing::debug!(%error, port, "preview"))
        .ok()
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

async fn pass_on(stream: TcpStream, mut request: Request) -> Result<Response, AnyError> {
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    let wants_upgrade = request.headers().contains_key(UPGRADE);
    let client = wants_upgrade.then(|| hyper::upgrade::on(&mut request));
    strip(request.headers_mut(), wants_upgrade);
    let mut response = sender.send_request(request).await?;
    let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    if let (Some(client), true) = (client, upgraded) {
        let server = hyper::upgrade::on(&mut response);
        tokio::spawn(async move {
            if let (Ok(client), Ok(server)) = tokio::join!(client, server) {
                let (mut client, mut server) = (TokioIo::new(client), TokioIo::new(server));
                tokio::io::copy_bidirectional(&mut client, &mut server)
                    .await
                    .ok();
            }
        });
    }
    strip(response.headers_mut(), upgraded);
    Ok(response.map(Body::new))
}

fn strip(headers: &mut HeaderMap, upgrade: bool) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    if upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_a_port_and_a_sandbox() {
        let id = "2f1d7c60-53a5-4b5e-9d3b-6f8f1f6ad001";
        let target = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            target_of_host(&headers).map(|(port, id)| (port, id.to_string()))
        };
        assert_eq!(
            target(&format!("3000-{id}.localhost:8080")),
            Some((3000, id.to_owned()))
        );
        assert_eq!(target(&format!("3000-{id}")), Some((3000, id.to_owned())));
        for other in [
            "localhost:8080",
            &format!("boxd-{id}.localhost"),
            "3000-x.localhost",
            "127.0.0.1",
        ] {
            assert_eq!(target(other), None, "{other}");
        }
    }

    #[test]
    fn only_a_token_that_opens_the_port_becomes_a_cookie() {
        let cookie = |query: &str| {
            let credentials = Credentials {
                query: Some(query.to_owned()),
                ..Credentials::default()
            };
            credentials.cookie(|token| token.starts_with("good"))
        };
        let set = cookie("good.0f").unwrap();
        let set = set.to_str().unwrap();
        assert!(set.starts_with("superserve_preview_token=good.0f; Path=/;"));
        for bad in [
            "",
            "bad",
            "good; Domain=localhost",
            "good,a",
            "good\"",
            "good\\",
            "good a",
        ] {
            assert_eq!(cookie(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_token_leaves_the_url() {
        let clean = |uri: &str| {
            let (uri, token) = without_token(&uri.parse().unwrap());
            (uri.to_string(), token)
        };
        let token = || Some("t".to_owned());
        assert_eq!(
            clean("/a?superserve_preview_token=t"),
            ("/a".to_owned(), token())
        );
        assert_eq!(
            clean("/a?x=%20&superserve_preview_token=t&y"),
            ("/a?x=%20&y".to_owned(), token())
        );
        assert_eq!(clean("/a?x=1"), ("/a?x=1".to_owned(), None));
        assert_eq!(clean("/"), ("/".to_owned(), None));
    }
}
