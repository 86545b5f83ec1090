//! Query strings: every parameter once, and the envelope for whatever is wrong with one.

use std::convert::Infallible;
use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::error::{ApiError, ApiResult};

/// How many entries a list may be asked for.
pub const LIMITS: RangeInclusive<usize> = 1..=1000;

/// The parameters of a request as they came; an empty one counts as absent.
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        ))
    }
}

impl Query {
    /// A parameter's value.
    pub fn text<'a>(&'a self, name: &'a str) -> ApiResult<Option<&'a str>> {
        let mut values = self.several(name);
        let value = values.next();
        if values.next().is_some() {
            return Err(ApiError::invalid(format!("{name} is given twice")));
        }
        Ok(value)
    }

    /// The values of a parameter that may be repeated.
    pub fn several<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(key, _)| key == name);
        values
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The parameters below a prefix, which their names lose; an empty value is one.
    pub fn below(&self, prefix: &str) -> ApiResult<Vec<(String, String)>> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (key, value) in &self.0 {
            let Some(name) = key.strip_prefix(prefix) else {
                continue;
            };
            if found.iter().any(|(known, _)| known == name) {
                return Err(ApiError::invalid(format!("{key} is given twice")));
            }
            found.push((name.to_owned(), value.clone()));
        }
        Ok(found)
    }

    pub fn number(&self, name: &str, within: RangeInclusive<usize>) -> ApiResult<Option<usize>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| within.contains(number));
        number.map(Some).ok_or_else(|| {
            let (least, most) = within.into_inner();
            ApiError::invalid(if most == usize::MAX {
                format!("{name} must be a number, at least {least}")
            } else {
                format!("{name} must be a number between {least} and {most}")
            })
        })
    }

    pub fn limit(&self) -> ApiResult<Option<usize>> {
        self.number("limit", LIMITS)
    }

    pub fn offset(&self) -> ApiResult<usize> {
        Ok(self.number("offset", 0..=usize::MAX)?.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query(
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    #[test]
    fn a_parameter_stands_once() {
        assert_eq!(query("a=1&b=2").text("a").unwrap(), Some("1"));
        assert_eq!(query("b=2").text("a").unwrap(), None);
        assert_eq!(query("a=").text("a").unwrap(), None);
        assert!(query("a=1&b=2&a=1").text("a").is_err());
        assert_eq!(
            query("a=1&a=2").several("a").collect::<Vec<_>>(),
            ["1", "2"]
        );
        assert!(query("m.x=1&m.x=1").below("m.").is_err());
        let found = query("m.x=1&m.y=&n=3").below("m.").unwrap();
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn limits_hold_at_their_edges() {
        for (text, outcome) in [("1", Some(1)), ("1000", Some(1000))] {
            assert_eq!(query(&format!("limit={text}")).limit().unwrap(), outcome);
        }
        for text in ["0", "1001", "-1", "x", "1.5", "99999999999999999999"] {
            assert!(query(&format!("limit={text}")).limit().is_err(), "{text}");
        }
        assert_eq!(query("").offset().unwrap(), 0);
        assert!(query("offset=-1").offset().is_err());
    }
}
