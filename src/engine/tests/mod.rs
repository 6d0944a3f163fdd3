//! Checks of the engine: named situations, and random worlds against a model written for clarity.

mod back_test;
mod explaining;
mod ledger;
mod naive;
mod patterns;
mod properties;
mod refolding;
mod situations;
mod steps;
mod support;
mod world;
