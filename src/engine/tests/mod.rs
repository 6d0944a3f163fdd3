//! Checks of the engine: named situations, and random worlds against a model written for clarity.

mod explaining;
mod naive;
mod properties;
mod situations;
mod support;
mod world;
