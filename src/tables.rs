//! The tables of [`surface`](crate::surface) as JavaScript, for what ships: the build writes them anew each time.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::call::Plane;
use crate::config::SANDBOX_ID_PATTERN;
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
    let id = quoted(SANDBOX_ID_PATTERN);
    let mut out = ROUTES_HEAD.trim_start().replace("ID_PATTERN", &id);
    out.push_str(&format!(
        "\n/** What a ticket may allow. */\nexport const PERMISSIONS = {};\n",
        list(PERMISSIONS)
    ));
    out.push_str("\n/** All that passes. */\nexport const ROUTES = [\n");
    for route in all_routes() {
        out.push_str(&route.text());
    }
    out.push_str("];\n");
    out.push_str(&format!(
        "\n/** Most characters of a ticket. */\nexport const TICKET_LENGTH = {TICKET_LENGTH};\n"
    ));
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
//   entry       by which the core knows the request: numbers of its class and of the method in it

const ID = ID_PATTERN;

/** A sandbox's id, in lower case. */
export const SANDBOX_ID = new RegExp(`^${ID}$`);

/** @typedef {{
 *   permission: string, method: string, pattern: RegExp, plane: "control" | "data", query: string[],
 *   body: "json" | "file" | undefined, protocol: string | undefined, entry: { class: number, index: number },
 * }} Route */

/** @type {(entry: Route["entry"], permission: string, method: string, path: string, plane: Route["plane"], query: string[], body?: Route["body"], protocol?: string) => Route} */
const route = (entry, permission, method, path, plane, query, body, protocol) => {
  const pattern = new RegExp(`^${path.replace("{id}", `(${ID})`).replace("{port}", "\\d{1,5}")}$`);
  return { entry, permission, method, pattern, plane, query, body, protocol };
};
"#;

/// A method and path that passes a relay. Several entries may be behind it.
struct Route {
    operation: &'static Operation,
    /// Numbers of its class and of its own.
    entry: (usize, usize),
    protocol: &'static str,
    path: &'static str,
    query: Vec<&'static str>,
}

impl Route {
    fn new(
        entry: (usize, usize),
        operation: &'static Operation,
        signature: &'static Signature,
    ) -> Self {
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
            entry,
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
        let (class, index) = self.entry;
        format!(
            "  route({{ class: {class}, index: {index} }}, {:?}, {:?}, {:?}, {plane:?}, {}, {body}, {protocol}),\n",
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
        let entries = CLASSES.iter().enumerate().flat_map(|(class, all)| {
            let entries = all.operations.iter().zip(all.signatures).enumerate();
            entries.map(move |(index, entry)| ((class, index), entry))
        });
        for (place, (operation, signature)) in
            entries.filter(|(_, (one, _))| one.permission == permission)
        {
            let new = Route::new(place, operation, signature);
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
            r#"}, "exec", "POST", "/exec/stream", "data", [], "json", undefined)"#,
            r#"}, "files:read", "GET", "/files", "data", ["path", "format"], undefined, undefined)"#,
            r#"}, "session", "GET", "/exec/connect", "data", [], undefined, "superserve.exec.v1")"#,
            r#"}, "info", "GET", "/sandboxes/{id}/network", "control", ["limit", "before", "since", "verdict"], undefined, undefined)"#,
            r#"}, "preview", "DELETE", "/sandboxes/{id}/preview-ports/{port}", "control", [], undefined, undefined)"#,
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
