//! What an exported object stands for: a sandbox, a template or a secret, and how it is reached.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::arguments::{property, property_text, text, token_of};
use super::call::now;
use super::failure::{Context, Failure};
use super::options::RequestOptions;
use super::plan::{self, Plan};
use super::relay as tickets;
use super::session::Dials;
use super::shared::Shared;
use super::slot::Slot;
use crate::protocol::config::Config;
use crate::protocol::error::Error;
use crate::protocol::request::Plane;
use crate::resources::preview;
use crate::resources::ticket::{self, Remedy};
use crate::surface;
use crate::surface::operation::{Answer, Operation};

/// How a sandbox is woken that was found asleep.
const CONNECT: &Operation = surface::entry("Sandbox.connect");
/// How it is looked at.
const GET_INFO: &Operation = surface::entry("Sandbox.getInfo");

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
    renewing: Slot<Option<Rc<Shared>>>,
    /// The look at a sandbox under way that wakes it only if need be, shared likewise.
    checking: Slot<Option<Rc<Shared>>>,
    /// Whether each call wakes the sandbox by itself: where promises end with the request that made them, whoever else
    /// waits for one would wait for ever.
    pub wakes_alone: bool,
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

    /// The renewal of a ticket that is about to expire, if there is a way to another.
    pub fn renewal_ahead(self: &Rc<Self>, refresh: &JsValue) -> Option<Rc<Shared>> {
        let is_due = || {
            let renew_at = property(&self.ticket.get(), "renewAt").as_f64();
            renew_at.is_some_and(|renew_at| now() > renew_at)
        };
        let due = self.config.is_relayed && refresh.is_function() && is_due();
        due.then(|| self.renewal(refresh))
    }

    /// Whether an operation may be tried: the service decides for itself, a ticket says.
    pub fn permit(&self, operation: &Operation) -> Result<(), Error> {
        if self.config.is_relayed {
            return ticket::permit(&property_text(&self.ticket.get(), "allow"), operation.permission);
        }
        Ok(())
    }

    /// Whether a file may be sent, likewise.
    pub fn permit_file(&self, content: &JsValue) -> Result<(), Failure> {
        if self.config.is_relayed {
            tickets::permit_file(&self.ticket.get(), content)?;
        }
        Ok(())
    }

    /// What may make a refused request of that plan succeed.
    pub fn remedy(&self, plan: &Plan, failure: &Failure) -> Remedy {
        let status = failure.status();
        if !self.config.is_relayed {
            // The sandbox sleeps, or the token is old.
            return match status {
                401 | 403 | 503 if plan.request.plane == Plane::Data => Remedy::Renewal,
                _ => Remedy::Nothing,
            };
        }
        match ticket::remedy(status, failure.code()) {
            Remedy::Renewal if !plan.options.refresh.is_function() => Remedy::Nothing,
            remedy => remedy,
        }
    }

    /// Whether a 404 says that what is to be deleted is gone already.
    pub fn is_gone(&self, failure: &Failure) -> bool {
        !self.config.is_relayed || ticket::says_gone(failure.code())
    }

    /// The renewal of the token or ticket under way, begun if there is none. It has no caller's signal: it is
    /// everybody's. `refresh` is the caller's way to the next ticket.
    pub fn renewal(self: &Rc<Self>, refresh: &JsValue) -> Rc<Shared> {
        self.shared(&self.renewing, refresh, false)
    }

    /// Sees to it that the sandbox is awake and its token known, which of one that is awake stays as it is.
    pub fn check(self: &Rc<Self>) -> Rc<Shared> {
        self.shared(&self.checking, &JsValue::UNDEFINED, true)
    }

    fn shared(
        self: &Rc<Self>,
        slot: &Slot<Option<Rc<Shared>>>,
        refresh: &JsValue,
        looks_first: bool,
    ) -> Rc<Shared> {
        let known = slot.get().filter(|shared| shared.is_alive());
        if let Some(shared) = known.filter(|_| !self.wakes_alone) {
            return shared;
        }
        let shared = if self.config.is_relayed {
            tickets::renew(self, refresh)
        } else {
            self.wake(looks_first)
        };
        slot.set(Some(shared.clone()));
        shared
    }

    fn wake(self: &Rc<Self>, looks_first: bool) -> Rc<Shared> {
        let to = self.clone();
        let context = Context::new(CONNECT.name, Some(to.clone()), None);
        Shared::begin(context, &|call| {
            let to = to.clone();
            Box::pin(async move {
                if looks_first {
                    let raw = plan::perform(&call, &*to.request(GET_INFO)?).await?;
                    if text(&raw, "status") == "active" {
                        return to.keep_token(&raw);
                    }
                }
                let mut plan = to.request(CONNECT)?;
                plan.wake = CONNECT.wake;
                plan.answer = Answer::Token;
                plan::perform(&call, &plan).await?;
                Ok(())
            })
        })
    }

    /// The request of an entry that takes nothing but the id.
    fn request(self: &Rc<Self>, operation: &'static Operation) -> Result<Box<Plan>, Failure> {
        let target = operation.target(|_| Ok::<_, Failure>(self.id.clone()))?;
        let options = RequestOptions::default();
        Ok(Plan::new(self.clone(), operation.method, target, options))
    }
}
