//! The tables of [`surface`](crate::surface) as JavaScript, for what ships: the build writes them anew each time.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::call::{Credential, Plane, SANDBOX_ID_HEADER};
use crate::operation::{Content, Operation, Signature};
use crate::relay::{PERMISSIONS, TICKET_LENGTH};
use crate::surface::CLASSES;

/// A text as a literal of JavaScript.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// Texts as a list of JavaScript.
fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// What passes a relay, and what it needs to know of it.
///
/// Its head, which is written into the file too, says what there is.
pub fn routes() -> String {
    let mut out = ROUTES_HEAD.trim_start().to_owned();
    out.push_str(&format!(
        "\n/** What a ticket may allow. */\nexport const PERMISSIONS = {};\n",
        list(PERMISSIONS)
    ));
    out.push_str("\n/** All that passes. */\nexport const ROUTES = [\n");
    for route in all_routes() {
        out.push_str(&route.text());
    }
    out.push_str("];\n");
    for (name, docs, value) in [
        (
            "TICKET_LENGTH",
            "Most characters of a ticket.",
            TICKET_LENGTH.to_string(),
        ),
        (
            "API_KEY_HEADER",
            "Header of the API key.",
            quoted(Credential::ApiKey.header()),
        ),
        (
            "ACCESS_TOKEN_HEADER",
            "Header of a sandbox's access token.",
            quoted(Credential::AccessToken.header()),
        ),
        (
            "SANDBOX_ID_HEADER",
            "Header that names the sandbox where its origin does not.",
            quoted(SANDBOX_ID_HEADER),
        ),
    ] {
        out.push_str(&format!(
            "\n/** {docs} */\nexport const {name} = {value};\n"
        ));
    }
    out
}

const ROUTES_HEAD: &str = r#"
// Generated from the tables in src/surface by cargo xtask: what passes a relay.
//
// A route has
//   permission  what a ticket has to allow, one of PERMISSIONS
//   method      "GET", "POST", …
//   pattern     RegExp of the whole path; its first group, if it has one, is the sandbox's id
//   plane       "control" (with the API key) or "data" (with the sandbox's access token)
//   query       names of the parameters that go on
//   body        undefined, "json" or "file"
//   protocol    what the WebSocket speaks; undefined where the route is no WebSocket

const ID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";

/** A sandbox's id, in lower case. */
export const UUID = new RegExp(`^${ID}$`);

/** @typedef {{
 *   permission: string, method: string, pattern: RegExp, plane: "control" | "data", query: string[],
 *   body: "json" | "file" | undefined, protocol: string | undefined,
 * }} Route */

/** @type {(permission: string, method: string, path: string, plane: Route["plane"], query: string[], body?: Route["body"], protocol?: string) => Route} */
const route = (permission, method, path, plane, query, body, protocol) => {
  const pattern = new RegExp(`^${path.replace("{id}", `(${ID})`).replace("{port}", "\\d{1,5}")}$`);
  return { permission, method, pattern, plane, query, body, protocol };
};
"#;

/// A method and path that passes a relay. Several entries may be behind it.
struct Route {
    operation: &'static Operation,
    protocol: &'static str,
    path: &'static str,
    query: Vec<&'static str>,
}

impl Route {
    fn new(operation: &'static Operation, signature: &'static Signature) -> Self {
        let (path, query) = operation
            .path
            .split_once('?')
            .unwrap_or((operation.path, ""));
        let fixed = query
            .split('&')
            .filter_map(|pair| Some(pair.split_once('=')?.0));
        let mut query: Vec<&str> = fixed.collect();
        if operation.content == Content::Query {
            query.extend(
                operation
                    .options
                    .into_iter()
                    .flat_map(|shape| shape.wire_names()),
            );
        }
        Self {
            operation,
            protocol: signature.protocol,
            path,
            query,
        }
    }

    fn text(&self) -> String {
        let plane = match self.operation.plane {
            Plane::Control => "control",
            Plane::Data => "data",
        };
        let body = match self.operation.content {
            // What a session is opened with goes through its WebSocket.
            _ if !self.protocol.is_empty() => "undefined",
            Content::Nothing | Content::Query => "undefined",
            Content::Json | Content::Change | Content::NewSecret => "\"json\"",
            Content::File => "\"file\"",
        };
        let protocol = match self.protocol {
            "" => "undefined".to_owned(),
            name => quoted(name),
        };
        format!(
            "  route({:?}, {:?}, {:?}, {plane:?}, {}, {body}, {protocol}),\n",
            self.operation.permission,
            self.operation.method.name(),
            self.path,
            list(self.query.iter().copied()),
        )
    }
}

/// One for each method and path whose permission a ticket may have.
fn all_routes() -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for permission in PERMISSIONS {
        let entries = CLASSES
            .iter()
            .flat_map(|class| class.operations.iter().zip(class.signatures));
        for (operation, signature) in entries.filter(|(one, _)| one.permission == permission) {
            let new = Route::new(operation, signature);
            let same = |known: &&mut Route| {
                known.path == new.path && known.operation.method == operation.method
            };
            match routes.iter_mut().find(same) {
                Some(known) => known.query.extend(
                    new.query
                        .into_iter()
                        .filter(|name| !known.query.contains(name))
                        .collect::<Vec<_>>(),
                ),
                None => routes.push(new),
            }
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_routes_are_those_of_the_tables() {
        let text = routes();
        for line in [
            r#"route("exec", "POST", "/exec/stream", "data", [], "json", undefined)"#,
            r#"route("files:read", "GET", "/files", "data", ["path", "format"], undefined, undefined)"#,
            r#"route("session", "GET", "/exec/connect", "data", [], undefined, "superserve.exec.v1")"#,
            r#"route("info", "GET", "/sandboxes/{id}/network", "control", ["limit", "before", "since", "verdict"], undefined, undefined)"#,
            r#"route("preview", "DELETE", "/sandboxes/{id}/preview-ports/{port}", "control", [], undefined, undefined)"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert_eq!(all_routes().len(), 17);
        assert!(!text.contains("secrets"));
    }

    #[test]
    fn one_permission_is_enough_for_a_route() {
        for operation in CLASSES.iter().flat_map(|class| class.operations) {
            let path = operation.path.split('?').next();
            let same = all_routes().into_iter().find(|route| {
                Some(route.path) == path && route.operation.method == operation.method
            });
            if let Some(route) = same.filter(|_| !operation.permission.is_empty()) {
                assert_eq!(
                    route.operation.permission, operation.permission,
                    "{}",
                    operation.name
                );
                assert_eq!(route.operation.plane, operation.plane, "{}", operation.name);
            }
        }
    }
}
