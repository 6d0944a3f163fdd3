//! Checks of the engine: named situations, and random worlds against a model written for clarity.

mod explaining;
mod ledger;
mod naive;
mod properties;
mod refolding;
mod situations;
mod steps;
mod support;
mod world;
