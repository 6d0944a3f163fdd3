//! What people choose to show, on every way to a board.

use super::*;

fn choose(app: &TestApp, who: &str, visibility: &str) {
    let path = "/people/me/visibility/service";
    app.acting_as(who).put(path, &json!({ "visibility": visibility })).expect(200);
}

/// Anna, ben and cleo of the north with 30, 20 and 10 points.
fn three() -> TestApp {
    let app = server();
    for (who, points) in [("anna", 30), ("ben", 20), ("cleo", 10)] {
        app.agent_in(who, "north");
        let one = evaluation(&format!("{who}-1"), 1, who, &app.state.clock.now().to_rfc3339(), points);
        app.hr().post("/signals", &one).expect(200);
    }
    app
}

#[test]
fn one_finds_oneself_by_any_name() {
    let app = three();
    choose(&app, "ben", "hidden");
    let ben = app.acting_as("ben");
    for who in ["me", "ben", &app.person_id("ben").to_string()] {
        let around = ben.get(&format!("/leaderboards/service/month?around={who}")).expect(200);
        assert_eq!(around.body["me"]["rank"], 2, "{who}");
        assert_eq!(around.body["items"].as_array().unwrap().len(), 2, "{who}");
        assert_eq!(ben.get(&format!("/leaderboards/service/month/entries/{who}")).expect(200).body["seen"], "hidden");
    }
    let anna = app.acting_as("anna");
    anna.get("/leaderboards/service/month?around=ben").problem(404, "not_found");
    anna.get("/leaderboards/service/month/entries/ben").problem(404, "not_found");
}

#[test]
fn no_older_list_has_a_gap_where_somebody_is_hidden_since() {
    let app = three();
    let anna = app.acting_as("anna");
    let first = anna.get("/leaderboards/service/month?limit=1").expect(200);
    let next = format!("/leaderboards/service/month?limit=1&after={}", first.body["next"].as_str().unwrap());
    assert_eq!(anna.get(&next).expect(200).body["items"][0]["subject"]["user_name"], "ben");
    choose(&app, "ben", "hidden");
    anna.get(&next).problem(410, "cursor_expired");
    let list = anna.get("/leaderboards/service/month").expect(200);
    assert_eq!((&list.body["total"], &list.body["items"][1]["rank"]), (&json!(2), &json!(2)));
}

#[test]
fn too_small_a_group_is_not_ranked_among_itself_on_any_way() {
    let app = three();
    app.hr().with("If-Match", "*").patch("/organization", &json!({ "smallest_group": 4 })).expect(200);
    let anna = app.acting_as("anna");
    for path in ["", "/entries/me", "/entries/ben"] {
        anna.get(&format!("/leaderboards/service/month{path}?team=north")).problem(422, "group_too_small");
    }
    anna.get("/leaderboards/service/month").expect(200);
}

#[test]
fn rolling_days_that_have_not_come_are_not_there() {
    let app = three();
    let anna = app.acting_as("anna");
    let tomorrow = app.state.clock.now().date_naive() + chrono::Days::new(2);
    anna.get(&format!("/leaderboards/service/rolling?period=days:30@{tomorrow}")).problem(404, "not_found");
    anna.get("/leaderboards/service/rolling").expect(200);
}

#[test]
fn a_teams_measure_is_that_of_its_members_who_are_shown() {
    let app = three();
    let mut measured = programme();
    measured["code"] = json!("measured");
    measured["boards"] = json!([{ "code": "teams", "name": name("Teams"), "rank": { "measure": "quality" },
                                  "subject": "team", "period": "month" }]);
    app.programme(&measured, "2026-07-01");
    let samples = |app: &TestApp| {
        let board = app.acting_as("anna").get("/leaderboards/measured/teams").expect(200);
        (board.body["items"][0]["samples"].clone(), board.body["items"][0]["value"].clone())
    };
    assert_eq!(samples(&app), (json!(3), json!(20.0)));
    app.acting_as("ben").put("/people/me/visibility/measured", &json!({ "visibility": "hidden" })).expect(200);
    assert_eq!(samples(&app), (json!(2), json!(20.0)), "of anna and cleo");
}
