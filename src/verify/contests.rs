//! What contests left behind when they were finalised is consistent in itself, and their badges are held for good.

use std::collections::BTreeSet;

use diesel::QueryResult;

use super::{Badges, Report};
use crate::domain::contest::{ContestResult, Placed};
use crate::store::contests::{self, ResultRow};
use crate::store::db::Db;
use crate::store::row;

/// Badges won, by programme, contest, period, season, badge and subject.
type Won = BTreeSet<[String; 6]>;

/// Checks every contest that was finalised; gives the badges that were won.
pub(super) fn check(db: &mut Db, report: &mut Report) -> QueryResult<Badges> {
    let mut stated = Won::new();
    for row in contests::all_results(db)? {
        let result: ContestResult = row::from_json(&row.body)?;
        let place = format!("contest {} of {} in {}", row.contest, row.programme, row.period);
        if result.position != row.position {
            report.find(format!("{place}: the result names position {}, not {}", result.position, row.position));
        }
        if !are_ranks(&result.outcome.placed) {
            report.find(format!("{place}: the ranks are not those of its scores"));
        }
        stated.extend(badges_of(&row, &result));
    }
    let kept = contests::all_badges(db)?.into_iter();
    let kept: Won =
        kept.map(|row| [row.programme, row.contest, row.period, row.season, row.badge, row.subject]).collect();
    for [programme, contest, period, _, badge, subject] in stated.symmetric_difference(&kept) {
        report.find(format!(
            "contest {contest} of {programme} in {period}: badge {badge} of {subject} is not as the result has it"
        ));
    }
    Ok(kept.into_iter().map(|[programme, _, _, season, badge, subject]| (programme, season, badge, subject)).collect())
}

fn badges_of<'a>(row: &'a ResultRow, result: &'a ContestResult) -> impl Iterator<Item = [String; 6]> + 'a {
    result.outcome.won.iter().filter_map(move |won| {
        let (badge, subject) = (won.badge.as_ref()?.to_string(), won.subject.to_string());
        let season = result.season.clone();
        Some([row.programme.clone(), row.contest.clone(), row.period.clone(), season, badge, subject])
    })
}

/// Whether each is ranked behind exactly those with a higher score.
fn are_ranks(placed: &[Placed]) -> bool {
    let (mut rank, mut score) = (0, None);
    (1..).zip(placed).all(|(place, one)| {
        let fits = score.is_none_or(|before| one.score <= before);
        if score != Some(one.score) {
            (rank, score) = (place, Some(one.score));
        }
        fits && one.rank == rank
    })
}
