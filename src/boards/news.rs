//! What happened since a board was last brought up to date, as far as it may concern it.

use std::collections::BTreeMap;

use diesel::QueryResult;
use uuid::Uuid;

use super::scope::Scope;
use crate::domain::programme::Rank;
use crate::domain::time::Window;
use crate::store::board_evidence::{self as evidence, EvidenceChange};
use crate::store::boards::{badges_changed_since, points_changed_since};
use crate::store::db::Db;
use crate::store::head::{ChangeKind, changed_since};
use crate::store::row;

/// Up to so many changes of each kind are followed one by one; beyond it, the board is computed anew.
const FOLLOWED: i64 = 2_000;

/// The numbers at which something concerned a subject: the first and the last.
pub type Numbers = (i64, i64);

/// What happened.
#[derive(Debug, Default)]
pub struct News {
    /// Whose evidence or badges changed.
    pub earned: BTreeMap<Uuid, Numbers>,
    /// Whose names, roles, memberships, choices or state changed.
    pub people: BTreeMap<Uuid, Numbers>,
    /// When a team, this programme or the organisation's settings changed.
    pub rules: Option<Numbers>,
    /// The last number of all these, if there is one.
    pub last: Option<i64>,
}

/// The news, if they are few enough to be followed one by one.
#[derive(Debug)]
pub enum Since {
    /// They are.
    Few(News),
    /// They are not.
    Many,
}

impl News {
    /// What happened after `sequence`.
    pub fn since(db: &mut Db, scope: &Scope, sequence: i64) -> QueryResult<Since> {
        let mut news = Self::default();
        let earned = match &scope.board.rank {
            Rank::Points => news.points(db, scope, sequence)?,
            Rank::Kudos => {
                let changes = evidence::kudos_changed_since(db, sequence, FOLLOWED)?;
                news.all_earned(scope, changes)?
            }
            Rank::Measure { measure, .. } => {
                let most = usize::try_from(FOLLOWED).unwrap_or(usize::MAX);
                let Some(changes) = evidence::measured_since(db, measure, sequence, most)? else {
                    return Ok(Since::Many);
                };
                news.all_earned(scope, changes)?
            }
        };
        let changes = changed_since(db, sequence, FOLLOWED)?;
        let many = |count: usize| i64::try_from(count).is_ok_and(|count| count >= FOLLOWED);
        if many(earned) || many(changes.len()) {
            return Ok(Since::Many);
        }
        for (number, kind, reference) in changes {
            news.changed(scope, number, &kind, &reference)?;
        }
        Ok(Since::Few(news))
    }

    /// Changes of points and badges; tells how many of either were read at most.
    fn points(&mut self, db: &mut Db, scope: &Scope, sequence: i64) -> QueryResult<usize> {
        let points = points_changed_since(db, scope.counted(), sequence, FOLLOWED)?;
        let badges = badges_changed_since(db, scope.key.programme.as_str(), sequence, FOLLOWED)?;
        let most = points.len().max(badges.len());
        for (number, subject) in points {
            if let Some(subject) = &subject {
                self.earned(number, subject)?;
            }
        }
        for (number, subject) in badges {
            self.earned(number, &subject)?;
        }
        Ok(most)
    }

    /// Changes of other evidence; tells how many.
    fn all_earned(&mut self, scope: &Scope, changes: Vec<EvidenceChange>) -> QueryResult<usize> {
        let count = changes.len();
        let Window { from, until } = scope.window();
        for change in changes.into_iter().filter(|change| from <= change.at && change.at < until) {
            self.earned(change.sequence, &change.person)?;
        }
        Ok(count)
    }

    fn earned(&mut self, number: i64, subject: &str) -> QueryResult<()> {
        let numbers = self.earned.entry(subject_id(subject)?).or_insert((number, number));
        *numbers = widened(*numbers, number);
        self.last = self.last.max(Some(number));
        Ok(())
    }

    fn changed(&mut self, scope: &Scope, number: i64, kind: &str, reference: &str) -> QueryResult<()> {
        if kind == ChangeKind::Person.name() {
            let numbers = self.people.entry(subject_id(reference)?).or_insert((number, number));
            *numbers = widened(*numbers, number);
        } else if [ChangeKind::Team, ChangeKind::Organization].map(ChangeKind::name).contains(&kind)
            || (kind == ChangeKind::Programme.name() && reference == scope.key.programme.as_str())
        {
            self.rules = Some(widened(self.rules.unwrap_or((number, number)), number));
        } else {
            return Ok(());
        }
        self.last = self.last.max(Some(number));
        Ok(())
    }
}

fn widened((first, last): Numbers, number: i64) -> Numbers {
    (first.min(number), last.max(number))
}

pub(super) fn subject_id(text: &str) -> QueryResult<Uuid> {
    Uuid::try_parse(text).map_err(row::corrupt)
}
