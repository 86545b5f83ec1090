//! `Sandbox.getOrCreate(options)`: a sandbox with some tags, or a new one.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::answer;
use super::call::Call;
use super::exchange::{perform, undo};
use super::failure::Failure;
use super::imports::arguments::{created_at, id_of, item, text};
use super::imports::call::now;
use super::options::RequestOptions;
use super::prepared::Prepared;
use crate::protocol::error::Error;
use crate::protocol::request::{Method, Target};
use crate::resources::matching::{Match, choose};
use crate::resources::sandbox::{WAKE_MS, WAKE_POLL_MS};
use crate::surface;
use crate::surface::operation::{Answer, Operation};

const LIST: &Operation = surface::entry("Sandbox.list");
const CONNECT: &Operation = surface::entry("Sandbox.connect");
/// In what order they are asked for: the newest may not be on another page.
const NEWEST_FIRST: &str = "&sort=created_at&order=desc";
/// So many may turn out to be gone when they are connected to.
const MOST_GONE: usize = 8;

/// What `creation` makes only if `tags`, a query, finds none.
pub async fn get_or_create(creation: Box<Prepared>, tags: &str) -> Result<JsValue, Failure> {
    if tags.is_empty() {
        return Err(Error::must("match", "have a tag").into());
    }
    let call = Call::with(&creation.options);
    let mut own = None;
    let taken = take(&call, &creation, tags, &mut own).await;
    let (is_own, done) = match taken {
        Ok((is_own, sandbox)) => (is_own, Ok(sandbox)),
        Err(failure) => (false, Err(failure)),
    };
    if let Some(created) = own.filter(|_| !is_own) {
        let undone = undo(created, creation);
        if done.is_ok() {
            // One that cannot be deleted is no reason to go without the other.
            let _ = call.wait(undone).await;
        }
    }
    done
}

/// A sandbox, and whether it is the one that was created here. `own` is the call that did so.
async fn take(
    call: &Call,
    creation: &Prepared,
    tags: &str,
    own: &mut Option<Call>,
) -> Result<(bool, JsValue), Failure> {
    let request = |method, target| {
        let options = RequestOptions {
            timeout_ms: creation.options.timeout_ms,
            ..RequestOptions::default()
        };
        Prepared::new(creation.to.clone(), method, target, options)
    };
    let mut made = JsValue::UNDEFINED;
    let mut gone: Vec<String> = Vec::new();
    let until = now() + WAKE_MS;
    loop {
        let mut target = Target::default();
        target.push(LIST.path);
        target.query(tags);
        target.push(NEWEST_FIRST);
        let list = perform(call, &request(Method::Get, target)).await?;
        let mut matches = Vec::new();
        let mut at = 0;
        loop {
            // The service may be behind with what was just made.
            let one = item(&list, at);
            let is_last = one.is_undefined();
            let one = if is_last { &made } else { &one };
            let one = Match {
                created_at: created_at(one),
                id: text(one, "id"),
                status: text(one, "status"),
            };
            if one.is_live() && !one.id.is_empty() && !gone.contains(&one.id) {
                matches.push(one);
            }
            if is_last {
                break;
            }
            at += 1;
        }
        let Some(chosen) = choose(&matches) else {
            let created = own.insert(Call::with(&creation.options));
            created.keep();
            made = perform(created, creation).await?;
            id_of(&made)?;
            continue;
        };
        let target = CONNECT.target(&|_| chosen.id.clone())?;
        let mut connection = request(CONNECT.method, target);
        connection.wake = CONNECT.wake;
        connection.answer = Answer::Sandbox;
        connection.number = creation.number;
        if chosen.id == text(&made, "id") {
            return Ok((true, answer::finish(&connection, made)?));
        }
        if chosen.status == "starting" && now() < until {
            call.sleep(WAKE_POLL_MS).await?;
            continue;
        }
        match perform(call, &connection).await {
            Err(failure) if matches!(failure.status(), 404 | 409) && gone.len() < MOST_GONE => {
                gone.push(chosen.id.clone());
            }
            done => return Ok((false, done?)),
        }
    }
}
