//! Tokens of the built-in issuers: making them, and refusing whatever is not one of them.
//!
//! The checks are those of RFC 8725 (best practices for JSON Web Tokens). The crate underneath verifies the signature;
//! all claims are checked here, because its own checks are off by default or ask the system for the time.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Deserializer, Serialize};

use super::keys::IssuerKey;
use crate::domain::issuer::IssuerKeys;
use crate::domain::people::Role;
use crate::domain::time::Instant;

/// `iss` of the built-in issuer.
pub const ISSUER: &str = "applaus";
/// `aud` of every token for this server.
pub const AUDIENCE: &str = "applaus";
/// No larger token is looked at.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// The longest time from `iat` to `exp`.
pub const MAX_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How far another clock may be ahead of ours, in `iat` and `nbf`.
pub const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// What a token says, after every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The `user_name` of whom it speaks for.
    pub subject: String,
    /// The roles it is narrowed to; without it, all that the person holds.
    pub scope: Option<BTreeSet<Role>>,
    /// The first instant at which it is no longer valid.
    pub expires: Instant,
}

/// A token that is not valid. The reason is for tests and never for whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct Refused(pub(super) &'static str);

/// Why no token could be made.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// It would live longer than [`MAX_LIFETIME`], or not at all.
    #[error("a token lives from 1 second to 24 hours")]
    Lifetime,
    /// It would not be accepted for its size.
    #[error("the name is too long for a token")]
    TooLong,
    /// The signature failed.
    #[error("the token cannot be signed: {0}")]
    Signature(#[from] jsonwebtoken::errors::Error),
}

#[derive(Serialize)]
struct Payload<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// Makes tokens.
pub struct Issuer {
    header: Header,
    key: EncodingKey,
}

impl Issuer {
    /// The issuer that signs with `key`.
    pub fn new(key: &IssuerKey) -> Self {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.kid().to_owned());
        Self { header, key: EncodingKey::from_ed_der(key.pkcs8()) }
    }

    /// A token for the person `subject` that lives for `lifetime` (to the second) from `now`.
    ///
    /// `scope` narrows it to those roles; an empty one does not narrow.
    pub fn mint(&self, subject: &str, lifetime: TimeDelta, scope: &[Role], now: Instant) -> Result<String, MintError> {
        if lifetime < TimeDelta::seconds(1) || lifetime > MAX_LIFETIME {
            return Err(MintError::Lifetime);
        }
        let names: Vec<&str> = scope.iter().map(|role| role.name()).collect();
        let iat = now.timestamp();
        let payload = Payload {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: subject,
            iat,
            exp: iat.saturating_add(lifetime.num_seconds()),
            jti: uuid::Uuid::new_v4().to_string(),
            scope: (!names.is_empty()).then(|| names.join(" ")),
        };
        let token = jsonwebtoken::encode(&self.header, &payload, &self.key)?;
        if token.len() > MAX_TOKEN_BYTES { Err(MintError::TooLong) } else { Ok(token) }
    }
}

/// Times are numbers of seconds, with a fraction if the issuer likes (RFC 7519 section 2, NumericDate). A claim that is
/// `null` is a claim of the wrong type, not an absent one.
#[derive(Deserialize)]
struct Received {
    iss: String,
    aud: Audience,
    sub: String,
    iat: f64,
    exp: f64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<f64>,
    #[serde(default, deserialize_with = "present")]
    scope: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self, audience: &str) -> bool {
        match self {
            Self::One(name) => name == audience,
            Self::Many(names) => names.iter().any(|name| name == audience),
        }
    }
}

fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Checks tokens.
pub struct Verifier {
    keys: HashMap<String, DecodingKey>,
    signature_only: Validation,
}

impl Verifier {
    /// The verifier of the tokens signed with `key`.
    pub fn new(key: &IssuerKey) -> Self {
        Self::of(&IssuerKeys::from([(key.kid().to_owned(), *key.public())]))
    }

    /// The verifier of the tokens signed with any of `keys`.
    pub fn of(keys: &IssuerKeys) -> Self {
        let mut signature_only = Validation::new(Algorithm::EdDSA);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_nbf = false;
        signature_only.validate_aud = false;
        let keys = keys.iter().map(|(kid, key)| (kid.clone(), DecodingKey::from_ed_der(key))).collect();
        Self { keys, signature_only }
    }

    /// What `token` says, if it is valid at `now`.
    pub fn verify(&self, token: &str, now: Instant) -> Result<Claims, Refused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refused("too large"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused("header"))?;
        let key = self.key_of(&header)?;
        let received: Received = jsonwebtoken::decode(token, key, &self.signature_only)
            .map_err(|_| Refused("signature, or a claim that is missing or of the wrong type"))?
            .claims;
        check_claims(received, now)
    }

    /// The key that a header names, if all else in it is well.
    fn key_of(&self, header: &Header) -> Result<&DecodingKey, Refused> {
        if header.alg != Algorithm::EdDSA {
            return Err(Refused("algorithm"));
        }
        let key = header.kid.as_ref().and_then(|kid| self.keys.get(kid)).ok_or(Refused("kid"))?;
        if header.crit.is_some() {
            return Err(Refused("crit"));
        }
        // RFC 7519 section 5.1 and RFC 9068 section 4.
        let fits = |typ: &str| ["jwt", "at+jwt"].contains(&typ.to_ascii_lowercase().as_str());
        if !header.typ.as_deref().is_none_or(fits) {
            return Err(Refused("typ"));
        }
        Ok(key)
    }
}

fn check_claims(received: Received, now: Instant) -> Result<Claims, Refused> {
    if received.iss != ISSUER {
        return Err(Refused("iss"));
    }
    if !received.aud.names(AUDIENCE) {
        return Err(Refused("aud"));
    }
    if received.sub.is_empty() {
        return Err(Refused("sub"));
    }
    let issued = instant(received.iat).ok_or(Refused("iat out of range"))?;
    let expires = instant(received.exp).ok_or(Refused("exp out of range"))?;
    let not_before = match received.nbf {
        Some(seconds) => instant(seconds).ok_or(Refused("nbf out of range"))?,
        None => issued,
    };
    if issued - now > LEEWAY {
        return Err(Refused("iat in the future"));
    }
    if not_before - now > LEEWAY {
        return Err(Refused("nbf in the future"));
    }
    if expires <= now {
        return Err(Refused("expired"));
    }
    if expires - issued > MAX_LIFETIME {
        return Err(Refused("lives too long"));
    }
    // A role that this version does not know grants nothing, so its name is no reason to refuse.
    let scope = received.scope.map(|names| names.split_ascii_whitespace().filter_map(Role::of_name).collect());
    Ok(Claims { subject: received.sub, scope, expires })
}

/// The instant of a NumericDate, for the years that chrono and both databases know.
fn instant(seconds: f64) -> Option<Instant> {
    let micros = seconds * 1e6;
    // Beyond 2^53 microseconds (the year 2255) a double no longer tells microseconds apart, and no token lives that long.
    let limit = 9_007_199_254_740_992.0;
    if !(-limit..=limit).contains(&micros) {
        return None;
    }
    Instant::from_timestamp_micros(micros as i64)
}
