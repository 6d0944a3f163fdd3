//! Days off.

use applaus::writer::settle::facts_of;

use super::*;

const PATH: &str = "/people/anna/absences";

fn id(n: u32) -> String {
    format!("0198f0a0-0000-7000-8000-{n:012}")
}

fn path(n: u32) -> String {
    format!("{PATH}/{}", id(n))
}

fn days(from: &str, until: &str) -> Value {
    json!({ "from": from, "until": until })
}

fn start() -> (TestApp, Client) {
    let app = TestApp::start();
    app.person("anna");
    let hr = app.hr();
    (app, hr)
}

fn listed(client: &Client) -> Vec<(String, String)> {
    let page = client.get(&format!("{PATH}?limit=200")).expect(200).body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(|item| (text(&item["id"]), text(&item["from"]))).collect()
}

/// Whether the folds take the day as one off.
fn is_off(app: &TestApp, day: &str) -> bool {
    let (person, catalogue) = (app.person_id("anna"), app.state.catalogue());
    let facts = app.state.read_here(|db| Ok(facts_of(db, &catalogue, &[person].into())?)).unwrap();
    facts[&person].is_off(day.parse().unwrap())
}

#[test]
fn an_absence_is_entered_replaced_and_removed() {
    let (app, hr) = start();
    let created = hr.put(&path(1), &days("2026-11-03", "2026-11-05")).expect(201);
    let expected = json!({ "id": id(1), "from": "2026-11-03", "until": "2026-11-05", "last_day": "2026-11-04" });
    assert_eq!(created.body, expected);
    let version = |answer: &Answer| answer.header("applaus-version").unwrap().parse::<i64>().unwrap();
    let again = hr.put(&path(1), &days("2026-11-03", "2026-11-05")).expect(200);
    assert_eq!((&again.body, version(&again)), (&expected, version(&created)), "a repetition changes nothing");
    assert_eq!(
        ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"].map(|day| is_off(&app, day)),
        [false, true, true, false]
    );
    hr.put(&path(2), &days("2026-10-01", "2026-10-02")).expect(201);
    let moved = hr.put(&path(1), &days("2026-12-24", "2027-01-01")).expect(200);
    assert_eq!((&moved.body["last_day"], version(&moved) > version(&again)), (&json!("2026-12-31"), true));
    assert!(!is_off(&app, "2026-11-03") && is_off(&app, "2026-12-31"));
    let both = [(id(2), "2026-10-01".to_owned()), (id(1), "2026-12-24".to_owned())];
    assert_eq!((listed(&hr), listed(&app.acting_as("anna"))), (both.to_vec(), both.to_vec()));
    hr.delete(&path(1)).expect(204);
    hr.delete(&path(1)).problem(404, "not_found");
    assert_eq!(listed(&hr), both[..1]);
    assert!(!is_off(&app, "2026-12-31"));
}

#[test]
fn two_people_may_have_an_absence_of_the_same_id() {
    let (app, hr) = start();
    app.person("otto");
    hr.put(&path(1), &days("2026-11-03", "2026-11-05")).expect(201);
    hr.put(&format!("/people/otto/absences/{}", id(1)), &days("2026-11-09", "2026-11-10")).expect(201);
    hr.delete(&format!("/people/otto/absences/{}", id(1))).expect(204);
    assert_eq!(listed(&hr).len(), 1);
}

#[test]
fn absences_are_refused_with_the_place_that_is_wrong() {
    let (app, hr) = start();
    for (body, pointer, code) in [
        (days("2026-11-03", "2026-11-03"), "/until", "invalid_interval"),
        (days("2026-11-03", "2026-11-02"), "/until", "invalid_interval"),
        (days("2026-01-01", "2027-01-03"), "/until", "absence_too_long"),
        (days("2000-01-01", "2999-12-31"), "/until", "absence_too_long"),
        (days("1999-12-31", "2000-01-02"), "/from", "invalid_date"),
        (days("2999-12-31", "3000-01-01"), "/until", "invalid_date"),
        (days("2026-02-30", "2026-03-01"), "/from", "invalid_date"),
        (days("2026-11-03T00:00:00Z", "2026-11-05"), "/from", "invalid_date"),
        (json!({ "from": "2026-11-03" }), "/until", "missing_field"),
        (json!({ "from": 1, "until": "2026-11-05" }), "/from", "wrong_type"),
        (json!({ "from": "2026-11-03", "until": "2026-11-05", "reason": "ill" }), "/reason", "unknown_field"),
    ] {
        refused_at(hr.put(&path(1), &body), pointer, code);
    }
    refused_at(hr.put(&format!("{PATH}/x"), &days("2026-11-03", "2026-11-05")), "absence", "invalid_value");
    hr.delete(&format!("{PATH}/x")).problem(404, "not_found");
    hr.put(&format!("/people/nobody/absences/{}", id(1)), &days("2026-11-03", "2026-11-05")).problem(404, "not_found");
    assert_eq!(listed(&hr), []);
    hr.put(&path(1), &days("2026-01-01", "2027-01-02")).expect(201);
    hr.with("accept-language", "de").put(&path(1), &days("2026-01-01", "2027-01-03")).expect(422);
    assert_eq!(listed(&app.acting_as("anna")).len(), 1);
}

#[test]
fn a_person_has_a_thousand_absences_at_most() {
    use applaus::domain::period::DaySpan;
    use applaus::writer::Actor;
    use applaus::writer::absence::PutAbsence;
    let (app, hr) = start();
    let (person, first) = (app.person_id("anna"), "2026-01-01".parse().unwrap());
    let days_off = DaySpan { first, until: first + chrono::Days::new(1) };
    for n in 0..1_000 {
        let absence = id(n).parse().unwrap();
        app.state.writer.run_blocking(Actor::Operator, PutAbsence { person, absence, days: days_off }).unwrap();
    }
    hr.put(&path(1_000), &days("2026-11-03", "2026-11-05")).problem(422, "too_many");
    hr.put(&path(999), &days("2026-11-03", "2026-11-05")).expect(200);
    hr.delete(&path(0)).expect(204);
    hr.put(&path(1_000), &days("2026-11-03", "2026-11-05")).expect(201);
}
