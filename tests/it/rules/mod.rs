//! The rules that contact centres write most, each a file beside this one: a programme document, what it says in words,
//! evidence about made-up people, and what that awards as of an instant, worked out by hand.
//!
//! To write such a rule, copy its file. All programmes run on one server, each for a team of its own, and the evidence of
//! each is delivered last first: the order makes no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use applaus::store::{awards, people, teams};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::app::TestApp;

/// A rule's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    document: Value,
    /// What each rule says in both languages, by code.
    sentences: BTreeMap<String, Value>,
    /// Measures that are not shipped.
    #[serde(default)]
    measures: Vec<Value>,
    #[serde(default)]
    holidays: Vec<Value>,
    #[serde(default)]
    absences: Vec<Absence>,
    people: BTreeMap<String, Home>,
    /// Signals without identity; kudos with `from` and `to`. `times` stands for so many alike.
    evidence: Vec<Value>,
    as_of: DateTime<Utc>,
    expected: Vec<Award>,
    /// The tier that each person's standing shows.
    #[serde(default)]
    tiers: BTreeMap<String, Option<String>>,
}

#[derive(Deserialize)]
struct Absence {
    person: String,
    from: NaiveDate,
    until: NaiveDate,
}

/// Where somebody is at home.
#[derive(Deserialize)]
#[serde(untagged)]
enum Home {
    Team(String),
    Moves(Vec<Move>),
}

#[derive(Deserialize)]
struct Move {
    team: String,
    from: String,
}

/// What a rule granted to whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
struct Award {
    rule: String,
    to: String,
    points: i64,
    badge: Option<String>,
    at: DateTime<Utc>,
}

impl Case {
    fn code(&self) -> &str {
        self.document["code"].as_str().unwrap()
    }

    /// A person of this file: others have an anna too.
    fn person(&self, name: &str) -> String {
        format!("{name}.{}", self.code())
    }

    /// The bodies of its signals, each with an identity.
    fn signals(&self) -> Vec<Value> {
        let signals = self.evidence.iter().filter(|one| one["kind"] != "kudos").enumerate();
        let each = |(index, one): (usize, &Value)| {
            let mut body = one.clone();
            body["source"] = json!(self.code());
            body["agent"] = json!(self.person(one["agent"].as_str().unwrap()));
            let times = body.as_object_mut().unwrap().remove("times").and_then(|times| times.as_u64()).unwrap_or(1);
            let numbered = (1..=times).map(move |n| {
                let mut body = body.clone();
                body["key"] = json!(format!("{index}-{n}"));
                body
            });
            numbered.collect::<Vec<_>>()
        };
        signals.flat_map(each).collect()
    }

    fn expected(&self) -> Vec<Award> {
        let mut expected = self.expected.clone();
        expected.sort();
        expected
    }
}

/// All files, by the instants that they speak of.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rules");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = |path: std::path::PathBuf| -> Case {
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(path.file_stem().unwrap(), case.code(), "a file is named after its programme");
        case
    };
    let mut cases: Vec<Case> = files.map(read).collect();
    cases.sort_by_key(|case| (case.as_of, case.code().to_owned()));
    cases
}

/// Measures, holidays, teams, people, and every programme in force.
fn set_up(app: &TestApp, cases: &[Case]) {
    let hr = app.hr();
    for measure in cases.iter().flat_map(|case| &case.measures) {
        hr.post("/measures", measure).expect(201);
    }
    let holidays: Vec<&Value> = cases.iter().flat_map(|case| &case.holidays).collect();
    let organization = hr.get("/organization").expect(200);
    let tag = organization.header("etag").unwrap().to_owned();
    hr.with("if-match", &tag).patch("/organization", &json!({ "holidays": holidays })).expect(200);
    for case in cases {
        move_in(app, case);
        hr.post("/programmes", &case.document).expect(201);
        let version = format!("/programmes/{}/versions/1", case.code());
        assert_eq!(hr.get(&version).expect(200).body["document"], case.document);
        hr.post(&format!("{version}/activate"), &json!({ "effective_from": "2026-01-01" })).expect(200);
    }
}

fn move_in(app: &TestApp, case: &Case) {
    let mut known = BTreeSet::new();
    let mut join = |name: &str, team: &str, from: &str| {
        if known.insert(team.to_owned()) {
            app.team(team, None);
        }
        app.join(&case.person(name), team, from);
    };
    for (name, home) in &case.people {
        match home {
            Home::Team(team) => join(name, team, "2010-01-01T00:00:00Z"),
            Home::Moves(moves) => moves.iter().for_each(|one| join(name, &one.team, &one.from)),
        }
    }
    for (n, absence) in case.absences.iter().enumerate() {
        let path = format!("/people/{}/absences/0198f0a0-0000-7000-8000-{n:012}", case.person(&absence.person));
        app.hr().put(&path, &json!({ "from": absence.from, "until": absence.until })).expect(201);
    }
}

/// Delivers the evidence as soon as all of it has happened, and lets time pass until the case's instant.
fn deliver(app: &TestApp, case: &Case) {
    for kudos in case.evidence.iter().filter(|one| one["kind"] == "kudos") {
        let at = kudos["occurred_at"].as_str().unwrap().parse().unwrap();
        assert!(app.state.clock.now() <= at, "thanks are given on the day, and {at} has passed");
        app.clock.set(at);
        let to: Vec<String> =
            kudos["to"].as_array().unwrap().iter().map(|name| case.person(name.as_str().unwrap())).collect();
        let sender = app.acting_as(&case.person(kudos["from"].as_str().unwrap()));
        sender.post("/kudos", &json!({ "to": to, "message": "Thank you" })).expect(201);
    }
    let happened =
        case.evidence.iter().map(|one| one["occurred_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap());
    app.clock.set(happened.chain([app.state.clock.now()]).max().unwrap());
    let signals: Vec<String> = case.signals().iter().rev().map(Value::to_string).collect();
    if !signals.is_empty() {
        let answer = app.hr().send("POST", "/signals", "application/x-ndjson", &signals.join("\n")).expect(200);
        assert_eq!(answer.body["counts"], json!({ "accepted": signals.len() }), "{}: {}", case.code(), answer.text);
    }
    app.clock.set(case.as_of);
    app.tick();
}

/// The live awards of the case's programme.
fn awarded(app: &TestApp, case: &Case) -> Vec<Award> {
    let (rows, people, teams) =
        app.state.read_here(|db| Ok((awards::all(db)?, people::all(db)?, teams::all(db)?))).unwrap();
    let own = format!(".{}", case.code());
    let people = people.into_iter().map(|row| (row.id, row.user_name.trim_end_matches(own.as_str()).to_owned()));
    let names: BTreeMap<String, String> = people.chain(teams.into_iter().map(|row| (row.id, row.code))).collect();
    let rows = rows.into_iter().filter(|row| row.programme == case.code());
    let award = |row: awards::AwardRow| Award {
        rule: row.rule,
        to: names[&row.subject].clone(),
        points: row.points,
        badge: row.badge,
        at: row.at.and_utc(),
    };
    let mut all: Vec<Award> = rows.map(award).collect();
    all.sort();
    all
}

/// What each rule says, from a document without a mistake or a slip.
fn sentences(app: &TestApp, case: &Case) -> BTreeMap<String, Value> {
    let checked = app.hr().post("/programmes/validate", &case.document).expect(200).body;
    assert_eq!((&checked["errors"], &checked["warnings"]), (&json!([]), &json!([])), "{}", case.code());
    let rules = checked["rules"].as_array().unwrap();
    rules.iter().map(|rule| (rule["code"].as_str().unwrap().to_owned(), rule["sentence"].clone())).collect()
}

/// Badges held and tiers reached, as people see them.
fn check_standings(app: &TestApp, case: &Case) {
    for name in case.people.keys() {
        let person = case.person(name);
        let badges = app.hr().get(&format!("/people/{person}/badges")).expect(200).body;
        let held: BTreeSet<&str> =
            badges["items"].as_array().unwrap().iter().map(|badge| badge["badge"].as_str().unwrap()).collect();
        let expected = case.expected.iter().filter(|award| award.to == *name);
        assert_eq!(held, expected.filter_map(|award| award.badge.as_deref()).collect(), "{person}");
        if let Some(tier) = case.tiers.get(name) {
            let standing = app.hr().get(&format!("/people/{person}/standing")).expect(200).body;
            assert_eq!(standing["programmes"][0]["tier"], json!(tier), "{person}");
        }
    }
}

#[test]
fn each_rule_says_and_awards_what_its_file_says() {
    let cases = cases();
    assert!(cases.len() >= 22);
    let app = TestApp::start_at("2026-11-19T12:00:00Z".parse().unwrap());
    set_up(&app, &cases);
    let mut wrong = Vec::new();
    for case in &cases {
        deliver(&app, case);
        let (awarded, expected) = (awarded(&app, case), case.expected());
        if awarded != expected {
            wrong.push(format!("{} awarded {awarded:#?}\nexpected {expected:#?}", case.code()));
            continue;
        }
        check_standings(&app, case);
        let said = sentences(&app, case);
        if said != case.sentences {
            wrong.push(format!("{} says {}", case.code(), serde_json::to_string(&said).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.verify();
}
