//! What the harnesses share: processes (the program, PostgreSQL, a proxy between them), clients with a journal, and the
//! check of the database against what the journal knows.

pub mod check;
pub mod client;
pub mod drill;
pub mod front;
pub mod instance;
pub mod journal;
pub mod postgres;
pub mod proxy;
pub mod stage;
pub mod worker;
