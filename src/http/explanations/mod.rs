//! Why a transfer was made: with its evidence as it stood, in data and in sentences.

mod history;
mod reversal;

use std::collections::HashMap;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;

use self::history::Past;
use self::reversal::TakenBack;
use super::permit::{Permit, ReadTransfers};
use super::problem::{ApiError, ProblemBody};
use super::programmes::view::Words;
use super::transfers::{TransferOut, TransferTarget, shown_alone};
use crate::catalogue::Catalogue;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{PersonId, SignalId};
use crate::domain::language::Localised;
use crate::domain::points::Points;
use crate::domain::signal::{AttributeValue, Content};
use crate::engine::explain::trace::{Clause, CooldownTrace, FormulaTrace, GoalTrace, LimitStep};
use crate::engine::explain::words::{Teller, told};
use crate::engine::explain::{BoostTrace, Explanation, GuardTrace, Row, Sentences, TeamTrace};
use crate::store::db::Db;
use crate::store::ledger::{self, TransferRow};
use crate::store::people::{self, PersonRef};
use crate::store::{grants, rewards, row, signals};

/// Why a transfer was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplanationOut {
    /// The transfer.
    pub transfer: TransferOut,
    /// What a reversal takes back, and why; null of other transfers.
    pub taken_back: Option<TakenBack>,
    /// How the award came about, of a reversal the one that it takes back; null where none is concerned, or where
    /// evidence or facts have changed since in ways that are not kept; and to a member whom a team's goal gave it, if the
    /// team is so small that its numbers would be about the others.
    pub award: Option<AwardOut>,
    /// The same in sentences.
    pub sentences: SentencesOut,
}

/// How an award came about.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardOut {
    /// Code of the rule.
    pub rule: String,
    /// Its name.
    pub name: Words,
    /// The rule in one sentence.
    pub says: Words,
    /// The version of the programme that was in force.
    pub version: u32,
    /// How many signals it rests on.
    pub signals: usize,
    /// The first 50 of them, as they stood then; none of a team's goal, which knows sums only.
    pub evidence: Vec<EvidenceOut>,
    /// What the rule's condition saw: `says`, `holds`, `saw`, and its parts in `of`.
    #[schema(value_type = Option<Object>)]
    pub clauses: Option<Clause>,
    /// The row of a streak: `length`, `unit`, and in `steps` what counted.
    #[schema(value_type = Option<Object>)]
    pub streak: Option<Row>,
    /// The goal: `value`, `at_least` or `at_most`, `samples`, and its period.
    #[schema(value_type = Option<Object>)]
    pub goal: Option<GoalTrace>,
    /// The team whose goal it is.
    #[schema(value_type = Option<Object>)]
    pub team: Option<TeamTrace>,
    /// How the points came about: in `formula` which kind of formula, beside it its numbers.
    #[schema(value_type = Option<Object>)]
    pub formula: Option<FormulaTrace>,
    /// What the formula gave, before it was rounded.
    #[schema(value_type = f64)]
    pub base: Decimal4,
    /// The boost in force.
    #[schema(value_type = Option<Object>)]
    pub boost: Option<BoostTrace>,
    /// The points with the boost, rounded.
    #[schema(value_type = i64)]
    pub boosted: Points,
    /// What each limit left: `used` before, and `leaves` after.
    #[schema(value_type = Vec<Object>)]
    pub limits: Vec<LimitStep>,
    /// The cooldown.
    #[schema(value_type = Option<Object>)]
    pub cooldown: Option<CooldownTrace>,
    /// The guard: what its `goal` came to, and the `verdict`.
    #[schema(value_type = Option<Object>)]
    pub guard: Option<GuardTrace>,
    /// Points.
    #[schema(value_type = i64)]
    pub points: Points,
    /// The badge that came with them.
    pub badge: Option<String>,
}

/// A signal as it stood when the transfer was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceOut {
    /// Who delivered it.
    pub source: String,
    /// Its name there.
    pub key: String,
    /// Its version then.
    pub version: i64,
    /// `live` if it still stands so, else `corrected` or `voided`.
    pub status: &'static str,
    /// What kind it is.
    pub kind: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Over which channel.
    pub channel: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Values by measure.
    #[schema(value_type = Object)]
    pub measures: std::collections::BTreeMap<String, Decimal4>,
    /// Values by attribute.
    #[schema(value_type = Object)]
    pub attributes: std::collections::BTreeMap<String, AttributeValue>,
}

/// Sentences in every language, in the order to read them in.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SentencesOut {
    /// In English.
    pub en: Vec<String>,
    /// In German.
    pub de: Vec<String>,
}

impl From<Sentences> for SentencesOut {
    fn from(said: Sentences) -> Self {
        Self { en: said.en, de: said.de }
    }
}

impl SentencesOut {
    fn append(&mut self, said: Sentences) {
        self.en.extend(said.en);
        self.de.extend(said.de);
    }
}

/// Why a transfer was made
///
/// The evidence as it stood then, what the rule's conditions saw, the formula with its numbers, boost, limits and guard. Of
/// a reversal: what it takes back, how that came about, and what changed.
#[utoipa::path(get, path = "/api/v1/transfers/{transfer}/explanation", tag = "Standing",
    params(("transfer" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The explanation", body = ExplanationOut),
        (status = 404, description = "No transfer that the caller may see", body = ProblemBody),
    ))]
pub async fn explanation(permit: Permit<ReadTransfers, TransferTarget>) -> Result<HttpResponse, ApiError> {
    let (row, catalogue, caller) = (permit.target.0, permit.state.catalogue(), permit.caller.person);
    let body = permit.state.read(move |db| explained(db, &catalogue, row, caller));
    Ok(HttpResponse::Ok().json(body.await?))
}

fn explained(
    db: &mut Db,
    catalogue: &Catalogue,
    row: TransferRow,
    caller: PersonId,
) -> Result<ExplanationOut, ApiError> {
    let original = row.reverses.as_deref().map(|id| ledger::find(db, id)).transpose()?.flatten();
    let mut sentences = SentencesOut::default();
    let mut taken_back = None;
    let concerned = original.as_ref().unwrap_or(&row);
    let past = Past::of(db, catalogue, concerned)?;
    let known = past.as_ref().map(|past| past.explain(db, catalogue)).transpose()?.flatten();
    if let Some(original) = &original {
        let (told, why) = reversal::told(db, catalogue, (original, &row), (past.as_ref(), known.as_ref()))?;
        sentences.append(why);
        taken_back = Some(told);
    }
    let withheld = past.as_ref().map(|past| past.is_withheld(db, catalogue, caller)).transpose()?.unwrap_or(false);
    let award = match (past, known) {
        (Some(past), _) if withheld => {
            sentences.append(past.withheld());
            None
        }
        (Some(_), Some(known)) => {
            sentences.append(known.explanation.sentences.clone());
            Some(award_out(db, known.explanation, &known.versions, concerned.sequence)?)
        }
        (Some(past), None) => {
            sentences.append(past.unknown());
            None
        }
        (None, _) => {
            sentences.append(plainly(db, catalogue, concerned)?);
            None
        }
    };
    if let Some(season) = adjusted(catalogue, &row) {
        sentences.append(season);
    }
    Ok(ExplanationOut { transfer: shown_alone(db, row)?, taken_back, award, sentences })
}

/// What there is to say of a transfer that came after its season was closed (SEMANTICS S34).
fn adjusted(catalogue: &Catalogue, row: &TransferRow) -> Option<Sentences> {
    let (programme, season) = (row.programme.as_ref()?, row.season.as_ref()?);
    let entry = catalogue.programmes.get(programme)?;
    entry.position(season).filter(|position| *position < row.sequence)?;
    Some(told(&catalogue.zone, |teller: Teller<'_>| {
        let said = teller.pick(
            "The season was closed before: this moves the wallet and no board, tier or badge.",
            "Die Saison war schon abgeschlossen: Das ändert das Konto, aber weder Bestenlisten noch Stufen und Abzeichen.",
        );
        vec![said.to_owned()]
    }))
}

/// The name of the reward that a transfer is of.
fn reward_of(db: &mut Db, row: &TransferRow) -> QueryResult<Option<Localised>> {
    let account = [&row.payer, &row.payee].into_iter().find_map(|account| account.strip_prefix("reward:"));
    let reward = account.map(|code| rewards::find(db, code)).transpose()?.flatten();
    reward.map(|row| Ok(row.reward()?.name)).transpose()
}

/// What there is to say of a transfer that no rule made.
fn plainly(db: &mut Db, catalogue: &Catalogue, row: &TransferRow) -> QueryResult<Sentences> {
    let (granted, reward) = (granted(db, row)?, reward_of(db, row)?);
    Ok(told(&catalogue.zone, |teller: Teller<'_>| {
        let (points, at) = (teller.speaker.points(Points(row.amount)), teller.moment(row::instant(row.at)));
        if let Some((by, why)) = &granted {
            // Whoever was erased leaves no reason behind.
            let why = if why.is_empty() { String::new() } else { format!(": {}", teller.quoted(why)) };
            let en = format!("{points} granted by {by} on {at}{why}.");
            return vec![teller.pick(en, format!("{points}, verliehen von {by} am {at}{why}."))];
        }
        let said = match (row.kind.as_str(), row.cause.split_once(':')) {
            ("kudos", _) => {
                teller.pick(format!("{points} with a kudos of {at}."), format!("{points} mit einem Kudos vom {at}."))
            }
            ("redemption", _) => {
                let name = reward.as_ref().map_or("", |name| teller.get(name));
                teller.pick(
                    format!("{points} for the reward “{name}”, asked for at {at}; they return if it is not handed over."),
                    format!("{points} für die Prämie „{name}“, angefragt am {at}; sie kommen zurück, wenn sie nicht ausgehändigt wird."),
                )
            }
            ("refund", _) => {
                let name = reward.as_ref().map_or("", |name| teller.get(name));
                teller.pick(
                    format!("{points} back for the reward “{name}”, which was rejected, cancelled or not handed over in time ({at})."),
                    format!("{points} zurück für die Prämie „{name}“, die abgelehnt, storniert oder nicht rechtzeitig ausgehändigt wurde ({at})."),
                )
            }
            ("allowance", Some((_, month))) => teller.pick(
                format!("{points} to give as kudos in {month}."),
                format!("{points} zum Weitergeben als Kudos im Monat {month}."),
            ),
            (kind, _) => teller.pick(format!("{points} of {at} ({kind})."), format!("{points} vom {at} ({kind}).")),
        };
        vec![said]
    }))
}

/// Who granted a transfer's points, and why.
fn granted(db: &mut Db, row: &TransferRow) -> QueryResult<Option<(String, String)>> {
    let Some(id) = row.cause.strip_prefix("grant:") else { return Ok(None) };
    let Some(grant) = grants::find(db, id)? else { return Ok(None) };
    let granter = people::find(db, &PersonRef::Id(grant.granter_id()?))?;
    Ok(granter.map(|granter| (granter.display_name, grant.reason)))
}

fn award_out(
    db: &mut Db,
    told: Explanation,
    versions: &HashMap<SignalId, i64>,
    sequence: i64,
) -> QueryResult<AwardOut> {
    let ids: Vec<String> = told.evidence.iter().map(|one| one.id.to_string()).collect();
    let now: HashMap<String, _> = signals::by_ids(db, &ids)?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut evidence = Vec::with_capacity(told.evidence.len());
    for one in told.evidence {
        let row = now.get(&one.id.to_string());
        let status = match row {
            Some(row) if row.is_live() && row.sequence < sequence => "live",
            Some(row) if row.is_live() && row.content()?.as_ref() == Some(&one.content) => "live",
            Some(row) if row.is_live() => "corrected",
            _ => "voided",
        };
        let version = versions.get(&one.id).copied().unwrap_or_default();
        let Content { kind, occurred_at, channel, case, measures, attributes, .. } = one.content;
        let (source, key) = (one.source, one.key);
        let out = EvidenceOut { source, key, version, status, kind, occurred_at, channel, case, measures, attributes };
        evidence.push(out);
    }
    Ok(AwardOut {
        rule: told.rule.to_string(),
        name: (&told.name).into(),
        says: (&told.says).into(),
        version: told.version,
        signals: told.signals,
        evidence,
        clauses: told.clauses,
        streak: told.streak,
        goal: told.goal,
        team: told.team,
        formula: told.formula,
        base: told.base,
        boost: told.boost,
        boosted: told.boosted,
        limits: told.limits,
        cooldown: told.cooldown,
        guard: told.guard,
        points: told.points,
        badge: told.badge.map(String::from),
    })
}
