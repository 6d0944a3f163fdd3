//! What everybody who takes part in a contest has come to.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use diesel::QueryResult;
use uuid::Uuid;

use super::{Edition, digests, scope};
use crate::boards::frozen::Named;
use crate::boards::news::subject_id;
use crate::boards::scope::Scope;
use crate::boards::scores::Scored;
use crate::boards::{past, teams};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::contest::Competitor;
use crate::domain::programme::{BoardSubject, Combine, Rank};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::{board_evidence as evidence, contests};

/// Everybody who is listed on the board over the days of a contest, hidden or not: choosing costs nothing. The highest score
/// first; inside a tie by a digest, so that nobody keeps their place. Samples are awards with points, kudos, or values.
pub fn standing(
    db: &mut Db,
    catalogue: &Arc<Catalogue>,
    entry: &ProgrammeEntry,
    edition: &Edition,
    now: Instant,
) -> QueryResult<Vec<Competitor>> {
    let Some(scope) = scope(catalogue, entry, edition, now) else { return Ok(Vec::new()) };
    let counts = match edition.board.rank {
        Rank::Points => awards_that_count(db, &scope)?,
        Rank::Kudos => kudos(db, &scope)?,
        Rank::Measure { .. } => HashMap::new(),
    };
    let competitor = |subject: Uuid, scored: Scored, is_withheld: bool| {
        let samples = match edition.board.rank {
            Rank::Points | Rank::Kudos => counts.get(&subject).copied().unwrap_or(0),
            Rank::Measure { .. } => scored.samples().into(),
        };
        Competitor { subject, score: scored.key, samples, is_withheld }
    };
    let mut found: Vec<Competitor> = match edition.board.subject {
        BoardSubject::Person => {
            past::listed(db, &scope)?.into_iter().map(|(person, scored)| competitor(person, scored, false)).collect()
        }
        BoardSubject::Team(_) => {
            let named = Named::read(db, &scope)?;
            let teams = teams::all(db, &scope, &|person| named.is_named(person))?.scores.into_iter();
            // A team that is too small to be shown is on no board.
            let listed = teams.filter(|(_, score)| score.shown.is_some());
            listed.map(|(team, score)| competitor(team, score.whole, !score.counts_all)).collect()
        }
    };
    let digest = digests(catalogue, entry, edition, "tie");
    found.sort_by_cached_key(|one| (Reverse(one.score), digest(one.subject)));
    Ok(found)
}

/// How many kudos each person, or the members of each team, received.
fn kudos(db: &mut Db, scope: &Scope) -> QueryResult<HashMap<Uuid, i64>> {
    let received: Vec<(String, i64)> = match scope.board.subject {
        BoardSubject::Person => evidence::kudos_received(db, scope.window())?,
        BoardSubject::Team(_) => {
            let teams = scope.catalogue.audience_teams(&scope.programme);
            let teams: Vec<String> = teams.iter().map(ToString::to_string).collect();
            let by_member = evidence::members_kudos(db, scope.window(), &teams)?.into_iter();
            by_member.map(|(team, _, kudos)| (team, kudos)).collect()
        }
    };
    let mut found = HashMap::with_capacity(received.len());
    for (subject, kudos) in received {
        *found.entry(subject_id(&subject)?).or_default() += kudos;
    }
    Ok(found)
}

/// How many awards with points each subject has, without what moved after closing.
fn awards_that_count(db: &mut Db, scope: &Scope) -> QueryResult<HashMap<Uuid, i64>> {
    let counted = scope.counted();
    let (live, adjusted) = match scope.board.subject {
        BoardSubject::Person | BoardSubject::Team(Combine::Own) => {
            (contests::awards_counted(db, counted)?, contests::adjusted(db, counted)?)
        }
        BoardSubject::Team(Combine::Sum | Combine::MeanPerMember) => {
            (contests::awards_counted_at_home(db, counted)?, contests::adjusted_at_home(db, counted)?)
        }
    };
    let mut found: HashMap<Uuid, i64> = HashMap::with_capacity(live.len());
    for (subject, count) in live {
        *found.entry(subject_id(&subject)?).or_default() += count;
    }
    for (subject, moved) in adjusted {
        *found.entry(subject_id(&subject)?).or_default() -= moved;
    }
    Ok(found)
}
