//! A person's standing: everything they earned, on one screen.

use std::sync::Arc;

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::badges::{BadgeOut, badges_of};
use super::leaderboards::reading::followed;
use super::permit::{Permit, ReadStanding};
use super::problem::{ApiError, ProblemBody};
use super::session::Session;
use super::targets::PersonTarget;
use crate::access::policy::{Action, Relation, permits};
use crate::boards::BoardKey;
use crate::boards::live::Place;
use crate::boards::tiers::tiered_version;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::PersonId;
use crate::domain::kudos::Allowance;
use crate::domain::ledger::Account;
use crate::domain::people::PersonFacts;
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::programme::{BoardSubject, Pattern, Rule};
use crate::domain::standing::tier_standing;
use crate::domain::time::Instant;
use crate::engine::fold::Basis;
use crate::engine::refold::{first_undecided, under_way};
use crate::store::db::Db;
use crate::store::fold_days::SeasonKey;
use crate::store::people::PersonRow;
use crate::store::{awards, ledger, redemptions};
use crate::writer::kudos::allowance::allowance;
use crate::writer::settle::facts_of;
use crate::writer::source::Stored;

/// A person's standing.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingOut {
    /// Whose.
    pub person: PersonBrief,
    /// Points to spend.
    pub wallet: WalletOut,
    /// The month's kudos allowance; only for the person themselves and HR.
    pub allowance: Option<AllowanceOut>,
    /// The programmes that the person takes part in, or has earned something in this season.
    pub programmes: Vec<ProgrammeStandingOut>,
}

/// A person, in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonBrief {
    /// Their id.
    pub id: String,
    /// Their name in tokens and addresses.
    pub user_name: String,
    /// The name that others see.
    pub display_name: String,
}

/// Points to spend.
#[derive(Debug, Serialize, ToSchema)]
pub struct WalletOut {
    /// What there is to spend.
    pub balance: i64,
    /// What rewards cost that were asked for and not handed over yet. It is no part of the balance, and returns to it
    /// if they are not.
    pub reserved: i64,
}

/// A month's kudos allowance.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllowanceOut {
    /// The month, in the organisation's zone.
    pub month: String,
    /// What is left to give.
    pub left: i64,
    /// What there was.
    pub issued: i64,
    /// How many kudos are left to send; null for as many as one likes.
    pub kudos_left: Option<u32>,
    /// Whether nothing of it can be given any more: the person is not active.
    pub frozen: bool,
}

impl AllowanceOut {
    /// It is issued at first use; until then all of it is left.
    fn new(allowance: Allowance, holder: &PersonRow) -> Self {
        let Allowance { month, left, kudos_left, .. } = allowance;
        let issued = if allowance.issued == Points::ZERO { left } else { allowance.issued };
        Self { month, left: left.0, issued: issued.0, kudos_left, frozen: !holder.active }
    }
}

/// The standing in one programme.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeStandingOut {
    /// Code of the programme.
    pub programme: String,
    /// Code of the current season.
    pub season: String,
    /// Points of the season.
    pub points: i64,
    /// Points that await a guard.
    pub pending: i64,
    /// Code of the tier reached.
    pub tier: Option<String>,
    /// The next tier.
    pub next_tier: Option<NextTierOut>,
    /// Ranks on the boards of persons, in their current periods.
    pub boards: Vec<BoardRankOut>,
    /// Badges of the programme that are held.
    pub badges: Vec<BadgeOut>,
    /// Streaks under way.
    pub streaks: Vec<StreakOut>,
}

/// A streak under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreakOut {
    /// Code of the rule.
    pub rule: String,
    /// How long the row is.
    pub row: u32,
    /// How long it must be.
    pub length: u32,
    /// `signal` or `day`.
    pub unit: &'static str,
}

/// The next tier.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextTierOut {
    /// Its code.
    pub code: String,
    /// Points to it.
    pub missing: i64,
}

/// A rank on a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardRankOut {
    /// Code of the board.
    pub board: String,
    /// The rank.
    pub rank: usize,
    /// How many are listed.
    pub total: usize,
}

/// Standing
///
/// One screen: points, tiers, ranks and badges in each programme, the wallet, and what is left of the allowance.
#[utoipa::path(get, path = "/api/v1/people/{person}/standing", tag = "Standing",
    params(
        ("person" = String, Path, description = "`me`, an id or a user name"),
    ),
    responses(
        (status = 200, description = "The standing", body = StandingOut),
        (status = 404, description = "Nobody whom the caller may see", body = ProblemBody),
    ))]
pub async fn standing(permit: Permit<ReadStanding, PersonTarget>) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, caller, .. } = permit;
    let themselves = if caller.person == target.id { &[Relation::Themselves][..] } else { &[] };
    let with_allowance = permits(Action::ReadAllowance, &caller, themselves);
    let (now, catalogue, person) = (state.clock.now(), state.catalogue(), target.id);
    let whole = Arc::clone(&catalogue);
    let read = state.read(move |db| {
        let allowance = match with_allowance {
            true => Some(AllowanceOut::new(allowance(db, &whole, person, now)?, &target.row)),
            false => None,
        };
        Ok(StandingOut { allowance, ..standing_of(db, &whole, target.row, person, now)? })
    });
    let mut standing = read.await?;
    for programme in &mut standing.programmes {
        if let Some(entry) = catalogue.programmes.get(&programme.programme) {
            programme.boards = ranks(&state, entry, person, now).await?;
        }
    }
    Ok(HttpResponse::Ok().json(standing))
}

/// All but the ranks and the allowance.
fn standing_of(
    db: &mut Db,
    catalogue: &Catalogue,
    row: PersonRow,
    person: PersonId,
    now: Instant,
) -> Result<StandingOut, ApiError> {
    let wallet = Account::Wallet(person).to_string();
    let balance = ledger::balances(db, std::slice::from_ref(&wallet))?.remove(&wallet).unwrap_or(0);
    let wallet = WalletOut { balance, reserved: redemptions::reserved(db, &row.id)? };
    let facts = facts_of(db, catalogue, &[person].into())?;
    let points = awards::season_points(db, &row.id)?;
    let badges = badges_of(db, catalogue, &row.id)?;
    let mut programmes = Vec::new();
    for entry in catalogue.activated() {
        let Some(newest) = entry.newest() else { continue };
        let Some(season) = newest.calendar.season_at(now) else { continue };
        let earned = points.iter().find(|(programme, of, _)| *programme == entry.code.as_str() && *of == season.code);
        let takes_part = facts.get(&person).is_some_and(|facts| newest.audience.includes(facts, now));
        if takes_part || earned.is_some() {
            let mut standing = in_programme(entry, &season, Points(earned.map_or(0, |(_, _, points)| *points)));
            let held =
                badges.iter().filter(|badge| badge.programme == standing.programme && badge.revoked_at.is_none());
            standing.badges = held.cloned().collect();
            if let Some(facts) = facts.get(&person) {
                fill_under_way(db, entry, (&season, facts, now), &mut standing)?;
            }
            programmes.push(standing);
        }
    }
    let person = PersonBrief { id: row.id, user_name: row.user_name, display_name: row.display_name };
    Ok(StandingOut { person, wallet, allowance: None, programmes })
}

/// Fills in the points that await a guard, and the streaks under way, from the states that are kept.
fn fill_under_way(
    db: &mut Db,
    entry: &ProgrammeEntry,
    (season, facts, now): (&Period, &PersonFacts, Instant),
    standing: &mut ProgrammeStandingOut,
) -> Result<(), ApiError> {
    let (Some(newest), Some(current)) = (entry.newest(), entry.current(now)) else { return Ok(()) };
    let (zone, as_of) = (&newest.calendar.zone, entry.as_of(&season.code));
    let Some(first) = first_undecided(&entry.timeline, season, now.min(as_of)) else { return Ok(()) };
    let basis = Basis { timeline: &entry.timeline, season, facts, as_of };
    let (key, person) = (SeasonKey::new(&entry.code, season, facts.person), facts.person);
    let under_way = under_way(basis, entry.shape, (first, now), &mut Stored::new(db, key, person, (season, zone)))?;
    let pending = under_way.pending.iter().map(|award| award.content.points);
    standing.pending = Points::sum(pending).map_err(ApiError::internal)?.0;
    let streak = |rule: &Rule| {
        let (streak, unit) = match &rule.pattern {
            Pattern::Streak(streak) => (streak, "signal"),
            Pattern::DayStreak(streak) => (streak, "day"),
            _ => return None,
        };
        let row = *under_way.rows.get(&rule.code)?;
        Some(StreakOut { rule: rule.code.to_string(), row, length: streak.length, unit })
    };
    standing.streaks = current.programme.rules.iter().filter_map(streak).collect();
    Ok(())
}

fn in_programme(entry: &ProgrammeEntry, season: &Period, points: Points) -> ProgrammeStandingOut {
    let tiers = tiered_version(entry, season).map_or(&[][..], |version| &version.tiers);
    let among = tier_standing(tiers, points);
    ProgrammeStandingOut {
        programme: entry.code.to_string(),
        season: season.code.clone(),
        points: points.0,
        pending: 0,
        tier: among.reached.map(|tier| tier.code.to_string()),
        next_tier: among.next.map(|(tier, missing)| NextTierOut { code: tier.code.to_string(), missing: missing.0 }),
        boards: Vec::new(),
        badges: Vec::new(),
        streaks: Vec::new(),
    }
}

/// The ranks on a programme's boards of persons, in their current periods.
async fn ranks(
    state: &Session,
    entry: &ProgrammeEntry,
    person: PersonId,
    now: Instant,
) -> Result<Vec<BoardRankOut>, ApiError> {
    let Some(newest) = entry.newest() else { return Ok(Vec::new()) };
    let today = newest.calendar.zone.local(now).0;
    let mut ranks = Vec::new();
    for board in newest.boards.iter().filter(|board| board.subject == BoardSubject::Person) {
        let Some(period) = newest.calendar.period_of(board.period, today) else { continue };
        let (programme, code) = (entry.code.clone(), board.code.to_string());
        let key = BoardKey { programme, board: board.code.clone(), period, team: None };
        let slot = followed(state, key, 0).await?;
        let ranked = state.boards.look(&slot, |board, directory| {
            let number = directory.number_of(person.0)?;
            let view = board.now();
            match board.place_of(directory, number) {
                Place::Ranked(score) => Some((view.rank_with(score), view.total())),
                Place::Apart(_) | Place::Off => None,
            }
        });
        ranks.extend(ranked.flatten().map(|(rank, total)| BoardRankOut { board: code, rank, total }));
    }
    Ok(ranks)
}
