//! Promise 5: whatever happens, a board shows what the live awards and the memberships say, on every page and in every
//! instance.

use std::collections::BTreeMap;

use applaus::app::AppState;
use applaus::boards::BoardKey;
use applaus::boards::view::{Row, Start};
use applaus::clock::Clock;
use applaus::config::Config;
use applaus::domain::ids::Code;
use applaus::domain::time::Instant;
use applaus::http::leaderboards::reading::followed;
use applaus::http::session::Session;
use applaus::store::memberships::MembershipRow;
use applaus::store::{awards, memberships, people, teams};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

const AGENTS: [&str; 5] = ["anna", "ben", "cleo", "dora", "emil"];
const TEAMS: [&str; 4] = ["north", "south", "support", "kitchen"];

#[derive(Debug, Clone)]
enum Step {
    Evaluate { key: u8, agent: usize, hour: i64, points: u32 },
    Void { key: u8 },
    Join { agent: usize, team: usize, hour: i64 },
    Wait { hours: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    // Hours before now: over the turn of the month, and of the quarter.
    let hour = 0_i64..(60 * 24);
    prop_oneof![
        6 => (0_u8..12, 0_usize..5, hour.clone(), 0_u32..4).prop_map(|(key, agent, hour, tens)| Step::Evaluate {
            key, agent, hour, points: tens * 10
        }),
        1 => (0_u8..12).prop_map(|key| Step::Void { key }),
        2 => (0_usize..5, 0_usize..4, -30_i64..(60 * 24)).prop_map(|(agent, team, hour)| Step::Join { agent, team, hour }),
        1 => (1_i64..30).prop_map(|hours| Step::Wait { hours }),
    ]
}

fn perform(app: &TestApp, step: &Step, version: u64) {
    let now = app.state.clock.now();
    let at = |hour: &i64| (now - TimeDelta::hours(*hour)).to_rfc3339();
    match step {
        Step::Evaluate { key, agent, hour, points } => {
            let signal = evaluation(&format!("k{key}"), version, AGENTS[*agent], &at(hour), *points);
            app.hr().post("/signals", &signal).expect(200);
        }
        Step::Void { key } => drop(app.hr().delete(&format!("/signals/qa/k{key}")).expect(200)),
        Step::Join { agent, team, hour } => {
            use applaus::writer::membership::AddMembership;
            let from = now - TimeDelta::hours(*hour);
            let person = app.person_id(AGENTS[*agent]);
            let command = AddMembership { person, team: TEAMS[*team].to_owned(), from, until: None };
            // One that overlaps a later one is refused, and changes nothing.
            drop(app.state.writer.run_blocking(applaus::writer::Actor::Operator, command));
        }
        Step::Wait { hours } => app.clock.advance(TimeDelta::hours(*hours)),
    }
}

/// What is kept, as plain lists.
struct Kept {
    /// Subject, instant and points.
    awards: Vec<(String, Instant, i64)>,
    memberships: Vec<MembershipRow>,
    /// Codes by id.
    teams: BTreeMap<String, String>,
    /// User names by id.
    people: BTreeMap<String, String>,
    now: DateTime<Utc>,
}

/// A list: rank, name and score.
type List = Vec<(u64, String, f64)>;

impl Kept {
    fn read(app: &TestApp) -> Self {
        let read = app.state.read_here(|db| {
            let awards = awards::all(db)?.into_iter().map(|row| (row.subject, row.at.and_utc(), row.points)).collect();
            let people: BTreeMap<String, String> = people::all(db)?
                .into_iter()
                .filter(|row| AGENTS.contains(&row.user_name.as_str()))
                .map(|row| (row.id, row.user_name))
                .collect();
            let memberships = memberships::of_people(db, &people.keys().cloned().collect::<Vec<_>>())?;
            let teams = teams::all(db)?.into_iter().map(|row| (row.id, row.code)).collect();
            Ok(Self { awards, memberships, teams, people, now: app.state.clock.now() })
        });
        read.unwrap()
    }

    fn home(&self, person: &str, at: Instant) -> Option<&str> {
        let there = |row: &&MembershipRow| row.person == person && row.interval().contains(at);
        self.memberships.iter().find(there).map(|row| self.teams[&row.team].as_str())
    }

    fn within<'a>(&'a self, from: &'a str, until: &'a str) -> impl Iterator<Item = &'a (String, Instant, i64)> {
        let [from, until]: [Instant; 2] = [from, until].map(|text| text.parse().unwrap());
        self.awards.iter().filter(move |(_, at, _)| from <= *at && *at < until)
    }

    fn persons(&self, from: &str, until: &str) -> List {
        let mut scores = BTreeMap::new();
        for (id, name) in &self.people {
            if self.home(id, self.now).is_some_and(|team| team != "kitchen") {
                scores.insert(name.clone(), 0);
            }
        }
        for (subject, _, points) in self.within(from, until) {
            *scores.entry(self.people[subject].clone()).or_insert(0) += points;
        }
        ranked(scores.into_iter().map(|(name, score)| (name, score as f64)).collect())
    }

    /// Sums and means of the November of Berlin, day by day.
    fn teams(&self, combine: &str) -> List {
        let midnight = |day: NaiveDate| -> Instant { format!("{day}T00:00:00+01:00").parse().unwrap() };
        let first: NaiveDate = "2026-11-01".parse().unwrap();
        let today = (self.now + TimeDelta::hours(1)).date_naive();
        let days: Vec<NaiveDate> = first.iter_days().take(30).take_while(|day| *day <= today).collect();
        let mut scores = Vec::new();
        for (id, code) in self.teams.iter().filter(|(_, code)| *code != "kitchen") {
            let member_days = days
                .iter()
                .map(|day| {
                    let (start, end) = (midnight(*day), midnight(day.succ_opt().unwrap()));
                    let on_day = |row: &&MembershipRow| {
                        row.team == *id
                            && row.from_at < end.naive_utc()
                            && row.until_at.is_none_or(|until| until > start.naive_utc())
                    };
                    let members = self.memberships.iter().filter(on_day).map(|row| &row.person);
                    members.collect::<std::collections::BTreeSet<_>>().len()
                })
                .sum::<usize>();
            if member_days == 0 {
                continue;
            }
            let earned = self.within("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z");
            let theirs = earned.filter(|(subject, at, _)| self.home(subject, *at) == Some(code));
            let sum: i64 = theirs.map(|(_, _, points)| points).sum();
            let mean = sum as f64 * days.len() as f64 / member_days as f64;
            scores
                .push((code.clone(), if combine == "sum" { sum as f64 } else { (mean * 10_000.0).round() / 10_000.0 }));
        }
        ranked(scores)
    }
}

fn ranked(scores: Vec<(String, f64)>) -> List {
    let rank = |score: f64| 1 + scores.iter().filter(|(_, other)| *other > score).count() as u64;
    let mut list: List = scores.iter().map(|(name, score)| (rank(*score), name.clone(), *score)).collect();
    list.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    list
}

/// The order in which another instance, started just now, lists a board.
fn elsewhere(app: &TestApp, code: &str) -> Vec<String> {
    let config = Config {
        listen: app.address(),
        data_dir: app.database.dir.path().to_owned(),
        database: app.database.url.clone(),
        replica: None,
        seal_key_file: None,
        log: "off".to_owned(),
        readers: 1,
        public_url: "https://applaus.example".to_owned(),
    };
    let other = AppState::open(&config, Clock::Manual(app.clock.clone())).unwrap();
    let newest = other.catalogue().programmes["service"].newest().unwrap().clone();
    let per = newest.boards.iter().find(|board| board.code.as_str() == code).unwrap().period;
    let period = newest.calendar.period_of(per, newest.calendar.zone.local(app.state.clock.now()).0).unwrap();
    let [programme, board] = ["service", code].map(|code| Code::new(code).unwrap());
    let key = BoardKey { programme, board, period, team: None };
    let session = Session::from(other);
    let slot = actix_web::rt::System::new().block_on(followed(&session, key, 0)).unwrap();
    let ids = session.boards.look(&slot, |board, directory| {
        let rows = board.now().page(Start::Top, 1_000);
        let id = |row: &Row| board.subject_of(directory, row.contender.number).unwrap().to_string();
        rows.iter().map(id).collect()
    });
    ids.unwrap()
}

fn ids(answers: &[Answer]) -> Vec<String> {
    let items = answers.iter().flat_map(|answer| answer.body["items"].as_array().unwrap());
    items.map(|item| item["subject"]["id"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn boards_say_what_the_awards_say(steps in prop::collection::vec(step(), 8..20)) {
        let app = server();
        for (agent, team) in AGENTS.iter().zip(["north", "north", "south", "kitchen", "support"]) {
            app.agent_in(agent, team);
        }
        for (version, step) in steps.iter().enumerate() {
            perform(&app, step, version as u64 + 1);
            let (hr, kept) = (app.hr(), Kept::read(&app));
            for (code, query, from, until) in [
                ("month", "period=2026-11", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"),
                ("month", "period=2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
                ("season", "period=season:2026-Q4", "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z"),
                ("ever", "", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
            ] {
                let answer = board(&hr, code, query);
                prop_assert_eq!(sorted(&answer), kept.persons(from, until), "{} {} after {:?}", code, query, step);
                prop_assert_eq!(ids(&pages(&hr, code, query, 2)), ids(&[answer]));
            }
            for combine in ["sum", "mean"] {
                let answer = board(&hr, combine, "period=2026-11");
                prop_assert_eq!(sorted(&answer), kept.teams(combine), "{} after {:?}", combine, step);
            }
        }
        for code in ["season", "month", "sum", "mean"] {
            prop_assert_eq!(elsewhere(&app, code), ids(&[board(&app.hr(), code, "")]), "{}", code);
        }
    }
}
