//! The last day of a programme.

use super::*;

const PATH: &str = "/programmes/service-excellence/end";

fn last_day(day: &str) -> Value {
    json!({ "last_day": day })
}

fn programme(client: &Client) -> Value {
    client.get("/programmes/service-excellence").expect(200).body
}

#[test]
fn after_its_last_day_a_programme_earns_nothing_and_is_still_there() {
    let world = World::new();
    world.in_force(&each());
    assert_eq!(programme(&world.anna())["last_day"], Value::Null);
    let tag = world.anna().get("/programmes/service-excellence").header("etag").unwrap().to_owned();
    let ended = world.hr().post(PATH, &last_day("2026-11-19")).expect(200);
    assert_eq!((&ended.body["state"], ended.header("applaus-version").is_some()), (&json!("active"), true));
    assert_eq!(programme(&world.anna())["last_day"], "2026-11-19");
    world.anna().with("if-none-match", &tag).get("/programmes/service-excellence").expect(200);
    world.app.clock.set("2026-11-19T23:30:00Z".parse().unwrap());
    assert_eq!(world.survey("before", "2026-11-19T22:59:59Z").len(), 1);
    assert_eq!(world.survey("after", "2026-11-19T23:00:00Z"), []);
    let shown = programme(&world.anna());
    assert_eq!((&shown["state"], &shown["version"]["version"]), (&json!("ended"), &json!(1)));
    assert_eq!((world.state(1), programme(&world.hr())["state"].clone()), (json!("ended"), json!("ended")));
    world.hr().post(PATH, &last_day("2026-12-31")).problem(409, "unfit_state");
    for board in world.anna().get("/leaderboards").expect(200).body["items"].as_array().unwrap() {
        let board = board["board"].as_str().unwrap();
        world.anna().get(&format!("/leaderboards/service-excellence/{board}")).expect(200);
    }
    world.anna().get("/people/me/standing").expect(200);
    world.app.verify();
}

#[test]
fn the_last_day_may_be_moved_until_it_has_passed() {
    let world = World::new();
    world.in_force(&each());
    for day in ["2026-11-19", "2026-12-31", "2026-11-18", "2026-11-18"] {
        world.hr().post(PATH, &last_day(day)).expect(200);
    }
    world.app.clock.set("2026-11-18T22:58:00Z".parse().unwrap());
    // Evidence may be a little ahead: this lies on the day after.
    assert_eq!(world.survey("ahead", "2026-11-18T23:01:00Z"), []);
    world.hr().post(PATH, &last_day("2026-11-19")).expect(200);
    assert_eq!(world.survey("ahead", "2026-11-18T23:01:00Z").len(), 1, "it counts now");
    world.hr().post(PATH, &last_day("2026-11-18")).expect(200);
    assert_eq!(world.survey("ahead", "2026-11-18T23:01:00Z"), []);
    world.app.verify();
}

#[test]
fn a_last_day_is_refused_with_its_reason() {
    let world = World::new();
    world.hr().post(PATH, &last_day("2026-12-31")).problem(404, "not_found");
    world.hr().post("/programmes", &each()).expect(201);
    world.hr().post(PATH, &last_day("2026-12-31")).problem(409, "unfit_state");
    world.activate(1, "2026-12-01").expect(200);
    for (body, pointer, code) in [
        (last_day("2026-11-17"), "/last_day", "too_early"),
        (last_day("2026-11-30"), "/last_day", "too_early"),
        (last_day("31.12.2026"), "/last_day", "invalid_date"),
        (last_day("3000-01-01"), "/last_day", "invalid_date"),
        (json!({}), "/last_day", "missing_field"),
        (json!({ "last_day": "2026-12-31", "why": "x" }), "/why", "unknown_field"),
    ] {
        let refused = world.hr().post(PATH, &body).expect(422);
        assert_eq!(places(&refused.body["errors"]), [(pointer, code)]);
    }
    world.hr().post(PATH, &last_day("2026-12-31")).expect(200);
    world.hr().post("/programmes/service-excellence/versions", &each()).expect(201);
    world.activate(2, "2027-01-01").problem(422, "after_last_day");
    world.activate(2, "2026-12-31").expect(200);
}

#[test]
fn what_was_withdrawn_before_its_first_day_has_no_end() {
    let world = World::new();
    world.hr().post("/programmes", &each()).expect(201);
    world.activate(1, "2026-12-01").expect(200);
    world.hr().post(PATH, &last_day("2026-12-31")).expect(200);
    world.hr().delete("/programmes/service-excellence/versions/1").expect(204);
    let shown = programme(&world.hr());
    assert_eq!((&shown["state"], &shown["last_day"]), (&json!("withdrawn"), &Value::Null));
}
