//! `POST /exec/stream`: a command's output as server-sent events while it runs.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use futures_util::stream::unfold;
use jiff::Timestamp;
use serde::Serialize;

use super::address::Target;
use super::error::PlainResult;
use super::exec::Exec;
use crate::sandbox::output::{End, Event, Source};
use crate::sse;
use crate::state::App;
use crate::utf8::Utf8Decoder;

/// One event's data.
#[derive(Debug, Default, Serialize)]
struct Line {
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

pub async fn run(
    State(app): State<Arc<App>>,
    Target(sandbox): Target,
    body: Body,
) -> PlainResult<Response> {
    let events = Exec::read(body).await?.start(sandbox).await?;
    let chunks = unfold(
        (events, Encoder::default()),
        async |(mut events, mut encoder)| {
            let event = events.recv().await?;
            let chunk = Bytes::from(encoder.encode(event));
            Some((chunk, (events, encoder)))
        },
    );
    let silence = Duration::from_millis(app.options.keepalive_ms);
    Ok(sse::response(chunks, silence))
}

#[derive(Debug, Default)]
struct Encoder {
    stdout: Utf8Decoder,
    stderr: Utf8Decoder,
}

impl Encoder {
    fn encode(&mut self, event: Event) -> String {
        match event {
            Event::Output(Source::Stdout, bytes) => {
                output(Source::Stdout, self.stdout.push(&bytes))
            }
            Event::Output(Source::Stderr, bytes) => {
                output(Source::Stderr, self.stderr.push(&bytes))
            }
            Event::Finished(end) => {
                let mut lines = output(Source::Stdout, self.stdout.finish());
                lines += &output(Source::Stderr, self.stderr.finish());
                lines + &finished(end)
            }
        }
    }
}

/// Nothing for no text: a chunk may have been only the start of a character.
fn output(source: Source, text: String) -> String {
    match source {
        _ if text.is_empty() => String::new(),
        Source::Stdout => event(Line {
            stdout: Some(text),
            ..Line::default()
        }),
        Source::Stderr => event(Line {
            stderr: Some(text),
            ..Line::default()
        }),
    }
}

fn finished(end: End) -> String {
    let (error, code) = end
        .failure
        .map(|failure| (failure.message, failure.code))
        .unzip();
    let (exit_code, finished) = (Some(end.exit_code), Some(true));
    event(Line {
        exit_code,
        finished,
        error,
        code,
        ..Line::default()
    })
}

fn event(mut line: Line) -> String {
    line.timestamp = Timestamp::now().to_string();
    let json = serde_json::to_string(&line).unwrap_or_default();
    format!("data: {json}\n\n")
}
