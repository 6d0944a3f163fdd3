//! Tokens that were verified before: an Ed25519 signature costs more than the rest of a cheap request.
//!
//! A token is kept by its digest, so that a copy of this memory holds nobody's token. Knows no person: whether somebody
//! is still active is asked at each request, elsewhere, which may note beside a token what it found.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use aws_lc_rs::digest::{SHA256, digest};
use moka::sync::Cache;

use super::tokens::{Claims, Refused, Verifier};
use crate::domain::issuer::IssuerKeys;
use crate::domain::time::Instant;

/// How many tokens are kept: about 1 KB each, with what is noted.
pub const CAPACITY: u64 = 50_000;

/// A token that was verified, and what is noted beside it.
#[derive(Debug)]
pub struct Verified<T> {
    /// What it says.
    pub claims: Claims,
    /// What whoever asks for it keeps with it; nothing at first.
    pub note: ArcSwapOption<T>,
}

/// The keys that are gone by, and what verifies with them.
struct Trusted {
    keys: Arc<IssuerKeys>,
    verifier: Verifier,
}

impl Trusted {
    fn new(keys: Arc<IssuerKeys>) -> Self {
        Self { verifier: Verifier::of(&keys), keys }
    }
}

/// Verifies tokens and remembers the good ones until they expire.
pub struct VerifiedTokens<T> {
    trusted: ArcSwap<Trusted>,
    known: Cache<[u8; 32], Arc<Verified<T>>>,
}

impl<T: Send + Sync + 'static> VerifiedTokens<T> {
    /// Of the issuers with these keys, with nothing remembered.
    pub fn new(keys: Arc<IssuerKeys>) -> Self {
        Self { trusted: ArcSwap::from_pointee(Trusted::new(keys)), known: Cache::new(CAPACITY) }
    }

    /// Goes by these keys from now on. Keys are added and never taken away, so what is remembered stays good.
    pub fn trust(&self, keys: &Arc<IssuerKeys>) {
        if !Arc::ptr_eq(&self.trusted.load().keys, keys) {
            self.trusted.store(Arc::new(Trusted::new(keys.clone())));
        }
    }

    /// What `token` says, if it was verified before and is valid at `now`.
    pub fn recall(&self, token: &str, now: Instant) -> Option<Arc<Verified<T>>> {
        let key = digest_of(token);
        let known = self.known.get(&key)?;
        if now < known.claims.expires {
            return Some(known);
        }
        self.known.invalidate(&key);
        None
    }

    /// What `token` says, if it is valid at `now`. Refusals are not remembered: they are cheap to send in any number.
    pub fn verify(&self, token: &str, now: Instant) -> Result<Arc<Verified<T>>, Refused> {
        if let Some(known) = self.recall(token, now) {
            return Ok(known);
        }
        let claims = self.trusted.load().verifier.verify(token, now)?;
        let verified = Arc::new(Verified { claims, note: ArcSwapOption::empty() });
        self.known.insert(digest_of(token), verified.clone());
        Ok(verified)
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        self.known.invalidate_all();
    }
}

fn digest_of(token: &str) -> [u8; 32] {
    let mut key = [0; 32];
    // SHA-256 has 32 bytes.
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::keys::IssuerKey;
    use super::super::tokens::{Issuer, MAX_TOKEN_BYTES};
    use super::*;

    fn of(keys: &[&IssuerKey]) -> Arc<IssuerKeys> {
        Arc::new(keys.iter().map(|key| (key.kid().to_owned(), *key.public())).collect())
    }

    #[test]
    fn a_remembered_token_is_good_until_it_expires_and_is_forgotten_on_demand() {
        let key = IssuerKey::generate().unwrap();
        let tokens = VerifiedTokens::<()>::new(of(&[&key]));
        let now = Instant::from_timestamp_micros(1_700_000_000_000_000).unwrap();
        let token = Issuer::new(&key).mint("anna", TimeDelta::seconds(60), &[], now).unwrap();

        let first = tokens.verify(&token, now).unwrap();
        let again = tokens.verify(&token, now + TimeDelta::seconds(59)).unwrap();
        assert!(Arc::ptr_eq(&first, &again), "the second time comes from memory");
        assert!(tokens.verify(&token, now + TimeDelta::seconds(60)).is_err(), "memory does not outlive the token");

        let first = tokens.verify(&token, now).unwrap();
        tokens.clear();
        assert!(!Arc::ptr_eq(&first, &tokens.verify(&token, now).unwrap()));
    }

    #[test]
    fn refusals_leave_nothing_behind() {
        let key = IssuerKey::generate().unwrap();
        let tokens = VerifiedTokens::<()>::new(of(&[&key]));
        let now = Instant::from_timestamp_micros(1_700_000_000_000_000).unwrap();
        let early = Issuer::new(&key).mint("anna", TimeDelta::hours(1), &[], now + TimeDelta::hours(1)).unwrap();
        assert!(tokens.verify(&early, now).is_err());
        assert!(tokens.verify(&early, now + TimeDelta::hours(1)).is_ok());
        assert!(tokens.verify(&"x".repeat(MAX_TOKEN_BYTES + 1), now).is_err());
        tokens.known.run_pending_tasks();
        assert_eq!(tokens.known.entry_count(), 1);
    }

    #[test]
    fn a_key_is_trusted_from_when_it_is_known() {
        let [ours, theirs] = [(); 2].map(|()| IssuerKey::generate().unwrap());
        let tokens = VerifiedTokens::<()>::new(of(&[&ours]));
        let now = Instant::from_timestamp_micros(1_700_000_000_000_000).unwrap();
        let token = Issuer::new(&theirs).mint("anna", TimeDelta::seconds(60), &[], now).unwrap();
        assert!(tokens.verify(&token, now).is_err());
        tokens.trust(&of(&[&ours, &theirs]));
        assert!(tokens.verify(&token, now).is_ok());
    }
}
