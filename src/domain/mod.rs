//! The words of recognition, as types: what a signal, a rule, a period, an award and a transfer are.
//!
//! Pure. Knows no database, no HTTP, no environment and no clock: whatever depends on "now" takes it as an argument.

pub mod award;
pub mod budget;
pub mod certificate;
pub mod contest;
pub mod decimal;
pub mod erasing;
pub mod grant;
pub mod ids;
pub mod issuer;
pub mod kept;
pub mod kudos;
pub mod language;
pub mod ledger;
pub mod measure;
pub mod money;
pub mod organization;
pub mod patterns;
pub mod payroll;
pub mod people;
pub mod period;
pub mod points;
pub mod problem;
pub mod programme;
pub mod redemption;
pub mod reward;
pub mod samples;
pub mod season;
pub mod signal;
pub mod standing;
pub mod text;
pub mod time;
pub mod visibility;
