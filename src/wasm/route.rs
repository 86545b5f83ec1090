//! Where a request goes, and for whom.

use alloc::rc::Rc;
use alloc::string::String;

use super::failure::Failure;
use super::imports::call::JsRoute;
use super::resource::Resource;
use super::runtime;
use crate::protocol::error::Error;
use crate::protocol::request::{Credential, Plane, Request, suits_machine};
use crate::protocol::text::concat;

/// Where a request goes, and for whom.
pub struct Route {
    pub credential: Credential,
    /// The key, token or ticket, to be kept out of every error.
    secret: String,
    /// The service's hint to where the sandbox is, to be kept out of errors likewise, or nothing.
    pub hint: String,
    /// All of it, as JavaScript keeps it.
    pub js: JsRoute,
}

impl Route {
    /// `sandbox_id` is the sandbox that a header is to name, or nothing.
    fn new(
        origin: &str,
        credential: Credential,
        secret: String,
        sandbox_id: &str,
        hint: String,
    ) -> Rc<Self> {
        let js = JsRoute::new(origin, credential as u8, &secret, sandbox_id, &hint);
        Rc::new(Self {
            credential,
            secret,
            hint,
            js,
        })
    }

    /// That of a request. It is made once, until another token takes the place of that which it has: what it is made of takes time
    /// to cross.
    pub fn of(to: &Resource, request: &Request) -> Result<Rc<Self>, Failure> {
        let config = &to.config;
        let needs_key = request.plane == Plane::Control && !config.is_relayed;
        if needs_key && config.is_machine && !suits_machine(request.method, request.target.as_str())
        {
            let why = "make, list and move sandboxes only: this call needs an apiKey";
            return Err(Error::must("machineCredential", why).into());
        }
        let kept = match needs_key {
            true => &to.with_key,
            false => &to.with_token,
        };
        if let Some(route) = kept.get() {
            return Ok(route);
        }
        let route = if config.is_relayed {
            let ticket = to.token.get();
            Self::new(
                &config.base_url,
                Credential::Ticket,
                ticket,
                "",
                String::new(),
            )
        } else if needs_key {
            let credential = match config.is_machine {
                true => Credential::Machine,
                false => Credential::ApiKey,
            };
            let key = config.api_key.clone();
            Self::new(&config.base_url, credential, key, "", String::new())
        } else {
            let in_browser = runtime::in_browser();
            let place = config.data_plane(&to.id, in_browser)?;
            let named = if place.names_sandbox { &*to.id } else { "" };
            // CORS lets no page send it.
            let hint = match in_browser {
                true => String::new(),
                false => to.hint.get(),
            };
            let token = to.token.get();
            Self::new(&place.origin, Credential::AccessToken, token, named, hint)
        };
        kept.set(Some(route.clone()));
        Ok(route)
    }

    /// What no error may show of it.
    pub fn secrets(&self) -> String {
        concat(&[&self.secret, "\0", &self.hint])
    }
}
