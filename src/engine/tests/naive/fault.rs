//! Mistakes that can be built into the model on purpose: a comparison with it must find each.

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// One award too many (S21).
    TimesOffByOne,
    /// One point too many (S21).
    PointsOffByOne,
    /// The end of a cooldown still belongs to it (S21).
    CooldownExclusive,
    /// Each version counts for itself (S29).
    CountsByVersion,
    /// A signal without a case is one of a case without a name.
    NoCaseIsACase,
    /// An award of nothing counts (S21).
    NothingCounts,
    /// A points limit takes the badge, too (S21).
    BadgeWithheld,
    /// The version that became effective last is in force (S28).
    LatestDateInForce,
    /// A pending award does not count against limits (S25).
    PendingIsFree,
    /// Of boosts the smallest counts (S21).
    SmallestBoost,
    /// Points are rounded before a boost, too (S21).
    RoundedTwice,
    /// A boost's last day is one too late (S26).
    BoostInclusive,
    /// A streak goes on growing when it is complete (S22).
    StreakGoesOn,
    /// What does not count leaves a streak as it is (S22).
    NothingBreaks,
    /// Every day without one breaks a streak of days (S23).
    EveryDayBreaks,
    /// Holidays break a streak of days (S23).
    HolidaysBreak,
    /// Days off break a streak of days (S23).
    DaysOffBreak,
    /// A day that never was breaks a streak of days (S23).
    DayThatNeverWasBreaks,
    /// A streak of days is awarded when the signal happened (S7).
    DayStreakAtSignal,
    /// Goals follow the last version in force within their period (S29).
    GoalsFollowTheLast,
    /// What is decided at a period's end is decided without grace (S24).
    NoGrace,
    /// Samples are not counted (S24).
    NoSamples,
    /// No goal repeats (S24).
    NeverRepeats,
    /// To reach a target is to exceed it (S24).
    TargetExclusive,
    /// A goal is awarded at the end even if it was reached before (S7).
    NeverWhenReached,
    /// Weeks run on across a season's edge (S3).
    NotCut,
    /// A guard with too few samples fails (S25).
    FewSamplesFail,
    /// Guards are not looked at (S25).
    GuardAlwaysHolds,
    /// A team's sums are by where people are at the season's end (S27).
    TeamsOfToday,
    /// A team's goal is reached when the signal happens (S27).
    TeamAtSignal,
    /// Every member is awarded, however short a time they were one (S27).
    NoMinimum,
    /// Members are awarded without being in the audience (S27).
    EveryMember,
}

impl Fault {
    /// All that show in the awards of persons.
    pub const OF_PERSONS: [Self; 28] = [
        Self::TimesOffByOne,
        Self::PointsOffByOne,
        Self::CooldownExclusive,
        Self::CountsByVersion,
        Self::NoCaseIsACase,
        Self::NothingCounts,
        Self::BadgeWithheld,
        Self::LatestDateInForce,
        Self::PendingIsFree,
        Self::SmallestBoost,
        Self::RoundedTwice,
        Self::BoostInclusive,
        Self::StreakGoesOn,
        Self::NothingBreaks,
        Self::EveryDayBreaks,
        Self::HolidaysBreak,
        Self::DaysOffBreak,
        Self::DayThatNeverWasBreaks,
        Self::DayStreakAtSignal,
        Self::GoalsFollowTheLast,
        Self::NoGrace,
        Self::NoSamples,
        Self::NeverRepeats,
        Self::TargetExclusive,
        Self::NeverWhenReached,
        Self::NotCut,
        Self::FewSamplesFail,
        Self::GuardAlwaysHolds,
    ];
    /// All that show in the awards of teams.
    pub const OF_TEAMS: [Self; 12] = [
        Self::TeamsOfToday,
        Self::TeamAtSignal,
        Self::NoMinimum,
        Self::EveryMember,
        Self::GoalsFollowTheLast,
        Self::NoGrace,
        Self::NoSamples,
        Self::NeverRepeats,
        Self::TargetExclusive,
        Self::NotCut,
        Self::FewSamplesFail,
        Self::GuardAlwaysHolds,
    ];
}
