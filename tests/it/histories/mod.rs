//! Random histories through the real commands: evidence comes late, is corrected and voided, people move and take days
//! off, versions change and time passes; after every step everything kept is what a whole fold makes of it.
//!
//! `PROPTEST_CASES` sets the number of histories: a twelfth of it (256 unless given). A failing one prints its seed, and
//! shrinks.

mod documents;
mod three_ways;

use std::cell::RefCell;
use std::collections::BTreeMap;

use applaus::clock::Clock;
use applaus::domain::decimal::Decimal4;
use applaus::domain::ids::{AbsenceId, KudosId};
use applaus::domain::kudos::Visibility;
use applaus::domain::period::DaySpan;
use applaus::domain::points::Points;
use applaus::store::awards;
use applaus::store::people::PersonRef;
use applaus::writer::absence::PutAbsence;
use applaus::writer::due::Tick;
use applaus::writer::ingest::{Delivery, Ingest, Status};
use applaus::writer::kudos::{RetractKudos, SendKudos};
use applaus::writer::membership::AddMembership;
use applaus::writer::programme::{ActivateVersion, CreateProgramme, DraftVersion};
use applaus::writer::rebuild::Rebuild;
use applaus::writer::void::Void;
use applaus::writer::{Actor, Command, Failure, Writer};
use chrono::{DateTime, Days, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseResult;

use self::documents::{Draft, draft};
use crate::support::app::TestApp;
use crate::support::database::TestDatabase;

const PEOPLE: [&str; 3] = ["anna", "bela", "cleo"];
/// A Monday.
const START: &str = "2026-11-02T12:00:00Z";

#[derive(Debug, Clone)]
enum Step {
    Deliver(Vec<Told>),
    /// A signal is withdrawn.
    Void(Index),
    /// A person is at home in a team from so many hours ago on.
    Join(usize, &'static str, i64),
    /// A person has days off, from so many days ago on.
    Absent(usize, u64, u64),
    /// One thanks another.
    Thank(usize, usize, i64),
    /// A kudos is taken back.
    TakeBack(Index),
    /// A further version is in force from so many days after today on.
    Version(Draft, u64),
    Time(TimeDelta),
}

/// What a delivery says: about whom, how many hours ago, whether it is a survey, its value, case, and which signal it
/// corrects.
#[derive(Debug, Clone)]
struct Told {
    person: usize,
    hours_ago: i64,
    survey: bool,
    csat: i64,
    case: Option<u8>,
    corrects: Option<Index>,
}

fn told() -> impl Strategy<Value = Told> {
    let corrects = prop::option::weighted(0.3, any::<Index>());
    (0..PEOPLE.len(), 0i64..24 * 12, any::<bool>(), 1i64..6, prop::option::of(0u8..3), corrects).prop_map(
        |(person, hours_ago, survey, csat, case, corrects)| Told { person, hours_ago, survey, csat, case, corrects },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let person = || 0..PEOPLE.len();
    let team = select(vec!["north", "south"]);
    prop_oneof![
        6 => vec(told(), 1..8).prop_map(Step::Deliver),
        2 => any::<Index>().prop_map(Step::Void),
        2 => (person(), team, 0i64..24 * 10).prop_map(|(person, team, ago)| Step::Join(person, team, ago)),
        1 => (person(), 0u64..10, 1u64..4).prop_map(|(person, ago, days)| Step::Absent(person, ago, days)),
        2 => (person(), 1..PEOPLE.len(), 0i64..50).prop_map(|(sender, on, points)| {
            Step::Thank(sender, (sender + on) % PEOPLE.len(), points)
        }),
        1 => any::<Index>().prop_map(Step::TakeBack),
        1 => (draft(), 1u64..6).prop_map(|(draft, days)| Step::Version(draft, days)),
        5 => (1i64..24 * 12).prop_map(|hours| Step::Time(TimeDelta::hours(hours))),
    ]
}

/// A server with three people in two teams and one programme.
struct Town {
    app: TestApp,
    /// The writers that commands go to, by chance.
    writers: Vec<Writer>,
    chance: RefCell<fastrand::Rng>,
    /// How often each signal was told.
    versions: Vec<i64>,
    drafted: u32,
    absences: u128,
    /// The kudos that were sent.
    thanks: Vec<KudosId>,
    /// What became of each command that may be refused.
    told: Vec<String>,
}

impl Town {
    fn new(first: &Draft) -> Self {
        Self::on(TestDatabase::new(), 1, 0, first)
    }

    /// On a database, with so many writers; the seed decides whose turn it is.
    fn on(database: TestDatabase, writers: usize, seed: u64, first: &Draft) -> Self {
        let app = TestApp::start_on(database, START.parse().unwrap());
        let another = |_| Writer::start(&app.database.url, Clock::Manual(app.clock.clone())).unwrap();
        let writers = std::iter::once(app.state.writer.clone()).chain((1..writers).map(another)).collect();
        app.team("support", None);
        app.team("north", Some("support"));
        app.team("south", Some("support"));
        for (person, team) in PEOPLE.iter().zip(["north", "south"]) {
            app.person(person);
            app.join(person, team, "2026-10-01T00:00:00Z");
        }
        app.person(PEOPLE[2]);
        let town = Self {
            app,
            writers,
            chance: RefCell::new(fastrand::Rng::with_seed(seed)),
            versions: Vec::new(),
            drafted: 1,
            absences: 0,
            thanks: Vec::new(),
            told: Vec::new(),
        };
        let drafted = town.run(CreateProgramme { document: first.document() }).unwrap();
        assert_eq!(drafted.version, 1);
        let effective_from = "2026-10-01".parse().unwrap();
        town.run(ActivateVersion { programme: drafted.programme, version: 1, effective_from }).unwrap();
        town
    }

    fn now(&self) -> DateTime<Utc> {
        self.app.state.clock.now()
    }

    fn run<C: Command>(&self, command: C) -> Result<C::Output, Failure> {
        self.run_as(Actor::Operator, command)
    }

    fn run_as<C: Command>(&self, actor: Actor, command: C) -> Result<C::Output, Failure> {
        let turn = self.chance.borrow_mut().usize(0..self.writers.len());
        self.writers[turn].run_blocking(actor, command).map(|done| done.output)
    }

    fn delivery(&mut self, told: &Told) -> Delivery {
        let count = self.versions.len();
        let known = told.corrects.filter(|_| count > 0).map(|which| which.index(count));
        let number = known.unwrap_or_else(|| {
            self.versions.push(0);
            count
        });
        self.versions[number] += 1;
        Delivery {
            source: "qa".to_owned(),
            key: number.to_string(),
            version: self.versions[number],
            kind: if told.survey { "survey" } else { "evaluation" }.to_owned(),
            agent: PersonRef::UserName(PEOPLE[told.person].to_owned()),
            occurred_at: self.now() - TimeDelta::hours(told.hours_ago),
            channel: None,
            case: told.case.map(|case| format!("case {case}")),
            measures: BTreeMap::from([("csat".to_owned(), Decimal4::from_whole(told.csat))]),
            attributes: BTreeMap::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Deliver(all) => {
                let deliveries: Vec<Delivery> = all.iter().map(|told| self.delivery(told)).collect();
                for outcome in self.run(Ingest { deliveries }).unwrap() {
                    assert_ne!(outcome.status, Status::Rejected, "{:?}", outcome.problem);
                    self.told.push(format!("{:?} {:?}", outcome.status, outcome.version));
                }
            }
            Step::Void(which) => {
                // Before anything was delivered, a key is voided for good.
                let key = which.index(self.versions.len().max(1)).to_string();
                self.run(Void { source: "qa".to_owned(), key }).unwrap();
            }
            Step::Join(person, team, hours_ago) => {
                let person = self.app.person_id(PEOPLE[*person]);
                let from = self.now() - TimeDelta::hours(*hours_ago);
                // What overlaps another stay is refused, and changes nothing.
                let joined = self.run(AddMembership { person, team: (*team).to_owned(), from, until: None }).map(drop);
                self.tell(&joined);
            }
            Step::Thank(sender, to, points) => self.thank(PEOPLE[*sender], PEOPLE[*to], *points),
            Step::TakeBack(which) if !self.thanks.is_empty() => {
                let kudos = self.thanks[which.index(self.thanks.len())];
                self.run(RetractKudos { kudos }).unwrap();
            }
            Step::TakeBack(_) => {}
            Step::Absent(person, ago, days) => {
                self.absences += 1;
                let first = self.now().date_naive() - Days::new(*ago);
                let days = DaySpan { first, until: first + Days::new(*days) };
                let absence = AbsenceId(uuid::Uuid::from_u128(self.absences));
                // Days of a closed season are refused.
                let put = self.run(PutAbsence { person: self.app.person_id(PEOPLE[*person]), absence, days }).map(drop);
                self.tell(&put);
            }
            Step::Version(draft, days) => {
                let programme = "town".to_owned();
                self.drafted += 1;
                self.run(DraftVersion { programme: programme.clone(), document: draft.document() }).unwrap();
                let effective_from = self.now().date_naive() + Days::new(*days + 1);
                self.run(ActivateVersion { programme, version: self.drafted, effective_from }).unwrap();
            }
            Step::Time(time) => self.app.clock.advance(*time),
        }
        while self.run(Tick).unwrap().more {}
    }

    /// One thanks another, if the allowance has as much.
    fn thank(&mut self, sender: &str, to: &str, points: i64) {
        let thanks = SendKudos {
            to: vec![PersonRef::UserName(to.to_owned()).into()],
            message: "thanks".to_owned(),
            value: None,
            points: Points(points),
            visibility: Visibility::Public,
        };
        let sent = self.run_as(Actor::Person(self.app.person_id(sender)), thanks);
        self.thanks.extend(sent.iter().map(|sent| sent.kudos.kudos_id().unwrap()));
        self.tell(&sent.map(|sent| (sent.charged, sent.left)));
    }

    fn tell(&mut self, outcome: &Result<impl std::fmt::Debug, Failure>) {
        self.told.push(match outcome {
            Err(Failure::Refused(problem)) => format!("refused: {:?}", problem.code),
            other => format!("{other:?}"),
        });
    }

    /// What verify finds: live awards, kept states and the sums of teams are those of whole folds.
    fn check(&self) -> TestCaseResult {
        let mut db = self.app.database.url.connect().unwrap();
        let report = applaus::verify::verify(&mut db).unwrap();
        prop_assert!(report.is_clean(), "{report}");
        Ok(())
    }

    /// From nothing but evidence the same awards come about.
    fn check_rebuilt(&self) -> TestCaseResult {
        let mut db = self.app.database.url.connect().unwrap();
        let before = awards::all(&mut db).unwrap();
        let rebuilt = self.run(Rebuild).unwrap();
        prop_assert_eq!((rebuilt.balances, rebuilt.awards, rebuilt.appended), (0, 0, 0));
        prop_assert_eq!(awards::all(&mut db).unwrap(), before);
        Ok(())
    }
}

fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.div_ceil(12), max_shrink_iters: 200, ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn all_stays_as_a_whole_fold_has_it(first in draft(), steps in vec(step(), 3..14)) {
        let mut town = Town::new(&first);
        for (number, step) in steps.iter().enumerate() {
            town.take(step);
            if (number + 1).is_multiple_of(3)
                && let Err(found) = town.check()
            {
                prop_assert!(false, "after step {number}, {step:?}: {found}");
            }
        }
        town.check()?;
        town.check_rebuilt()?;
    }
}
