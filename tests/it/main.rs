//! Checks of Applaus from outside.
