//! Ranks as they were when the local day began: what `change` compares with (SEMANTICS S46).
//!
//! A score then is the score now less what has moved since; who is listed then is who is listed now, so that nobody shows
//! through the change of another. Only boards of points of a month or longer have it: of persons, and of teams' own points.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate, TimeDelta};
use diesel::QueryResult;

use super::fresh::{Fresh, Held, What};
use super::index::BoardIndex;
use super::news::subject_id;
use super::numbers::Number;
use super::scope::Scope;
use super::view::merged;
use crate::domain::people::Role;
use crate::domain::programme::{BoardSubject, Combine, Rank};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::head::{self, ChangeKind};
use crate::store::{board_evidence, day_marks, directory, memberships, roles};
use uuid::Uuid;

/// Up to so many people that have changed since midnight are looked at; beyond it, whoever of them had no points is a newcomer.
const LOOKED_AT: i64 = 2_000;

/// A local day of a board, and how far the sequence had come when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Today {
    day: NaiveDate,
    begins: Instant,
    /// When the next one begins.
    pub(super) until: Instant,
    /// None on the first day: there is nothing to compare with.
    mark: Option<i64>,
    /// Whether the mark is kept. If not, nothing has been written on that day yet, and it is the state that was read.
    kept: bool,
}

impl Today {
    /// As of the state that `db` reads; none of a board that tells no change.
    fn read(db: &mut Db, scope: &Scope, head: i64) -> QueryResult<Option<Self>> {
        let Some((today, programme)) = day_of(scope).zip(scope.catalogue.programmes.get(scope.key.programme.as_str()))
        else {
            return Ok(None);
        };
        let Self { day, begins, .. } = today;
        let was_active = programme.active_since().is_some_and(|since| since < begins);
        let began_before = programme.begins().is_some_and(|first| first < begins) && scope.key.period.from < begins;
        if !was_active || !began_before {
            return Ok(Some(today));
        }
        let mark = day_marks::of(db, programme.code.as_str(), day)?;
        Ok(Some(Self { mark: mark.or(Some(head)), kept: mark.is_some(), ..today }))
    }
}

/// The day that it is on a board, without a mark; none of a board that tells no change.
fn day_of(scope: &Scope) -> Option<Today> {
    let told = scope.board.rank == Rank::Points
        && matches!(scope.board.subject, BoardSubject::Person | BoardSubject::Team(Combine::Own))
        && scope.board.period.is_a_month_or_longer()
        && !scope.course.is_closed();
    let zone = &scope.programme.calendar.zone;
    let day = zone.local(scope.now).0;
    let until = zone.start_of(day.checked_add_days(Days::new(1))?);
    told.then(|| Today { day, begins: zone.start_of(day), until, mark: None, kept: true })
}

/// What ranks at midnight are made of, read in the same state of the data as what the board lacked.
pub(super) struct Then {
    pub(super) today: Today,
    /// By how much points have moved since.
    pub(super) moved: Vec<(Uuid, i64)>,
    /// Whether those took part at midnight who have changed since; the others did as they do now.
    pub(super) took_part: Vec<(Uuid, bool)>,
}

impl Then {
    /// What is lacking of it, if the day has turned, or who is listed may have changed.
    pub(super) fn lacking(db: &mut Db, fresh: &Fresh, held: Option<&Held>) -> QueryResult<Option<Self>> {
        let scope = &fresh.scope;
        let Some(day) = day_of(scope) else { return Ok(None) };
        if let Some(held) = held
            && let Some(known) = held.today.filter(|known| known.day == day.day)
        {
            let list_stands = match &fresh.what {
                What::Nothing => true,
                What::Few { people, .. } => people.is_empty(),
                What::Everybody { .. } | What::Teams { .. } => false,
            };
            let by_time = held.next_moment.is_some_and(|next| next <= scope.now);
            if list_stands && !by_time && (known.kept || held.sequence == fresh.sequence) {
                return Ok(None);
            }
        }
        Self::read(db, scope, fresh.sequence)
    }

    /// As of the state that `db` reads.
    pub(super) fn read(db: &mut Db, scope: &Scope, head: i64) -> QueryResult<Option<Self>> {
        let Some(today) = Today::read(db, scope, head)? else { return Ok(None) };
        let Some(mark) = today.mark else {
            return Ok(Some(Self { today, moved: Vec::new(), took_part: Vec::new() }));
        };
        let moved = board_evidence::points_moved_since(db, scope.counted(), mark)?;
        let moved = moved.into_iter().map(|(subject, points)| Ok((subject_id(&subject)?, points)));
        let moved = moved.collect::<QueryResult<_>>()?;
        let took_part = if scope.board.subject == BoardSubject::Person {
            took_part(db, scope, (mark, today.begins))?
        } else {
            let teams = head::of_kind_since(db, ChangeKind::Team, mark, LOOKED_AT)?;
            teams.iter().filter_map(|code| scope.catalogue.teams.by_code(code)).map(|team| (team.id.0, false)).collect()
        };
        Ok(Some(Self { today, moved, took_part }))
    }
}

/// Whether those who have changed since midnight took part then.
fn took_part(db: &mut Db, scope: &Scope, (mark, midnight): (i64, Instant)) -> QueryResult<Vec<(Uuid, bool)>> {
    let mut concerned = head::of_kind_since(db, ChangeKind::Person, mark, LOOKED_AT)?;
    if i64::try_from(concerned.len()).is_ok_and(|count| count >= LOOKED_AT) {
        concerned = head::of_kind_since(db, ChangeKind::Person, mark, i64::MAX)?;
        return concerned.iter().map(|id| Ok((subject_id(id)?, false))).collect();
    }
    // The state that the day before left: what begins with the day is of today.
    let before = midnight - TimeDelta::microseconds(1);
    concerned.extend(directory::moved_between(db, before, scope.now)?);
    concerned.sort_unstable();
    concerned.dedup();
    let new: HashSet<String> = directory::new_since(db, &concerned, midnight)?.into_iter().collect();
    let homes = memberships::home_teams(db, &concerned, before)?;
    let mut held: HashSet<(String, Role)> = HashSet::new();
    for grant in roles::of_people(db, &concerned)? {
        if grant.interval().contains(before) {
            held.insert((grant.person.clone(), grant.role()?));
        }
    }
    let took_part = |id: &String| {
        let home = homes.get(id).and_then(|team| scope.catalogue.teams.get(*team));
        let lineage = home.map_or(&[][..], |team| &team.lineage);
        !new.contains(id) && scope.programme.audience.fits(lineage, |role| held.contains(&(id.clone(), role)))
    };
    concerned.iter().map(|id| Ok((subject_id(id)?, took_part(id)))).collect()
}

/// Ranks when the day began.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    /// None on boards that tell no change.
    pub(super) today: Option<Today>,
    /// By number; 0 of those who were not there.
    ranks: Vec<u32>,
}

impl Baseline {
    /// Of who is listed in `index`, and of those in `unlisted` in their own eyes; `moved` by number, and whether somebody
    /// without points took part.
    pub(super) fn new(
        today: Today,
        (index, unlisted): (&BoardIndex, &HashMap<Number, i64>),
        moved: &HashMap<Number, i64>,
        took_part: impl Fn(Number) -> bool,
    ) -> Self {
        if today.mark.is_none() {
            return Self { today: Some(today), ranks: Vec::new() };
        }
        let was_there = |(score, number, _): &(i64, Number, bool)| *score != 0 || took_part(*number);
        let then = |number: Number, now: i64| now.saturating_sub(moved.get(&number).copied().unwrap_or(0));
        let stood = index.listed().filter_map(|who| Some((index.score_of(who.number)?, who.number, true)));
        let stood = stood.filter(|(_, number, _)| !moved.contains_key(number)).filter(was_there);
        let listed = moved.keys().filter_map(|who| Some((then(*who, index.score_of(*who)?), *who, true)));
        let unseen = unlisted.iter().map(|(who, now)| (then(*who, *now), *who, false));
        let mut others: Vec<(i64, Number, bool)> = listed.chain(unseen).filter(was_there).collect();
        others.sort_unstable_by_key(|(score, ..)| Reverse(*score));
        let mut ranks: Vec<u32> = Vec::new();
        let (mut seen, mut higher, mut last) = (0_u32, 0, None);
        for (score, number, counts) in merged(stood, others.into_iter(), |one, other| one.0 > other.0) {
            if last != Some(score) {
                (last, higher) = (Some(score), seen);
            }
            let Ok(at) = usize::try_from(number) else { continue };
            if ranks.len() <= at {
                ranks.resize(at + 1, 0);
            }
            if let Some(rank) = ranks.get_mut(at) {
                *rank = higher + 1;
            }
            seen += u32::from(counts);
        }
        ranks.shrink_to_fit();
        Self { today: Some(today), ranks }
    }

    /// Whether it is of the same midnight as another.
    pub(super) fn is_of(&self, other: &Today) -> bool {
        self.today.is_some_and(|today| (today.day, today.mark) == (other.day, other.mark))
    }

    /// Whether ranks then depend on who is listed.
    pub(super) fn is_told(&self) -> bool {
        self.today.is_some_and(|today| today.mark.is_some())
    }

    /// The rank of somebody then, if they were there.
    pub(super) fn rank(&self, number: Number) -> Option<u32> {
        self.ranks.get(usize::try_from(number).ok()?).copied().filter(|rank| *rank > 0)
    }
}
