//! The answer of a back-test as it is told: ids and names, both sides beside each other.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Prepared;
use crate::domain::ids::{Code, PersonId, TeamId};
use crate::domain::language::{Language, Localised};
use crate::domain::points::Points;
use crate::domain::programme::goal::Part;
use crate::engine::back_test::{
    Line, Listed, Report, RuleLine, RuleTotals, Sides, Spread, TierLine, Totals, Undecided,
};
use crate::http::problem::PlaceBody;
use crate::http::programmes::view::Words;

/// Of how many subjects the tops are.
const TOP: u64 = 10;
/// Where many are equal, no more than that.
const MOST_ON_TOP: usize = 100;
/// Of how many people at each end a shortened answer tells.
const MOST_AT_EACH_END: usize = 500;
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What ids are called.
#[derive(Debug, Default)]
pub struct Names {
    /// User names and display names.
    pub people: BTreeMap<PersonId, (String, String)>,
    /// Codes and names.
    pub teams: BTreeMap<TeamId, (Code, String)>,
    /// Names of rules.
    pub rules: BTreeMap<Code, Localised>,
}

/// What a draft would have awarded, beside what the versions in force award for the same evidence. Points have no value
/// in money that the organisation has set, so there is none here.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestOut {
    /// The programme's code.
    pub programme: String,
    /// The version asked for; null for a document.
    pub version: Option<u32>,
    /// The first local day.
    pub from: NaiveDate,
    /// The local day after the last.
    pub until: NaiveDate,
    /// Up to when goals and guards are decided: the end of the range with the draft's grace, but not later than now.
    pub decided_until: DateTime<Utc>,
    /// The seasons that the range meets.
    pub seasons: Vec<BackTestSeason>,
    /// Seasons left out, because evidence of them may be gone.
    pub left_out: Vec<String>,
    /// Signals in the range.
    pub signals: u64,
    /// People with evidence in the range while in the draft's audience.
    pub participants: u64,
    /// People who would have more points, fewer, and the same.
    pub changes: BackTestChanges,
    /// Everything together.
    pub totals: Both<BackTestTotals>,
    /// Each rule of either.
    pub rules: Vec<BackTestRule>,
    /// Whoever took part or earned, who gains most first. Of many, only the first and last 500; the table has all.
    pub people: Vec<BackTestPerson>,
    /// How many people are left out between them.
    pub people_left_out: u64,
    /// Teams that earned, or whose members did; who gains most first.
    pub teams: Vec<BackTestTeam>,
    /// Who would be on top, and who is.
    pub top: BackTestTops,
    /// Where points go.
    pub spread: BackTestSpread,
    /// What time has not decided yet.
    pub undecided: Vec<BackTestUndecided>,
    /// What to look at; pointers into the document, in the language of who asked.
    pub warnings: Vec<PlaceBody>,
}

/// The same with the draft and as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Both<T> {
    /// With the draft.
    pub draft: T,
    /// By the versions in force.
    pub active: T,
}

/// A season.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestSeason {
    /// Its code.
    pub season: String,
    /// Its first local day.
    pub from: NaiveDate,
    /// The local day after its last.
    pub until: NaiveDate,
    /// Whether it lies in the range as a whole; otherwise its tiers are those of the points of a part.
    pub whole: bool,
}

/// Who would have more, and who less.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestChanges {
    /// People with more points.
    pub winners: u64,
    /// People with fewer points.
    pub losers: u64,
    /// People with as many points.
    pub unchanged: u64,
}

/// Everything together.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestTotals {
    /// Awards.
    pub awards: u64,
    /// Points.
    #[schema(value_type = i64)]
    pub points: Points,
    /// Badges held.
    pub badges: u64,
    /// People who earned anything.
    pub people: u64,
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestRule {
    /// Its code.
    pub rule: String,
    /// Its name.
    pub name: Option<Words>,
    /// With the draft; null if the draft has no such rule.
    pub draft: Option<BackTestRuleTotals>,
    /// By the versions in force; null if they have no such rule.
    pub active: Option<BackTestRuleTotals>,
}

/// What a rule awards.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestRuleTotals {
    /// Awards.
    pub awards: u64,
    /// Points.
    #[schema(value_type = i64)]
    pub points: Points,
    /// Badges held through it.
    pub badges: u64,
    /// How many people, or teams, it awards anything.
    pub subjects: u64,
    /// Awards that wait for their guard; not among the others.
    pub pending_awards: u64,
    /// Their points.
    #[schema(value_type = i64)]
    pub pending_points: Points,
}

/// A person's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BackTestPersonName {
    /// The id.
    pub id: String,
    /// The user name.
    pub user_name: String,
    /// The display name.
    pub display_name: String,
}

/// A team's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BackTestTeamName {
    /// The id.
    pub id: String,
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

/// What somebody comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestListed {
    /// Points; of a team its own and what its members earned while in it.
    #[schema(value_type = i64)]
    pub points: Points,
    /// Of a team: its own points.
    #[schema(value_type = i64)]
    pub own_points: Points,
    /// Badges.
    pub badges: u64,
    /// 1 + those with more points; null without a point.
    pub rank: Option<u64>,
}

/// A person before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestPerson {
    /// Who.
    pub person: BackTestPersonName,
    /// The home team at the end of the range.
    pub team: Option<BackTestTeamName>,
    /// With the draft.
    pub draft: BackTestListed,
    /// By the versions in force.
    pub active: BackTestListed,
    /// The draft's points less the others.
    #[schema(value_type = i64)]
    pub difference: Points,
    /// Tiers reached.
    pub tiers: Vec<BackTestTier>,
}

/// A team before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestTeam {
    /// Which.
    pub team: BackTestTeamName,
    /// With the draft.
    pub draft: BackTestListed,
    /// By the versions in force.
    pub active: BackTestListed,
    /// The draft's points less the others.
    #[schema(value_type = i64)]
    pub difference: Points,
    /// Tiers reached by its own points.
    pub tiers: Vec<BackTestTier>,
}

/// Tiers reached in a season.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestTier {
    /// The season's code.
    pub season: String,
    /// With the draft.
    pub draft: Option<String>,
    /// By the versions in force.
    pub active: Option<String>,
}

/// The tops of both boards.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestTops {
    /// People by points; of equals all, at most 100.
    pub people: Both<Vec<TopOf<BackTestPersonName>>>,
    /// Teams by points; of equals all, at most 100.
    pub teams: Both<Vec<TopOf<BackTestTeamName>>>,
}

/// One of the top.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopOf<S> {
    /// The rank; equals share one.
    pub rank: u64,
    /// Who.
    pub subject: S,
    /// Points.
    #[schema(value_type = i64)]
    pub points: Points,
}

/// Where points go.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestSpread {
    /// By the code of the team that the earner belonged to; `none` without one.
    pub teams: Vec<PointsOf>,
    /// By the channel of the causing signal; `none` for goals, days and signals without one.
    pub channels: Vec<PointsOf>,
    /// By local weekday, `mon` first.
    pub weekdays: Vec<PointsOf>,
    /// By local month, `2026-11`.
    pub months: Vec<PointsOf>,
}

/// Points of a part.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointsOf {
    /// The part.
    pub key: String,
    /// With the draft.
    #[schema(value_type = i64)]
    pub draft: Points,
    /// By the versions in force.
    #[schema(value_type = i64)]
    pub active: Points,
}

/// A goal or guard of the draft with undecided periods.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestUndecided {
    /// The rule.
    pub rule: String,
    /// `goal`, or `guard`.
    pub part: &'static str,
    /// The first day of the first such period.
    pub from: NaiveDate,
    /// How many there are in the range.
    pub periods: u32,
}

impl BackTestOut {
    /// A report with names, its warnings in `language`.
    pub(super) fn new(asked: &Prepared, report: &Report, names: &Names, language: Language) -> Self {
        let changes = |order| report.people.iter().filter(|line| line.difference.cmp(&Points::ZERO) == order).count();
        let changes = |order| u64::try_from(changes(order)).unwrap_or(u64::MAX);
        use std::cmp::Ordering::{Equal, Greater, Less};
        Self {
            programme: asked.programme.to_string(),
            version: asked.version,
            from: report.days.first,
            until: report.days.until,
            decided_until: report.as_of.draft,
            seasons: report.seasons.iter().map(BackTestSeason::new).collect(),
            left_out: asked.sealed.iter().cloned().collect(),
            signals: report.signals,
            participants: report.participants,
            changes: BackTestChanges { winners: changes(Greater), losers: changes(Less), unchanged: changes(Equal) },
            totals: both(&report.totals, |totals| BackTestTotals::new(*totals)),
            rules: report.rules.iter().map(|line| names.rule(line)).collect(),
            people: report.people.iter().map(|line| names.person_line(line)).collect(),
            people_left_out: 0,
            teams: report.teams.iter().map(|line| names.team_line(line)).collect(),
            top: BackTestTops {
                people: tops(&report.people, |person| names.person(person)),
                teams: tops(&report.teams, |team| names.team(team)),
            },
            spread: names.spread(&report.spread),
            undecided: report.undecided.iter().map(BackTestUndecided::new).collect(),
            warnings: report.warnings.iter().map(|warning| PlaceBody::new(warning, language)).collect(),
        }
    }
}

impl BackTestOut {
    /// Without those in the middle, where there are many: answers are kept in memory.
    pub fn shorten(&mut self) {
        self.people_left_out += cut_middle(&mut self.people, MOST_AT_EACH_END);
    }
}

/// Keeps so many at each end, and tells how many are gone.
fn cut_middle<T>(list: &mut Vec<T>, at_each_end: usize) -> u64 {
    let last = list.len().saturating_sub(at_each_end).max(at_each_end).min(list.len());
    u64::try_from(list.drain(at_each_end.min(last)..last).count()).unwrap_or(u64::MAX)
}

fn both<T, U>(sides: &Sides<T>, f: impl Fn(&T) -> U) -> Both<U> {
    Both { draft: f(&sides.draft), active: f(&sides.active) }
}

/// Who has one of the first ranks, in order.
fn tops<S: Copy, N>(lines: &[Line<S>], name: impl Fn(S) -> N) -> Both<Vec<TopOf<N>>> {
    let top = |listed: &dyn Fn(&Line<S>) -> Listed| {
        let all = lines.iter().map(|line| (line.subject, listed(line)));
        let mut first: Vec<_> = all.filter(|(_, listed)| listed.rank.is_some_and(|rank| rank <= TOP)).collect();
        first.sort_by_key(|(_, listed)| listed.rank);
        first.truncate(MOST_ON_TOP);
        let of = |(subject, listed): (S, Listed)| {
            Some(TopOf { rank: listed.rank?, subject: name(subject), points: listed.points })
        };
        first.into_iter().filter_map(of).collect()
    };
    Both { draft: top(&|line| line.listed.draft), active: top(&|line| line.listed.active) }
}

impl BackTestSeason {
    fn new(line: &crate::engine::back_test::SeasonLine) -> Self {
        let season = &line.season;
        Self { season: season.code.clone(), from: season.first_day, until: season.until_day, whole: line.whole }
    }
}

impl BackTestTotals {
    fn new(totals: Totals) -> Self {
        let Totals { awards, points, badges, people } = totals;
        Self { awards, points, badges, people }
    }
}

impl BackTestRuleTotals {
    fn new(totals: RuleTotals) -> Self {
        let RuleTotals { awards, points, badges, subjects, pending_awards, pending_points } = totals;
        Self { awards, points, badges, subjects, pending_awards, pending_points }
    }
}

impl BackTestListed {
    fn new(listed: Listed) -> Self {
        Self { points: listed.points, own_points: listed.own, badges: listed.badges, rank: listed.rank }
    }
}

impl BackTestTier {
    fn new(line: &TierLine) -> Self {
        let text = |tier: &Option<Code>| tier.as_ref().map(ToString::to_string);
        Self { season: line.season.clone(), draft: text(&line.tier.draft), active: text(&line.tier.active) }
    }
}

impl BackTestUndecided {
    fn new(undecided: &Undecided) -> Self {
        let part = match undecided.part {
            Part::Goal => "goal",
            Part::Guard => "guard",
        };
        Self { rule: undecided.rule.to_string(), part, from: undecided.from, periods: undecided.periods }
    }
}

impl Names {
    fn person(&self, person: PersonId) -> BackTestPersonName {
        let (user_name, display_name) = self.people.get(&person).cloned().unwrap_or_default();
        BackTestPersonName { id: person.to_string(), user_name, display_name }
    }

    fn team(&self, team: TeamId) -> BackTestTeamName {
        let named = self.teams.get(&team);
        let (code, name) = named.map(|(code, name)| (code.to_string(), name.clone())).unwrap_or_default();
        BackTestTeamName { id: team.to_string(), code, name }
    }

    fn rule(&self, line: &RuleLine) -> BackTestRule {
        let totals = line.totals.map(|totals| totals.map(BackTestRuleTotals::new));
        let name = self.rules.get(&line.rule).map(Words::from);
        BackTestRule { rule: line.rule.to_string(), name, draft: totals.draft, active: totals.active }
    }

    fn person_line(&self, line: &Line<PersonId>) -> BackTestPerson {
        BackTestPerson {
            person: self.person(line.subject),
            team: line.team.map(|team| self.team(team)),
            draft: BackTestListed::new(line.listed.draft),
            active: BackTestListed::new(line.listed.active),
            difference: line.difference,
            tiers: line.tiers.iter().map(BackTestTier::new).collect(),
        }
    }

    fn team_line(&self, line: &Line<TeamId>) -> BackTestTeam {
        BackTestTeam {
            team: self.team(line.subject),
            draft: BackTestListed::new(line.listed.draft),
            active: BackTestListed::new(line.listed.active),
            difference: line.difference,
            tiers: line.tiers.iter().map(BackTestTier::new).collect(),
        }
    }

    fn spread(&self, spread: &Sides<Spread>) -> BackTestSpread {
        let weekdays = spread.map(|side| WEEKDAYS.iter().enumerate().zip(side.weekdays).collect());
        let none = || "none".to_owned();
        BackTestSpread {
            teams: parts(&spread.map(|side| side.teams.clone()), |team| {
                team.map_or_else(none, |team| self.team(team).code)
            }),
            channels: parts(&spread.map(|side| side.channels.clone()), |channel| channel.clone().unwrap_or_else(none)),
            weekdays: parts(&weekdays, |(_, weekday)| (**weekday).to_owned()),
            months: parts(&spread.map(|side| side.months.clone()), |month| month.format("%Y-%m").to_string()),
        }
    }
}

/// Each key of either side.
fn parts<K: Ord + Clone>(sides: &Sides<BTreeMap<K, Points>>, name: impl Fn(&K) -> String) -> Vec<PointsOf> {
    let mut all: BTreeMap<&K, (Points, Points)> = BTreeMap::new();
    sides.draft.iter().for_each(|(key, points)| all.entry(key).or_default().0 = *points);
    sides.active.iter().for_each(|(key, points)| all.entry(key).or_default().1 = *points);
    all.into_iter().map(|(key, (draft, active))| PointsOf { key: name(key), draft, active }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_middle_is_cut() {
        for (length, left, cut) in
            [(0, vec![], 0), (3, vec![0, 1, 2], 0), (4, vec![0, 1, 2, 3], 0), (6, vec![0, 1, 4, 5], 2)]
        {
            let mut list: Vec<i32> = (0..length).collect();
            assert_eq!((cut_middle(&mut list, 2), list), (cut, left));
        }
    }
}
