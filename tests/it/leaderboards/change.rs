//! By how many ranks somebody has risen since the local midnight (SEMANTICS S46).

use std::collections::{BTreeMap, BTreeSet};

use applaus::domain::period::Zone;
use applaus::store::awards;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

/// Name and change of each item, by name.
fn changes(client: &Client, code: &str, query: &str) -> BTreeMap<String, Option<i64>> {
    let answer = board(client, code, query);
    let items = answer.body["items"].as_array().unwrap().iter();
    items.map(|item| (line(item).1, item["change"].as_i64())).collect()
}

fn all_of(changes: &[(&str, Option<i64>)]) -> BTreeMap<String, Option<i64>> {
    changes.iter().map(|(name, change)| ((*name).to_owned(), *change)).collect()
}

fn time_is(app: &TestApp, at: &str) {
    app.clock.set(at.parse().unwrap());
    app.tick();
}

/// Anna has 30, Ben 20, Cleo 20 and Dora 0, since yesterday.
fn four() -> TestApp {
    let app = server();
    for (agent, points) in [("anna", 30), ("ben", 20), ("cleo", 20), ("dora", 0)] {
        app.agent_in(agent, "north");
        if points > 0 {
            earns(&app, agent, "2026-11-18T09:00:00Z", points);
        }
    }
    time_is(&app, "2026-11-19T08:00:00Z");
    app
}

fn choose(app: &TestApp, agent: &str, visibility: &str) {
    let chosen = json!({ "visibility": visibility });
    app.acting_as(agent).put("/people/me/visibility/service", &chosen).expect(200);
}

#[test]
fn nobody_has_risen_on_the_first_day() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    earns(&app, "anna", "2026-11-18T09:00:00Z", 30);
    assert_eq!(changes(&anna, "season", ""), all_of(&[("anna", None)]), "the programme was put in force today");
    time_is(&app, "2026-11-30T22:00:00Z");
    let anna = app.acting_as("anna");
    assert_eq!(changes(&anna, "month", ""), all_of(&[("anna", Some(0))]));
    time_is(&app, "2026-12-01T00:00:00Z");
    assert_eq!(changes(&anna, "month", ""), all_of(&[("anna", None)]), "the month began today");
    assert_eq!(changes(&anna, "season", ""), all_of(&[("anna", Some(0))]));
    time_is(&app, "2026-12-02T00:00:00Z");
    let anna = app.acting_as("anna");
    assert_eq!(changes(&anna, "month", ""), all_of(&[("anna", Some(0))]));
    for short in ["week", "day", "rolling"] {
        assert_eq!(changes(&anna, short, ""), all_of(&[("anna", None)]), "{short}");
    }
}

#[test]
fn who_overtakes_rises_and_who_is_overtaken_falls() {
    let app = four();
    let anna = app.acting_as("anna");
    let none = all_of(&[("anna", Some(0)), ("ben", Some(0)), ("cleo", Some(0)), ("dora", Some(0))]);
    assert_eq!(changes(&anna, "season", ""), none);
    earns(&app, "dora", "2026-11-19T07:00:00Z", 20);
    // Ben and Cleo shared the second rank, and share it with Dora now.
    let tied = all_of(&[("anna", Some(0)), ("ben", Some(0)), ("cleo", Some(0)), ("dora", Some(2))]);
    assert_eq!(changes(&anna, "season", ""), tied);
    earns(&app, "cleo", "2026-11-19T07:00:00Z", 15);
    let moved = all_of(&[("anna", Some(-1)), ("ben", Some(-1)), ("cleo", Some(1)), ("dora", Some(1))]);
    for code in ["season", "month", "ever"] {
        assert_eq!(changes(&anna, code, ""), moved, "{code}");
    }
    assert_eq!(board(&anna, "season", "").body["me"]["change"], -1);
    assert_eq!(anna.get("/leaderboards/service/season/entries/cleo").expect(200).body["change"], 1);

    time_is(&app, "2026-11-19T22:59:59Z");
    let anna = app.acting_as("anna");
    assert_eq!(changes(&anna, "season", ""), moved);
    let before = board(&anna, "season", "");
    time_is(&app, "2026-11-19T23:00:00Z");
    assert_eq!(changes(&anna, "season", ""), none, "a new day, though nothing was written");
    assert_ne!(board(&anna, "season", "").header("etag"), before.header("etag"));
}

#[test]
fn evidence_of_an_earlier_day_moves_today() {
    let app = four();
    let anna = app.acting_as("anna");
    let hr = app.hr();
    hr.post("/signals", &evaluation("late", 1, "dora", "2026-10-05T09:00:00Z", 25)).expect(200);
    let risen = all_of(&[("anna", Some(0)), ("ben", Some(-1)), ("cleo", Some(-1)), ("dora", Some(2))]);
    assert_eq!(changes(&anna, "season", ""), risen);
    hr.post("/signals", &evaluation("late", 2, "dora", "2026-10-05T09:00:00Z", 40)).expect(200);
    assert_eq!(changes(&anna, "season", "")["dora"], Some(3));
    time_is(&app, "2026-11-20T08:00:00Z");
    app.hr().post("/signals", &evaluation("late", 3, "dora", "2026-10-05T09:00:00Z", 5)).expect(200);
    assert_eq!(changes(&app.acting_as("anna"), "season", "")["dora"], Some(-3), "corrected today");
}

#[test]
fn newcomers_have_not_moved_and_move_nobody() {
    let app = four();
    let anna = app.acting_as("anna");
    app.agent_in("emil", "north");
    earns(&app, "emil", "2026-11-19T07:00:00Z", 25);
    // He is above Ben and Cleo, who therefore fell; where he stood nobody knows.
    let emil = [("anna", Some(0)), ("ben", Some(-1)), ("cleo", Some(-1)), ("dora", Some(-1)), ("emil", None)];
    assert_eq!(changes(&anna, "season", ""), all_of(&emil));
    assert_eq!(board(&app.acting_as("emil"), "season", "").body["me"]["change"], Value::Null);
    app.agent_in("fred", "kitchen");
    app.join("fred", "south", "2026-11-19T08:00:00Z");
    assert_eq!(changes(&anna, "season", "")["fred"], None);
    time_is(&app, "2026-11-20T08:00:00Z");
    let changes = changes(&app.acting_as("anna"), "season", "");
    assert_eq!((changes["emil"], changes["fred"]), (Some(0), Some(0)));
}

#[test]
fn the_hidden_show_through_nobodys_change() {
    let app = four();
    let anna = app.acting_as("anna");
    earns(&app, "dora", "2026-11-19T07:00:00Z", 40);
    assert_eq!(changes(&anna, "season", "")["anna"], Some(-1));
    choose(&app, "dora", "hidden");
    let rest = all_of(&[("anna", Some(0)), ("ben", Some(0)), ("cleo", Some(0))]);
    assert_eq!(changes(&anna, "season", ""), rest, "as if she had never been there");
    let own = board(&app.acting_as("dora"), "season", "").body["me"].clone();
    assert_eq!((&own["rank"], &own["seen"], &own["change"]), (&json!(1), &json!("hidden"), &json!(3)));
    choose(&app, "dora", "named");
    assert_eq!(changes(&anna, "season", "")["dora"], Some(3));
}

#[test]
fn a_closed_season_tells_no_change() {
    let app = four();
    time_is(&app, "2027-02-01T08:00:00Z");
    let anna = app.acting_as("anna");
    let closed = board(&anna, "season", "period=season:2026-Q4");
    assert_eq!(closed.body["period"]["closed"], true);
    assert!(changes(&anna, "season", "period=season:2026-Q4").values().all(Option::is_none));
    assert_eq!(changes(&anna, "ever", "")["anna"], Some(0), "a board across seasons goes on");
}

const AGENTS: [&str; 5] = ["anna", "ben", "cleo", "dora", "emil"];

#[derive(Debug, Clone)]
enum Step {
    Evaluate { key: u8, agent: usize, hours_ago: i64, points: u32 },
    Void { key: u8 },
    Choose { agent: usize, hidden: bool },
    Join { agent: usize, team: usize },
    Wait { hours: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u8..8, 0_usize..5, 0_i64..400, 0_u32..4).prop_map(|(key, agent, hours_ago, tens)| Step::Evaluate {
            key, agent, hours_ago, points: tens * 10
        }),
        1 => (0_u8..8).prop_map(|key| Step::Void { key }),
        1 => (0_usize..5, any::<bool>()).prop_map(|(agent, hidden)| Step::Choose { agent, hidden }),
        1 => (0_usize..5, 0_usize..2).prop_map(|(agent, team)| Step::Join { agent, team }),
        4 => (1_i64..20).prop_map(|hours| Step::Wait { hours }),
    ]
}

/// What a naive reader remembers of the last moment before the midnight.
#[derive(Default)]
struct Yesterday {
    scores: BTreeMap<String, i64>,
    took_part: BTreeSet<String>,
}

struct Model {
    zone: Zone,
    names: BTreeMap<String, String>,
    in_audience: BTreeSet<String>,
    yesterday: Option<Yesterday>,
    version: u64,
}

impl Model {
    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.zone.local(at).0
    }

    /// Everything as it stands.
    fn look(&self, app: &TestApp) -> Yesterday {
        let awards = app.state.read_here(|db| Ok(awards::all(db)?)).unwrap();
        let (from, until) = [("2026-10-01"), ("2027-01-01")].map(|day| self.zone.start_of(day.parse().unwrap())).into();
        let mut scores = BTreeMap::new();
        for award in awards.into_iter().filter(|award| from <= award.at.and_utc() && award.at.and_utc() < until) {
            *scores.entry(self.names[&award.subject].clone()).or_insert(0) += award.points;
        }
        Yesterday { scores, took_part: self.in_audience.clone() }
    }

    fn perform(&mut self, app: &TestApp, step: &Step) {
        let now = app.state.clock.now();
        self.version += 1;
        match step {
            Step::Evaluate { key, agent, hours_ago, points } => {
                let at = (now - TimeDelta::hours(*hours_ago)).to_rfc3339();
                let signal = evaluation(&format!("k{key}"), self.version, AGENTS[*agent], &at, *points);
                app.hr().post("/signals", &signal).expect(200);
            }
            Step::Void { key } => drop(app.hr().delete(&format!("/signals/qa/k{key}")).expect(200)),
            Step::Choose { agent, hidden } => {
                // Who takes no part is not asked.
                let chosen = json!({ "visibility": if *hidden { "hidden" } else { "named" } });
                app.acting_as(AGENTS[*agent]).put("/people/me/visibility/service", &chosen);
            }
            Step::Join { agent, team } => {
                // A second membership from the same instant is refused, and changes nothing.
                use applaus::writer::membership::AddMembership;
                let (person, team) = (app.person_id(AGENTS[*agent]), ["north", "kitchen"][*team]);
                let command = AddMembership { person, team: team.to_owned(), from: now, until: None };
                if app.state.writer.run_blocking(applaus::writer::Actor::Operator, command).is_ok() {
                    match team {
                        "north" => self.in_audience.insert(AGENTS[*agent].to_owned()),
                        _ => self.in_audience.remove(AGENTS[*agent]),
                    };
                }
            }
            Step::Wait { hours } => {
                let later = now + TimeDelta::hours(*hours);
                if self.day(now) != self.day(later) {
                    self.yesterday = Some(self.look(app));
                }
                app.clock.advance(TimeDelta::hours(*hours));
            }
        }
    }

    /// Ranks then by the scores then of who is listed now, less ranks now.
    fn expected(&self, now: &[(u64, String, f64)]) -> BTreeMap<String, Option<i64>> {
        let Some(yesterday) = &self.yesterday else {
            return now.iter().map(|(_, name, _)| (name.clone(), None)).collect();
        };
        let then = |name: &String| yesterday.scores.get(name).copied().unwrap_or(0);
        let was_there = |name: &String| then(name) != 0 || yesterday.took_part.contains(name);
        let listed: Vec<&String> = now.iter().map(|(_, name, _)| name).filter(|name| was_there(name)).collect();
        let rank = |name: &String| 1 + listed.iter().filter(|other| then(other) > then(name)).count() as i64;
        let change = |now: u64, name: &String| was_there(name).then(|| rank(name) - now as i64);
        now.iter().map(|(now, name, _)| (name.clone(), change(*now, name))).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 24, ..ProptestConfig::default() })]

    #[test]
    fn changes_are_what_a_naive_reader_remembers(
        zone in prop::sample::select(&["Europe/Berlin", "America/St_Johns", "Africa/Cairo", "Pacific/Apia"][..]),
        steps in prop::collection::vec(step(), 20..45),
    ) {
        // Clocks change in Berlin on 25 October, in Cairo at midnight on 30 October, in St. John's on 1 November.
        let app = TestApp::start_at("2026-10-23T05:00:00Z".parse().unwrap());
        ["support", "north", "kitchen"].into_iter().zip([None, Some("support"), None]).for_each(|(team, above)| app.team(team, above));
        let mut document = programme();
        document["time_zone"] = json!(zone);
        app.programme(&document, "2026-07-01");
        AGENTS[..4].iter().for_each(|agent| drop(app.agent_in(agent, "north")));
        app.agent("emil");
        let names = AGENTS.iter().map(|agent| (app.person_id(agent).to_string(), (*agent).to_owned())).collect();
        let in_audience = AGENTS[..4].iter().map(|&agent| agent.to_owned()).collect();
        let zone = Zone::new(zone).unwrap();
        let mut model = Model { zone, names, in_audience, yesterday: None, version: 0 };
        let second = app.another();
        let mut shown = BTreeMap::new();
        for (at, step) in steps.iter().enumerate() {
            model.perform(&app, step);
            // Not after each step, so that several are taken in together.
            if at % 3 != 1 {
                let hr = app.hr();
                let answer = board(&hr, "season", "");
                shown = changes(&hr, "season", "");
                prop_assert_eq!(&shown, &model.expected(&lines(&answer)), "after step {}", at);
                let least = format!("min_version={}", answer.body["version"]);
                prop_assert_eq!(&shown, &changes(&second.hr(), "season", &least), "another instance after step {}", at);
            }
        }
        model.perform(&app, &Step::Wait { hours: 0 });
        let shown_last = changes(&app.hr(), "season", "");
        let (now, database) = (app.state.clock.now(), app.leave());
        let again = TestApp::start_on(database, now);
        prop_assert_eq!(shown_last, changes(&again.hr(), "season", ""), "after a restart; {} listed", shown.len());
    }
}

fn mark(app: &TestApp, day: &str) -> Option<i64> {
    let day = day.parse().unwrap();
    app.state.read_here(|db| Ok(applaus::store::day_marks::of(db, "service", day)?)).unwrap()
}

#[test]
fn a_day_is_marked_once_before_anything_is_written_on_it() {
    let app = server();
    app.agent_in("anna", "north");
    let second = app.another();
    let written = crate::instances::version(&earns(&app, "anna", "2026-11-18T09:00:00Z", 30));
    assert_eq!(mark(&app, "2026-11-18"), None, "the programme was put in force today");
    app.clock.set("2026-11-18T23:00:00Z".parse().unwrap());
    let next = second.state.writer.run_blocking(applaus::writer::Actor::Operator, applaus::writer::due::Tick).unwrap();
    assert_eq!((mark(&app, "2026-11-19"), next.sequence), (Some(written), written), "a mark takes no number");
    let later = crate::instances::version(&earns(&second, "anna", "2026-11-18T09:00:00Z", 1));
    let latest = crate::instances::version(&earns(&app, "anna", "2026-11-18T09:00:00Z", 1));
    assert!(written < later && later < latest);
    assert_eq!(mark(&app, "2026-11-19"), Some(written));

    // Nothing ran over the next midnights: nothing was written either, and what comes first finds the mark made.
    drop(second);
    let again = TestApp::start_on(app.leave(), "2026-11-22T08:00:00Z".parse().unwrap());
    assert_eq!(mark(&again, "2026-11-20"), None);
    earns(&again, "anna", "2026-11-21T09:00:00Z", 1);
    assert_eq!(mark(&again, "2026-11-22"), Some(latest));
    again.clock.set("2027-01-22T08:00:00Z".parse().unwrap());
    again.tick();
    assert_eq!(mark(&again, "2026-11-22"), None, "old marks go");
}
