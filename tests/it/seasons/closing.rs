//! Closing: when, by whom, and what it publishes.

use applaus::store::due::{self, DueRow};
use applaus::store::seasons::{self, SeasonRow};
use chrono::NaiveDateTime;

use super::*;
use crate::support::database::TestDatabase;

/// SEMANTICS S35.
#[test]
fn the_clock_closes_a_season_at_its_end_and_grace() {
    let app = server();
    for (who, team) in [("anna", "north"), ("ben", "north"), ("cleo", "south"), ("dora", "south")] {
        app.agent_in(who, team);
    }
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 90);
    evaluate(&app, "a2", 1, "anna", "2026-11-03T09:00:00Z", 80);
    evaluate(&app, "b1", 1, "ben", "2026-11-03T09:00:00Z", 60);
    evaluate(&app, "c1", 1, "cleo", "2026-11-03T09:00:00Z", 60);
    let hr = app.hr();
    for (key, who) in [("p1", "anna"), ("p2", "ben")] {
        hr.post("/signals", &signal("compliment", key, 1, who, "2026-11-04T09:00:00Z", 1)).expect(200);
    }
    hr.post("/signals", &signal("training", "t1", 1, "cleo", "2026-11-04T09:00:00Z", 1)).expect(200);

    time_is(&app, "2026-12-02T22:59:59Z");
    let before = season(&app.hr(), "2026-11");
    assert_eq!((&before.body["state"], &before.body["closes_at"]), (&json!("open"), &json!(NOVEMBER_CLOSES)));
    time_is(&app, NOVEMBER_CLOSES);
    let statement = season(&app.hr(), "2026-11");
    assert_eq!(statement.body["closed"], true);
    assert_eq!(statement.body["closed_at"], NOVEMBER_CLOSES);
    assert_eq!((&statement.body["from"], &statement.body["until"]), (&json!("2026-11-01"), &json!("2026-12-01")));
    let line = |who: &str, points, rank, tier: Value, badges: Value| (who.to_owned(), points, rank, tier, badges);
    let mut results = results(&app, &statement);
    results.sort_by(|one, other| (one.2, &one.0).cmp(&(other.2, &other.0)));
    assert_eq!(
        results,
        [
            line("anna", 280, 1, json!("silver"), json!(["bronze", "silver", "steady"])),
            line("north", 500, 1, Value::Null, json!([])),
            line("ben", 60, 2, json!("bronze"), json!(["bronze"])),
            line("cleo", 60, 2, json!("bronze"), json!(["bronze", "star"])),
            line("dora", 0, 4, Value::Null, json!([])),
        ]
    );
    let november = |badge: &str| (badge.to_owned(), "2026-11".to_owned());
    assert_eq!(badges(&app, "anna"), [november("bronze"), november("silver"), november("steady")]);
    app.verify();
}

#[test]
fn the_seasons_of_a_programme_say_how_they_stand() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let october = json!({ "programme": "service", "season": "2026-10", "from": "2026-10-01", "until": "2026-11-01",
        "last_day": "2026-10-31", "state": "open", "closed": false, "closes_at": null, "closed_at": null });
    let november = json!({ "programme": "service", "season": "2026-11", "from": "2026-11-01", "until": "2026-12-01",
        "last_day": "2026-11-30", "state": "open", "closed": false, "closes_at": NOVEMBER_CLOSES, "closed_at": null });
    let list = |client: &Client| client.get("/programmes/service/seasons").expect(200).body["items"].clone();
    // October was over when the programme was put in force: it is left to people.
    assert_eq!(list(&anna), json!([october, november]));
    assert_eq!(season(&anna, "2026-11").body, november);
    time_is(&app, NOVEMBER_CLOSES);
    let seasons = list(&app.hr());
    let states: Vec<_> = seasons.as_array().unwrap().iter().map(|season| &season["state"]).collect();
    assert_eq!(states, ["open", "closed", "open"]);
    assert_eq!(seasons[1]["closed_at"], NOVEMBER_CLOSES);
    for unknown in ["2026-09", "2027-01", "november"] {
        app.hr().get(&format!("/programmes/service/seasons/{unknown}")).problem(404, "not_found");
        close(&app.hr(), unknown).problem(404, "not_found");
    }
}

/// SEMANTICS S35.
#[test]
fn people_close_a_season_from_its_end_on() {
    let app = server();
    app.agent_in("anna", "north");
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 80);
    evaluate(&app, "a2", 1, "anna", "2026-11-30T22:59:59Z".replace("11-30", "11-17").as_str(), 80);
    let refused = close(&app.hr(), "2026-11").problem(409, "season_not_over");
    assert!(refused.body["detail"].as_str().unwrap().contains("2026-11-30T23:00:00"), "{}", refused.text);

    // In the grace: what it would have waited for is decided now.
    app.clock.set("2026-11-30T23:00:00Z".parse().unwrap());
    let closed = close(&app.hr(), "2026-11").expect(200);
    assert_eq!((&closed.body["state"], &closed.body["closed_at"]), (&json!("closed"), &json!("2026-11-30T23:00:00Z")));
    let statement = season(&app.hr(), "2026-11");
    assert_eq!(statement.body["subjects"][0]["points"], 260);
    assert_eq!(wallet(&app, "anna"), 260);

    app.clock.set("2026-12-04T12:00:00Z".parse().unwrap());
    assert_eq!(close(&app.hr(), "2026-11").expect(200).body, closed.body, "closing it again does nothing");
    app.tick();
    assert_eq!(season(&app.hr(), "2026-11").text, statement.text);
    app.verify();
}

#[test]
fn only_hr_closes_and_prepares() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let stranger = app.agent("stranger");
    for client in [&anna, &app.auditor()] {
        close(client, "2026-10").problem(403, "forbidden");
    }
    close(&stranger, "2026-10").problem(404, "not_found");
    stranger.get("/programmes/service/seasons").problem(404, "not_found");
    stranger.get("/programmes/service/seasons/2026-10").problem(404, "not_found");
    anna.get("/programmes/service/seasons/2026-10/adjustments").problem(403, "forbidden");
    assert!(season(&app.auditor(), "2026-10").body["tiers"].is_array());
    assert!(season(&anna, "2026-10").body.get("tiers").is_none());
    close(&app.hr(), "2026-10").expect(200);
    assert_eq!(season(&app.hr(), "2026-10").text, season(&app.auditor(), "2026-10").text);
    assert_eq!(season(&anna, "2026-10").body["closed"], true);
}

#[test]
fn before_the_close_hr_sees_what_it_would_bring() {
    let app = server();
    for who in ["anna", "ben", "cleo"] {
        app.agent_in(who, "north");
    }
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 100);
    evaluate(&app, "a2", 1, "anna", "2026-11-03T09:00:00Z", 60);
    evaluate(&app, "b1", 1, "ben", "2026-11-03T09:00:00Z", 50);
    let seen = season(&app.hr(), "2026-11").body;
    assert_eq!((&seen["ready"], &seen["due"], &seen["people"]), (&json!(false), &json!(0), &json!(3)));
    assert_eq!((&seen["ends_at"], &seen["grace_ends_at"]), (&json!("2026-11-30T23:00:00Z"), &json!(NOVEMBER_CLOSES)));
    assert_eq!(
        seen["tiers"],
        json!([{ "tier": "bronze", "at": 50, "badge": "bronze", "people": 2 },
               { "tier": "silver", "at": 150, "badge": "silver", "people": 1 }])
    );
    assert_eq!(seen["rewards"], json!([{ "reward": "voucher", "tier": "silver", "people": 1 }]));
}

#[test]
fn what_is_too_much_for_one_transaction_is_closed_by_and_by() {
    let app = server();
    let mut deliveries = Vec::new();
    for number in 0..150 {
        let who = format!("agent{number}");
        app.agent_in(&who, "north");
        deliveries.push(signal("evaluation", &who, 1, &who, "2026-10-05T09:00:00Z", 60));
    }
    app.hr().post("/signals", &json!(deliveries)).expect(200);
    let answer = close(&app.hr(), "2026-10").expect(202);
    assert_eq!(answer.body["state"], "closing");
    app.tick();
    let statement = season(&app.hr(), "2026-10");
    assert_eq!(statement.body["subjects"].as_array().unwrap().len(), 151);
    app.verify();
}

#[test]
fn a_restart_goes_on_with_a_season_that_is_closing() {
    let app = server();
    app.agent_in("anna", "north");
    evaluate(&app, "a1", 1, "anna", "2026-10-05T09:00:00Z", 60);
    let anna = app.person_id("anna").to_string();
    // As a server leaves it that was killed between beginning and ending.
    let mut db = app.database.url.connect().unwrap();
    let begun = SeasonRow {
        programme: "service".to_owned(),
        season: "2026-10".to_owned(),
        state: "closing".to_owned(),
        begun_at: NaiveDateTime::default(),
        begun_by: "operator".to_owned(),
        closed_at: None,
        position: None,
    };
    let row = DueRow {
        programme: "service".to_owned(),
        season: "2026-10".to_owned(),
        subject: anna,
        kind: "person".to_owned(),
        from_day: "2026-10-31".parse().unwrap(),
        until_day: None,
    };
    seasons::insert(&mut db, &begun).unwrap();
    due::add(&mut db, &[row]).unwrap();
    drop(db);
    let again = restarted(&app);
    for _ in 0..100 {
        if again.catalogue().programmes["service"].is_closed("2026-10") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let mut db = app.database.url.connect().unwrap();
    assert!(seasons::statement(&mut db, "service", "2026-10").unwrap().is_some());
    assert_eq!(due::count(&mut db).unwrap(), 0);
    app.verify();
}

/// Another server on the database of one.
fn restarted(app: &TestApp) -> std::sync::Arc<applaus::app::AppState> {
    let _: &TestDatabase = &app.database;
    let config = applaus::config::Config {
        listen: app.address(),
        data_dir: app.database.dir.path().to_owned(),
        database: app.database.url.clone(),
        replica: None,
        seal_key_file: None,
        log: "off".to_owned(),
        readers: 1,
        public_url: "https://applaus.example".to_owned(),
    };
    applaus::app::AppState::open(&config, applaus::clock::Clock::Manual(app.clock.clone())).unwrap()
}

#[test]
fn a_season_with_boards_of_kudos_and_measures_is_found_right() {
    let mut other = programme();
    let boards = other["boards"].as_array_mut().unwrap();
    boards.push(
        json!({ "code": "thanks", "name": name("thanks"), "rank": "kudos", "subject": "person", "period": "month" }),
    );
    boards.push(json!({ "code": "measured", "name": name("measured"), "rank": { "measure": "quality" },
        "subject": "person", "period": "month", "min_samples": 1 }));
    let app = TestApp::start();
    app.team("support", None);
    app.programme(&other, "2026-10-01");
    app.agent_in("anna", "support");
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 90);
    app.agent_in("ben", "support").post("/kudos", &json!({ "to": ["anna"], "message": "Thanks" })).expect(201);
    time_is(&app, NOVEMBER_CLOSES);
    for board in ["thanks", "measured"] {
        let seen = app.acting_as("ben").get(&format!("/leaderboards/service/{board}?period=2026-11")).expect(200);
        assert_eq!((&seen.body["period"]["closed"], &seen.body["items"][0]["rank"]), (&json!(true), &json!(1)));
    }
    app.verify();
}
