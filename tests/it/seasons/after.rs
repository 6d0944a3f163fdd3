//! After the close: the same fold goes on, and what it moves are adjustments.

use super::*;

/// SEMANTICS S34.
#[test]
fn later_evidence_moves_the_wallet_alone() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 40);
    evaluate(&app, "b1", 1, "ben", "2026-11-02T09:00:00Z", 70);
    time_is(&app, NOVEMBER_CLOSES);
    let statement = season(&app.hr(), "2026-11");
    let (anna_badges, ben_badges) = (badges(&app, "anna"), badges(&app, "ben"));

    evaluate(&app, "a2", 1, "anna", "2026-11-28T09:00:00Z", 60);
    evaluate(&app, "b1", 2, "ben", "2026-11-02T09:00:00Z", 10);
    app.hr().post("/signals", &signal("training", "t1", 1, "anna", "2026-11-28T09:00:00Z", 1)).expect(200);
    app.tick();
    assert_eq!((wallet(&app, "anna"), wallet(&app, "ben")), (100, 10));
    assert_eq!(season(&app.hr(), "2026-11").text, statement.text);
    assert_eq!((badges(&app, "anna"), badges(&app, "ben")), (anna_badges, ben_badges));
    let adjustments = app.hr().get("/programmes/service/seasons/2026-11/adjustments").expect(200);
    let moved: Vec<_> = adjustments.body["items"].as_array().unwrap().iter().collect();
    let shown: Vec<_> =
        moved.iter().map(|line| (line["kind"].as_str().unwrap(), line["amount"].as_i64().unwrap())).collect();
    assert_eq!(shown, [("award", 60), ("award", 500), ("reversal", 70), ("award", 10)]);
    let position = statement.body["position"].as_i64().unwrap();
    assert!(moved.iter().all(|line| line["sequence"].as_i64().unwrap() > position && line["season"] == "2026-11"));
    let why = app.hr().get(&format!("/transfers/{}/explanation", moved[0]["id"].as_str().unwrap())).expect(200);
    let last = why.body["sentences"]["en"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned();
    assert_eq!(last, "The season was closed before: this moves the wallet and no board, tier or badge.");
    // A holiday may not reach into it.
    let organization = app.hr().get("/organization").expect(200);
    let tag = organization.header("etag").unwrap();
    let holiday = json!({ "holidays": [{ "date": "2026-11-03", "name": { "en": "Day", "de": "Tag" } }] });
    app.hr().with("if-match", tag).patch("/organization", &holiday).problem(422, "season_closed");
    // December begins with nothing of it.
    let standing = app.hr().get("/people/anna/standing").expect(200);
    assert_eq!(
        (&standing.body["programmes"][0]["season"], &standing.body["programmes"][0]["points"]),
        (&json!("2026-12"), &json!(0))
    );
    app.verify();
}

/// SEMANTICS S11.
#[test]
fn a_tier_follows_the_evidence_before_the_close_and_stays_after_it() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 60);
    evaluate(&app, "b1", 1, "ben", "2026-11-02T09:00:00Z", 60);
    evaluate(&app, "a1", 2, "anna", "2026-11-02T09:00:00Z", 40);
    time_is(&app, NOVEMBER_CLOSES);
    evaluate(&app, "b1", 2, "ben", "2026-11-02T09:00:00Z", 0);
    evaluate(&app, "a1", 3, "anna", "2026-11-02T09:00:00Z", 60);
    assert_eq!(badges(&app, "anna"), []);
    assert_eq!(badges(&app, "ben"), [("bronze".to_owned(), "2026-11".to_owned())]);
    app.verify();
}

/// SEMANTICS S10.
#[test]
fn a_badge_of_a_closed_season_is_neither_lost_nor_won() {
    let app = server();
    app.agent_in("anna", "north");
    let training = |key: &str, version, who: &str, at: &str| {
        app.hr().post("/signals", &signal("training", key, version, who, at, 1)).expect(200);
    };
    training("t1", 1, "anna", "2026-11-04T09:00:00Z");
    time_is(&app, NOVEMBER_CLOSES);
    let star = [("star".to_owned(), "2026-11".to_owned())];
    app.hr().delete("/signals/qa/t1").expect(200);
    assert_eq!(badges(&app, "anna"), star);
    app.verify();
    training("t2", 1, "anna", "2026-11-05T09:00:00Z");
    assert_eq!(badges(&app, "anna"), star);
    app.verify();
    app.state.writer.run_blocking(applaus::writer::Actor::Operator, applaus::writer::rebuild::Rebuild).unwrap();
    assert_eq!(badges(&app, "anna"), star);
    app.verify();
}

#[test]
fn verify_notices_what_has_touched_a_closed_season() {
    use diesel::prelude::*;
    let app = server();
    app.agent_in("anna", "north");
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 60);
    time_is(&app, NOVEMBER_CLOSES);
    app.verify();
    let mut db = app.database.unguarded();
    let mut breaks = |sql: &str, undo: &str| {
        diesel::sql_query(sql).execute(&mut db).unwrap();
        let report = applaus::verify::verify(&mut db).unwrap();
        diesel::sql_query(undo).execute(&mut db).unwrap();
        assert!(!report.is_clean(), "{sql}");
    };
    let swap = |table: &str, from: &str, to: &str| format!("UPDATE {table} SET body = REPLACE(body, '{from}', '{to}')");
    for (table, from, to) in [
        ("season_statements", "\"points\":60", "\"points\":61"),
        ("season_statements", "\"rank\":1", "\"rank\":7"),
        ("season_statements", "\"bronze\"]", "\"silver\"]"),
        ("frozen_boards", "\"score\":60", "\"score\":59"),
    ] {
        breaks(&swap(table, from, to), &swap(table, to, from));
    }
    breaks("UPDATE seasons SET position = position - 3", "UPDATE seasons SET position = position + 3");
    app.verify();
}

#[test]
fn a_programme_that_ended_is_archived_once_its_seasons_are_closed() {
    let app = server();
    app.agent_in("anna", "north");
    app.hr().post("/programmes/service/end", &json!({ "last_day": "2026-11-20" })).expect(200);
    let state = || app.hr().get("/programmes/service").expect(200).body["state"].as_str().unwrap().to_owned();
    time_is(&app, NOVEMBER_CLOSES);
    assert_eq!(state(), "ended", "October is open");
    close(&app.hr(), "2026-10").expect(200);
    assert_eq!(state(), "archived");
    time_is(&app, "2027-02-10T12:00:00Z");
    let seasons = app.hr().get("/programmes/service/seasons").expect(200);
    assert_eq!(seasons.body["items"].as_array().unwrap().len(), 2, "after its last day there are none");
    app.hr().get("/programmes/service/seasons/2026-12").problem(404, "not_found");
    app.verify();
}
