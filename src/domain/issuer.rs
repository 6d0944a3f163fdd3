//! The keys by which tokens of the built-in issuers are recognised.

use std::collections::BTreeMap;

/// The 32 bytes of an Ed25519 public key (RFC 8032 section 5.1.5).
pub type PublicKey = [u8; 32];

/// Public keys by the name (`kid`) that tokens call them by.
pub type IssuerKeys = BTreeMap<String, PublicKey>;
