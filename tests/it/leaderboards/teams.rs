//! Teams: boards of them follow memberships when things happened, boards of persons can be narrowed to one.

use applaus::writer::Actor;
use applaus::writer::organization::Expected;
use applaus::writer::person::{ChangePerson, PersonChanges};
use serde_json::{Value, json};

use super::*;

fn deactivate(app: &TestApp, user_name: &str) {
    let changes = PersonChanges { active: Some(false), ..PersonChanges::default() };
    let command = ChangePerson { person: app.person_id(user_name), changes, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

#[test]
fn points_stay_with_the_team_they_were_earned_in() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "south");
    earns(&app, "anna", "2026-11-05T08:00:00Z", 30);
    assert_eq!(lines(&board(&anna, "sum", "")), expected(&[(1, "north", 30.0), (2, "south", 0.0)]));

    app.join("anna", "south", "2026-11-10T00:00:00Z");
    earns(&app, "anna", "2026-11-12T08:00:00Z", 50);
    earns(&app, "anna", "2026-11-09T08:00:00Z", 5);
    let whole = board(&anna, "sum", "");
    assert_eq!(lines(&whole), expected(&[(1, "south", 50.0), (2, "north", 35.0)]));
    assert_eq!(line(&whole.body["me"]), (1, "south".to_owned(), 50.0), "the team at home in now");
    assert_eq!(whole.body["items"][0]["subject"]["name"], "south");
    assert_eq!(line(&anna.get("/leaderboards/service/sum/entries/north").expect(200).body).2, 35.0);
    assert_eq!(line(&anna.get("/leaderboards/service/sum/entries/me").expect(200).body).1, "south");
    anna.get("/leaderboards/service/sum/entries/kitchen").problem(404, "not_found");
    anna.get("/leaderboards/service/sum/entries/support").problem(404, "not_found");

    // Entered late, a move re-routes what was earned since.
    app.join("ben", "north", "2026-11-01T00:00:00+01:00");
    earns(&app, "ben", "2026-11-03T08:00:00Z", 100);
    assert_eq!(lines(&board(&anna, "sum", "")), expected(&[(1, "north", 135.0), (2, "south", 50.0)]));
    assert_eq!(lines(&board(&anna, "own", "")).iter().map(|one| one.2).collect::<Vec<_>>(), [0.0, 0.0]);
}

#[test]
fn a_mean_divides_by_members_day_by_day() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "south");
    app.agent_in("cleo", "south");
    earns(&app, "anna", "2026-11-05T08:00:00Z", 90);
    earns(&app, "ben", "2026-11-05T08:00:00Z", 100);
    let mean = |client: &Client| lines(&board(client, "mean", ""));
    assert_eq!(mean(&anna), expected(&[(1, "north", 90.0), (2, "south", 50.0)]));
    // 18 days so far. From the 10th on cleo counts for north: 18 + 9 member-days there, 18 + 9 in south.
    app.join("cleo", "north", "2026-11-10T00:00:00+01:00");
    assert_eq!(mean(&anna), expected(&[(1, "south", 66.6667), (2, "north", 60.0)]));
    // A day later, 19 days: 19 + 10 and 19 + 9.
    app.clock.set("2026-11-18T23:00:00Z".parse().unwrap());
    assert_eq!(mean(&app.acting_as("anna")), expected(&[(1, "south", 67.8571), (2, "north", 58.9655)]));
}

#[test]
fn whoever_leaves_disappears_and_leaves_their_points_to_the_team() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    earns(&app, "ben", "2026-11-05T08:00:00Z", 40);
    let version = board(&anna, "month", "").body["version"].as_i64();
    assert_eq!(lines(&board(&anna, "month", "")).len(), 2);
    deactivate(&app, "ben");
    let after = board(&anna, "month", "");
    assert_eq!(lines(&after), expected(&[(1, "anna", 0.0)]));
    assert!(after.body["version"].as_i64() > version);
    anna.get("/leaderboards/service/month/entries/ben").problem(404, "not_found");
    assert_eq!(lines(&board(&anna, "sum", "")), expected(&[(1, "north", 40.0)]));
}

#[test]
fn whoever_earned_something_stays_listed_in_another_team() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    app.agent_in("cleo", "north");
    earns(&app, "ben", "2026-11-05T08:00:00Z", 40);
    // A badge is an award too.
    let training = json!({ "source": "lms", "key": "t1", "kind": "training", "agent": "cleo",
                           "occurred_at": "2026-11-05T08:00:00Z" });
    app.hr().post("/signals", &training).expect(200);
    for name in ["ben", "cleo"] {
        app.join(name, "kitchen", "2026-11-17T00:00:00Z");
    }
    let whole = board(&anna, "month", "");
    assert_eq!(sorted(&whole), expected(&[(1, "ben", 40.0), (2, "anna", 0.0), (2, "cleo", 0.0)]));
    assert_eq!(whole.body["items"][0]["team"], json!({ "code": "kitchen", "name": "kitchen" }));
    assert_eq!(lines(&board(&anna, "month", "period=previous")), expected(&[(1, "anna", 0.0)]));
    app.hr().delete("/signals/lms/t1").expect(200);
    assert_eq!(sorted(&board(&anna, "month", "")), expected(&[(1, "ben", 40.0), (2, "anna", 0.0)]));
}

#[test]
fn a_board_narrowed_to_a_team_ranks_its_people_among_themselves() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "south");
    app.agent_in("cleo", "south");
    app.agent_in("dora", "support");
    for (agent, points) in [("anna", 10), ("ben", 90), ("cleo", 20), ("dora", 50)] {
        earns(&app, agent, "2026-11-05T08:00:00Z", points);
    }
    let south = board(&anna, "month", "team=south");
    assert_eq!(lines(&south), expected(&[(1, "ben", 90.0), (2, "cleo", 20.0)]));
    assert_eq!((&south.body["total"], &south.body["me"]), (&json!(2), &Value::Null));
    let paged: Vec<_> = pages(&anna, "month", "team=south", 1).iter().flat_map(lines).collect();
    assert_eq!(paged, lines(&south));
    assert_eq!(board(&anna, "month", "team=support").body["total"], 4, "with the teams below");
    let entry = anna.get("/leaderboards/service/month/entries/cleo?team=south").expect(200);
    assert_eq!(line(&entry.body).0, 2);
    anna.get("/leaderboards/service/month/entries/anna?team=south").problem(404, "not_found");
    app.join("cleo", "north", "2026-11-18T00:00:00Z");
    assert_eq!(lines(&board(&anna, "month", "team=north")), expected(&[(1, "cleo", 20.0), (2, "anna", 10.0)]));
    assert_eq!(lines(&board(&anna, "sum", "team=south")), expected(&[(1, "south", 110.0)]));
}
