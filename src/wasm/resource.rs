//! What an exported object stands for: a sandbox, a template or a secret, and how it is reached.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use core::cell::Cell;

use wasm_bindgen::prelude::*;

use super::dials::Dials;
use super::failure::Failure;
use super::imports::arguments::{property, property_text, token_of};
use super::imports::relay::permit_file;
use super::shared::Shared;
use super::slot::Slot;
use crate::protocol::config::Config;
use crate::protocol::error::Error;
use crate::resources::preview;
use crate::resources::ticket;
use crate::surface::operation::Operation;

/// The service itself, too, for calls that are no methods of an object: then only the connection is there.
#[derive(Default)]
pub struct Resource {
    pub config: Rc<Config>,
    /// UUID, or the name of a secret.
    pub id: String,
    /// A sandbox's access token, or its ticket.
    pub token: Slot<String>,
    /// The one before: answers may still be about it.
    pub last_token: Slot<String>,
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

    /// Keeps the token of an answer, if it is fit for a header.
    pub fn keep_token(&self, raw: &JsValue) -> Result<(), Failure> {
        let token = token_of(raw)?;
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            let error = "the service's access_token is not one that a header can carry";
            return Err(Error::InvalidResponse(error.to_owned()).into());
        }
        self.replace_token(token);
        Ok(())
    }

    /// Keeps a ticket that was read.
    pub fn keep_ticket(&self, ticket: &JsValue) {
        self.replace_token(property_text(ticket, "ticket"));
        self.ticket.set(ticket.clone());
    }

    fn replace_token(&self, token: String) {
        self.last_token.set(self.token.get());
        self.token.set(token);
    }

    /// When a ticket is to be renewed, by the clock for durations.
    pub fn ticket_renew_at(&self) -> Option<f64> {
        property(&self.ticket.get(), "renewAt").as_f64()
    }

    /// Whether an operation may be tried: the service decides for itself, a ticket says.
    pub fn permit(&self, operation: &Operation) -> Result<(), Error> {
        if self.config.is_relayed {
            return ticket::permit(
                &property_text(&self.ticket.get(), "allow"),
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
