//! Situations of everyday life, each a short story with what the ledger says after it. The expectations are worked out
//! by hand from the rules of the language; no story knows the engine.

mod evidence;
mod goals;
mod guards;
mod limits;
mod recognition;
pub mod story;
mod streaks;
mod teams;
mod time;
mod versions;
