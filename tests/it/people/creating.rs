//! Adding people.

use super::*;

#[test]
fn a_new_person_is_an_agent_and_can_be_found_by_every_name() {
    let app = TestApp::start();
    let hr = app.hr();
    let body = json!({ "user_name": "anna.schmidt", "display_name": "  Zoe\u{308} Müller ", "email": " anna@example.org ",
        "external_id": "HR-17", "language": "de" });
    let created = hr.post("/people", &body).expect(201);
    let id = created.body["id"].as_str().unwrap().to_owned();
    let expected = json!({ "id": id, "user_name": "anna.schmidt", "display_name": "Zoë Müller", "email": "anna@example.org",
        "external_id": "HR-17", "language": "de", "active": true, "team": null, "roles": ["agent"], "leads": [], "sources": [] });
    assert_eq!(created.body, expected);
    assert_eq!(created.header("location").unwrap(), format!("/api/v1/people/{id}"));
    assert!(created.header("applaus-version").unwrap().parse::<i64>().unwrap() > 0);
    for name in ["anna.schmidt", id.as_str()] {
        assert_eq!(hr.get(&format!("/people/{name}")).expect(200).body, expected);
    }
    assert_eq!(app.acting_as("anna.schmidt").get("/people/me").expect(200).body["id"], id);

    let least = hr.post("/people", &json!({ "user_name": "b", "display_name": "B" })).expect(201).body;
    assert_eq!(
        (&least["email"], &least["external_id"], &least["language"]),
        (&json!(null), &json!(null), &json!(null))
    );
}

#[test]
fn names_with_marks_of_addresses_are_found() {
    let app = TestApp::start();
    let hr = app.hr();
    for (name, path) in [("a/b", "a%2Fb"), ("50%", "50%25"), ("x?y#z", "x%3Fy%23z"), ("a+b", "a%2Bb"), ("%2F", "%252F")]
    {
        hr.post("/people", &json!({ "user_name": name, "display_name": "x" })).expect(201);
        assert_eq!(hr.get(&format!("/people/{path}")).expect(200).body["user_name"], name);
    }
}

#[test]
fn what_is_not_taken_is_named() {
    let app = TestApp::start();
    let hr = app.hr();
    let good = json!({ "user_name": "anna", "display_name": "Anna" });
    let long = "x".repeat(255);
    for (field, value, code) in [
        ("user_name", json!("me"), "unfit_user_name"),
        ("user_name", json!("0198f0a0-0000-7000-8000-000000000000"), "unfit_user_name"),
        ("user_name", json!(""), "invalid_identifier"),
        ("user_name", json!("anna schmidt"), "invalid_identifier"),
        ("user_name", json!("zoë"), "invalid_identifier"),
        ("user_name", json!(long), "invalid_identifier"),
        ("user_name", json!("a\u{0}"), "nul_character"),
        ("user_name", json!(7), "wrong_type"),
        ("display_name", json!(" "), "empty_text"),
        ("display_name", json!("x".repeat(121)), "text_too_long"),
        ("display_name", json!("a\u{7}b"), "unfit_character"),
        ("display_name", json!("a\nb"), "unfit_character"),
        ("display_name", json!("a\u{202e}b"), "unfit_character"),
        ("display_name", json!("a\u{0}b"), "nul_character"),
        ("email", json!("anna"), "invalid_email"),
        ("email", json!("a@b@c"), "invalid_email"),
        ("email", json!("a b@c"), "invalid_email"),
        ("email", json!(""), "empty_text"),
        ("email", json!(format!("{long}@x")), "text_too_long"),
        ("external_id", json!("ä"), "invalid_identifier"),
        ("external_id", json!(""), "invalid_identifier"),
        ("language", json!("fr"), "invalid_value"),
        ("language", json!("DE"), "invalid_value"),
        ("colour", json!("red"), "unknown_field"),
        ("active", json!(true), "unknown_field"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        refused_at(hr.post("/people", &body), &format!("/{field}"), code);
    }
    refused_at(hr.post("/people", &json!({ "display_name": "A" })), "/user_name", "missing_field");
    refused_at(hr.post("/people", &json!({ "user_name": "a" })), "/display_name", "missing_field");
    refused_at(hr.post("/people", &json!(["anna", "Anna", null, null, null])), "", "object_expected");
    let several = hr.post("/people", &json!({ "user_name": "me", "display_name": "", "email": "x" }));
    assert_eq!(places(&several.problem(422, "invalid_request")).len(), 3);
    hr.post("/people", &good).expect(201);
}

#[test]
fn what_somebody_has_is_taken() {
    let app = TestApp::start();
    let hr = app.hr();
    let anna = json!({ "user_name": "anna", "display_name": "A", "email": "a@x", "external_id": "1" });
    hr.post("/people", &anna).expect(201);
    for (pointer, body) in [
        ("/user_name", json!({ "user_name": "anna", "display_name": "B" })),
        ("/email", json!({ "user_name": "b", "display_name": "B", "email": "a@x" })),
        ("/external_id", json!({ "user_name": "b", "display_name": "B", "external_id": "1" })),
    ] {
        let refused = hr.post("/people", &body).problem(409, "already_exists");
        assert_eq!(places(&refused), [(pointer.to_owned(), "already_exists".to_owned())]);
    }
    let german = hr.with("accept-language", "de").post("/people", &anna).problem(409, "already_exists");
    assert_eq!(
        (&german.body["title"], &german.body["detail"]),
        (&json!("Schon vorhanden"), &json!("user_name anna ist schon vergeben."))
    );
    assert_eq!(german.header("content-language"), Some("de"));
}

#[test]
fn a_repetition_answers_the_same_and_adds_nobody() {
    let app = TestApp::start();
    let hr = app.hr();
    let (keyed, body) = (hr.with("idempotency-key", "k1"), json!({ "user_name": "anna", "display_name": "A" }));
    let first = keyed.post("/people", &body).expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = keyed.post("/people", &body).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    keyed.post("/people", &json!({ "user_name": "b", "display_name": "A" })).problem(422, "idempotency_key_reused");
    // Another caller's key is another key, and so is the same at another address.
    app.admin().with("idempotency-key", "k1").post("/people", &body).problem(409, "already_exists");
    keyed.post("/teams", &json!({ "code": "blue", "name": "Blue" })).expect(201);
    // A refusal is not kept: the request may be mended.
    let mended = hr.with("idempotency-key", "k2");
    mended.post("/people", &body).problem(409, "already_exists");
    mended.post("/people", &json!({ "user_name": "c", "display_name": "C" })).expect(201);
    hr.with("idempotency-key", "ä b").post("/people", &body).problem(422, "invalid_identifier");
}
