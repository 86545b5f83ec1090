//! `POST /superserve.boxd.v1.DesktopService/<Method>`: the screen of a sandbox, JSON both ways.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::address::Target;
use super::error::{Plain, PlainResult};
use crate::desktop::input::{Actions, Key, Pointer, Scroll, perform};
use crate::desktop::{self, Failure};

/// Where the service's methods lie.
pub const PREFIX: &str = "/superserve.boxd.v1.DesktopService/";

const MAX_BODY: usize = 4 << 20;
const MAX_IMAGE: usize = 32 << 20;

impl From<Failure> for Plain {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Invalid(why) => Self::invalid(why),
            Failure::Unavailable(why) => Self::no_desktop(why),
            Failure::TooLarge => Self::no_desktop("the screen is too large".to_owned()),
            Failure::Start(error) => error.into(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Resize {
    width: u32,
    height: u32,
}

pub async fn call(
    Target(sandbox): Target,
    Path(method): Path<String>,
    body: Body,
) -> PlainResult<Json<Value>> {
    let body = to_bytes(body, MAX_BODY).await;
    let body = body.map_err(|_| Plain::invalid("body is unreadable or too long"))?;
    match method.as_str() {
        "Screenshot" => {
            let picture = desktop::screenshot(&sandbox).await?;
            let image = BASE64_STANDARD.encode(&picture.png);
            if image.len() > MAX_IMAGE {
                return Err(Failure::TooLarge.into());
            }
            let (width, height) = (picture.width, picture.height);
            return Ok(Json(
                json!({ "image": image, "width": width, "height": height }),
            ));
        }
        "SendPointer" => perform(&sandbox, &parse::<Pointer>(&body)?).await?,
        "SendKey" => perform(&sandbox, &parse::<Key>(&body)?).await?,
        "Scroll" => perform(&sandbox, &parse::<Scroll>(&body)?).await?,
        "SendActions" => perform(&sandbox, &parse::<Actions>(&body)?).await?,
        "Resize" => {
            let Resize { width, height } = parse(&body)?;
            if !(320..=8192).contains(&width) || width % 8 != 0 {
                return Err(Plain::invalid(
                    "width must be a multiple of 8 between 320 and 8192",
                ));
            }
            if !(200..=8192).contains(&height) {
                return Err(Plain::invalid("height must be between 200 and 8192"));
            }
            desktop::resize(&sandbox, width, height).await?;
        }
        _ => return Err(Plain::not_found(format!("no such method: {method}"))),
    }
    Ok(Json(json!({})))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> PlainResult<T> {
    serde_json::from_slice(body)
        .map_err(|error| Plain::invalid(format!("invalid request: {error}")))
}
