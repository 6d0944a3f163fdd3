//! Where a person stands with each rule: what is left, what is missing, what is to come, and why a signal was not
//! rewarded.

use actix_web::HttpResponse;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::permit::{Permit, ReadStanding};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::small_teams::shows_numbers;
use super::targets::PersonTarget;
use crate::access::caller::Caller;
use crate::access::policy::{Action, permits};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::{PersonId, SignalId};
use crate::domain::people::PersonFacts;
use crate::domain::period::{DaySpan, Period};
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::time::{Instant, Window, to_micros};
use crate::engine::fold::Basis;
use crate::engine::outlook::{Asking, RuleOutlook, outlook as look};
use crate::store::db::Db;
use crate::store::signals::SignalRow;
use crate::store::{evidence, row, signals, team_sums};
use crate::writer::settle::facts_of;

/// What is asked about.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutlookQuery {
    /// Code of a programme; without it, all that the person takes part in.
    programme: Option<String>,
    /// Code of a rule of it.
    rule: Option<String>,
    /// When; now, or when the signal asked about happened.
    at: Option<DateTime<Utc>>,
    /// Why not? The source of a signal; with `key`.
    source: Option<String>,
    /// Its name there.
    key: Option<String>,
}

/// Where a person stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutlookOut {
    /// Whose: an id.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The signal asked about.
    pub signal: Option<AskedSignal>,
    /// By programme.
    pub programmes: Vec<ProgrammeOutlook>,
}

/// The signal asked about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AskedSignal {
    /// Who delivered it.
    pub source: String,
    /// Its name there.
    pub key: String,
    /// `live`, or `voided`: then it counts nowhere.
    pub status: String,
    /// When it happened.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// Where a person stands in a programme.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeOutlook {
    /// Its code.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// The season's last day.
    pub season_ends: NaiveDate,
    /// By rule: `part` (`yes`, `not_yet`, `ended`, `not_in_audience`), `open` or `next_at`, `quotas`, `cooldown_until`,
    /// `streak`, `goal`, `guard` with `pending`, `boosts`, and in `signal` what became of the one asked about (`fate`);
    /// each with `sentences` in every language. To its members a team's goal does not tell what it has come to, if at any
    /// time of the season there were fewer of them than the smallest group.
    #[schema(value_type = Vec<Object>)]
    pub rules: Vec<RuleOutlook>,
}

/// Outlook
///
/// What each rule leaves to earn, what is missing to it, when next; and of a signal, named by `source` and `key`, why it
/// was not rewarded.
#[utoipa::path(get, path = "/api/v1/people/{person}/outlook", tag = "Standing",
    params(
        ("person" = String, Path, description = "`me`, an id or a user name"),
        OutlookQuery,
    ),
    responses(
        (status = 200, description = "The outlook", body = OutlookOut),
        (status = 400, description = "The query cannot be read", body = ProblemBody),
        (status = 404, description = "No person, programme, rule or signal that the caller may see", body = ProblemBody),
    ))]
pub async fn outlook(
    permit: Permit<ReadStanding, PersonTarget>,
    Query(query): Query<OutlookQuery>,
) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, caller, .. } = permit;
    let (catalogue, now) = (state.catalogue(), state.clock.now());
    let body = state.read(move |db| outlook_of(db, &catalogue, (&caller, target.id), (&query, now)));
    Ok(HttpResponse::Ok().json(body.await?))
}

/// Whose outlook, and when.
struct Asked<'a> {
    catalogue: &'a Catalogue,
    /// Whether it is their own.
    own: bool,
    facts: &'a PersonFacts,
    at: Instant,
    now: Instant,
    signal: Option<SignalId>,
    rule: Option<&'a str>,
}

fn outlook_of(
    db: &mut Db,
    catalogue: &Catalogue,
    (caller, person): (&Caller, PersonId),
    (query, now): (&OutlookQuery, Instant),
) -> Result<OutlookOut, ApiError> {
    let facts = facts_of(db, catalogue, &[person].into())?.remove(&person).ok_or(ProblemCode::NotFound)?;
    let signal = asked_signal(db, person, query)?;
    let happened = signal.as_ref().and_then(|signal| signal.occurred_at).map(row::instant);
    let at = query.at.map(to_micros).or(happened).unwrap_or(now);
    let live = signal.as_ref().filter(|signal| signal.is_live()).map(SignalRow::signal_id).transpose()?;
    let own = caller.person == person;
    let asked = Asked { catalogue, own, facts: &facts, at, now, signal: live, rule: query.rule.as_deref() };
    let mut programmes = Vec::new();
    for entry in catalogue.activated() {
        let named = query.programme.as_deref().is_none_or(|code| code == entry.code.as_str());
        // Not even its name is told of a programme that was never for them.
        let theirs = was_for(entry, &facts, at, now) || permits(Action::ReadProgramme, caller, &[]);
        if named && theirs {
            programmes.extend(asked.of_programme(db, entry)?);
        }
    }
    let of_rule = programmes.iter().all(|programme| programme.rules.is_empty());
    if (query.programme.is_some() && programmes.is_empty()) || (query.rule.is_some() && of_rule) {
        return Err(ProblemCode::NotFound.into());
    }
    let signal = signal.map(|row| AskedSignal {
        occurred_at: row.occurred_at.map(row::instant),
        source: row.source,
        key: row.key,
        status: row.status,
    });
    Ok(OutlookOut { person: person.to_string(), at, signal, programmes })
}

/// The signal that the query names: one about the person, or there is none.
fn asked_signal(db: &mut Db, person: PersonId, query: &OutlookQuery) -> Result<Option<SignalRow>, ApiError> {
    match (&query.source, &query.key) {
        (None, None) => Ok(None),
        (Some(source), Some(key)) => {
            let found = signals::find(db, source, key)?;
            let theirs = found.filter(|row| row.agent.as_deref() == Some(person.to_string().as_str()));
            Ok(Some(theirs.ok_or(ProblemCode::NotFound)?))
        }
        _ => Err(Problem::new(ProblemCode::InvalidQuery).with("reason", "source and key go together").into()),
    }
}

/// Whether a programme is or was for a person.
fn was_for(entry: &ProgrammeEntry, facts: &PersonFacts, at: Instant, now: Instant) -> bool {
    let began =
        facts.belongings.iter().map(|one| one.interval.from).chain(facts.roles.iter().map(|(_, held)| held.from));
    let moments: Vec<Instant> = began.flatten().chain([at, now]).collect();
    let mut versions = entry.timeline.versions.iter();
    versions.any(|version| moments.iter().any(|moment| version.programme.audience.includes(facts, *moment)))
}

impl Asked<'_> {
    /// None where there is no season.
    fn of_programme(&self, db: &mut Db, entry: &ProgrammeEntry) -> Result<Option<ProgrammeOutlook>, ApiError> {
        let season = entry.newest().and_then(|newest| newest.calendar.season_at(self.at));
        let Some(season) = season else { return Ok(None) };
        let signals = evidence::live_of(db, self.facts.person, season.from, season.until)?;
        let home = self.facts.belonging_at(self.at).map(|home| home.team);
        let home = match home {
            Some(team) if self.own && !shows_numbers(db, self.catalogue, team, self.so_far(&season))? => None,
            home => home,
        };
        let days = DaySpan { first: season.first_day, until: season.until_day };
        let sums =
            home.map(|team| team_sums::of_team(db, entry.code.as_str(), &season.code, team, days)).transpose()?;
        let basis = Basis { timeline: &entry.timeline, season: &season, facts: self.facts, as_of: self.at };
        let (at, now, signal) = (self.at, self.now, self.signal);
        let asking = Asking { basis, signals: &signals, at, now, team: home.zip(sums.as_ref()), signal };
        let mut rules = look(asking).map_err(ApiError::internal)?;
        rules.retain(|one| self.rule.is_none_or(|rule| one.rule.as_str() == rule));
        Ok(Some(ProgrammeOutlook::new(entry, &season, rules)))
    }
}

impl Asked<'_> {
    fn so_far(&self, season: &Period) -> Window {
        Window { from: season.from, until: season.until.min(self.at + TimeDelta::microseconds(1)) }
    }
}

impl ProgrammeOutlook {
    fn new(entry: &ProgrammeEntry, season: &Period, rules: Vec<RuleOutlook>) -> Self {
        Self {
            programme: entry.code.to_string(),
            season: season.code.clone(),
            season_ends: season.until_day.pred_opt().unwrap_or(season.until_day),
            rules,
        }
    }
}
