//! Promise 3 over commands: the same history through SQLite, through the database under test, and there through two
//! writers by turns, ends in the same ledger, awards, badges, boards, tiers and statements, ids apart. Without PostgreSQL it
//! compares one writer on SQLite with two.

use std::collections::BTreeMap;

use applaus::store::ledger::TransferRow;
use applaus::store::{awards, ledger, people, signals, teams};
use applaus::writer::due::Tick;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::documents::{BOARDS, Draft, draft};
use super::{PEOPLE, Step, Town, config, step};
use crate::support::database::TestDatabase;

/// Everything that a history ends in, sorted, in words that are the same wherever it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    told: Vec<String>,
    ledger: Vec<String>,
    awards: Vec<String>,
    badges: Vec<String>,
    shown: Vec<Value>,
}

/// What each id stands for.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(town: &Town) -> Self {
        let read = town.app.state.read_here(|db| {
            let people = people::all(db)?.into_iter().map(|row| (row.id, row.user_name));
            let teams: Vec<_> = teams::all(db)?.into_iter().map(|row| (row.id, row.code)).collect();
            let signals = signals::list(db, &signals::Filter::default(), 10_000)?;
            let signals = signals.into_iter().map(|row| (row.id, format!("{}/{}", row.source, row.key)));
            Ok(people.chain(teams).chain(signals).collect::<Vec<_>>())
        });
        let thanks = town.thanks.iter().enumerate().map(|(number, id)| (id.to_string(), format!("kudos {number}")));
        Self(read.unwrap().into_iter().chain(thanks).collect())
    }

    /// The text with names in place of ids; a name may hold an id itself.
    fn put_into(&self, text: &str) -> String {
        let mut text = text.to_owned();
        while let Some((id, name)) = self.0.iter().find(|(id, _)| text.contains(id.as_str())) {
            text = text.replace(id, name);
        }
        text
    }

    /// A document without what counts changes, and without any order.
    fn canonical(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let kept =
                    fields.iter().filter(|(field, _)| !["version", "position", "next"].contains(&field.as_str()));
                kept.map(|(field, value)| (field.clone(), self.canonical(value))).collect()
            }
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| self.canonical(item)).collect();
                items.sort_by_key(Value::to_string);
                Value::Array(items)
            }
            Value::String(text) => json!(self.put_into(text)),
            other => other.clone(),
        }
    }
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

impl End {
    fn of(town: &Town) -> Self {
        // Whoever was not the last to write learns what was written.
        for writer in &town.writers {
            writer.run_blocking(super::Actor::Operator, Tick).unwrap();
        }
        // First, because whoever reads it comes to be by reading it.
        let shown = shown(town);
        let names = Names::of(town);
        let read = town
            .app
            .state
            .read_here(|db| Ok((ledger::since(db, 0, 100_000)?, awards::all(db)?, awards::all_badge_events(db)?)));
        let (transfers, awards, badges) = read.unwrap();
        let by_id: BTreeMap<&str, &TransferRow> = transfers.iter().map(|row| (row.id.as_str(), row)).collect();
        let line = |row: &TransferRow| {
            let TransferRow { kind, payer, payee, amount, programme, season, rule, version, cause, at, .. } = row;
            format!("{kind} {payer} {payee} {amount} {programme:?} {season:?} {rule:?} {version:?} {cause} {at}")
        };
        let whole = |row: &TransferRow| {
            let reverses = row.reverses.as_deref().map(|id| line(by_id[id]));
            names.put_into(&format!("{} reverses {reverses:?}", line(row)))
        };
        let award = |row: &awards::AwardRow| {
            let awards::AwardRow { season, rule, subject, cause, points, badge, at, version, .. } = row;
            names.put_into(&format!("{season} {rule} {subject} {cause} {points} {badge:?} {at} {version}"))
        };
        let badge = |row: &awards::BadgeEventRow| {
            let awards::BadgeEventRow { season, badge, subject, change, at, .. } = row;
            names.put_into(&format!("{season} {badge} {subject} {change} {at}"))
        };
        Self {
            told: town.told.clone(),
            ledger: sorted(transfers.iter().map(whole)),
            awards: sorted(awards.iter().map(award)),
            badges: sorted(badges.iter().map(badge)),
            shown: shown.iter().map(|value| names.canonical(value)).collect(),
        }
    }
}

/// Everybody's standing, every board, and every season.
fn shown(town: &Town) -> Vec<Value> {
    let hr = town.app.hr();
    let read = |path: &str| hr.get(path).expect(200).body;
    let mut shown: Vec<Value> = PEOPLE.iter().map(|person| read(&format!("/people/{person}/standing"))).collect();
    shown.extend(BOARDS.iter().map(|(board, _, _)| read(&format!("/leaderboards/town/{board}"))));
    let seasons = read("/programmes/town/seasons");
    for season in seasons["items"].as_array().unwrap() {
        shown.push(read(&format!("/programmes/town/seasons/{}", season["season"].as_str().unwrap())));
    }
    shown.push(seasons);
    shown
}

fn lived_through(database: TestDatabase, writers: usize, seed: u64, first: &Draft, steps: &[Step]) -> (Town, End) {
    let mut town = Town::on(database, writers, seed, first);
    steps.iter().for_each(|step| town.take(step));
    let end = End::of(&town);
    (town, end)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases.div_ceil(4), ..config() })]

    #[test]
    fn promise_3_a_history_ends_the_same_on_both_databases_and_by_two_writers(
        first in draft(), steps in vec(step(), 3..20), seed in any::<u64>(),
    ) {
        let (_, on_sqlite) = lived_through(TestDatabase::sqlite(), 1, seed, &first, &steps);
        let (_, by_one) = lived_through(TestDatabase::new(), 1, seed, &first, &steps);
        prop_assert_eq!(&on_sqlite, &by_one);
        let (town, by_two) = lived_through(TestDatabase::new(), 2, seed, &first, &steps);
        prop_assert_eq!(&on_sqlite, &by_two);
        town.check()?;
    }
}

/// The negative control: what happens otherwise ends otherwise.
#[test]
fn a_history_that_differs_ends_differently() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let first = draft().new_tree(&mut runner).unwrap().current();
    let told = |csat| {
        Step::Deliver(vec![super::Told { person: 0, hours_ago: 1, survey: true, csat, case: None, corrects: None }])
    };
    let end = |steps: &[Step]| lived_through(TestDatabase::sqlite(), 1, 0, &first, steps).1;
    let (five, four) = (end(&[told(5), Step::Thank(0, 1, 5)]), end(&[told(4), Step::Thank(0, 1, 5)]));
    assert_eq!(five, end(&[told(5), Step::Thank(0, 1, 5)]));
    assert_ne!(five.ledger, end(&[told(5), Step::Thank(0, 1, 6)]).ledger);
    assert_eq!(five.told, four.told);
}
