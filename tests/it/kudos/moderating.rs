//! Reporting, hiding and showing again: who may, what each side sees, and that nothing that counts changes.

use serde_json::{Value, json};

use super::*;

fn why() -> Value {
    json!({ "reason": " Not  kind " })
}

/// Support with berta, sales with anna; a lead for each, and a colleague of neither.
fn office() -> TestApp {
    let app = TestApp::start();
    for code in ["support", "sales", "kitchen"] {
        team(&app, code, None);
    }
    for (name, home) in [("anna", "sales"), ("berta", "support"), ("carl", "kitchen")] {
        at_home(&app, name, home);
    }
    app.lead("lena", "support");
    app.lead("lars", "sales");
    app.lead("lotte", "kitchen");
    app
}

fn queue(client: &Client) -> Vec<Value> {
    client.get("/kudos/reports").expect(200).body["items"].as_array().unwrap().clone()
}

#[test]
fn a_report_is_decided_by_hiding_or_letting_it_stay() {
    let app = office();
    let (anna, berta, carl) = (app.acting_as("anna"), app.acting_as("berta"), app.acting_as("carl"));
    let (lena, hr) = (app.acting_as("lena"), app.hr());
    let id = sent(&anna, &to("berta", 5));
    let (path, report) = (format!("/kudos/{id}"), format!("/kudos/{id}/report"));
    carl.get(&report).problem(404, "not_found");
    let made = carl.post(&report, &why()).expect(201);
    assert_eq!(made.header("location"), Some(format!("/api/v1{report}").as_str()));
    let open = json!({ "kudos": id, "reason": "Not  kind", "state": "open", "reported_at": "2026-11-18T12:00:00Z", "decided_at": null });
    assert_eq!((&made.body, &carl.get(&report).expect(200).body), (&open, &open));
    carl.post(&report, &why()).problem(409, "already_reported");
    anna.post(&report, &why()).problem(403, "forbidden");
    berta.post(&report, &json!({ "reason": "<b>" })).problem(422, "mark_up");
    berta.post(&report, &why()).expect(201);

    // The author and the receiver learn nothing of it; whoever decides sees who reported.
    for client in [&anna, &berta] {
        let text = client.get(&path).expect(200).text;
        assert!(!text.contains("kind") && !text.contains("carl"), "{text}");
    }
    assert_eq!(carl.get(&path).expect(200).body["my_report"], "open");
    let waiting = queue(&lena);
    let who: Vec<&str> = waiting.iter().map(|report| report["reporter"]["user_name"].as_str().unwrap()).collect();
    assert_eq!(
        (who, &waiting[0]["kudos"]["id"], &waiting[0]["reason"]),
        (vec!["carl", "berta"], &json!(id), &json!("Not  kind"))
    );
    let first = lena.get("/kudos/reports?limit=1").expect(200).body;
    let second = lena.get(&format!("/kudos/reports?after={}", first["next"].as_str().unwrap())).expect(200).body;
    assert_eq!([&first["items"][0], &second["items"][0]], [&waiting[0], &waiting[1]]);

    lena.post(&format!("{path}/hide"), &why()).expect(204);
    assert_eq!(queue(&lena), Vec::<Value>::new());
    for client in [&carl, &berta] {
        assert_eq!(client.get(&report).expect(200).body["state"], "upheld");
    }
    hr.post(&format!("{path}/restore"), &json!({ "reason": "It was a joke" })).expect(204);
    let dismissed = carl.get(&report).expect(200).body;
    assert_eq!((&dismissed["state"], &dismissed["decided_at"]), (&json!("dismissed"), &json!("2026-11-18T12:00:00Z")));
    carl.post(&report, &why()).problem(409, "already_reported");
}

#[test]
fn letting_it_stay_dismisses_and_taking_it_back_decides_too() {
    let app = office();
    let (anna, carl, hr) = (app.acting_as("anna"), app.acting_as("carl"), app.hr());
    let reported = || {
        let id = sent(&anna, &to("berta", 5));
        carl.post(&format!("/kudos/{id}/report"), &why()).expect(201);
        format!("/kudos/{id}")
    };
    let state = |path: &str| carl.get(&format!("{path}/report")).expect(200).body["state"].as_str().unwrap().to_owned();
    let (stays, removed, withdrawn) = (reported(), reported(), reported());
    hr.post(&format!("{stays}/restore"), &why()).expect(204);
    hr.delete(&removed).expect(204);
    anna.delete(&withdrawn).expect(204);
    assert_eq!([&stays, &removed, &withdrawn].map(|path| state(path)), ["dismissed", "upheld", "withdrawn"]);
    assert_eq!(queue(&hr), Vec::<Value>::new());
    assert_eq!(carl.get(&stays).expect(200).body["my_report"], "dismissed");
    for gone in [&removed, &withdrawn] {
        for act in ["hide", "restore"] {
            hr.post(&format!("{gone}/{act}"), &why()).problem(409, "unfit_state");
        }
        hr.post(&format!("{gone}/report"), &why()).problem(409, "unfit_state");
    }
}

#[test]
fn hiding_changes_what_is_seen_and_nothing_that_counts() {
    let app = office();
    programme_on_kudos(&app);
    settings(&app, |settings| settings.values.push(value("care")));
    let (anna, berta, carl) = (app.acting_as("anna"), app.acting_as("berta"), app.acting_as("carl"));
    let (lena, lars, hr) = (app.acting_as("lena"), app.acting_as("lars"), app.hr());
    let kudos = json!({ "to": ["berta"], "message": "Thank you", "value": "care", "points": 5 });
    let path = format!("/kudos/{}", sent(&anna, &kudos));
    let counted = || (wallet(&app, "berta"), allowance(&app, "anna", "2026-11"));
    let before = counted();
    assert_eq!(before, (10, 95));
    for _ in 0..2 {
        assert!(lars.post(&format!("{path}/hide"), &why()).expect(204).header("applaus-version").is_some());
    }
    assert_eq!(counted(), before);
    carl.get(&path).problem(404, "not_found");
    app.auditor().get(&path).problem(404, "not_found");
    let in_feed = |client: &Client| client.get("/kudos").expect(200).body["items"].as_array().unwrap().len();
    assert_eq!(in_feed(&carl), 0);
    for (who, client, message, by) in [
        ("author", &anna, true, false),
        ("receiver", &berta, false, false),
        ("lead", &lena, true, true),
        ("hr", &hr, true, true),
    ] {
        let seen = client.get(&path).expect(200).body;
        let hidden = &seen["hidden"];
        assert_eq!(
            (&hidden["reason"], &hidden["since"]),
            (&json!("Not  kind"), &json!("2026-11-18T12:00:00Z")),
            "{who}"
        );
        assert_eq!((seen["message"].is_string(), hidden["by"].is_object()), (message, by), "{who}");
        assert_eq!(in_feed(client), 1, "{who}");
    }
    assert_eq!(hr.get(&path).expect(200).body["hidden"]["by"]["user_name"], "lars");
    for _ in 0..2 {
        lena.post(&format!("{path}/restore"), &why()).expect(204);
    }
    let seen = carl.get(&path).expect(200).body;
    assert_eq!((seen.get("hidden"), &seen["message"]), (None, &json!("Thank you")));
    assert_eq!(counted(), before);
    // Hidden again, it can still be taken back, once.
    hr.post(&format!("{path}/hide"), &why()).expect(204);
    anna.delete(&path).expect(204);
    assert_eq!(counted(), (0, 100));
    in_order(&app);
}

#[test]
fn leads_and_hr_moderate_but_never_what_they_sent_or_received() {
    let app = office();
    let anna = app.acting_as("anna");
    let clients = ["anna", "berta", "carl", "lena", "lars", "lotte"].map(|name| (name, app.acting_as(name)));
    let others = [("hr", app.hr()), ("auditor", app.auditor()), ("admin", app.admin())];
    let everybody = || clients.iter().chain(&others);
    let public = sent(&anna, &to("berta", 0));
    let private = sent(&anna, &json!({ "to": ["berta"], "message": "Thank you", "visibility": "private" }));
    let shared = sent(&anna, &json!({ "to": ["berta", "lena", "hr"], "message": "Thank you" }));
    let by_lead = sent(&app.acting_as("lars"), &to("berta", 0));
    for (kudos, may, see) in [
        (&public, &["lena", "lars", "hr"][..], &["anna", "berta", "carl", "lotte", "auditor", "admin"][..]),
        (&private, &["lena", "hr"], &["anna", "berta"]),
        (&shared, &["lars"], &["anna", "berta", "carl", "lena", "lotte", "hr", "auditor", "admin"]),
        (&by_lead, &["lena", "hr"], &["lars", "anna", "berta", "carl", "lotte", "auditor", "admin"]),
    ] {
        for act in ["hide", "restore"] {
            for (who, client) in everybody() {
                let answer = client.post(&format!("/kudos/{kudos}/{act}"), &why());
                let expected = if may.contains(who) {
                    204
                } else if see.contains(who) {
                    403
                } else {
                    404
                };
                assert_eq!(answer.status, expected, "{who} {act} {kudos}: {}", answer.text);
                // Seen by those who see it when it is not hidden.
                if act == "hide" && may.contains(who) {
                    client.post(&format!("/kudos/{kudos}/restore"), &why()).expect(204);
                }
            }
        }
    }
    // The queue shows each what they may decide, and nobody else a queue.
    let berta = app.acting_as("berta");
    for kudos in [&public, &private, &shared, &by_lead] {
        berta.post(&format!("/kudos/{kudos}/report"), &why()).expect(201);
    }
    for (who, client) in everybody() {
        let expected: Vec<&String> = match *who {
            "lena" | "hr" => vec![&public, &private, &by_lead],
            "lars" => vec![&public, &shared],
            "lotte" => vec![],
            _ => {
                client.get("/kudos/reports").problem(403, "forbidden");
                continue;
            }
        };
        let listed = queue(client);
        let listed: Vec<&str> = listed.iter().map(|report| report["kudos"]["id"].as_str().unwrap()).collect();
        assert_eq!(listed, expected, "{who}");
    }
}
