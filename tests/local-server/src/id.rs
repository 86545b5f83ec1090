//! Ids of sandboxes and snapshots: a UUID, bare or tagged with a region.
//!
//! The tag is for the eye and for routing: every form of an id means the same thing here.

use uuid::Uuid;

/// Reads `<uuid>` or `sb-<region>-<uuid>`, the UUID in its hyphenated form.
pub fn parse(id: &str) -> Option<Uuid> {
    let bare = match id.strip_prefix("sb-") {
        Some(tagged) => {
            let (region, uuid) = tagged.split_once('-')?;
            uuid_of(uuid).filter(|_| is_region(region))?
        }
        None => uuid_of(id)?,
    };
    Some(bare)
}

/// The id as it is handed out.
pub fn show(id: Uuid, region: Option<&str>) -> String {
    match region {
        Some(region) => format!("sb-{region}-{id}"),
        None => id.to_string(),
    }
}

/// Checks a region for the command line.
pub fn check_region(region: &str) -> Result<String, String> {
    if is_region(region) {
        Ok(region.to_owned())
    } else {
        Err("a region has letters a-z and digits only".to_owned())
    }
}

fn is_region(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty() && text.bytes().all(allowed)
}

fn uuid_of(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text)
        .ok()
        .filter(|_| text.len() == uuid::fmt::Hyphenated::LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_and_tagged_ids_are_the_same() {
        let uuid = "2f1d7c60-53a5-4b5e-9d3b-6f8f1f6ad001";
        let id = parse(uuid).unwrap();
        for region in ["use", "eu1", "0"] {
            assert_eq!(parse(&format!("sb-{region}-{uuid}")), Some(id));
            assert_eq!(parse(&show(id, Some(region))), Some(id));
        }
        assert_eq!(show(id, None), uuid);
        for bad in [
            "",
            "x",
            "sb-",
            &format!("sb--{uuid}"),
            &format!("sb-{uuid}"),
            &format!("sb-US-{uuid}"),
            &format!("sb-a-b-{uuid}"),
            &format!("use-{uuid}"),
            &format!("{{{uuid}}}"),
            &uuid.replace('-', ""),
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
