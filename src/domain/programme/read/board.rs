//! Reading leaderboards: by what they rank whom, over which period, and how they show it.

use serde_json::Value;

use super::calendar::board_period;
use super::measure;
use super::reader::{Fields, Node, Reader, Taken};
use crate::domain::decimal::Decimal4;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{Board, BoardSubject, Combine, Rank, Show};

/// The most boards.
pub(super) const MOST_BOARDS: usize = 50;
/// The most values of a measure that a board can ask for.
const MOST_SAMPLES: i64 = 1_000_000_000;
/// The most that a board can name.
const MOST_SHOWN: i64 = 1_000;

/// A leaderboard.
pub(super) fn board(reader: &mut Reader, node: &Node) -> Taken<Board> {
    const KNOWN: &[&str] =
        &["code", "name", "rank", "subject", "period", "combine", "min_samples", "prior", "weight", "show"];
    let fields = reader.fields(node, KNOWN)?;
    let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let rank = fields.need(reader, "rank").and_then(|rank| rank_by(reader, &fields, &rank));
    let subject = subject(reader, &fields);
    let period = fields.need(reader, "period").and_then(|node| {
        let period = board_period(reader, &node)?;
        match rank {
            Ok(Rank::Measure { .. }) if !period.is_a_month_or_longer() => {
                let finding = Finding::new(node.at, ProblemCode::ShortMeasureBoard);
                Err(reader.refuse(finding.with("periods", "month, quarter, half_year, year, season, all")))
            }
            _ => Ok(period),
        }
    });
    let show = fields.get("show").map_or(Ok(Show::Named), |show| shows(reader, &show));
    Ok(Board { code: code?, name: name?, rank: rank?, subject: subject?, period: period?, show: show? })
}

fn rank_by(reader: &mut Reader, fields: &Fields, node: &Node) -> Taken<Rank> {
    if node.value.is_object() {
        let of = reader.fields(node, &["measure"])?;
        let measure = of.need(reader, "measure").and_then(|node| measure(reader, &node));
        let min_samples = fields.get("min_samples").map_or(Ok(1), |number| reader.whole(&number, 1..=MOST_SAMPLES));
        let prior = prior(reader, fields);
        return Ok(Rank::Measure {
            measure: measure?.code.as_str().to_owned(),
            min_samples: u32::try_from(min_samples?).unwrap_or(u32::MAX),
            prior: prior?,
        });
    }
    let rank = match node.value.as_str() {
        Some("points") => Rank::Points,
        Some("kudos") => Rank::Kudos,
        _ => {
            let finding = Finding::new(node.at.as_str(), ProblemCode::InvalidValue);
            return Err(reader.refuse(finding.with("expected", "points, kudos, {\"measure\": …}")));
        }
    };
    for field in ["min_samples", "prior", "weight"] {
        if let Some(node) = fields.get(field) {
            reader.refuse_alone(&node, field, "\"rank\": {\"measure\": …}");
        }
    }
    Ok(rank)
}

/// The value that few values are drawn towards, and how many values it weighs.
fn prior(reader: &mut Reader, fields: &Fields) -> Taken<Option<(Decimal4, Decimal4)>> {
    match (fields.get("prior"), fields.get("weight")) {
        (None, None) => Ok(None),
        (Some(prior), Some(weight)) => {
            let (prior, weight) = (reader.number(&prior), reader.number_from_zero(&weight));
            Ok(Some((prior?, weight?)))
        }
        (Some(prior), None) => Err(reader.refuse_alone(&prior, "prior", "weight")),
        (None, Some(weight)) => Err(reader.refuse_alone(&weight, "weight", "prior")),
    }
}

fn subject(reader: &mut Reader, fields: &Fields) -> Taken<BoardSubject> {
    let of_teams = fields
        .need(reader, "subject")
        .and_then(|subject| reader.one_of(&subject, &[("person", false), ("team", true)]));
    let combine = fields.get("combine").map(|combine| {
        if let Ok(false) = of_teams {
            return Err(reader.refuse_at(&combine, ProblemCode::CombineForPersons));
        }
        reader.one_of(
            &combine,
            &[("own", Combine::Own), ("sum", Combine::Sum), ("mean_per_member", Combine::MeanPerMember)],
        )
    });
    let combine = combine.transpose()?;
    Ok(if of_teams? { BoardSubject::Team(combine.unwrap_or(Combine::Own)) } else { BoardSubject::Person })
}

fn shows(reader: &mut Reader, node: &Node) -> Taken<Show> {
    match node.value {
        Value::Object(_) => {
            let fields = reader.fields(node, &["top"])?;
            let top = fields.need(reader, "top").and_then(|top| reader.whole(&top, 1..=MOST_SHOWN))?;
            Ok(Show::Top(u32::try_from(top).unwrap_or(u32::MAX)))
        }
        Value::String(show) if show == "named" => Ok(Show::Named),
        Value::String(show) if show == "alias" => Ok(Show::Alias),
        Value::String(show) if show == "own" => Ok(Show::Own),
        _ => {
            let finding = Finding::new(node.at.as_str(), ProblemCode::InvalidValue);
            Err(reader.refuse(finding.with("expected", "named, alias, {\"top\": …}, own")))
        }
    }
}
