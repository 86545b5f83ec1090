//! Which destinations a sandbox may reach.

use std::net::{IpAddr, Ipv4Addr};

use crate::sandbox::record;

/// A sandbox's rules, ready to be asked.
#[derive(Debug, Default)]
pub struct Rules {
    allow: Vec<Rule>,
    deny: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    text: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Network(IpAddr, u8),
    Name(String),
    /// Every name below this one.
    Below(String),
}

/// What the rules say, and the one that said it.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed(Option<String>),
    Blocked(Option<String>),
}

impl Rules {
    pub fn new(network: Option<&record::Network>) -> Self {
        let parse = |rules: Option<&Vec<String>>| {
            rules
                .into_iter()
                .flatten()
                .map(|rule| Rule::parse(rule))
                .collect()
        };
        Self {
            allow: parse(network.and_then(|it| it.allow_out.as_ref())),
            deny: parse(network.and_then(|it| it.deny_out.as_ref())),
        }
    }

    /// An allowing rule wins over a denying one; what no rule is about is allowed, but for where
    /// clouds keep the credentials of their machines.
    pub fn decide(&self, destination: Ipv4Addr, names: &[String]) -> Decision {
        let rule_of = |rules: &[Rule]| {
            let found = rules.iter().find(|rule| rule.is_about(destination, names));
            found.map(|rule| rule.text.clone())
        };
        if is_nowhere(destination) {
            return Decision::Blocked(None);
        }
        if let Some(rule) = rule_of(&self.allow) {
            return Decision::Allowed(Some(rule));
        }
        match rule_of(&self.deny) {
            Some(rule) => Decision::Blocked(Some(rule)),
            None if destination.is_link_local() => Decision::Blocked(None),
            None => Decision::Allowed(None),
        }
    }
}

/// Not even by a rule: many at once.
fn is_nowhere(destination: Ipv4Addr) -> bool {
    destination.is_unspecified() || destination.is_multicast() || destination.is_broadcast()
}

impl Rule {
    /// Of a rule that was found valid when it was set.
    fn parse(text: &str) -> Self {
        let network = text.split_once('/').and_then(|(address, prefix)| {
            Some(What::Network(address.parse().ok()?, prefix.parse().ok()?))
        });
        let what = network.unwrap_or_else(|| {
            let lower = text.to_ascii_lowercase();
            match lower.strip_prefix('*') {
                Some(parent) => What::Below(parent.to_owned()),
                None => What::Name(lower),
            }
        });
        Self {
            text: text.to_owned(),
            what,
        }
    }

    fn is_about(&self, destination: Ipv4Addr, names: &[String]) -> bool {
        match &self.what {
            What::Network(IpAddr::V4(network), prefix) => {
                let apart = network.to_bits() ^ destination.to_bits();
                apart.leading_zeros() >= u32::from(*prefix)
            }
            What::Network(IpAddr::V6(_), _) => false,
            What::Name(own) => names.contains(own),
            What::Below(parent) => names.iter().any(|name| name.ends_with(parent)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowing_wins_and_silence_allows() {
        let list = |rules: &[&str]| Some(rules.iter().map(|rule| (*rule).to_owned()).collect());
        let rules = Rules::new(Some(&record::Network {
            allow_out: list(&["10.1.0.0/16", "Api.test", "*.pages.test", "169.254.7.0/24"]),
            deny_out: list(&["10.0.0.0/8", "::/0", "192.0.2.7/32"]),
        }));
        let decide =
            |address: &str, name: &str| rules.decide(address.parse().unwrap(), &[name.to_owned()]);
        let allowed = |rule: &str| Decision::Allowed(Some(rule.to_owned()));
        let blocked = |rule: &str| Decision::Blocked(Some(rule.to_owned()));
        for (address, name, decision) in [
            ("10.1.2.3", "", allowed("10.1.0.0/16")),
            ("10.2.2.3", "", blocked("10.0.0.0/8")),
            ("10.2.2.3", "api.test", allowed("Api.test")),
            ("10.2.2.3", "x.api.test", blocked("10.0.0.0/8")),
            ("10.2.2.3", "x.pages.test", allowed("*.pages.test")),
            ("10.2.2.3", "pages.test", blocked("10.0.0.0/8")),
            ("10.2.2.3", "xpages.test", blocked("10.0.0.0/8")),
            ("192.0.2.7", "", blocked("192.0.2.7/32")),
            ("192.0.2.8", "", Decision::Allowed(None)),
            ("169.254.169.254", "", Decision::Blocked(None)),
            ("169.254.7.1", "", allowed("169.254.7.0/24")),
            ("224.0.0.1", "", Decision::Blocked(None)),
        ] {
            assert_eq!(decide(address, name), decision, "{address} {name}");
        }
        let all = record::Network {
            allow_out: None,
            deny_out: list(&["0.0.0.0/0"]),
        };
        let decision = Rules::new(Some(&all)).decide([1, 2, 3, 4].into(), &[]);
        assert_eq!(decision, blocked("0.0.0.0/0"));
    }
}
