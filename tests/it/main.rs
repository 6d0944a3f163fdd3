//! Checks of Applaus from outside: over real HTTP, on the database that the environment names.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod conventions;
mod demo;
mod periods;
mod support;
mod tokens;
