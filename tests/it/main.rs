//! Checks of Applaus from outside: over real HTTP, on the database that the environment names.

mod periods;
//! Checks of Applaus from outside.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod conventions;
mod support;
mod tokens;
