//! Checks of the engine: named situations, and random worlds against a model written for clarity.

mod back_test;
mod naive;
mod properties;
mod situations;
mod support;
mod world;
