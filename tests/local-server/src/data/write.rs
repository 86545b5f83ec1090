//! Takes a file into a sandbox.

use axum::body::Body;
use http_body_util::BodyExt;

use super::error::{Plain, PlainResult};
use crate::files::path::SandboxPath;
use crate::files::{Answer, Task};
use crate::sandbox::files::out_of_turn;
use crate::sandbox::lifecycle::Sandbox;

/// The most that one upload may have.
pub const MAX_UPLOAD: u64 = 4 << 30;

pub fn too_large() -> Plain {
    Plain::too_large("upload is over 4 GiB")
}

/// Writes the body to the path; returns its bytes. What breaks off is dropped, and the worker then undoes it.
pub async fn save(sandbox: &Sandbox, path: SandboxPath, mut body: Body) -> PlainResult<u64> {
    let mut work = sandbox.work(Task::Write { path }).await?;
    let Answer::Ready = work.answer().await? else {
        return Err(out_of_turn().into());
    };
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Plain::invalid("upload broke off"))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        total += data.len() as u64;
        if total > MAX_UPLOAD {
            return Err(too_large());
        }
        // The worker has failed, and says why.
        if work.send(&data).await.is_err() {
            break;
        }
    }
    work.finish().await.ok();
    match work.answer().await? {
        Answer::Written => Ok(total),
        _ => Err(out_of_turn().into()),
    }
}
