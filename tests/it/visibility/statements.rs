//! What of a closed season's statement its readers see (SEMANTICS S37; the design's promises 6 and 10).

use applaus::store::seasons;

use super::*;
use crate::seasons::{NOVEMBER_CLOSES, evaluate, season, time_is};

/// November is closed: anna has 60 points, ben 160 and a tier more, dora none.
fn closed() -> TestApp {
    let app = server();
    for who in ["anna", "ben", "dora"] {
        app.agent_in(who, "north");
    }
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 60);
    for (key, quality) in [("b1", 90), ("b2", 70)] {
        evaluate(&app, key, 1, "ben", "2026-11-02T09:00:00Z", quality);
    }
    choose(&app.acting_as("ben"), "hidden");
    time_is(&app, NOVEMBER_CLOSES);
    app.agent_in("late", "north");
    app
}

fn kept(app: &TestApp) -> String {
    app.state.read_here(|db| Ok(seasons::statement(db, "service", "2026-11")?)).unwrap().unwrap()
}

#[test]
fn hr_and_auditors_read_it_byte_for_byte() {
    let app = closed();
    for client in [app.hr(), app.auditor()] {
        let read = season(&client, "2026-11");
        assert_eq!(read.text, kept(&app));
        let ranks: Vec<_> = read.body["subjects"].as_array().unwrap().iter().map(|line| &line["rank"]).collect();
        assert_eq!(ranks[..3], [&json!(1), &json!(2), &json!(3)]);
        client
            .with("if-none-match", read.header("etag").unwrap())
            .get("/programmes/service/seasons/2026-11")
            .expect(304);
    }
}

#[test]
fn others_read_their_own_result_and_no_rank() {
    let app = closed();
    let whole = season(&app.hr(), "2026-11");
    let mut tags = vec![whole.header("etag").unwrap().to_owned()];
    for (who, expected) in [
        ("anna", json!([{ "points": 60, "tier": "bronze", "badges": ["bronze"] }])),
        ("ben", json!([{ "points": 260, "tier": "silver", "badges": ["bronze", "silver", "steady"] }])),
        ("dora", json!([{ "points": 0, "tier": null, "badges": [] }])),
        ("late", json!([])),
    ] {
        let read = season(&app.acting_as(who), "2026-11");
        let id = app.person_id(who).to_string();
        let mut own = read.body["subjects"].clone();
        for line in own.as_array_mut().unwrap() {
            let subject = line.as_object_mut().unwrap().remove("subject").unwrap();
            assert_eq!(subject, json!({ "kind": "person", "id": id }));
        }
        assert_eq!(own, expected, "{who}");
        for (name, value) in whole.body.as_object().unwrap().iter().filter(|(name, _)| *name != "subjects") {
            assert_eq!(&read.body[name], value, "{name}");
        }
        assert_eq!(season(&app.acting_as(who), "2026-11").text, read.text);
        tags.push(read.header("etag").unwrap().to_owned());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 5, "nobody takes another's for their own");
}

#[test]
fn a_token_for_less_shows_less() {
    let app = closed();
    app.join("hr", "north", "2010-01-01T00:00:00Z");
    let narrowed = app.narrowed("hr", &[Role::Agent]);
    assert_eq!(season(&narrowed, "2026-11").body["subjects"], json!([]));
    assert_eq!(season(&app.hr(), "2026-11").text, kept(&app));
}
