//! Where to connect and with what key: validated once, before any request.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use crate::protocol::error::Error;
use crate::protocol::origin::Origin;
use crate::protocol::text::{concat, split_once};

const DEFAULT_BASE_URL: &str = "https://api.superserve.ai";
const DEFAULT_SANDBOX_HOST: &str = "sandbox.superserve.ai";
/// Region code in the key, API origin, sandbox host.
const REGIONS: [(&str, &str, &str); 2] = [
    ("use", DEFAULT_BASE_URL, DEFAULT_SANDBOX_HOST),
    (
        "usw",
        "https://api-usw.superserve.ai",
        "usw-sandbox.superserve.ai",
    ),
];
/// API hosts with a sandbox host of their own.
const HOSTS: [(&str, &str); 3] = [
    ("api.superserve.ai", DEFAULT_SANDBOX_HOST),
    ("api-usw.superserve.ai", "usw-sandbox.superserve.ai"),
    ("api-staging.superserve.ai", "staging-sandbox.superserve.ai"),
];

/// What a machine credential has to be, and to come with.
const MACHINE: &str = "be printable ASCII, in place of an apiKey, and come with an explicit baseUrl that is a \
    plain origin";

/// What a caller or the environment says, without white space around it. Empty values count as unset.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// API key.
    pub api_key: String,
    /// API origin.
    pub base_url: String,
    /// Data-plane origin, for self-hosting.
    pub sandbox_url: String,
    /// What a machine has in place of a key.
    pub machine_credential: String,
}

/// A connection that can be used.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// API key, or what a machine has in its place; never printed.
    pub api_key: String,
    /// Whether it is a machine's.
    pub is_machine: bool,
    /// API origin, without a trailing slash.
    pub base_url: String,
    /// Host that sandboxes' own host names end in.
    pub sandbox_host: String,
    /// Scheme of preview URLs: `http` for a local server.
    pub preview_scheme: &'static str,
    /// Host that preview URLs end in: `localhost` and its port for a local server.
    pub preview_host: String,
    /// One origin for every sandbox's data plane: a local server's, or a self-hosted one.
    pub sandbox_origin: Option<String>,
    /// Whether `base_url` is a relay's, which stands for both planes and wants a ticket.
    pub is_relayed: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &self.base_url)
            .field("sandbox_host", &self.sandbox_host)
            .field("sandbox_origin", &self.sandbox_origin)
            .finish_non_exhaustive()
    }
}

/// Where a data-plane request goes.
#[derive(Debug, PartialEq, Eq)]
pub struct DataPlane {
    /// Origin, without a trailing slash.
    pub origin: String,
    /// Whether the origin is shared, so that `X-Superserve-Sandbox-Id` has to name the sandbox.
    pub names_sandbox: bool,
}

impl Config {
    /// Makes a connection of settings that are complete.
    ///
    /// # Errors
    /// `NoApiKey` without a key or with one that no header can carry; `InvalidArgument` for a URL that is
    /// not one, for plain `http` to a host that is not this machine, and for a machine credential that comes with a key,
    /// without a URL or with characters that no header can carry.
    pub fn resolve(settings: &Settings) -> Result<Self, Error> {
        let machine = &settings.machine_credential;
        let is_machine = !machine.is_empty();
        let fits = |secret: &str| secret.bytes().all(|b| b.is_ascii_graphic());
        let is_placed = settings.api_key.is_empty() && !settings.base_url.is_empty();
        if is_machine && !(is_placed && fits(machine)) {
            return Err(Error::must("machineCredential", MACHINE));
        }
        let api_key = if is_machine {
            machine
        } else {
            &settings.api_key
        };
        if api_key.is_empty() {
            let how =
                "no API key: pass `apiKey` or set the SUPERSERVE_API_KEY environment variable";
            return Err(Error::NoApiKey(how.to_owned()));
        }
        if !fits(api_key) {
            let why = "the API key contains characters that no key has";
            return Err(Error::NoApiKey(why.to_owned()));
        }

        let region = region_of(api_key);
        let (base, sandbox_host) = match &*settings.base_url {
            "" => (region.1, Some(region.2)),
            explicit => (explicit, None),
        };
        let base = Origin::parse("baseUrl", base, false)?;
        if is_machine && base.has_path() {
            return Err(Error::must("machineCredential", MACHINE));
        }
        let sandbox_host = match sandbox_host {
            Some(host) => host,
            None => HOSTS
                .iter()
                .find(|(api, _)| base.host.eq_ignore_ascii_case(api))
                .map_or(DEFAULT_SANDBOX_HOST, |(_, host)| host),
        };
        let data_plane = match &*settings.sandbox_url {
            "" => base.is_loopback().then(|| base.clone()),
            url => Some(Origin::parse("sandboxUrl", url, false)?),
        };
        let local = data_plane.as_ref().filter(|origin| origin.is_loopback());
        let (preview_scheme, preview_host) = match local {
            Some(Origin { port: "", .. }) => ("http", "localhost".to_owned()),
            Some(origin) => ("http", concat(&["localhost:", origin.port])),
            None => ("https", sandbox_host.to_owned()),
        };
        let sandbox_origin = data_plane.map(|origin| origin.text);
        Ok(Self {
            preview_scheme,
            preview_host,
            api_key: api_key.clone(),
            is_machine,
            base_url: base.text,
            sandbox_host: sandbox_host.to_owned(),
            sandbox_origin,
            is_relayed: false,
        })
    }

    /// The connection to a relay. `is_own` says that it is on the page's own origin. `previews` is the origin that
    /// preview URLs end in, if anybody has told.
    ///
    /// # Errors
    /// `InvalidArgument` as for [`Self::resolve`].
    pub fn relayed(url: &str, is_own: bool, previews: &str) -> Result<Self, Error> {
        let relay = Origin::parse("relayUrl", url, is_own)?;
        let (scheme, host) = split_once(previews, b':').unwrap_or(("https", ""));
        let preview_host = host.strip_prefix("//").unwrap_or(DEFAULT_SANDBOX_HOST);
        Ok(Self {
            api_key: String::new(),
            is_machine: false,
            base_url: relay.text.clone(),
            sandbox_host: String::new(),
            preview_scheme: if scheme == "http" { "http" } else { "https" },
            preview_host: preview_host.to_owned(),
            sandbox_origin: Some(relay.text),
            is_relayed: true,
        })
    }

    /// Origin of the WebSockets of `sandbox_id`: always its own host, since a WebSocket cannot send a header.
    ///
    /// # Errors
    /// As [`Self::data_plane`].
    pub fn socket(&self, sandbox_id: &str) -> Result<String, Error> {
        let place = self.data_plane(sandbox_id, true)?;
        // `http` becomes `ws`, `https` becomes `wss`.
        let rest = place.origin.get("http".len()..).unwrap_or_default();
        Ok(concat(&["ws", rest]))
    }

    /// Where the data plane of `sandbox_id` is. A browser may not name the sandbox in a header, so it
    /// always uses the sandbox's own host.
    ///
    /// # Errors
    /// `InvalidResponse` for an id that could not stand in a host name.
    pub fn data_plane(&self, sandbox_id: &str, in_browser: bool) -> Result<DataPlane, Error> {
        if !is_host_label(sandbox_id) {
            return Err(Error::InvalidResponse(
                "the sandbox id cannot stand in a host name".to_owned(),
            ));
        }
        if let Some(origin) = &self.sandbox_origin {
            return Ok(DataPlane {
                origin: origin.clone(),
                names_sandbox: !in_browser && !self.is_relayed,
            });
        }
        let shared = HOSTS
            .iter()
            .any(|(_, host)| self.sandbox_host.eq_ignore_ascii_case(host));
        if shared && !in_browser {
            let origin = concat(&["https://", &self.sandbox_host]);
            return Ok(DataPlane {
                origin,
                names_sandbox: true,
            });
        }
        let origin = concat(&["https://boxd-", sandbox_id, ".", &self.sandbox_host]);
        Ok(DataPlane {
            origin,
            names_sandbox: false,
        })
    }
}

/// A sandbox's id as the service has them, in lower case: a UUID, with or without the tag of its region. For the relay's
/// routes: a regular expression.
#[cfg(not(target_arch = "wasm32"))]
pub const SANDBOX_ID_PATTERN: &str =
    "(?:sb-[a-z0-9]+-)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";

/// Whether `text` can be a part of a host name: letters, digits, hyphens. So can every id of a sandbox's, which is opaque
/// otherwise.
pub fn is_host_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The region a key of the form `ss_live_<region>_<32 characters>` names; the default otherwise.
fn region_of(key: &str) -> &'static (&'static str, &'static str, &'static str) {
    let named = || {
        let (region, secret) = split_once(key.strip_prefix("ss_live_")?, b'_')?;
        let well_formed = secret.len() == 32
            && secret
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        REGIONS
            .iter()
            .find(|(code, ..)| well_formed && *code == region)
    };
    let [default, ..] = &REGIONS;
    named().unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11";
    const LEGACY: &str = "ss_live_abcdefghijklmnopqrstuvwxyz012345";

    fn resolve(key: &str, base: Option<&str>, sandbox: Option<&str>) -> Result<Config, Error> {
        let given = Settings {
            api_key: key.to_owned(),
            base_url: base.unwrap_or_default().to_owned(),
            sandbox_url: sandbox.unwrap_or_default().to_owned(),
            ..Settings::default()
        };
        Config::resolve(&given)
    }

    #[test]
    fn a_key_is_needed_and_fits_a_header() {
        for key in ["", " \n", "ss\nlive", "clé"] {
            let error = resolve(key, None, None).unwrap_err();
            assert!(matches!(error, Error::NoApiKey(_)), "{key:?}");
            assert!(key.trim().is_empty() || !error.to_string().contains(key));
        }
    }

    #[test]
    fn a_region_comes_from_a_well_formed_key_only() {
        let secret = "a".repeat(32);
        for (key, base) in [
            (
                format!("ss_live_usw_{secret}"),
                "https://api-usw.superserve.ai",
            ),
            (format!("ss_live_use_{secret}"), "https://api.superserve.ai"),
            (
                format!("ss_live_mars_{secret}"),
                "https://api.superserve.ai",
            ),
            (
                format!("ss_live_usw_{secret}a"),
                "https://api.superserve.ai",
            ),
            (LEGACY.to_owned(), "https://api.superserve.ai"),
        ] {
            assert_eq!(resolve(&key, None, None).unwrap().base_url, base, "{key}");
        }
        let west = resolve(&format!("ss_live_usw_{secret}"), None, None).unwrap();
        assert_eq!(west.sandbox_host, "usw-sandbox.superserve.ai");
    }

    #[test]
    fn the_sandbox_host_follows_an_explicit_base_url() {
        for (base, host) in [
            ("https://api.superserve.ai/", "sandbox.superserve.ai"),
            ("https://API-USW.superserve.ai", "usw-sandbox.superserve.ai"),
            (
                "https://api-staging.superserve.ai",
                "staging-sandbox.superserve.ai",
            ),
            ("https://elsewhere.example", "sandbox.superserve.ai"),
        ] {
            assert_eq!(
                resolve(LEGACY, Some(base), None).unwrap().sandbox_host,
                host
            );
        }
    }

    #[test]
    fn loopback_serves_both_planes() {
        for base in [
            "http://localhost:3000",
            "http://x.localhost",
            "http://127.0.0.1:1",
            "http://127.1.2.3",
            "https://[::1]:8080",
        ] {
            let config = resolve(LEGACY, Some(base), None).unwrap();
            assert_eq!(config.sandbox_origin.as_deref(), Some(base));
        }
        let config = resolve(LEGACY, None, Some("https://boxes.example:8443/")).unwrap();
        assert_eq!(
            config.sandbox_origin.as_deref(),
            Some("https://boxes.example:8443")
        );
    }

    #[test]
    fn a_relay_is_both_planes() {
        let config = Config::relayed("https://app.example/api/", false, "").unwrap();
        let place = config.data_plane(UUID, false).unwrap();
        assert_eq!(
            (
                config.base_url.as_str(),
                place.origin.as_str(),
                place.names_sandbox
            ),
            ("https://app.example/api", "https://app.example/api", false)
        );
        assert_eq!(config.socket(UUID).unwrap(), "wss://app.example/api");
        for (previews, expected) in [
            ("", ("https", "sandbox.superserve.ai")),
            ("https://boxes.example", ("https", "boxes.example")),
            ("http://localhost:80", ("http", "localhost:80")),
        ] {
            let config = Config::relayed("https://app.example", false, previews).unwrap();
            assert_eq!(
                (config.preview_scheme, config.preview_host.as_str()),
                expected
            );
        }
        // A page of its own origin has chosen plain http for itself.
        assert!(Config::relayed("http://app.example", true, "").is_ok());
        assert!(Config::relayed("http://app.example", false, "").is_err());
    }

    #[test]
    fn a_browser_uses_the_sandboxs_own_host() {
        let config = resolve(LEGACY, None, None).unwrap();
        let shared = config.data_plane(UUID, false).unwrap();
        assert_eq!(
            (shared.origin.as_str(), shared.names_sandbox),
            ("https://sandbox.superserve.ai", true)
        );
        let own = config.data_plane(UUID, true).unwrap();
        assert_eq!(
            (own.origin.as_str(), own.names_sandbox),
            (
                "https://boxd-3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11.sandbox.superserve.ai",
                false
            )
        );
        assert!(config.data_plane("evil.example/", false).is_err());
    }

    #[test]
    fn a_machine_credential_stands_for_a_key_where_it_is_told_to() {
        let resolve = |credential: &str, api_key: &str, base_url: &str| {
            let settings = Settings {
                api_key: api_key.to_owned(),
                base_url: base_url.to_owned(),
                machine_credential: credential.to_owned(),
                ..Settings::default()
            };
            Config::resolve(&settings)
        };
        for base in [
            "https://api.superserve.ai/",
            "http://localhost:1",
            "https://a.example",
        ] {
            let config = resolve("machine-1", "", base).unwrap();
            assert_eq!((config.is_machine, &*config.api_key), (true, "machine-1"));
        }
        assert!(!resolve("", LEGACY, "").unwrap().is_machine);
        for (credential, key, base) in [
            ("machine-1", LEGACY, "https://a.example"),
            ("machine-1", "", ""),
            ("machine-1", "", "http://a.example"),
            ("machine-1", "", "https://a.example/path"),
            ("machine-1", "", "https://user@a.example"),
            ("mach ine", "", "https://a.example"),
            ("machin\u{e9}", "", "https://a.example"),
        ] {
            let error = resolve(credential, key, base).unwrap_err();
            assert!(
                matches!(error, Error::InvalidArgument(_)),
                "{credential} {base}"
            );
            assert!(!error.to_string().contains(credential));
        }
    }

    #[test]
    fn a_printed_config_has_no_key() {
        let printed = format!("{:?}", resolve(LEGACY, None, None).unwrap());
        assert!(!printed.contains("ss_live"), "{printed}");
    }
}
