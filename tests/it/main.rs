//! Checks of Applaus from outside.

#[cfg(test)]
mod periods;
