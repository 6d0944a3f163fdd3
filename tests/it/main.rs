//! Checks of Applaus from outside.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod conventions;
mod support;
mod tokens;
