//! The demo: it repeats, nothing in it is refused, and its ledger is right.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use applaus::app::AppState;
use applaus::clock::{Clock, ManualClock};
use applaus::config::Config;
use applaus::demo::greeting::greeting;
use applaus::demo::life::{Lived, live};
use applaus::demo::script::Script;
use applaus::demo::{SEED, programme, script};
use applaus::store::awards;
use applaus::store::db::DatabaseUrl;
use applaus::verify::verify;
use applaus::writer::ingest::Status;
use serde_json::{Value, json};

use crate::support::app::{TestApp, test_now};
use crate::support::database::TestDatabase;

/// Enough days for every rule to award, and for each kind of late and corrected evidence.
const DAYS: u32 = 16;

fn kinds(script: &Script) -> BTreeSet<&str> {
    let deliveries = script.days.iter().flat_map(|day| &day.arrivals.deliveries);
    deliveries.map(|delivery| delivery.kind.as_str()).collect()
}

fn loaded(database: &TestDatabase, script: &Script, document: &Value) -> (std::sync::Arc<AppState>, Lived) {
    let clock = ManualClock::at(script.days[0].morning);
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: database.dir.path().to_owned(),
        database: database.url.clone(),
        replica: None,
        seal_key_file: None,
        log: "off".to_owned(),
        readers: 2,
        public_url: "https://applaus.example".to_owned(),
    };
    let state = AppState::open(&config, Clock::Manual(clock.clone())).unwrap();
    let lived = live(&state, &clock, script, document, &AtomicBool::new(false), |_, _| {}).unwrap();
    (state, lived)
}

#[test]
fn the_same_seed_makes_the_same_demo() {
    let once = script(SEED, test_now(), 91).unwrap();
    assert_eq!(once, script(SEED, test_now(), 91).unwrap());
    assert_ne!(once, script(SEED + 1, test_now(), 91).unwrap());
}

#[test]
fn three_months_hold_something_of_everything() {
    let script = script(SEED, test_now(), 91).unwrap();
    let shipped =
        ["complaint", "complaint_recovered", "compliment", "evaluation", "metric", "survey", "training"].into();
    assert_eq!(kinds(&script), shipped);
    let arrivals = || script.days.iter().map(|day| &day.arrivals);
    let signals = arrivals().flat_map(|arrivals| &arrivals.deliveries).filter(|delivery| delivery.version == 1).count();
    assert!((14_000..20_000).contains(&signals), "{signals} signals");
    let corrections =
        arrivals().flat_map(|arrivals| &arrivals.deliveries).filter(|delivery| delivery.version > 1).count();
    let voids = arrivals().map(|arrivals| arrivals.voids.len()).sum::<usize>();
    assert!(corrections > 20 && voids > 3, "{corrections} corrections, {voids} voids");
    let late = script.days.iter().flat_map(|day| {
        day.arrivals
            .deliveries
            .iter()
            .filter(|delivery| delivery.occurred_at < day.morning - chrono::TimeDelta::days(1))
    });
    assert!(late.count() > 200);
    assert_eq!(script.days.iter().flat_map(|day| &day.changes).count(), 6, "three moves, a notice, two who go");
    let names: BTreeSet<&str> = script.people.iter().map(|person| person.user_name.as_str()).collect();
    assert_eq!(names.len(), script.people.len(), "user names are unique");
    assert!(names.iter().all(|name| name.bytes().all(|c| c.is_ascii_lowercase() || c == b'.')), "{names:?}");
}

#[test]
fn nothing_is_refused_every_rule_awards_and_the_ledger_is_right() {
    let script = script(SEED, test_now(), DAYS).unwrap();
    let document = programme().unwrap();
    let database = TestDatabase::new();
    let (_, lived) = loaded(&database, &script, &document);

    let statuses: BTreeSet<Status> = lived.deliveries.keys().copied().collect();
    assert_eq!(statuses, [Status::Accepted, Status::Corrected].into(), "{lived:?}");
    assert!(lived.kudos > 20, "{lived:?}");

    let mut db = database.url.connect().unwrap();
    let report = verify(&mut db).unwrap();
    assert!(report.is_clean() && report.awards > 1_000, "{report}");

    let codes = |list: &str| -> BTreeSet<String> {
        document[list].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    let live = awards::all(&mut db).unwrap();
    let awarding: BTreeSet<String> = live.iter().map(|award| award.rule.clone()).collect();
    assert_eq!(awarding, codes("rules"));
    let codes_of = |codes: &[&str]| -> BTreeSet<String> { codes.iter().map(|code| (*code).to_owned()).collect() };
    let (of_tiers, of_prizes) =
        (codes_of(&["gold-star"]), codes_of(&["agent-of-the-month", "on-the-podium", "team-of-the-month"]));
    let granted: BTreeSet<String> = live.iter().filter_map(|award| award.badge.clone()).collect();
    assert_eq!(&(&granted | &of_tiers) | &of_prizes, codes("badges"));
}

#[test]
fn a_contest_has_been_finalised_and_one_runs() {
    let november = "2026-11-07T12:00:00Z".parse().unwrap();
    let script = script(SEED, november, 12).unwrap();
    let database = TestDatabase::new();
    drop(loaded(&database, &script, &programme().unwrap()));
    let app = TestApp::start_on(database, november);
    let list = app.acting_as("anna.schmidt").get("/contests").expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found: Vec<_> =
        list.body["items"].as_array().unwrap().iter().map(|one| (text(&one["contest"]), text(&one["state"]))).collect();
    let of_each =
        |contest: &str| [(contest.to_owned(), "running".to_owned()), (contest.to_owned(), "finalised".to_owned())];
    assert_eq!(found, [of_each("agent-of-the-month"), of_each("team-of-the-month")].concat());
    // Where somebody hidden competes, only HR sees what others won.
    let done = app.acting_as("maria.sommer").get("/contests/service-excellence/team-of-the-month?period=previous");
    assert_eq!(done.expect(200).body["winners"][0]["badge"], "team-of-the-month");
    let seen = app.acting_as("anna.schmidt").get("/leaderboards/service-excellence/month?limit=200").expect(200);
    assert!(
        !seen.text.contains("paul.becker") && !seen.text.contains("sofia.ricci") && seen.text.contains("\"alias\"")
    );
    app.verify();
}

#[test]
fn rewards_are_asked_for_handed_over_and_wait() {
    let now = "2026-11-18T12:00:00Z".parse().unwrap();
    let script = script(SEED, now, 40).unwrap();
    let database = TestDatabase::new();
    let (state, lived) = loaded(&database, &script, &programme().unwrap());
    drop(state);
    assert!(lived.redemptions > 10 && lived.grants > 1, "{lived:?}");
    let app = TestApp::start_on(database, now);
    let hr = app.acting_as("maria.sommer");
    let items = |path: &str| hr.get(path).expect(200).body["items"].as_array().unwrap().clone();
    let waits: BTreeSet<String> =
        items("/approvals").iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
    assert!(waits.contains("approve_redemption"), "{waits:?}");
    assert!(items("/redemptions?state=fulfilled").len() > 5);
    assert!(items("/redemptions").iter().any(|one| one["due"].is_string()), "a prize was proposed");
    assert_eq!((items("/rewards").len(), items("/budgets").len()), (5, 2));
    for (month, closed) in [("2026-10", true), ("2026-11", false)] {
        let payroll = hr.get(&format!("/payroll/{month}")).expect(200).body;
        assert_eq!(payroll["closed"], closed);
        assert!(!payroll["people"].as_array().unwrap().is_empty(), "{payroll}");
    }
    app.verify();
}

#[test]
fn the_greeting_can_be_pasted_and_followed() {
    let script = script(SEED, test_now(), 3).unwrap();
    let database = TestDatabase::new();
    let (state, lived) = loaded(&database, &script, &programme().unwrap());
    drop(state);
    let app = TestApp::start_on(database, test_now());
    let greeting = greeting(&app.state, &script, &lived, app.address()).unwrap();
    let first = greeting.lines().next().unwrap();
    assert_eq!(first, format!("applaus serves http://{}", app.address()));

    let exported = |name: &str| {
        let line = greeting.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
        line.unwrap_or_else(|| panic!("{name} is not in {greeting}"))
    };
    for role in ["agent", "lead", "hr", "source", "auditor", "admin"] {
        let me = app.with_token(exported(&role.to_uppercase())).get("/people/me").expect(200);
        assert_eq!(me.body["effective_roles"], json!([role]));
    }

    let agent = app.with_token(exported("AGENT"));
    let paths: Vec<&str> = greeting.split("\"$API").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(paths.len(), 2, "{greeting}");
    for path in paths {
        agent.get(path).expect(200);
    }
    assert!(greeting.ends_with("/docs/"));
    app.anonymous().get_root("/docs/").expect(200);

    let boards = agent.get("/leaderboards").expect(200);
    let listed = boards.body["items"].as_array().unwrap();
    assert_eq!(listed.len(), 11);
    // By the third day no team has reached a goal of its own, and measures have few values.
    let empty = ["teams-own", "satisfaction", "quality"];
    for board in listed.iter().filter(|board| !empty.contains(&board["board"].as_str().unwrap())) {
        let path = format!("/leaderboards/service-excellence/{}", board["board"].as_str().unwrap());
        let read = agent.get(&path).expect(200);
        assert!(read.body["items"][0]["score"].as_f64().unwrap() > 0.0, "{path}: {}", read.text);
    }
}

#[test]
fn a_demo_before_six_in_the_morning_ends_yesterday_evening() {
    let before_six = "2026-11-18T04:30:00Z".parse().unwrap();
    let script = script(SEED, before_six, 3).unwrap();
    assert_eq!(script.days.len(), 3);
    assert!(script.days.iter().all(|day| day.morning < day.evening && day.evening <= before_six));
}

#[test]
fn a_directory_with_data_and_a_busy_address_are_refused() {
    let database = TestDatabase::new();
    if let DatabaseUrl::Sqlite(_) = &database.url {
        let directory = database.dir.path().to_str().unwrap();
        let refused = run(&["--listen", "127.0.0.1:0", "--keep", directory]);
        assert!(refused.contains("holds data already"), "{refused}");
    }
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = run(&["--listen", &busy.local_addr().unwrap().to_string()]);
    assert!(refused.contains("choose another address with --listen"), "{refused}");
}

/// What `applaus demo` says on standard error when it does not start.
fn run(arguments: &[&str]) -> String {
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_applaus")).arg("demo").args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}
