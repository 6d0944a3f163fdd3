//! What is kept between two folds.

use chrono::NaiveDate;

/// What is kept of a person's season at the end of a local day with evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDay {
    /// The day.
    pub day: NaiveDate,
    /// Of which shape the state is (see the engine): one of another is none.
    pub shape: i64,
    /// The state of each rule, as JSON.
    pub state: String,
    /// What was granted by case that day, as JSON; empty if nothing.
    pub cases: String,
    /// What the day has given to the goals of teams, as JSON; empty if nothing.
    pub given: String,
}
