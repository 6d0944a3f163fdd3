//! The digests of subjects on a board: one orders them inside a tie, one makes their aliases.
//!
//! Keyed, so that nobody can choose their place or know an alias, and of subject, board and period, so that nobody keeps
//! either (SEMANTICS S43).

use std::hash::Hasher;

use aws_lc_rs::hmac;
use siphasher::sip::SipHasher24;
use uuid::Uuid;

use super::scope::Scope;

/// The digests of a board and period.
pub(super) struct Digests {
    ties: SipHasher24,
    aliases: SipHasher24,
}

impl Digests {
    pub(super) fn new(scope: &Scope) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, scope.catalogue.digest_key.as_bytes());
        let hasher = |purpose: &str| {
            let of = format!("{purpose}:{}/{}/{}", scope.key.programme, scope.key.board, scope.key.period.code);
            let key = hmac::sign(&secret, of.as_bytes());
            key.as_ref().first_chunk().map_or_else(SipHasher24::new, SipHasher24::new_with_key)
        };
        Self { ties: hasher("tie"), aliases: hasher("alias") }
    }

    /// What orders a subject inside a tie.
    pub(super) fn tie(&self, subject: Uuid) -> u32 {
        let [a, b, c, d, ..] = of(&self.ties, subject).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// What makes a subject's alias.
    pub(super) fn alias(&self, subject: Uuid) -> u64 {
        of(&self.aliases, subject)
    }
}

fn of(hasher: &SipHasher24, subject: Uuid) -> u64 {
    let mut digest = *hasher;
    digest.write(subject.as_bytes());
    digest.finish()
}
