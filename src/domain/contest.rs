//! Contests: who is placed where, who wins which prize, and what remains of it once a person has finalised it.
//!
//! Knows scores, samples and prizes; not where scores come from, and no names.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::Code;
use super::programme::Prize;
use super::season::Kind;
use super::time::Instant;

/// The longest note of a disqualification, in characters.
pub const NOTE_LIMIT: usize = 500;

/// Somebody who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Competitor {
    /// Who.
    pub subject: Uuid,
    /// The score on the contest's board, as the whole number that ranks: a higher one is better.
    pub score: i64,
    /// What `qualify.samples` counts.
    pub samples: i64,
    /// Whether score and samples would uncover somebody who is not shown by name.
    pub is_withheld: bool,
}

/// What decides about competitors beside their scores.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// From how many samples on somebody qualifies.
    pub qualify_samples: u32,
    /// What is won, by ascending ranks without overlap.
    pub prizes: &'a [Prize],
    /// Who was taken out.
    pub disqualified: &'a HashSet<Uuid>,
}

/// How a score that ranks as a whole number is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreForm {
    /// How many of its digits are decimal places.
    pub decimals: u32,
    /// Whether less is better, so that it ranks with its sign changed.
    pub is_negated: bool,
}

/// Somebody with a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// 1 + the placed with a higher score: equal scores share a rank, and the next one is skipped.
    pub rank: usize,
    /// Who.
    pub subject: Uuid,
    /// See [`Competitor::score`].
    pub score: i64,
    /// See [`Competitor::samples`].
    pub samples: i64,
    /// See [`Competitor::is_withheld`].
    pub is_withheld: bool,
}

/// Somebody who does not qualify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unqualified {
    /// Who.
    pub subject: Uuid,
    /// See [`Competitor::score`].
    pub score: i64,
    /// See [`Competitor::samples`].
    pub samples: i64,
    /// See [`Competitor::is_withheld`].
    pub is_withheld: bool,
    /// How many samples are missing.
    pub missing: i64,
}

/// A prize that somebody wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Won {
    /// Of which rank.
    pub rank: usize,
    /// Who.
    pub subject: Uuid,
    /// The badge.
    pub badge: Option<Code>,
    /// The reward, which is due and not handed over by this.
    pub reward: Option<Code>,
}

/// How a contest stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Everybody with a rank, by rank.
    pub placed: Vec<Placed>,
    /// Who does not qualify, those who miss the fewest samples first.
    pub unqualified: Vec<Unqualified>,
    /// Who was taken out, of those who would take part.
    pub disqualified: Vec<Uuid>,
    /// The prizes, by rank: all who share a rank win its prize.
    pub won: Vec<Won>,
}

impl Outcome {
    /// Places everybody. Inside a rank the order is the one given.
    pub fn of(competitors: &[Competitor], terms: Terms<'_>) -> Self {
        let needed = i64::from(terms.qualify_samples);
        let (out, within): (Vec<&Competitor>, Vec<&Competitor>) =
            competitors.iter().partition(|one| terms.disqualified.contains(&one.subject));
        let (qualified, short): (Vec<&Competitor>, Vec<&Competitor>) =
            within.into_iter().partition(|one| one.samples >= needed);
        let placed = ranked(qualified);
        let mut unqualified: Vec<Unqualified> = short
            .into_iter()
            .map(|&Competitor { subject, score, samples, is_withheld }| Unqualified {
                subject,
                score,
                samples,
                is_withheld,
                missing: needed.saturating_sub(samples),
            })
            .collect();
        unqualified.sort_by_key(|one| one.missing);
        let won = placed.iter().filter_map(|one| won_by(one, terms.prizes)).collect();
        Self { placed, unqualified, disqualified: out.into_iter().map(|one| one.subject).collect(), won }
    }

    /// Whether some subject wins a prize.
    pub fn is_won_by(&self, subject: Uuid) -> bool {
        self.won.iter().any(|won| won.subject == subject)
    }
}

fn ranked(mut competitors: Vec<&Competitor>) -> Vec<Placed> {
    competitors.sort_by_key(|one| Reverse(one.score));
    let mut placed: Vec<Placed> = Vec::with_capacity(competitors.len());
    for (place, &&Competitor { subject, score, samples, is_withheld }) in (1..).zip(&competitors) {
        let rank = placed.last().filter(|before| before.score == score).map_or(place, |before| before.rank);
        placed.push(Placed { rank, subject, score, samples, is_withheld });
    }
    placed
}

fn won_by(placed: &Placed, prizes: &[Prize]) -> Option<Won> {
    let rank = u32::try_from(placed.rank).ok()?;
    let prize = prizes.iter().find(|prize| (prize.first..=prize.last).contains(&rank))?;
    let (badge, reward) = (prize.badge.clone(), prize.reward.clone());
    Some(Won { rank: placed.rank, subject: placed.subject, badge, reward })
}

/// What remains of a contest that a person has finalised: ids and numbers, which nothing changes any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestResult {
    /// Code of the programme.
    pub programme: String,
    /// Code of the contest.
    pub contest: String,
    /// Code of the period.
    pub period: String,
    /// Its first local day.
    pub from: NaiveDate,
    /// The local day after its last.
    pub until: NaiveDate,
    /// Code of the board that it went by.
    pub board: String,
    /// Who took part.
    pub subjects: Kind,
    /// How its scores are read.
    pub form: ScoreForm,
    /// Code of the season that the badges won belong to.
    pub season: String,
    /// The last number of the sequence that it holds.
    pub position: i64,
    /// When it was finalised.
    pub finalised_at: Instant,
    /// How it came out.
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[cfg(test)]
mod tests;
