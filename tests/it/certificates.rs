//! Certificates over HTTP: of what one earned, for oneself, and to others only what one released.

use applaus::store::certificates;
use applaus::writer::Actor;
use applaus::writer::erase::ErasePerson;
use serde_json::{Value, json};

use crate::seasons::{NOVEMBER_CLOSES, evaluate, server, signal, time_is};
use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

const OWN: &str = "/people/me/certificates";

/// Anna has a star of November.
fn starred() -> (TestApp, Client) {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    train(&app, 1);
    (app, anna)
}

fn train(app: &TestApp, version: u64) {
    let training = signal("training", "t1", version, "anna", "2026-11-04T09:00:00Z", 1);
    app.hr().post("/signals", &training).expect(200);
}

fn star(show: &[&str]) -> Value {
    json!({ "badge": { "programme": "service", "season": "2026-11", "badge": "star" }, "show": show })
}

/// What anybody sees at the address of a certificate.
fn public(app: &TestApp, certificate: &Answer) -> Client {
    assert!(certificate.body["address"].as_str().unwrap().starts_with("https://applaus.example/certificates/"));
    app.anonymous()
}

fn path(certificate: &Answer) -> String {
    let address = certificate.body["address"].as_str().unwrap();
    address.strip_prefix("https://applaus.example").unwrap().to_owned()
}

#[test]
fn a_badge_is_certified_and_verified() {
    let (app, anna) = starred();
    let made = anna.post(OWN, &star(&["name", "achievement", "programme", "date"])).expect(201);
    assert_eq!(path(&made).len(), "/certificates/".len() + 22);
    let verified = public(&app, &made).get_root(&path(&made)).expect(200);
    let expected = json!({ "valid": true, "organization": "Applaus", "name": "anna", "kind": "badge",
        "achievement": "Star", "programme": "Service", "season": "2026-11", "date": "2026-11-04" });
    assert_eq!(verified.body, expected);
    let location = made.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned();
    assert_eq!(anna.get(&location).expect(200).body, made.body);
    assert_eq!(anna.get(OWN).expect(200).body["items"], json!([made.body]));

    let page = anna.with("accept", "image/svg+xml").get(&location).expect(200);
    assert_eq!(page.header("content-type"), Some("image/svg+xml"));
    for said in ["anna", "Star", "Service", "4 November 2026", made.body["address"].as_str().unwrap()] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    let html =
        app.anonymous().with("accept", "text/html").with("accept-language", "de").get_root(&path(&made)).expect(200);
    assert!(html.header("content-type").unwrap().starts_with("text/html"));
    assert!(html.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    for said in ["lang=\"de\"", "Diese Urkunde ist gültig.", "<dd>anna</dd>", "<dd>4. November 2026</dd>"] {
        assert!(html.text.contains(said), "{said}: {}", html.text);
    }
}

#[test]
fn nothing_is_public_but_what_was_released() {
    let (app, anna) = starred();
    let everything = [("name", "anna"), ("achievement", "Star"), ("programme", "Service"), ("date", "2026-11-04")];
    for mask in 0..16_u32 {
        let chosen: Vec<_> = (0..4).filter(|bit| mask >> bit & 1 == 1).map(|bit| everything[bit].0).collect();
        let made = anna.post(OWN, &star(&chosen)).expect(201);
        let json = app.anonymous().get_root(&path(&made)).expect(200);
        let html = app.anonymous().with("accept", "text/html").get_root(&path(&made)).expect(200);
        for (name, value) in everything {
            let released = chosen.contains(&name);
            assert_eq!(!json.body[name].is_null(), released, "{chosen:?}: {name}");
            let value = if name == "date" { "4 November 2026" } else { value };
            assert_eq!(html.text.contains(value), released, "{chosen:?}: {name}");
        }
        assert_eq!(json.body["season"].is_null(), !chosen.contains(&"programme"));
        assert_eq!(json.body["kind"].is_null(), !chosen.contains(&"achievement"));
        for hidden in [made.body["id"].as_str().unwrap(), &app.person_id("anna").to_string()] {
            assert!(!json.text.contains(hidden) && !html.text.contains(hidden));
        }
    }
}

#[test]
fn a_tier_is_certified_once_its_season_is_closed() {
    let (app, anna) = starred();
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 90);
    let tier = json!({ "season": { "programme": "service", "season": "2026-11" }, "show": ["achievement", "date"], "language": "de" });
    anna.post(OWN, &tier).problem(422, "nothing_to_certify");
    time_is(&app, NOVEMBER_CLOSES);
    // Tokens live for half a day.
    let anna = app.acting_as("anna");
    let made = anna.post(OWN, &tier).expect(201);
    let verified = app.anonymous().get_root(&path(&made)).expect(200);
    let expected = json!({ "valid": true, "organization": "Applaus", "kind": "tier", "achievement": "Bronze", "date": "2026-11-30" });
    assert_eq!(verified.body, expected);
    let own = format!("{OWN}/{}", made.body["id"].as_str().unwrap());
    let page = anna.with("accept", "text/html, image/svg+xml;q=0.9").get(&own).expect(200);
    assert!(page.text.contains("für das Erreichen der Stufe") && page.text.contains("30. November 2026"));
    app.acting_as("ben").post(OWN, &tier).problem(422, "nothing_to_certify");
    app.verify();
}

#[test]
fn a_badge_taken_back_makes_its_certificate_invalid() {
    let (app, anna) = starred();
    let made = anna.post(OWN, &star(&["achievement"])).expect(201);
    assert!(app.hr().delete("/signals/qa/t1").status < 300);
    let expected = json!({ "valid": false, "organization": "Applaus", "kind": "badge", "achievement": "Star" });
    assert_eq!(app.anonymous().get_root(&path(&made)).expect(200).body, expected);
    let html = app.anonymous().with("accept", "text/html").get_root(&path(&made)).expect(200);
    assert!(html.text.contains("no longer valid"));
    let own = format!("{OWN}/{}", made.body["id"].as_str().unwrap());
    anna.with("accept", "image/svg+xml").get(&own).problem(409, "no_longer_held");
    anna.post(OWN, &star(&["achievement"])).problem(422, "nothing_to_certify");
}

#[test]
fn certificates_are_for_their_owner_alone() {
    let (app, anna) = starred();
    let made = anna.post(OWN, &star(&["name"])).expect(201);
    let id = made.body["id"].as_str().unwrap();
    let (hers, one) = ("/people/anna/certificates".to_owned(), format!("/people/anna/certificates/{id}"));
    assert_eq!(anna.get(&one).expect(200).body, made.body);
    for other in [app.acting_as("ben"), app.lead("lea", "north"), app.hr(), app.admin(), app.auditor()] {
        other.get(&hers).problem(404, "not_found");
        other.get(&one).problem(404, "not_found");
        other.get(&format!("{OWN}/{id}")).problem(404, "not_found");
        other.delete(&one).problem(404, "not_found");
        other.post(&hers, &star(&["name"])).problem(404, "not_found");
    }
    app.anonymous().get(&one).problem(401, "unauthorized");
    anna.delete(&one).expect(204);
    anna.delete(&one).problem(404, "not_found");
    app.anonymous().get_root(&path(&made)).problem(404, "not_found");
    app.anonymous().with("accept", "text/html").get_root(&path(&made)).expect(404);
    assert_eq!(anna.get(OWN).expect(200).body["items"], json!([]));
}

#[test]
fn what_cannot_be_certified_is_refused() {
    let (app, anna) = starred();
    let badge = |badge: &str, season: &str, programme: &str| json!({ "badge": { "programme": programme, "season": season, "badge": badge }, "show": [] });
    for none in
        [badge("silver", "2026-11", "service"), badge("star", "2026-10", "service"), badge("star", "2026-11", "x")]
    {
        anna.post(OWN, &none).problem(422, "nothing_to_certify");
    }
    app.acting_as("ben").post(OWN, &star(&[])).problem(422, "nothing_to_certify");
    let both =
        json!({ "badge": star(&[])["badge"], "season": { "programme": "service", "season": "2026-11" }, "show": [] });
    anna.post(OWN, &both).problem(422, "either_one");
    anna.post(OWN, &json!({ "show": [] })).problem(422, "either_one");
    anna.post(OWN, &json!({ "badge": star(&[])["badge"] })).problem(422, "missing_field");
    assert_eq!(anna.post(OWN, &star(&["email"])).status, 422);
    assert_eq!(anna.post(OWN, &json!({ "badge": star(&[])["badge"], "show": [], "language": "fr" })).status, 422);
    anna.post(OWN, &json!({ "badge": star(&[])["badge"], "show": [], "name": "x" })).problem(422, "unknown_field");
    for code in
        ["x", "AAAAAAAAAAAAAAAAAAAAAA", "%00AAAAAAAAAAAAAAAAAAAAA", "..%2f..%2fetc", "%C3%84AAAAAAAAAAAAAAAAAAAA"]
    {
        app.anonymous().get_root(&format!("/certificates/{code}")).problem(404, "not_found");
    }
}

#[test]
fn a_repeated_request_makes_one_and_erasing_leaves_none() {
    let (app, anna) = starred();
    let keyed = anna.with("idempotency-key", "one");
    let (first, again) = (keyed.post(OWN, &star(&["name"])).expect(201), keyed.post(OWN, &star(&["name"])).expect(201));
    assert_eq!(first.body, again.body);
    let other = anna.post(OWN, &star(&["name"])).expect(201);
    assert_ne!(path(&first), path(&other));
    let person = app.person_id("anna").to_string();
    let mut db = app.database.url.connect().unwrap();
    assert_eq!(certificates::count_of(&mut db, &person).unwrap(), 2);
    let command = ErasePerson { person: app.person_id("anna") };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
    assert_eq!(certificates::count_of(&mut db, &person).unwrap(), 0);
    app.anonymous().get_root(&path(&first)).problem(404, "not_found");
    app.anonymous().get_root(&path(&other)).problem(404, "not_found");
}

#[test]
fn a_hostile_name_stays_a_name() {
    let (app, anna) = starred();
    let hr = app.hr();
    let name = "</text></dd><script>alert('&')</script>\"";
    let person = hr.get("/people/anna").expect(200);
    hr.with("if-match", person.header("etag").unwrap())
        .patch("/people/anna", &json!({ "display_name": name }))
        .expect(200);
    let made = anna.post(OWN, &star(&["name"])).expect(201);
    assert_eq!(app.anonymous().get_root(&path(&made)).expect(200).body["name"], name);
    let html = app.anonymous().with("accept", "text/html").get_root(&path(&made)).expect(200);
    let own = format!("{OWN}/{}", made.body["id"].as_str().unwrap());
    let page = anna.with("accept", "image/svg+xml").get(&own).expect(200);
    for text in [html.text, page.text] {
        assert!(text.contains("&lt;script&gt;alert(&#39;&amp;&#39;)") && !text.contains("<script"), "{text}");
    }
}
