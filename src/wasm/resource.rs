//! What an exported object stands for: a sandbox, a template or a secret, and how it is reached.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use core::cell::Cell;

use wasm_bindgen::prelude::*;

use super::dials::Dials;
use super::failure::Failure;
use super::imports::arguments::{hint_of, property, property_text, token_of};
use super::imports::relay::{end_of, permit_file};
use super::life::Deadline;
use super::route::Route;
use super::shared::Shared;
use super::slot::Slot;
use crate::protocol::config::Config;
use crate::protocol::error::Error;
use crate::protocol::text::concat;
use crate::resources::{preview, sandbox, ticket};
use crate::surface::operation::Operation;

/// The service itself, too, for calls that are no methods of an object: then only the connection is there.
#[derive(Default)]
pub struct Resource {
    pub config: Rc<Config>,
    /// UUID, or the name of a secret.
    pub id: String,
    /// A sandbox's access token, or its ticket.
    pub token: Slot<String>,
    /// The service's hint to where a sandbox is; empty for none.
    pub hint: Slot<String>,
    /// The token and the hint before: answers may still be about them.
    pub last: Slot<String>,
    /// Where requests go that carry it.
    pub with_token: Slot<Option<Rc<Route>>>,
    /// Where those go that carry the key.
    pub with_key: Slot<Option<Rc<Route>>>,
    /// How often they were replaced: the service may give the same token again.
    pub renewals: Cell<u32>,
    /// When they are to be renewed.
    pub renew: Deadline,
    /// Whether it is a sandbox.
    pub is_sandbox: bool,
    /// What the ticket says.
    ticket: Slot<JsValue>,
    /// The newest build of a template that is known here; empty for none.
    pub latest_build: Slot<String>,
    /// The wake-up of a sandbox under way, shared by all calls that found it asleep; or the ticket's renewal.
    pub renewing: Slot<Option<Rc<Shared>>>,
    /// The look at a sandbox under way that wakes it only if need be, shared likewise.
    pub checking: Slot<Option<Rc<Shared>>>,
    /// Whether each call wakes the sandbox by itself: where promises end with the request that made them, whoever else
    /// waits for one would wait for ever.
    pub wakes_alone: bool,
    /// Whether it is a relay's: pages do not wait as long as other programs.
    pub serves_pages: bool,
    /// Whether the sandbox is to be paused at the end of its scope, rather than deleted.
    pub rests: Cell<bool>,
    /// The sandbox of a page's snapshot: the page has no other way to that.
    pub owner: Option<Rc<Self>>,
    /// Sessions that are being dialled.
    pub dials: Dials,
}

impl Resource {
    pub fn new(config: Rc<Config>, id: String) -> Self {
        Self {
            config,
            id,
            ..Self::default()
        }
    }

    /// The URL under which a port of a sandbox can be opened.
    pub fn preview_url(&self, port: &str) -> Result<String, Error> {
        let config = &self.config;
        preview::url(config.preview_scheme, &self.id, &config.preview_host, port)
    }

    /// Keeps the token and the routing hint of an answer, if they are fit for a header.
    pub fn keep_token(&self, raw: &JsValue) -> Result<(), Failure> {
        let token = token_of(raw)?;
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            let error = "the service's access_token is not one that a header can carry";
            return Err(Error::InvalidResponse(error.to_owned()).into());
        }
        let mut hint = hint_of(raw);
        let mut end = f64::INFINITY;
        if !sandbox::is_fit(&hint) {
            hint.clear();
        } else if !hint.is_empty() {
            end = end_of(&hint);
        }
        self.replace_token(token, end, hint);
        Ok(())
    }

    /// Keeps those of an answer that only shows the sandbox. It has no hint, and its token may be the one that is known:
    /// then it tells nothing.
    pub fn keep_seen(&self, raw: &JsValue) -> Result<(), Failure> {
        if token_of(raw)? == self.token.get() {
            return Ok(());
        }
        self.keep_token(raw)
    }

    /// Keeps a ticket that was read.
    pub fn keep_ticket(&self, ticket: &JsValue) {
        let renew_at = property(ticket, "renewAt").as_f64();
        let renew_at = renew_at.unwrap_or(f64::INFINITY);
        self.replace_token(property_text(ticket, "ticket"), renew_at, String::new());
        self.ticket.set(ticket.clone());
    }

    fn replace_token(&self, token: String, renew_at: f64, hint: String) {
        let last = self.token.take();
        if !last.is_empty() {
            self.last.set(concat(&[&last, "\0", &self.hint.get()]));
        }
        self.token.set(token);
        self.hint.set(hint);
        self.with_token.set(None);
        self.renew.set(renew_at, 0.0);
        self.renewals.set(self.renewals.get().wrapping_add(1));
    }

    /// Whether an operation may be tried: the service decides for itself, a ticket says.
    pub fn permit(&self, operation: &Operation) -> Result<(), Error> {
        if self.config.is_relayed {
            let holder = self.owner.as_deref().unwrap_or(self);
            return ticket::permit(
                &property_text(&holder.ticket.get(), "allow"),
                operation.permission,
            );
        }
        Ok(())
    }

    /// Whether a file may be sent, likewise.
    pub fn permit_file(&self, content: &JsValue) -> Result<(), Failure> {
        if self.config.is_relayed {
            permit_file(&self.ticket.get(), content)?;
        }
        Ok(())
    }

    /// Whether a 404 says that what is to be deleted is gone already.
    pub fn is_gone(&self, failure: &Failure) -> bool {
        !self.config.is_relayed || ticket::says_gone(failure.code())
    }
}
