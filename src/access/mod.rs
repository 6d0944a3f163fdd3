//! Who is calling, and what they may do: keys, tokens, roles, and the one table of permissions.
//!
//! Knows the domain and, for keys alone, files. Knows neither the database nor HTTP, and takes the time as
//! an argument: whoever loads a [`caller::Caller`] or answers a request does so elsewhere.

pub mod cache;
pub mod caller;
pub mod keys;
pub mod policy;
pub mod seal;
pub mod tokens;
