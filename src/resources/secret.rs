//! What holds for secrets.

use crate::protocol::error::Error;

/// Checks that the options of a new secret say how it is used, in one way.
///
/// # Errors
/// `InvalidArgument` unless there is `provider`, or `auth` and `hosts`.
pub fn check(provider: bool, auth: bool, hosts: bool) -> Result<(), Error> {
    if provider == (auth || hosts) || auth != hosts {
        return Err(Error::must("options", "have provider, or auth and hosts"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn one_way_and_the_whole_of_it() {
        for (provider, auth, hosts, good) in [
            (true, false, false, true),
            (false, true, true, true),
            (false, false, false, false),
            (true, true, true, false),
            (true, true, false, false),
            (true, false, true, false),
            (false, true, false, false),
            (false, false, true, false),
        ] {
            assert_eq!(
                check(provider, auth, hosts).is_ok(),
                good,
                "{provider} {auth} {hosts}"
            );
        }
    }
}
