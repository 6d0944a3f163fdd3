//! Versions as documents: replaced on what was read, deleted, fixed in part by first use.

use super::*;

const FIRST: &str = "/programmes/service-excellence/versions/1";

#[test]
fn a_draft_is_replaced_by_whoever_read_it_last() {
    let world = World::new();
    world.hr().post("/programmes", &each()).expect(201);
    let read = world.hr().get(FIRST).expect(200);
    assert_eq!((&read.body["document"], &read.body["state"]), (&each(), &json!("draft")));
    assert_eq!(read.body["created_by"], json!(world.app.person_id("hr").to_string()));
    let tag = read.header("etag").unwrap();
    assert_eq!(world.hr().with("if-none-match", tag).get(FIRST).expect(304).text, "");

    let changed = with("/grace_days", json!(6));
    world.hr().put(FIRST, &changed).problem(428, "precondition_required");
    let programme = world.hr().get("/programmes/service-excellence").expect(200);
    let put = world.hr().with("if-match", tag).put(FIRST, &changed).expect(200);
    assert_eq!((&put.body["state"], &put.body["version"]), (&json!("draft"), &json!(1)));
    let reread = world.hr().get(FIRST).expect(200);
    assert_eq!((&reread.body["document"], reread.header("etag")), (&changed, put.header("etag")));
    assert_ne!(put.header("etag"), Some(tag));
    assert_ne!(world.hr().get("/programmes/service-excellence").header("etag"), programme.header("etag"));
    world.hr().with("if-match", tag).put(FIRST, &each()).problem(412, "precondition_failed");
    world.hr().with("if-match", "\"r1.active\"").put(FIRST, &each()).problem(412, "precondition_failed");
    let wrong = with("/audience/teams/0", json!("nobody"));
    let refused = world.hr().with("if-match", "*").put(FIRST, &wrong).expect(422);
    assert_eq!(places(&refused.body["errors"]), [("/audience/teams/0", "unknown_team")]);
    assert_eq!(world.hr().get(FIRST).body["document"], changed);
}

#[test]
fn before_first_use_only_the_code_is_fixed() {
    let world = World::new();
    world.hr().post("/programmes", &each()).expect(201);
    let any = world.hr().with("if-match", "*");
    any.put(FIRST, &with("/time_zone", json!("Europe/Vienna"))).expect(200);
    let refused = any.put(FIRST, &with("/code", json!("another"))).expect(422);
    assert_eq!(places(&refused.body["errors"]), [("/code", "fixed")]);
}

#[test]
fn what_first_use_fixed_is_refused_with_its_place() {
    let world = World::new();
    let mut first = each();
    first["year_starts"] = json!("04-01");
    world.in_force(&first);
    assert!(world.app.state.catalogue().measures["hold_seconds"].row.used);
    assert!(!world.app.state.catalogue().measures["nps"].row.used);
    let mut document = each();
    document["code"] = json!("other");
    document["time_zone"] = json!("Europe/Vienna");
    document["season"] = json!("month");
    let path = "/programmes/service-excellence/versions";
    let expected = [("/code", "fixed"), ("/time_zone", "fixed"), ("/year_starts", "fixed"), ("/season", "fixed")];
    let refused = world.hr().post(path, &document).problem(422, "invalid_request");
    assert_eq!(places(&refused.body["errors"]), expected);
    document["code"] = first["code"].clone();
    let validated = world.hr().post("/programmes/validate", &document).expect(200);
    assert_eq!(validated.body["valid"], false);
    assert_eq!(places(&validated.body["errors"]), expected[1..]);
    first["name"]["en"] = json!("Renamed");
    let drafted = world.hr().with("idempotency-key", "second").post(path, &first).expect(201);
    assert_eq!(drafted.header("location"), Some("/api/v1/programmes/service-excellence/versions/2"));
    assert_eq!(drafted.body["version"], 2);
    let again = world.hr().with("idempotency-key", "second").post(path, &first).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let list = world.hr().get(path).expect(200).body;
    let states: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| (&one["version"], &one["state"])).collect();
    assert_eq!(states, [(&json!(1), &json!("active")), (&json!(2), &json!("draft"))]);
}

#[test]
fn a_draft_is_deleted_and_its_programme_with_the_last() {
    let world = World::new();
    world.hr().post("/programmes", &each()).expect(201);
    world.hr().post("/programmes/service-excellence/versions", &each()).expect(201);
    world.hr().delete(FIRST).expect(204);
    world.hr().get(FIRST).problem(404, "not_found");
    assert_eq!(world.hr().get("/programmes/service-excellence").expect(200).body["versions"][0]["version"], 2);
    world.hr().delete("/programmes/service-excellence/versions/2").expect(204);
    world.hr().get("/programmes/service-excellence").problem(404, "not_found");
    world.hr().post("/programmes", &each()).expect(201);
}

#[test]
fn versions_have_one_address_each() {
    let world = World::new();
    world.hr().post("/programmes", &each()).expect(201);
    for number in ["0", "2", "01", "+1", "-1", "1.0", "x", "4294967297", "%31%00"] {
        let answer = world.hr().get(&format!("/programmes/service-excellence/versions/{number}"));
        assert!([400, 404].contains(&answer.status), "{number}: {}", answer.text);
    }
}
