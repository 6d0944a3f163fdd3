//! Checks of Applaus from outside: over real HTTP, on the database that the environment names.

mod periods;
mod support;
mod tokens;
