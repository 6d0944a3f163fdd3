//! The design's promises 1, 2 and 3 over random histories, on the database under test; and that breaking them is noticed.

mod closed_seasons;

use std::collections::{BTreeMap, BTreeSet};

use applaus::clock::{Clock, ManualClock};
use applaus::domain::decimal::Decimal4;
use applaus::domain::ids::PersonId;
use applaus::domain::people::Role;
use applaus::domain::points::Points;
use applaus::store::people::PersonRef;
use applaus::store::{awards, ledger, people, signals};
use applaus::verify::verify;
use applaus::writer::ingest::{Delivery, Ingest, Status};
use applaus::writer::membership::AddMembership;
use applaus::writer::person::{AddPerson, PersonDetails};
use applaus::writer::programme::{ActivateVersion, CreateProgramme, DraftVersion};
use applaus::writer::rebuild::Rebuild;
use applaus::writer::role::TakeRole;
use applaus::writer::team::AddTeam;
use applaus::writer::void::Void;
use applaus::writer::{Actor, Command, Writer};
use chrono::{TimeDelta, TimeZone, Utc};
use diesel::prelude::*;
use proptest::prelude::*;
use serde_json::json;

use crate::support::app::test_now;
use crate::support::database::TestDatabase;

const PEOPLE: [&str; 3] = ["anna", "ben", "cem"];

/// An organisation without a server: three people, a team, a programme with limits, a badge and two versions.
struct Desk {
    database: TestDatabase,
    writer: Writer,
}

impl Desk {
    fn new() -> Self {
        let database = TestDatabase::new();
        let writer = Writer::start(&database.url, Clock::Manual(ManualClock::at(test_now()))).unwrap();
        let desk = Self { database, writer };
        desk.run(AddTeam { code: "support".to_owned().try_into().unwrap(), name: "Support".into(), parent: None });
        for name in PEOPLE {
            let details = PersonDetails {
                user_name: name.to_owned(),
                display_name: name.to_owned(),
                email: None,
                external_id: None,
                language: None,
            };
            let person = desk.run(AddPerson { details }).person_id().unwrap();
            let from = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
            desk.run(AddMembership { person, team: "support".to_owned(), from, until: None });
        }
        desk.run(CreateProgramme { document: document(10) });
        let activate = |version, day: &str| ActivateVersion {
            programme: "p".to_owned(),
            version,
            effective_from: day.parse().unwrap(),
        };
        desk.run(activate(1, "2026-07-01"));
        desk.run(DraftVersion { programme: "p".to_owned(), document: document(15) });
        desk.run(activate(2, "2026-11-19"));
        desk
    }

    fn run<C: Command>(&self, command: C) -> C::Output {
        self.writer.run_blocking(Actor::Operator, command).unwrap().output
    }

    fn read<T>(&self, read: impl FnOnce(&mut applaus::store::db::Db) -> QueryResult<T>) -> T {
        read(&mut self.database.url.connect().unwrap()).unwrap()
    }

    fn person(&self, name: &str) -> PersonId {
        let reference = PersonRef::UserName(name.to_owned());
        self.read(|db| people::find(db, &reference)).unwrap().person_id().unwrap()
    }

    /// What is awarded, in words that do not depend on the order of arrival.
    fn outcome(&self) -> BTreeSet<String> {
        let (awards, badges, people, signals) = self.read(|db| {
            let filter = signals::Filter::default();
            Ok((awards::all(db)?, awards::all_badge_events(db)?, people::all(db)?, signals::list(db, &filter, 10_000)?))
        });
        let names: BTreeMap<_, _> = people.into_iter().map(|person| (person.id, person.user_name)).collect();
        let keys: BTreeMap<_, _> = signals.into_iter().map(|row| (format!("signal:{}", row.id), row.key)).collect();
        let mut said: BTreeSet<String> = awards
            .iter()
            .map(|award| {
                let (who, why) = (&names[&award.subject], &keys[&award.cause]);
                format!(
                    "{} {} {who} {why} {} {:?} {} v{}",
                    award.season, award.rule, award.points, award.badge, award.at, award.version
                )
            })
            .collect();
        let mut held = BTreeSet::new();
        for event in badges {
            let key = format!("badge {} {} {}", event.season, event.badge, names[&event.subject]);
            if event.change == "granted" {
                held.insert(key)
            } else {
                held.remove(&key)
            };
        }
        said.extend(held);
        said
    }

    fn sum(&self) -> Points {
        self.read(ledger::sum_of_balances)
    }
}

fn document(points: i64) -> serde_json::Value {
    let name = json!({ "en": "x", "de": "x" });
    json!({
        "language": 1, "code": "p", "name": name, "time_zone": "Europe/Berlin", "season": "month",
        "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [
            { "code": "good", "name": name, "on": ["evaluation"], "when": { "measure": "quality", "at_least": 60 },
              "award": { "points": points }, "limits": [{ "per": "day", "points": 25 }, { "per": "week", "times": 4 }] },
            { "code": "graded", "name": name, "on": ["evaluation"], "cooldown": "PT2H",
              "award": { "points": { "measure": "quality", "zones": [[50, 0], [90, 30], [90, 40]] } } },
            { "code": "case", "name": name, "on": ["evaluation"], "when": { "measure": "quality", "above": 80 },
              "award": { "points": 7, "badge": "star" }, "limits": [{ "per": "case", "times": 1 }] }
        ],
        "badges": [{ "code": "star", "name": name }]
    })
}

/// One piece of evidence with its versions; a version always says the same (SEMANTICS S17).
#[derive(Debug, Clone)]
struct Story {
    versions: Vec<Said>,
    voided: bool,
}

#[derive(Debug, Clone)]
struct Said {
    who: usize,
    minutes_ago: i64,
    quality: i64,
    case: Option<u8>,
}

fn said() -> impl Strategy<Value = Said> {
    // Around the end of a month, so that corrections move evidence between seasons.
    let times = prop_oneof![0_i64..600, 0_i64..60 * 24 * 30];
    (0..PEOPLE.len(), times, 40_i64..=100, proptest::option::of(0_u8..2))
        .prop_map(|(who, minutes_ago, quality, case)| Said { who, minutes_ago, quality, case })
}

fn stories() -> impl Strategy<Value = Vec<Story>> {
    let story = (proptest::collection::vec(said(), 1..4), proptest::bool::weighted(0.15))
        .prop_map(|(versions, voided)| Story { versions, voided });
    proptest::collection::vec(story, 1..8)
}

/// A step of a history: a delivery of a version, or a void.
#[derive(Debug, Clone, Copy)]
enum Step {
    Deliver(usize, usize),
    Void(usize),
}

/// Every delivery, some twice, and every void, in any order and cut into batches anywhere.
fn history() -> impl Strategy<Value = (Vec<Story>, Vec<Step>, Vec<bool>)> {
    stories().prop_flat_map(|stories| {
        let mut steps = Vec::new();
        for (index, story) in stories.iter().enumerate() {
            for version in 0..story.versions.len() {
                steps.push(Step::Deliver(index, version));
                if (index + version) % 2 == 0 {
                    steps.push(Step::Deliver(index, version));
                }
            }
            if story.voided {
                steps.push(Step::Void(index));
            }
        }
        let count = steps.len();
        (Just(stories), Just(steps).prop_shuffle(), proptest::collection::vec(any::<bool>(), count))
    })
}

fn delivery(stories: &[Story], story: usize, version: usize) -> Delivery {
    let said = &stories[story].versions[version];
    Delivery {
        source: "qa".to_owned(),
        key: format!("k{story}"),
        version: i64::try_from(version).unwrap(),
        kind: "evaluation".to_owned(),
        agent: PersonRef::UserName(PEOPLE[said.who].to_owned()),
        occurred_at: test_now() - TimeDelta::minutes(said.minutes_ago),
        channel: None,
        case: said.case.map(|case| format!("c{case}")),
        measures: [("quality".to_owned(), Decimal4::from_whole(said.quality))].into(),
        attributes: BTreeMap::new(),
    }
}

/// Only the final evidence, in the order it happened.
fn deliver_final(desk: &Desk, stories: &[Story]) {
    let mut last: Vec<Delivery> = (0..stories.len())
        .filter(|story| !stories[*story].voided)
        .map(|story| delivery(stories, story, stories[story].versions.len() - 1))
        .collect();
    last.sort_by_key(|delivery| delivery.occurred_at);
    for delivery in last {
        let outcome = desk.run(Ingest { deliveries: vec![delivery] });
        assert_eq!(outcome[0].status, Status::Accepted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Promise 3, and promises 1 and 2 on the way.
    #[test]
    fn promise_3_any_path_of_the_same_evidence_ends_in_the_same_awards((stories, steps, cuts) in history()) {
        let (wild, calm) = (Desk::new(), Desk::new());
        let mut batch: Vec<Delivery> = Vec::new();
        for (step, cut) in steps.iter().zip(cuts) {
            match *step {
                Step::Deliver(story, version) => batch.push(delivery(&stories, story, version)),
                Step::Void(story) => {
                    wild.run(Ingest { deliveries: std::mem::take(&mut batch) });
                    wild.run(Void { source: "qa".to_owned(), key: format!("k{story}") });
                }
            }
            if cut {
                wild.run(Ingest { deliveries: std::mem::take(&mut batch) });
            }
            prop_assert_eq!(wild.sum(), Points::ZERO);
        }
        wild.run(Ingest { deliveries: batch });
        deliver_final(&calm, &stories);
        prop_assert_eq!(wild.outcome(), calm.outcome());
        for desk in [&wild, &calm] {
            let report = verify(&mut desk.database.url.connect().unwrap()).unwrap();
            prop_assert!(report.is_clean(), "{}", report);
        }
    }
}

fn busy_desk() -> Desk {
    let desk = Desk::new();
    let stories: Vec<Story> = (0..6)
        .map(|n| Story {
            versions: vec![
                Said { who: 0, minutes_ago: 10 + n, quality: 60 + 5 * n, case: None },
                Said { who: usize::try_from(n).unwrap() % 3, minutes_ago: 20 + n, quality: 100 - 6 * n, case: Some(1) },
            ],
            voided: false,
        })
        .collect();
    for version in 0..2 {
        desk.run(Ingest { deliveries: (0..stories.len()).map(|story| delivery(&stories, story, version)).collect() });
    }
    desk
}

/// The negative control of [`verify`]: each planted fault is found, and rebuilding mends what is derived.
#[test]
fn promises_1_and_2_planted_faults_are_found() {
    let derived = [
        "UPDATE accounts SET balance = balance + 1 WHERE kind = 'wallet'",
        "DELETE FROM awards WHERE rule = 'good'",
        "DELETE FROM awards WHERE points > 0",
        "UPDATE awards SET version = 2",
    ];
    let ledger = [
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'award'",
        "UPDATE transfers SET payer_balance = payer_balance + 1",
        "DELETE FROM badge_events",
        "UPDATE signals SET measures = '{\"quality\":10}'",
        "UPDATE signals SET status = 'voided'",
    ];
    for (faults, mended) in [(&derived[..], true), (&ledger[..], false)] {
        for fault in faults {
            let desk = busy_desk();
            let mut db = desk.database.unguarded();
            assert!(verify(&mut db).unwrap().is_clean());
            assert!(diesel::sql_query(*fault).execute(&mut db).unwrap() > 0, "{fault} changes nothing");
            assert!(!verify(&mut db).unwrap().is_clean(), "{fault} goes unnoticed");
            if mended {
                desk.run(Rebuild);
                let report = verify(&mut db).unwrap();
                assert!(report.is_clean(), "{fault}: {report}");
            }
        }
    }
}

#[test]
fn rebuilding_what_is_right_changes_nothing() {
    let desk = busy_desk();
    let before = desk.outcome();
    let rebuilt = desk.run(Rebuild);
    assert_eq!((rebuilt.balances, rebuilt.awards, rebuilt.appended), (0, 0, 0));
    assert_eq!(desk.outcome(), before);
}

/// Promise 1: the schema holds it even if the code is wrong.
#[test]
fn promise_1_the_schema_refuses_what_would_break_it() {
    let desk = busy_desk();
    let mut db = desk.database.unguarded();
    for wrong in [
        "UPDATE transfers SET amount = 0",
        "UPDATE transfers SET payer_balance = -1 WHERE payer LIKE 'wallet:%' AND kind = 'reversal' AND 1 = 0 OR kind = 'kudos'",
        "UPDATE transfers SET reverses = (SELECT MIN(id) FROM transfers) WHERE kind = 'award'",
        "UPDATE transfers SET sequence = 1",
        "UPDATE transfers SET payee = payer",
        "UPDATE signals SET key = 'k0'",
        "DELETE FROM accounts",
    ] {
        let outcome = diesel::sql_query(wrong).execute(&mut db);
        assert!(outcome.is_err() || outcome == Ok(0), "{wrong} is let through");
    }
    assert!(verify(&mut db).unwrap().is_clean());
}

#[test]
fn a_role_that_is_taken_leaves_what_was_earned_before() {
    let desk = busy_desk();
    let before = desk.outcome();
    desk.run(TakeRole { person: desk.person("anna"), role: Role::Agent });
    assert_eq!(desk.outcome(), before);
    assert!(verify(&mut desk.database.url.connect().unwrap()).unwrap().is_clean());
}
