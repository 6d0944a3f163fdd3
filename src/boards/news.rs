//! What happened since a board was last brought up to date, as far as it may concern it.

use std::collections::BTreeMap;

use diesel::QueryResult;
use uuid::Uuid;

use super::BoardKey;
use crate::domain::time::Instant;
use crate::store::boards::{Counted, badges_changed_since, points_changed_since};
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
    /// Whose points or badges changed, and the instants that the points count for.
    pub earned: BTreeMap<Uuid, (Numbers, Vec<Instant>)>,
    /// Whose names, roles, memberships or state changed.
    pub people: BTreeMap<Uuid, Numbers>,
    /// When a team or this programme changed.
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

impl BoardKey {
    /// The awards that count.
    pub(super) fn counted(&self) -> Counted<'_> {
        Counted { programme: self.programme.as_str(), from: self.period.from, until: self.period.until }
    }
}

impl News {
    /// What happened after `sequence`.
    pub fn since(db: &mut Db, key: &BoardKey, sequence: i64) -> QueryResult<Since> {
        let points = points_changed_since(db, key.counted(), sequence, FOLLOWED)?;
        let badges = badges_changed_since(db, key.programme.as_str(), sequence, FOLLOWED)?;
        let changes = changed_since(db, sequence, FOLLOWED)?;
        let many = |count: usize| i64::try_from(count).is_ok_and(|count| count >= FOLLOWED);
        if [points.len(), badges.len(), changes.len()].into_iter().any(many) {
            return Ok(Since::Many);
        }
        let mut news = Self::default();
        for change in points {
            if let Some(subject) = &change.subject {
                news.earned(change.sequence, subject, Some(row::instant(change.at)))?;
            }
        }
        for (number, subject) in badges {
            news.earned(number, &subject, None)?;
        }
        for (number, kind, reference) in changes {
            news.changed(key, number, &kind, &reference)?;
        }
        Ok(Since::Few(news))
    }

    fn earned(&mut self, number: i64, subject: &str, at: Option<Instant>) -> QueryResult<()> {
        let (numbers, instants) =
            self.earned.entry(subject_id(subject)?).or_insert_with(|| ((number, number), Vec::new()));
        *numbers = widened(*numbers, number);
        instants.extend(at);
        self.last = self.last.max(Some(number));
        Ok(())
    }

    fn changed(&mut self, key: &BoardKey, number: i64, kind: &str, reference: &str) -> QueryResult<()> {
        if kind == ChangeKind::Person.name() {
            let numbers = self.people.entry(subject_id(reference)?).or_insert((number, number));
            *numbers = widened(*numbers, number);
        } else if kind == ChangeKind::Team.name()
            || (kind == ChangeKind::Programme.name() && reference == key.programme.as_str())
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
