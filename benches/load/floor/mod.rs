//! Floors: what the same machine does for hand-written servers without rules, in processes of their own.

pub mod batch;
pub mod constant;
pub mod evidence;
pub mod rows;
