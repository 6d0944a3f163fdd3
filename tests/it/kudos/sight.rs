//! Who sees which kudos, and what of it; the feed.

use serde_json::{Value, json};

use super::*;

fn ids(answer: &Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|kudos| kudos["id"].as_str().unwrap().to_owned()).collect()
}

/// A server with two sites, and the kudos of each visibility that anna (sales) sent to berta (night, below support).
fn thanked() -> (TestApp, [String; 3]) {
    let app = TestApp::start();
    for code in ["support", "sales"] {
        team(&app, code, None);
    }
    team(&app, "night", Some("support"));
    team(&app, "day", Some("support"));
    let anna = at_home(&app, "anna", "sales");
    for (name, team) in [("berta", "night"), ("nora", "night"), ("dan", "day"), ("sam", "sales")] {
        at_home(&app, name, team);
    }
    app.agent("homeless");
    let kudos = ["public", "team", "private"].map(|visibility| {
        sent(&anna, &json!({ "to": ["berta"], "message": "Thank you", "points": 1, "visibility": visibility }))
    });
    (app, kudos)
}

#[test]
fn one_sees_what_is_meant_for_one_and_the_feed_shows_the_same() {
    let (app, kudos) = thanked();
    let [public, team, private] = &kudos;
    let (all, of_team, open) = (vec![private, team, public], vec![team, public], vec![public]);
    for (who, client, seen) in [
        ("sender", app.acting_as("anna"), &all),
        ("receiver", app.acting_as("berta"), &all),
        ("home of the receiver", app.acting_as("nora"), &of_team),
        ("home of the sender", app.acting_as("sam"), &of_team),
        ("another team below the same", app.acting_as("dan"), &open),
        ("no team", app.acting_as("homeless"), &open),
        ("lead above the receiver", app.lead("lena", "support"), &all),
        ("lead of the receiver", app.lead("nils", "night"), &all),
        ("lead of the sender", app.lead("lars", "sales"), &of_team),
        ("lead of others", app.lead("dora", "day"), &open),
        ("lead narrowed to agent", app.narrowed("lena", &[applaus::domain::people::Role::Agent]), &open),
        ("hr", app.hr(), &all),
        ("hr narrowed to agent", app.narrowed("hr", &[applaus::domain::people::Role::Agent]), &open),
        ("auditor", app.auditor(), &open),
        ("admin", app.admin(), &open),
    ] {
        assert_eq!(ids(&client.get("/kudos").expect(200).body).iter().collect::<Vec<_>>(), *seen, "{who}");
        for id in &kudos {
            let answer = client.get(&format!("/kudos/{id}"));
            assert_eq!(answer.status, if seen.contains(&id) { 200 } else { 404 }, "{who}: {}", answer.text);
        }
    }
}

#[test]
fn points_are_seen_by_those_who_may_see_the_ledger_of_a_receiver() {
    let (app, _) = thanked();
    let both = json!({ "to": ["berta", "dan"], "message": "Thank you", "points": 3 });
    let id = sent(&app.acting_as("anna"), &both);
    for (who, client, berta, dan) in [
        ("sender", app.acting_as("anna"), true, true),
        ("receiver", app.acting_as("berta"), true, false),
        ("lead of one", app.lead("dora", "day"), false, true),
        ("lead of both", app.lead("lena", "support"), true, true),
        ("hr", app.hr(), true, true),
        ("auditor", app.auditor(), true, true),
        ("colleague", app.acting_as("nora"), false, false),
        ("lead of the sender", app.lead("lars", "sales"), false, false),
    ] {
        let body = client.get(&format!("/kudos/{id}")).expect(200).body;
        let points = |name: &str| {
            let receivers = body["receivers"].as_array().unwrap();
            let receiver = receivers.iter().find(|receiver| receiver["person"]["user_name"] == name).unwrap();
            receiver.get("points").map(|points| points.as_i64().unwrap())
        };
        assert_eq!((points("berta"), points("dan")), (berta.then_some(3), dan.then_some(3)), "{who}");
        assert_eq!(body.get("points").is_some(), berta || dan, "{who}");
        assert_eq!(body.get("withdrawable_until").is_some(), who == "sender", "{who}");
    }
}

#[test]
fn what_was_taken_back_is_seen_by_those_who_answer_for_it() {
    let (app, [public, team, _]) = thanked();
    app.acting_as("anna").delete(&format!("/kudos/{public}")).expect(204);
    app.hr().delete(&format!("/kudos/{team}")).expect(204);
    for (client, status) in [
        (app.acting_as("anna"), 200),
        (app.hr(), 200),
        (app.lead("lena", "support"), 200),
        (app.acting_as("berta"), 404),
        (app.acting_as("nora"), 404),
        (app.acting_as("homeless"), 404),
    ] {
        for id in [&public, &team] {
            client.get(&format!("/kudos/{id}")).expect(status);
        }
        assert!(!ids(&client.get("/kudos").body).iter().any(|id| [&public, &team].contains(&id)));
    }
}

#[test]
fn the_feed_is_read_in_pages_that_new_kudos_do_not_move() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.agent("berta");
    let mut newest_first: Vec<String> = (0..7).map(|_| sent(&anna, &to("berta", 0))).collect();
    newest_first.reverse();
    let reader = app.agent("rita");
    let (mut seen, mut path) = (Vec::new(), "/kudos?limit=3".to_owned());
    loop {
        let page = reader.get(&path).expect(200).body;
        assert!(ids(&page).len() <= 3);
        seen.extend(ids(&page));
        sent(&anna, &to("berta", 0));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/kudos?limit=3&after={next}");
    }
    assert_eq!(seen, newest_first);
    for query in ["limit=0", "limit=201", "after=nonsense", "persn=anna"] {
        reader.get(&format!("/kudos?{query}")).problem(400, "invalid_query");
    }
}

#[test]
fn the_feed_is_narrowed_by_person_team_and_value() {
    let (app, [public, team, private]) = thanked();
    settings(&app, |settings| settings.values.push(value("care")));
    let valued = json!({ "to": ["dan"], "message": "Thank you", "value": "care" });
    let valued = sent(&app.acting_as("sam"), &valued);
    let hr = app.hr();
    let berta_id = app.person_id("berta");
    let of_berta = vec![private.clone(), team.clone(), public.clone()];
    let all = vec![valued.clone(), private.clone(), team.clone(), public.clone()];
    for (query, expected) in [
        ("person=berta".to_owned(), &of_berta),
        (format!("person={berta_id}"), &of_berta),
        ("person=anna&team=night".to_owned(), &of_berta),
        ("person=sam".to_owned(), &vec![valued.clone()]),
        ("person=nora".to_owned(), &vec![]),
        ("person=nobody".to_owned(), &vec![]),
        ("team=night".to_owned(), &of_berta),
        ("team=day".to_owned(), &vec![valued.clone()]),
        ("team=support".to_owned(), &all),
        ("team=sales".to_owned(), &all),
        ("team=nowhere".to_owned(), &vec![]),
        ("value=care".to_owned(), &vec![valued.clone()]),
        ("value=speed".to_owned(), &vec![]),
        ("team=night&value=care".to_owned(), &vec![]),
    ] {
        assert_eq!(ids(&hr.get(&format!("/kudos?{query}")).expect(200).body), *expected, "{query}");
    }
    let mine = app.acting_as("anna").get("/kudos?person=me").expect(200);
    assert_eq!(ids(&mine.body), of_berta);
    let by_dan = app.acting_as("dan").get("/kudos?person=berta").expect(200);
    assert_eq!(ids(&by_dan.body), vec![public]);
}

#[test]
fn the_feed_is_narrowed_by_time_and_holds_while_others_withdraw() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.agent("berta");
    let sent: Vec<String> = (0..4)
        .map(|_| {
            app.clock.advance(chrono::TimeDelta::minutes(1));
            sent(&anna, &to("berta", 0))
        })
        .collect();
    let reader = app.agent("rita");
    let between = |query: &str| ids(&reader.get(&format!("/kudos?{query}")).expect(200).body);
    let newest_first = |range: std::ops::Range<usize>| sent[range].iter().rev().cloned().collect::<Vec<_>>();
    assert_eq!(between("from=2026-11-18T12:02:00Z"), newest_first(1..4));
    assert_eq!(between("until=2026-11-18T12:02:00Z"), newest_first(0..1));
    assert_eq!(between("from=2026-11-18T13:02:00%2B01:00&until=2026-11-18T12:04:00Z"), newest_first(1..3));
    reader.get("/kudos?from=yesterday").problem(400, "invalid_query");
    // The last of a page is taken back, and what comes after it still follows.
    let page = reader.get("/kudos?limit=2").expect(200).body;
    anna.delete(&format!("/kudos/{}", sent[2])).expect(204);
    let rest = reader.get(&format!("/kudos?limit=2&after={}", page["next"].as_str().unwrap())).expect(200).body;
    assert_eq!((ids(&page), ids(&rest)), (newest_first(2..4), newest_first(0..2)));
}

#[test]
fn a_value_that_is_gone_is_still_read_by_its_name() {
    let app = TestApp::start();
    let named = |en: &str, de: &str| CompanyValue {
        code: Code::new("care").unwrap(),
        name: Localised { en: en.to_owned(), de: de.to_owned() },
    };
    let kudos = json!({ "to": ["berta"], "message": "Thank you", "value": "care" });
    settings(&app, |settings| settings.values.push(named("Caer", "Fürsorge")));
    let anna = app.agent("anna");
    app.agent("berta");
    let path = format!("/kudos/{}", sent(&anna, &kudos));
    // A name that is corrected is corrected everywhere.
    settings(&app, |settings| settings.values = vec![named("Care", "Fürsorge")]);
    assert_eq!(anna.get(&path).expect(200).body["value_name"], json!({ "en": "Care", "de": "Fürsorge" }));
    settings(&app, |settings| settings.values.clear());
    let seen = anna.get(&path).expect(200).body;
    assert_eq!((&seen["value"], &seen["value_name"]), (&json!("care"), &json!({ "en": "Caer", "de": "Fürsorge" })));
    assert_eq!(anna.get("/kudos?value=care").expect(200).body["items"][0]["id"], seen["id"]);
    anna.post("/kudos", &kudos).problem(422, "unknown_name");
}
