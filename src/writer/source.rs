//! Evidence and kept days of people's seasons, from the database: of one person step by step, or of many at once as far
//! as their folds are likely to read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::Failure;
use crate::domain::ids::PersonId;
use crate::domain::kept::SavedDay;
use crate::domain::period::{DaySpan, Period, Zone};
use crate::domain::signal::Evidence;
use crate::domain::time::Window;
use crate::engine::refold::{DaysRead, Source};
use crate::store::db::Db;
use crate::store::fold_days::{self, FoldDayRow, SeasonKey};
use crate::store::{evidence, row};

/// How many signals are read first where nobody knows how many will be needed; then more and more.
const FEW: i64 = 128;
/// What is wanted of so many days before today is read to the end: little evidence is later, and much of it not much.
const LATE: Days = Days::new(8);
/// So many days beyond those that are wanted are read of what is older: most folds meet what is kept by then.
const BEYOND: Days = Days::new(2);

/// Reads one person's season.
pub struct Stored<'a> {
    db: &'a mut Db,
    key: SeasonKey,
    person: PersonId,
    season: &'a Period,
    zone: &'a Zone,
    limit: i64,
}

impl<'a> Stored<'a> {
    /// The season of a programme with days by `zone`.
    pub fn new(db: &'a mut Db, key: SeasonKey, person: PersonId, (season, zone): (&'a Period, &'a Zone)) -> Self {
        Self { db, key, person, season, zone, limit: FEW }
    }

    /// Live signals from a day on, and up to which day they are all.
    fn evidence(&mut self, from: NaiveDate) -> Result<(Vec<Evidence>, NaiveDate), Failure> {
        let all = (self.zone.start_of(from), self.season.until);
        loop {
            let mut evidence = evidence::live_from(self.db, self.person, all, self.limit)?;
            let complete = i64::try_from(evidence.len()).is_ok_and(|found| found < self.limit);
            self.limit = self.limit.saturating_mul(4);
            if complete {
                return Ok((evidence, self.season.until_day));
            }
            // The last day may go on beyond what was read.
            let day = |one: &Evidence| self.zone.local(one.content.occurred_at).0;
            let last = evidence.last().map_or(from, day);
            if last > from {
                evidence.retain(|one| day(one) < last);
                return Ok((evidence, last));
            }
        }
    }
}

impl Source for Stored<'_> {
    type Error = Failure;

    fn days_from(&mut self, from: NaiveDate) -> Result<DaysRead, Failure> {
        let (evidence, until) = self.evidence(from)?;
        let wanted = [(self.key.clone(), DaySpan { first: from, until })];
        let kept = fold_days::kept_of_each(self.db, &wanted)?.into_iter().map(FoldDayRow::saved).collect();
        Ok(DaysRead { until, evidence, kept })
    }

    fn last_before(&mut self, day: NaiveDate) -> Result<Option<SavedDay>, Failure> {
        let found = fold_days::last_before_each(self.db, &[(self.key.clone(), day)])?;
        Ok(found.into_iter().next().map(FoldDayRow::saved))
    }

    fn cases_before(&mut self, day: NaiveDate, cases: &BTreeSet<String>) -> Result<Vec<String>, Failure> {
        let wanted = CasesWanted { person: self.person, key: self.key.clone(), before: day, cases: cases.clone() };
        let granted = cases_before(self.db, (self.season, self.zone), &[wanted])?;
        Ok(granted.into_values().flatten().collect())
    }
}

/// Of whom it is asked what was granted for some cases before a day.
struct CasesWanted {
    person: PersonId,
    key: SeasonKey,
    before: NaiveDate,
    cases: BTreeSet<String>,
}

/// What was granted by case, by person and oldest first, on the days on which they had evidence of these cases.
fn cases_before(
    db: &mut Db,
    (season, zone): (&Period, &Zone),
    wanted: &[CasesWanted],
) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let keys: BTreeMap<PersonId, &SeasonKey> = wanted.iter().map(|one| (one.person, &one.key)).collect();
    let mut asked = Vec::new();
    for one in wanted {
        let window = Window { from: season.from, until: zone.start_of(one.before) };
        asked.extend(one.cases.iter().map(|case| (one.person, case.clone(), window)));
    }
    let mut days: BTreeSet<(SeasonKey, NaiveDate)> = BTreeSet::new();
    for (person, at) in evidence::instants_of_cases(db, &asked)? {
        days.extend(keys.get(&person).map(|key| ((*key).clone(), zone.local(at).0)));
    }
    let days: Vec<_> = days.into_iter().collect();
    let mut granted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in fold_days::with_cases(db, &days)? {
        granted.entry(row.person).or_default().push(row.cases);
    }
    Ok(granted)
}

/// Whose season is to be folded, and which days at least.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Whose.
    pub person: PersonId,
    /// The season.
    pub key: SeasonKey,
    /// The days.
    pub days: DaySpan,
}

/// What the folds of many people's seasons read first.
pub struct Ahead {
    people: BTreeMap<PersonId, Begun>,
}

/// What was read of one person.
struct Begun {
    /// The first day that is wanted.
    wanted: NaiveDate,
    /// What is kept of the last day before it.
    last_before: Option<SavedDay>,
    /// The first day of those that were read: the season's, if there is no state to go on from.
    first: NaiveDate,
    days: Option<DaysRead>,
    /// Of the cases in these days, what was granted before.
    cases: Vec<String>,
    known_cases: BTreeSet<String>,
}

impl Ahead {
    /// Reads for all of `wanted`, in a few statements. `today` is the last day on which there may be evidence, `shape` that
    /// of states to go on from.
    pub fn read(
        db: &mut Db,
        of: (&Period, &Zone),
        wanted: &[Wanted],
        (today, shape, limits_by_case): (NaiveDate, i64, bool),
    ) -> Result<Self, Failure> {
        let mut people: BTreeMap<PersonId, Begun> =
            wanted.iter().map(|one| (one.person, Begun::at(one.days.first))).collect();
        let before: Vec<_> = wanted.iter().map(|one| (one.key.clone(), one.days.first)).collect();
        for row in fold_days::last_before_each(db, &before)? {
            let (person, saved) = saved(row)?;
            if let Some(begun) = people.get_mut(&person) {
                begun.last_before = Some(saved);
            }
        }
        for begun in people.values_mut() {
            let goes_on = begun.last_before.as_ref().is_some_and(|saved| saved.shape == shape);
            begun.first = if goes_on { begun.wanted } else { of.0.first_day };
        }
        let mut ahead = Self { people };
        ahead.read_days(db, of, wanted, today)?;
        if limits_by_case {
            ahead.read_cases(db, of, wanted)?;
        }
        Ok(ahead)
    }

    fn read_days(
        &mut self,
        db: &mut Db,
        (season, zone): (&Period, &Zone),
        wanted: &[Wanted],
        today: NaiveDate,
    ) -> Result<(), Failure> {
        let until = |days: DaySpan| {
            let old = days.until.checked_add_days(LATE).is_some_and(|late| late <= today);
            let beyond = days.until.checked_add_days(BEYOND).filter(|_| old);
            beyond.map_or(season.until_day, |beyond| beyond.min(season.until_day))
        };
        let (mut windows, mut spans) = (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
        for one in wanted {
            let Some(begun) = self.people.get_mut(&one.person) else { continue };
            let days = DaySpan { first: begun.first, until: until(one.days) };
            begun.days = Some(DaysRead { until: days.until, ..DaysRead::default() });
            windows.push((one.person, window(zone, days)));
            spans.push((one.key.clone(), days));
        }
        for evidence in evidence::live_of_each(db, &windows)? {
            if let Some(days) = self.days_of(evidence.content.agent) {
                days.evidence.push(evidence);
            }
        }
        for row in fold_days::kept_of_each(db, &spans)? {
            let (person, saved) = saved(row)?;
            if let Some(days) = self.days_of(person) {
                days.kept.push(saved);
            }
        }
        Ok(())
    }

    fn days_of(&mut self, person: PersonId) -> Option<&mut DaysRead> {
        self.people.get_mut(&person)?.days.as_mut()
    }

    fn read_cases(&mut self, db: &mut Db, of: (&Period, &Zone), wanted: &[Wanted]) -> Result<(), Failure> {
        let mut asked = Vec::new();
        for one in wanted {
            let Some(begun) = self.people.get_mut(&one.person) else { continue };
            let evidence = begun.days.iter().flat_map(|days| &days.evidence);
            begun.known_cases = evidence.filter_map(|one| one.content.case.clone()).collect();
            let (before, cases) = (begun.wanted, begun.known_cases.clone());
            asked.push(CasesWanted { person: one.person, key: one.key.clone(), before, cases });
        }
        for (person, cases) in cases_before(db, of, &asked)? {
            if let Some(begun) = self.people.get_mut(&row::parsed(person)?) {
                begun.cases = cases;
            }
        }
        Ok(())
    }

    /// The season of one person, to be read once: what was read ahead, then what the database has.
    pub fn take<'a>(&mut self, rest: Stored<'a>) -> ReadAhead<'a> {
        let begun = self.people.remove(&rest.person).unwrap_or_else(|| Begun::at(NaiveDate::MAX));
        ReadAhead { begun, rest }
    }
}

impl Begun {
    fn at(wanted: NaiveDate) -> Self {
        let (cases, known_cases) = (Vec::new(), BTreeSet::new());
        Self { wanted, last_before: None, first: wanted, days: None, cases, known_cases }
    }
}

fn saved(row: FoldDayRow) -> Result<(PersonId, SavedDay), Failure> {
    Ok((row::parsed(row.person.clone())?, row.saved()))
}

/// The instants of some days.
pub fn window(zone: &Zone, days: DaySpan) -> Window {
    Window { from: zone.start_of(days.first), until: zone.start_of(days.until) }
}

/// One person's season of which the beginning was read ahead.
pub struct ReadAhead<'a> {
    begun: Begun,
    rest: Stored<'a>,
}

impl Source for ReadAhead<'_> {
    type Error = Failure;

    fn days_from(&mut self, from: NaiveDate) -> Result<DaysRead, Failure> {
        match self.begun.days.take_if(|_| from == self.begun.first) {
            Some(days) => Ok(days),
            None => self.rest.days_from(from),
        }
    }

    fn last_before(&mut self, day: NaiveDate) -> Result<Option<SavedDay>, Failure> {
        if day == self.begun.wanted { Ok(self.begun.last_before.take()) } else { self.rest.last_before(day) }
    }

    fn cases_before(&mut self, day: NaiveDate, cases: &BTreeSet<String>) -> Result<Vec<String>, Failure> {
        if day == self.begun.wanted && cases.is_subset(&self.begun.known_cases) {
            return Ok(std::mem::take(&mut self.begun.cases));
        }
        self.rest.cases_before(day, cases)
    }
}
