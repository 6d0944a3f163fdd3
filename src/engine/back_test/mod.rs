//! "What would this draft have awarded?": two timelines folded over the same evidence, and what they come to compared.
//!
//! Takes one person's season at a time and keeps sums only, so that memory grows with people, not with signals. Only
//! awards whose instant lies in the range count; what happened earlier in its seasons is folded too, since limits, streaks
//! and goals carry it along. Evidence after the range is not looked at, so a goal whose period goes on after it stays
//! undecided; one whose period is over by then is decided once its grace has passed. Writes nothing, and knows no names.

mod borne;
pub mod collect;
mod report;
mod tally;
mod undecided;
mod warnings;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{Days, NaiveDate};

pub use self::report::{Line, Listed, Report, RuleLine, SeasonLine, TierLine, Totals};
pub use self::tally::{RuleTotals, Spread};
pub use self::undecided::Undecided;

use self::borne::Unseen;
use self::collect::{Limited, collect};
use self::tally::{Earner, Tally};
use super::fold::{Basis, FoldError, in_order};
use super::goals::due;
use super::team::{self, TeamBasis};
use super::timeline::{InForce, Timeline};
use crate::domain::ids::{Code, PersonId, SignalId, TeamId};
use crate::domain::people::PersonFacts;
use crate::domain::period::{DaySpan, Period, Zone};
use crate::domain::programme::Programme;
use crate::domain::programme::goal::DaySums;
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The timeline with the draft; see [`with_draft`].
    pub draft: &'a Timeline,
    /// The timeline as it is; without a version if nothing is in force.
    pub active: &'a Timeline,
    /// The range, in local days.
    pub days: DaySpan,
    /// The codes of seasons that are left out: they are sealed (SEMANTICS S18).
    pub sealed: &'a BTreeSet<String>,
    /// Now: grace that has not passed leaves goals undecided.
    pub now: Instant,
}

/// The timeline that a draft would make: in force from `from` on, before any version that would follow.
pub fn with_draft(active: &Timeline, draft: Arc<Programme>, from: NaiveDate) -> Timeline {
    let mut versions = active.versions.clone();
    let version = versions.iter().map(|one| one.version).max().unwrap_or(0).saturating_add(1);
    versions.retain(|one| one.effective_from < from);
    versions.push(InForce { version, effective_from: from, programme: draft });
    Timeline { versions, last_day: active.last_day }
}

/// The same of both timelines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sides<T> {
    /// With the draft.
    pub draft: T,
    /// As it is.
    pub active: T,
}

impl<T> Sides<T> {
    /// Both, seen through `f`.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> Sides<U> {
        Sides { draft: f(&self.draft), active: f(&self.active) }
    }
}

/// One of the two timelines, with what it has come to so far.
struct Side<'a> {
    timeline: &'a Timeline,
    as_of: Instant,
    tally: Tally,
    /// What people gave to the goals of teams, by season.
    given: BTreeMap<(usize, TeamId), DaySums>,
}

impl<'a> Side<'a> {
    fn new(timeline: &'a Timeline, question: Question<'_>, zone: &Zone) -> Self {
        let last = question.days.until.pred_opt().unwrap_or(question.days.first);
        let version = timeline.in_force(last).or_else(|| timeline.newest());
        // Up to then exactly those periods are decided that are over by the end of the range.
        let end = version.map_or(question.now, |version| {
            let programme = &version.programme;
            due(&programme.calendar, question.days.until, programme.grace_days)
        });
        let tally = Tally::new(zone.clone());
        Self { timeline, as_of: question.now.min(end), tally, given: BTreeMap::new() }
    }

    /// Whether it has the season: later versions may add custom ones (SEMANTICS S4).
    fn knows(&self, season: &Period) -> bool {
        let newest = self.timeline.newest();
        newest.is_some_and(|newest| newest.programme.calendar.season(&season.code).as_ref() == Some(season))
    }
}

/// What is found of people while they are looked at.
#[derive(Debug, Default)]
struct Found {
    /// Signals in the range.
    signals: u64,
    /// Who took part: had evidence in the range while in the draft's audience.
    participants: BTreeSet<PersonId>,
    /// Home teams at the end of the range.
    homes: HashMap<PersonId, TeamId>,
    /// How many earned under a rule of the draft, and from how many its limits took something.
    limited: BTreeMap<Code, (u64, u64)>,
}

/// A back-test under way.
pub struct BackTest<'a> {
    question: Question<'a>,
    draft: &'a InForce,
    seasons: Vec<Period>,
    from: Instant,
    until: Instant,
    sides: Sides<Side<'a>>,
    found: Found,
    unseen: Unseen,
}

impl<'a> BackTest<'a> {
    /// Nobody looked at yet; none if no version of the draft's timeline is there.
    pub fn new(question: Question<'a>) -> Option<Self> {
        let draft = question.draft.newest()?;
        let calendar = &draft.programme.calendar;
        let mut seasons = Vec::new();
        let mut day = question.days.first;
        while day < question.days.until {
            let season = calendar.season_of(day);
            let next = season.as_ref().map_or(day, |season| season.until_day);
            seasons.extend(season.filter(|season| !question.sealed.contains(&season.code)));
            day = next.max(day.checked_add_days(Days::new(1))?);
        }
        let zone = &calendar.zone;
        let sides = Sides {
            draft: Side::new(question.draft, question, zone),
            active: Side::new(question.active, question, zone),
        };
        let (from, until) = (zone.start_of(question.days.first), zone.start_of(question.days.until));
        let unseen = Unseen::new(&draft.programme);
        Some(Self { question, draft, seasons, from, until, sides, found: Found::default(), unseen })
    }

    /// The stretch of time whose evidence is looked at: from the start of the first season to the end of the range; none
    /// if no season is looked at.
    pub fn evidence_span(&self) -> Option<(Instant, Instant)> {
        Some((self.seasons.first()?.from, self.until))
    }

    /// Looks at a person. `evidence` gives their live signals that happened in `[from, until)`, in any order.
    pub fn person<E: From<FoldError>>(
        &mut self,
        facts: &PersonFacts,
        mut evidence: impl FnMut(Instant, Instant) -> Result<Vec<Evidence>, E>,
    ) -> Result<(), E> {
        let mut limited = Limited::new(&self.draft.programme, self.from);
        for index in 0..self.seasons.len() {
            let Some(season) = self.seasons.get(index).cloned() else { continue };
            let signals = evidence(season.from, season.until.min(self.until))?;
            self.season(facts, (index, &season), &signals, &mut limited)?;
        }
        for (rule, cut) in limited.judged() {
            let (earned, lost) = self.found.limited.entry(rule.clone()).or_default();
            (*earned, *lost) = (*earned + 1, *lost + u64::from(cut));
        }
        if let Some(home) = self.until.checked_sub_signed(chrono::TimeDelta::microseconds(1)) {
            self.found.homes.extend(facts.belonging_at(home).map(|home| (facts.person, home.team)));
        }
        Ok(())
    }

    fn season(
        &mut self,
        facts: &PersonFacts,
        (index, season): (usize, &Period),
        signals: &[Evidence],
        limited: &mut Limited<'a>,
    ) -> Result<(), FoldError> {
        let basis = Basis { timeline: self.question.draft, season, facts, as_of: self.sides.draft.as_of };
        let mut ordered = in_order(basis, signals);
        ordered.retain(|signal| signal.content.occurred_at < self.until);
        let channels = self.look_at(facts, &ordered);
        let earner = |channels| Earner { season: index, facts, channels };
        let (draft, active) = (&mut self.sides.draft, &mut self.sides.active);
        let range = (self.from, self.until);
        draft.person(season, earner(&channels), &ordered, range, limited)?;
        active.person(season, earner(&channels), &ordered, range, &mut ())
    }

    /// Notes what is to be noted of signals in the range, and gives their channels.
    fn look_at<'e>(&mut self, facts: &PersonFacts, ordered: &[&'e Evidence]) -> HashMap<SignalId, &'e str> {
        let first = ordered.partition_point(|signal| signal.content.occurred_at < self.from);
        let within = ordered.get(first..).unwrap_or_default();
        self.found.signals += u64::try_from(within.len()).unwrap_or(u64::MAX);
        let audience = &self.draft.programme.audience;
        if within.iter().any(|signal| audience.includes(facts, signal.content.occurred_at)) {
            self.found.participants.insert(facts.person);
        }
        within.iter().for_each(|signal| self.unseen.see(&signal.content));
        within.iter().filter_map(|signal| Some((signal.id, signal.content.channel.as_deref()?))).collect()
    }

    /// The teams that people gave to; each is to be looked at after the people.
    pub fn teams(&self) -> BTreeSet<TeamId> {
        let sides = [&self.sides.draft, &self.sides.active];
        sides.iter().flat_map(|side| side.given.keys().map(|(_, team)| *team)).collect()
    }

    /// Whether looking at a team needs its members.
    pub fn needs_members(&self) -> bool {
        team::rewards_members(self.question.draft) || team::rewards_members(self.question.active)
    }

    /// Looks at a team. `members` are all who were ever in it, with their facts.
    pub fn team(&mut self, team: TeamId, members: &[PersonFacts]) -> Result<(), FoldError> {
        let range = (self.from, self.until);
        for (index, season) in self.seasons.iter().enumerate() {
            for side in [&mut self.sides.draft, &mut self.sides.active] {
                side.team((index, season), team, members, range)?;
            }
        }
        Ok(())
    }
}

impl Side<'_> {
    fn person<W: super::watch::Watch>(
        &mut self,
        season: &Period,
        earner: Earner<'_>,
        ordered: &[&Evidence],
        range: (Instant, Instant),
        watch: &mut W,
    ) -> Result<(), FoldError> {
        if !self.knows(season) {
            return Ok(());
        }
        let basis = Basis { timeline: self.timeline, season, facts: earner.facts, as_of: self.as_of };
        let collected = collect(basis, ordered, watch)?;
        for ((team, place), sums) in collected.given {
            *self.given.entry((earner.season, team)).or_default().entry(place).or_default() += sums;
        }
        self.tally.of_person(earner, collected.outcome, range)
    }

    fn team(
        &mut self,
        (index, season): (usize, &Period),
        team: TeamId,
        members: &[PersonFacts],
        range: (Instant, Instant),
    ) -> Result<(), FoldError> {
        let Some(sums) = self.given.get(&(index, team)) else { return Ok(()) };
        let basis = TeamBasis { timeline: self.timeline, season, team, members, as_of: self.as_of };
        let days = DaySpan { first: season.first_day, until: season.until_day };
        let outcome = team::awards(basis, sums, days)?;
        self.tally.of_team((index, team), outcome, range)
    }
}
