//! What changes rarely and is needed everywhere, held in memory: settings, measures, teams, programmes, issuers' keys.
//!
//! A catalogue is immutable; the writer makes a new one when something in it changed and hands it out. Knows domain,
//! engine and store.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Days, NaiveDate};
use diesel::QueryResult;

use crate::domain::ids::{Code, PersonId, TeamId};
use crate::domain::issuer::IssuerKeys;
use crate::domain::measure::Measure;
use crate::domain::organization::Organization;
use crate::domain::period::{Period, Zone};
use crate::domain::programme::{self, Known, Programme};
use crate::domain::time::Instant;
use crate::engine::refold::shape;
use crate::engine::timeline::{InForce, Timeline};
use crate::store::db::Db;
use crate::store::programmes::{ProgrammeRow, VersionRow};
use crate::store::{self, measures::MeasureRow, row, seasons::SeasonRow, teams::TeamRow};

/// Settings, measures, teams and programmes at one moment.
#[derive(Debug)]
pub struct Catalogue {
    /// The organisation's settings.
    pub organization: Organization,
    /// The number of their last change.
    pub organization_revision: i64,
    /// The organisation's zone.
    pub zone: Zone,
    /// The organisation's holidays.
    pub holidays: Arc<BTreeSet<NaiveDate>>,
    /// The secret of keyed digests.
    pub digest_key: String,
    /// Measures by code.
    pub measures: BTreeMap<String, MeasureEntry>,
    /// Teams.
    pub teams: Teams,
    /// Programmes by code.
    pub programmes: BTreeMap<String, Arc<ProgrammeEntry>>,
    /// Codes of the rewards that there are.
    pub rewards: BTreeSet<String>,
    /// The keys that sign tokens.
    pub issuer_keys: Arc<IssuerKeys>,
    /// Whoever was erased, and when.
    pub erased: Arc<BTreeMap<PersonId, Instant>>,
}

/// A measure, and whether it is fixed by use.
#[derive(Debug, Clone)]
pub struct MeasureEntry {
    /// The measure.
    pub measure: Measure,
    /// Its row.
    pub row: MeasureRow,
}

/// A programme with its versions.
#[derive(Debug)]
pub struct ProgrammeEntry {
    /// Its code.
    pub code: Code,
    /// The number of its last change.
    pub revision: i64,
    /// Its versions, by number.
    pub versions: Vec<VersionEntry>,
    /// The versions that are or will be in force.
    pub timeline: Timeline,
    /// Of which shape the kept states of its folds are.
    pub shape: i64,
    /// Up to when what is decided by time has been decided; none before it was first put in force.
    pub decided: Option<Instant>,
    /// Its seasons that are closing or closed, by code.
    pub seasons: BTreeMap<String, SeasonRow>,
}

/// A version of a programme.
#[derive(Debug)]
pub struct VersionEntry {
    /// As it is kept.
    pub row: VersionRow,
    /// As it was read; drafts may have come to name what is gone, and then are none.
    pub programme: Option<Arc<Programme>>,
}

impl ProgrammeEntry {
    /// The newest activated version: names, boards and images follow it (SEMANTICS S29).
    pub fn newest(&self) -> Option<&Arc<Programme>> {
        self.timeline.newest().map(|version| &version.programme)
    }

    /// Up to when a season's folds decide what time decides: everything, once it is closing (SEMANTICS S34).
    pub fn as_of(&self, season: &str) -> Instant {
        if self.seasons.contains_key(season) {
            return Instant::MAX_UTC;
        }
        self.decided.unwrap_or(Instant::MIN_UTC)
    }

    /// The first instant at which a version is in force.
    pub fn begins(&self) -> Option<Instant> {
        let first = self.timeline.versions.iter().map(|version| version.effective_from).min()?;
        Some(self.newest()?.calendar.zone.start_of(first))
    }

    /// Whether a season is closed.
    pub fn is_closed(&self, season: &str) -> bool {
        self.position(season).is_some()
    }

    /// The last number of the sequence that the statement of a season holds; none before it is closed.
    pub fn position(&self, season: &str) -> Option<i64> {
        self.seasons.get(season)?.position
    }

    /// The seasons that are closed.
    pub fn closed_seasons(&self) -> impl Iterator<Item = Period> {
        let closed = self.seasons.values().filter(|season| season.position.is_some());
        closed.filter_map(|season| self.newest()?.calendar.season(&season.season))
    }

    /// The seasons in which the programme was, or will be by a local day, in force.
    pub fn seasons_until(&self, day: NaiveDate) -> Vec<Period> {
        let Some((newest, first)) = self.newest().zip(self.first_day()) else { return Vec::new() };
        newest.calendar.seasons_between(first, self.timeline.last_day.map_or(day, |last| last.min(day)))
    }

    /// When everything of a season is decided: at its end, and the most days of grace that a version in force in it
    /// gives (SEMANTICS S35).
    pub fn grace_ends(&self, season: &Period) -> Instant {
        let grace = self.timeline.versions_within(season.days()).map(|version| version.programme.grace_days).max();
        let zone = self.newest().map(|newest| &newest.calendar.zone);
        let until = season.until_day.checked_add_days(Days::new(grace.unwrap_or(0).into()));
        zone.zip(until).map_or(season.until, |(zone, until)| zone.start_of(until))
    }

    /// When the clock closes a season; none if the programme was not active before its end: then only people do
    /// (SEMANTICS S35).
    pub fn closes_at(&self, season: &Period) -> Option<Instant> {
        self.active_since().filter(|since| *since < season.until).map(|_| self.grace_ends(season))
    }

    /// When a version was first activated.
    pub fn active_since(&self) -> Option<Instant> {
        self.versions.iter().filter_map(|version| version.row.activated_at).min().map(row::instant)
    }

    /// The local day of an instant.
    pub fn day_of(&self, instant: Instant) -> Option<NaiveDate> {
        self.newest().map(|newest| newest.calendar.zone.local(instant).0)
    }

    /// The programme as it would be with one more version in force.
    pub fn as_if(&self, version: InForce, now: Instant) -> Self {
        let mut timeline = self.timeline.clone();
        timeline.versions.push(version);
        Self {
            code: self.code.clone(),
            revision: self.revision,
            versions: Vec::new(),
            shape: shape(&timeline),
            timeline,
            decided: Some(self.decided.unwrap_or(now)),
            seasons: self.seasons.clone(),
        }
    }

    /// The season that holds a local day.
    pub fn season_of(&self, day: NaiveDate) -> Option<Period> {
        self.newest()?.calendar.season_of(day)
    }

    /// The programme's local day.
    pub fn today(&self, now: Instant) -> Option<NaiveDate> {
        self.newest().map(|newest| newest.calendar.zone.local(now).0)
    }

    /// When a local day begins.
    pub fn start_of(&self, day: NaiveDate) -> Option<Instant> {
        self.newest().map(|newest| newest.calendar.zone.start_of(day))
    }

    /// The first day on which any version is in force.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.timeline.versions.iter().map(|version| version.effective_from).min()
    }

    /// The version that those it is for go by: the one in force, before the first day the one that will be, after the
    /// last the one that was.
    pub fn current(&self, now: Instant) -> Option<&InForce> {
        let day = self.today(now)?.max(self.first_day()?);
        self.timeline.in_force(self.timeline.last_day.map_or(day, |last| day.min(last)))
    }

    /// Whether its last day is over.
    pub fn has_ended(&self, now: Instant) -> bool {
        self.timeline.last_day.zip(self.today(now)).is_some_and(|(last, today)| last < today)
    }

    /// Where the programme stands today: `active`, `scheduled`, `ended`, `archived` once all its seasons are
    /// closed too, else `draft` if it has one, or `withdrawn`.
    pub fn overall_state(&self, now: Instant) -> &'static str {
        match self.current(now).zip(self.today(now)) {
            Some((_, today)) if self.has_ended(now) => {
                let closed = self.seasons_until(today).iter().all(|season| self.is_closed(&season.code));
                if closed { "archived" } else { "ended" }
            }
            Some((current, today)) if current.effective_from > today => "scheduled",
            Some(_) => "active",
            None if self.versions.iter().any(|version| version.row.state == "draft") => "draft",
            None => "withdrawn",
        }
    }

    /// Where a version stands today: `draft`, `scheduled`, `active`, `superseded`, `ended` with its programme, or
    /// `withdrawn`.
    pub fn state(&self, version: &VersionRow, now: Instant) -> &'static str {
        match (version.state.as_str(), version.effective_from, self.today(now)) {
            ("draft", ..) => "draft",
            ("activated", Some(from), Some(today)) => {
                let day = self.timeline.last_day.map_or(today, |last| today.min(last));
                let in_force = self.timeline.in_force(from.max(day)).map(|current| i64::from(current.version));
                match in_force == Some(i64::from(version.version)) {
                    true if self.has_ended(now) => "ended",
                    true if from > today => "scheduled",
                    true => "active",
                    false => "superseded",
                }
            }
            _ => "withdrawn",
        }
    }
}

/// A team.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its code.
    pub code: Code,
    /// Its row.
    pub row: TeamRow,
    /// Its code and those of every team above it, its own first.
    pub lineage: Arc<[Code]>,
}

/// The teams, by id and by code.
#[derive(Debug, Default)]
pub struct Teams {
    by_id: HashMap<TeamId, Team>,
    by_code: BTreeMap<String, TeamId>,
}

impl Teams {
    fn new(rows: Vec<TeamRow>) -> QueryResult<Self> {
        let parents: HashMap<String, (String, Option<String>)> =
            rows.iter().map(|row| (row.id.clone(), (row.code.clone(), row.parent.clone()))).collect();
        let mut teams = Self::default();
        for row in rows {
            let mut lineage: Vec<Code> = Vec::new();
            let mut next = Some(row.id.clone());
            // The length bounds the climb: a cycle cannot be written, and would end here.
            while let Some((code, parent)) = next.as_ref().and_then(|id| parents.get(id)) {
                if lineage.len() > parents.len() {
                    return Err(row::corrupt("a team inside itself"));
                }
                lineage.push(row::parsed(code.clone())?);
                next.clone_from(parent);
            }
            let id: TeamId = row::parsed(row.id.clone())?;
            let code: Code = row::parsed(row.code.clone())?;
            teams.by_code.insert(row.code.clone(), id);
            teams.by_id.insert(id, Team { id, code, row, lineage: lineage.into() });
        }
        Ok(teams)
    }

    /// The team of that id.
    pub fn get(&self, id: TeamId) -> Option<&Team> {
        self.by_id.get(&id)
    }

    /// The team of that code.
    pub fn by_code(&self, code: &str) -> Option<&Team> {
        self.by_code.get(code).and_then(|id| self.by_id.get(id))
    }

    /// Every team, by code.
    pub fn all(&self) -> impl Iterator<Item = &Team> {
        self.by_code.values().filter_map(|id| self.by_id.get(id))
    }

    /// The team and the teams below it.
    pub fn at_or_below(&self, code: &Code) -> Vec<&Team> {
        self.all().filter(|team| team.lineage.contains(code)).collect()
    }
}

impl Known for Catalogue {
    fn measure(&self, code: &str) -> Option<&Measure> {
        self.measures.get(code).map(|entry| &entry.measure)
    }

    fn team(&self, code: &str) -> bool {
        self.teams.by_code(code).is_some()
    }

    fn reward(&self, code: &str) -> bool {
        self.rewards.contains(code)
    }
}

impl Catalogue {
    /// Reads the whole of it.
    pub fn load(db: &mut Db) -> QueryResult<Self> {
        let organization = store::organization::find(db)?.ok_or(diesel::result::Error::NotFound)?;
        let settings = organization.settings()?;
        let zone =
            Zone::new(&settings.time_zone).ok_or_else(|| row::corrupt("the organisation's time zone is unknown"))?;
        let measures = store::measures::all(db)?
            .into_iter()
            .map(|row| Ok((row.code.clone(), MeasureEntry { measure: row.measure()?, row })))
            .collect::<QueryResult<_>>()?;
        let mut catalogue = Self {
            holidays: Arc::new(settings.holidays.iter().map(|holiday| holiday.date).collect()),
            organization: settings,
            organization_revision: organization.revision,
            zone,
            digest_key: organization.digest_key,
            measures,
            teams: Teams::new(store::teams::all(db)?)?,
            programmes: BTreeMap::new(),
            rewards: store::rewards::codes(db)?.into_iter().collect(),
            issuer_keys: Arc::new(store::issuer_keys::all(db)?),
            erased: Arc::new(store::erasing::all(db)?),
        };
        let mut versions: BTreeMap<String, Vec<VersionRow>> = BTreeMap::new();
        for version in store::programmes::all_versions(db)? {
            versions.entry(version.programme.clone()).or_default().push(version);
        }
        let mut seasons: BTreeMap<String, BTreeMap<String, SeasonRow>> = BTreeMap::new();
        for season in store::seasons::all(db)? {
            seasons.entry(season.programme.clone()).or_default().insert(season.season.clone(), season);
        }
        for programme in store::programmes::all(db)? {
            let rows = versions.remove(&programme.code).unwrap_or_default();
            let mut entry = catalogue.entry(&programme, rows)?;
            entry.decided = programme.as_of.map(row::instant);
            entry.seasons = seasons.remove(&programme.code).unwrap_or_default();
            catalogue.programmes.insert(programme.code, Arc::new(entry));
        }
        Ok(catalogue)
    }

    fn entry(&self, kept: &ProgrammeRow, rows: Vec<VersionRow>) -> QueryResult<ProgrammeEntry> {
        let mut versions = Vec::with_capacity(rows.len());
        let mut in_force = Vec::new();
        for row in rows {
            let document = row::from_json(&row.document)?;
            let programme = programme::read(&document, self).ok().map(|read| Arc::new(read.programme));
            if row.state == "activated" {
                let programme = programme.clone().ok_or_else(|| {
                    row::corrupt(format!("version {} of programme {} cannot be read", row.version, kept.code))
                })?;
                in_force.push(InForce {
                    version: u32::try_from(row.version).map_err(row::corrupt)?,
                    effective_from: row
                        .effective_from
                        .ok_or_else(|| row::corrupt("an activated version without a date"))?,
                    programme,
                });
            }
            versions.push(VersionEntry { row, programme });
        }
        let timeline = Timeline { versions: in_force, last_day: kept.last_day };
        Ok(ProgrammeEntry {
            code: row::parsed(kept.code.clone())?,
            revision: kept.revision,
            versions,
            shape: shape(&timeline),
            timeline,
            decided: None,
            seasons: BTreeMap::new(),
        })
    }

    /// A digest of a text that only this organisation can make.
    pub fn digest(&self, purpose: &str, text: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.digest_key.as_bytes());
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, format!("{purpose}:{text}").as_bytes()))
    }

    /// When somebody was erased last.
    pub fn last_erasure(&self) -> Option<Instant> {
        self.erased.values().max().copied()
    }

    /// The programmes with a version that is or will be in force.
    pub fn activated(&self) -> impl Iterator<Item = &Arc<ProgrammeEntry>> {
        self.programmes.values().filter(|entry| entry.newest().is_some())
    }

    /// The teams of an audience: those named and below, without those left out and below; all without a name.
    pub fn teams_of(&self, programme: &Programme) -> impl Iterator<Item = &Team> {
        let audience = &programme.audience;
        let within = |team: &Team, codes: &[Code]| codes.iter().any(|code| team.lineage.contains(code));
        self.teams
            .all()
            .filter(move |team| audience.teams.is_empty() || within(team, &audience.teams))
            .filter(move |team| !within(team, &audience.except))
    }

    /// Their ids.
    pub fn audience_teams(&self, programme: &Programme) -> BTreeSet<TeamId> {
        self.teams_of(programme).map(|team| team.id).collect()
    }
}
