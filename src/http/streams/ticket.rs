//! Tickets for streams: what a browser's EventSource, which can send no header, shows in place of a token.
//!
//! A ticket is random and signed, so that one that was never given costs nobody a look; its digest is kept until it is used,
//! so that it is good at every instance, and once.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::problem::ProblemCode;
use crate::http::problem::ApiError;

const RANDOM_BYTES: usize = 24;
/// Sets these signatures apart from others under the same secret.
const PURPOSE: &[u8] = b"stream ticket\0";

/// A new ticket; `secret` is the organisation's.
pub(super) fn make(secret: &str) -> Result<String, ApiError> {
    let mut random = [0; RANDOM_BYTES];
    rand::fill(&mut random).map_err(|_| ApiError::internal("no random numbers"))?;
    let mut ticket = random.to_vec();
    ticket.extend_from_slice(signature(secret, &random).as_ref());
    Ok(URL_SAFE_NO_PAD.encode(ticket))
}

/// What is kept of a ticket. 401 if it was never given.
pub(super) fn digest_of(secret: &str, ticket: &str) -> Result<String, ProblemCode> {
    let bytes = URL_SAFE_NO_PAD.decode(ticket).map_err(|_| ProblemCode::Unauthorized)?;
    let (random, signed) = bytes.split_at_checked(RANDOM_BYTES).ok_or(ProblemCode::Unauthorized)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, &[PURPOSE, random].concat(), signed).map_err(|_| ProblemCode::Unauthorized)?;
    Ok(URL_SAFE_NO_PAD.encode(digest(&SHA256, ticket.as_bytes())))
}

fn signature(secret: &str, random: &[u8]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, &[PURPOSE, random].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_is_a_ticket() {
        let ticket = make("secret").unwrap();
        let kept = digest_of("secret", &ticket).unwrap();
        assert_ne!(kept, digest_of("secret", &make("secret").unwrap()).unwrap());
        assert!(!kept.contains(&ticket) && !ticket.contains(&kept));
        assert!(digest_of("another", &ticket).is_err());
        let mut changed = ticket.clone().into_bytes();
        for place in 0..changed.len() {
            let was = changed[place];
            changed[place] = if was == b'A' { b'B' } else { b'A' };
            assert!(digest_of("secret", std::str::from_utf8(&changed).unwrap()).is_err(), "{place}");
            changed[place] = was;
        }
        for never in ["", "x", "AAAA", &"A".repeat(75), &"A".repeat(10_000), "a b", &format!("{ticket}=")] {
            assert!(digest_of("secret", never).is_err(), "{never}");
        }
    }
}
