//! Preview ports: which ports of a sandbox a browser may open, and with which tokens.

pub mod hosts_file;
pub mod proxy;

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use uuid::Uuid;

use crate::sandbox::record::PreviewAccess;

/// The sandbox's own agent listens here in the service.
pub const RESERVED_PORT: u16 = 49983;
pub const MIN_PORT: u16 = 1024;

/// Where a request may carry its token.
pub const HEADER: &str = "X-Superserve-Preview-Token";
pub const QUERY_PARAM: &str = "superserve_preview_token";
pub const COOKIE: &str = "superserve_preview_token";

/// A port that was published.
#[derive(Debug, Clone, Copy)]
pub struct PublishedPort {
    /// Overrides the sandbox's.
    pub access: Option<PreviewAccess>,
    /// Tokens of other versions are void.
    pub token_version: u32,
}

/// The published ports of a sandbox.
pub type Ports = BTreeMap<u16, PublishedPort>;

/// What a request to a port needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// A token of this version.
    Token(u32),
    NotPublished,
}

/// Whether a port may be previewed at all.
pub fn is_previewable(port: u32) -> Option<u16> {
    u16::try_from(port)
        .ok()
        .filter(|port| *port >= MIN_PORT && *port != RESERVED_PORT)
}

/// What a request to a port needs. Sandboxes without a setting are as they were before there was
/// one: every port is open.
pub fn gate(sandbox: Option<PreviewAccess>, port: Option<&PublishedPort>) -> Gate {
    match (sandbox, port) {
        (None, None) => Gate::Open,
        (Some(_), None) => Gate::NotPublished,
        (_, Some(published)) => match published.access.or(sandbox) {
            None | Some(PreviewAccess::Public) => Gate::Open,
            Some(PreviewAccess::Private) => Gate::Token(published.token_version),
        },
    }
}

/// Makes and checks tokens.
#[derive(Debug)]
pub struct Signer {
    key: [u8; 64],
}

impl Signer {
    pub fn new() -> Self {
        let mut key = [0; 64];
        for part in key.chunks_exact_mut(16) {
            part.copy_from_slice(Uuid::new_v4().as_bytes());
        }
        Self { key }
    }

    /// A token for one port, of one version, until a moment or for ever.
    pub fn sign(&self, id: Uuid, port: u16, version: u32, expires: Option<Timestamp>) -> String {
        let expires = expires.map_or(0, Timestamp::as_second);
        let claims = format!("{version}.{expires}");
        let mac = self.mac(id, port, &claims).finalize().into_bytes();
        let mac: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("pvt_{claims}.{mac}")
    }

    /// Whether a token opens the port now.
    pub fn verify(&self, token: &str, id: Uuid, port: u16, version: u32) -> bool {
        let Some((claims, mac)) = token
            .strip_prefix("pvt_")
            .and_then(|it| it.rsplit_once('.'))
        else {
            return false;
        };
        let Some((own_version, expires)) = claims.split_once('.') else {
            return false;
        };
        let genuine =
            unhex(mac).is_some_and(|bytes| self.mac(id, port, claims).verify_slice(&bytes).is_ok());
        let alive = match expires.parse::<i64>() {
            Ok(0) => true,
            Ok(at) => at > Timestamp::now().as_second(),
            Err(_) => false,
        };
        genuine && alive && own_version.parse() == Ok(version)
    }

    /// What shows that a text is this server's own.
    pub fn seal(&self, text: &str) -> String {
        let mac = self.seal_of(text).finalize().into_bytes();
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn is_seal(&self, text: &str, seal: &str) -> bool {
        unhex(seal).is_some_and(|bytes| self.seal_of(text).verify_slice(&bytes).is_ok())
    }

    fn seal_of(&self, text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        // No preview's claims begin so.
        mac.update(b"seal.");
        mac.update(text.as_bytes());
        mac
    }

    fn mac(&self, id: Uuid, port: u16, claims: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(format!("{id}.{port}.{claims}").as_bytes());
        mac
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_what_it_was_made_for() {
        let signer = Signer::new();
        let (id, other) = (Uuid::new_v4(), Uuid::new_v4());
        let token = signer.sign(id, 3000, 1, None);
        assert!(signer.verify(&token, id, 3000, 1));
        assert!(!signer.verify(&token, other, 3000, 1));
        assert!(!signer.verify(&token, id, 3001, 1));
        assert!(!signer.verify(&token, id, 3000, 2));
        assert!(!Signer::new().verify(&token, id, 3000, 1));
        let now = Timestamp::now();
        let later = now + std::time::Duration::from_secs(60);
        let earlier = now - std::time::Duration::from_secs(1);
        assert!(signer.verify(&signer.sign(id, 3000, 1, Some(later)), id, 3000, 1));
        assert!(!signer.verify(&signer.sign(id, 3000, 1, Some(earlier)), id, 3000, 1));
        for bad in [
            "",
            "pvt_",
            "pvt_1.0.",
            "pvt_1.0.zz",
            &token[..token.len() - 1],
            &token.replace("1.0", "2.0"),
        ] {
            assert!(!signer.verify(bad, id, 3000, 1), "{bad}");
            assert!(!signer.verify(bad, id, 3000, 2), "{bad}");
        }
    }

    #[test]
    fn gates() {
        use PreviewAccess::{Private, Public};
        let port = |access| PublishedPort {
            access,
            token_version: 3,
        };
        assert_eq!(gate(None, None), Gate::Open);
        assert_eq!(gate(None, Some(&port(None))), Gate::Open);
        assert_eq!(gate(None, Some(&port(Some(Private)))), Gate::Token(3));
        assert_eq!(gate(Some(Public), None), Gate::NotPublished);
        assert_eq!(gate(Some(Public), Some(&port(None))), Gate::Open);
        assert_eq!(gate(Some(Private), Some(&port(None))), Gate::Token(3));
        assert_eq!(gate(Some(Private), Some(&port(Some(Public)))), Gate::Open);
    }

    #[test]
    fn ports() {
        assert_eq!(is_previewable(1024), Some(1024));
        assert_eq!(is_previewable(65_535), Some(65_535));
        for bad in [0, 80, 1023, 49_983, 65_536] {
            assert_eq!(is_previewable(bad), None);
        }
    }
}
