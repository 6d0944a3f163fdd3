//! A person's standing, lines of the ledger, and badges over HTTP.

use serde_json::{Value, json};

use crate::leaderboards::{earns, evaluation, programme, server};
use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

const TODAY: &str = "2026-11-18T08:00:00Z";

fn trained(app: &TestApp, key: &str, agent: &str) {
    let training = json!({ "source": "lms", "key": key, "kind": "training", "agent": agent, "occurred_at": "2026-11-17T08:00:00Z" });
    app.hr().post("/signals", &training).expect(200);
}

fn items(answer: &Answer) -> &Vec<Value> {
    answer.body["items"].as_array().unwrap()
}

#[test]
fn one_screen_says_it_all() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "south");
    earns(&app, "anna", "2026-08-05T08:00:00Z", 90);
    earns(&app, "anna", TODAY, 70);
    earns(&app, "ben", TODAY, 80);
    trained(&app, "t1", "anna");
    let mut standing = anna.get("/people/me/standing").expect(200).body;
    let id = app.person_id("anna").to_string();
    assert_eq!(standing["person"], json!({ "id": id, "user_name": "anna", "display_name": "anna" }));
    assert_eq!(standing["wallet"], json!({ "balance": 160, "reserved": 0 }));
    assert_eq!(
        standing["allowance"],
        json!({ "month": "2026-11", "left": 100, "issued": 100, "kudos_left": null, "frozen": false })
    );
    let mut service = standing["programmes"][0].take();
    let boards = service["boards"].take();
    let badges = service["badges"].take();
    assert_eq!(
        service,
        json!({
            "programme": "service", "season": "2026-Q4", "points": 70, "pending": 0, "tier": "bronze",
            "next_tier": { "code": "silver", "missing": 50 }, "boards": null, "badges": null, "streaks": []
        })
    );
    let rank = |board: &str, rank: u64| json!({ "board": board, "rank": rank, "total": 2 });
    let ranks = [("season", 2), ("month", 2), ("week", 2), ("day", 2), ("rolling", 2), ("ever", 1)];
    assert_eq!(boards, json!(ranks.map(|(board, of)| rank(board, of))));
    assert_eq!(badges.as_array().unwrap().len(), 1);
    assert_eq!((&badges[0]["badge"], &badges[0]["season"]), (&json!("star"), &json!("2026-Q4")));

    earns(&app, "anna", TODAY, 50);
    let service = &anna.get("/people/me/standing").expect(200).body["programmes"][0];
    assert_eq!((&service["tier"], &service["next_tier"]), (&json!("silver"), &Value::Null));
    assert_eq!(service["boards"][0]["rank"], 1);
}

#[test]
fn a_standing_begins_with_nothing() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let standing = anna.get("/people/me/standing").expect(200).body;
    assert_eq!(standing["wallet"]["balance"], 0);
    let service = &standing["programmes"][0];
    assert_eq!((&service["points"], &service["tier"]), (&json!(0), &Value::Null));
    assert_eq!(service["next_tier"], json!({ "code": "bronze", "missing": 50 }));
    let cook = app.agent_in("cook", "kitchen");
    assert_eq!(cook.get("/people/me/standing").expect(200).body["programmes"], json!([]));
}

#[test]
fn a_season_that_a_later_version_gives_tiers_has_them() {
    let app = TestApp::start();
    for team in ["support", "kitchen"] {
        app.team(team, None);
    }
    let mut plain = programme();
    plain.as_object_mut().unwrap().remove("tiers");
    app.programme(&plain, "2026-10-01");
    let anna = app.agent_in("anna", "support");
    assert_eq!(anna.get("/people/me/standing").expect(200).body["programmes"][0]["next_tier"], Value::Null);
    app.draft("service", &programme());
    app.activate("service", 2, "2026-11-20");
    let service = &anna.get("/people/me/standing").expect(200).body["programmes"][0];
    assert_eq!(service["next_tier"]["code"], "bronze");
}

#[test]
fn what_one_earned_is_for_few_eyes() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let ben = app.agent_in("ben", "north");
    earns(&app, "anna", TODAY, 70);
    let (hr, auditor) = (app.hr(), app.auditor());
    let (lead, chef) = (app.lead("boss", "support"), app.lead("chef", "kitchen"));
    let transfer = items(&anna.get("/people/me/transfers").expect(200))[0]["id"].as_str().unwrap().to_owned();
    let see = |path: &str, insiders: &[&Client], outsiders: &[&Client]| {
        insiders.iter().for_each(|client| drop(client.get(path).expect(200)));
        outsiders.iter().for_each(|client| drop(client.get(path).problem(404, "not_found")));
    };
    see("/people/anna/standing", &[&anna, &hr, &lead], &[&ben, &chef]);
    for path in ["/people/anna/transfers", "/people/anna/badges", &format!("/transfers/{transfer}")] {
        see(path, &[&anna, &hr, &lead, &auditor], &[&ben, &chef]);
    }
    ben.get("/transfers/nothing").problem(404, "not_found");
    assert_eq!(lead.get("/people/anna/standing").expect(200).body["allowance"], Value::Null, "hers, and for HR");
}

#[test]
fn a_transfer_names_its_cause_and_what_it_takes_back() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let hr = app.hr();
    let at = "2026-11-18T09:00:00+01:00";
    hr.post("/signals", &evaluation("e-1", 1, "anna", at, 70)).expect(200);
    hr.post("/signals", &evaluation("e-1", 2, "anna", at, 90)).expect(200);
    let lines = anna.get("/people/me/transfers").expect(200);
    let (award, back, again) = (&items(&lines)[0], &items(&lines)[1], &items(&lines)[2]);
    let told = ["kind", "amount", "direction", "programme", "season", "rule", "version", "cause", "at", "reverses"];
    let tell = |line: &Value| Value::from_iter(told.map(|field| (field.to_owned(), line[field].clone())));
    let expected = |kind: &str, amount: i64, direction: &str, reverses: Value| {
        json!({ "kind": kind, "amount": amount, "direction": direction, "programme": "service", "season": "2026-Q4",
                "rule": "quality", "version": 1, "cause": { "signal": { "source": "qa", "key": "e-1" } },
                "at": "2026-11-18T08:00:00Z", "reverses": reverses })
    };
    assert_eq!(tell(award), expected("award", 70, "in", Value::Null));
    assert_eq!(tell(back), expected("reversal", 70, "out", award["id"].clone()));
    assert_eq!(tell(again), expected("award", 90, "in", Value::Null));
    assert_eq!(
        items(&lines).iter().map(|line| line["owner"].as_str()).collect::<Vec<_>>(),
        [Some(app.person_id("anna").to_string().as_str()); 3]
    );
    let one = anna.get(&format!("/transfers/{}", back["id"].as_str().unwrap())).expect(200);
    assert_eq!(&one.body, back);
}

#[test]
fn transfers_are_read_on_from_a_number() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    for points in [10, 20, 30] {
        earns(&app, "anna", TODAY, points);
        earns(&app, "ben", TODAY, points + 1);
    }
    let amounts = |client: &Client, query: &str| {
        let answer = client.get(&format!("/transfers?{query}")).expect(200);
        let amounts: Vec<i64> = items(&answer).iter().map(|line| line["amount"].as_i64().unwrap()).collect();
        (amounts, answer.body["next"].as_i64())
    };
    let (first, next) = amounts(&anna, "limit=2");
    assert_eq!(first, [10, 20]);
    assert_eq!(amounts(&anna, &format!("since={}", next.unwrap())), (vec![30], None));
    assert_eq!(amounts(&anna, "limit=3"), (vec![10, 20, 30], None));
    for reader in [app.hr(), app.auditor()] {
        assert_eq!(amounts(&reader, "").0, [10, 11, 20, 21, 30, 31]);
    }
    anna.get("/transfers?since=soon").problem(400, "invalid_query");
    anna.get("/people/me/transfers?limit=1000").problem(400, "invalid_query");
}

/// SEMANTICS S12.
#[test]
fn kudos_move_the_wallet_and_the_allowance_and_no_board() {
    let app = server();
    let (anna, ben) = (app.agent_in("anna", "north"), app.agent_in("ben", "north"));
    let before = anna.get("/leaderboards/service/season").expect(200).body;
    let sent = ben.post("/kudos", &json!({ "to": ["anna"], "message": "Thank you", "points": 10 })).expect(201);
    let lines = anna.get("/people/me/transfers").expect(200);
    assert_eq!(items(&lines).len(), 1);
    let line = &items(&lines)[0];
    assert_eq!((&line["kind"], &line["amount"], &line["direction"]), (&json!("kudos"), &json!(10), &json!("in")));
    assert_eq!(line["cause"], json!({ "kudos": sent.body["id"] }));
    assert_eq!(anna.get("/people/me/standing").expect(200).body["wallet"]["balance"], 10);
    let left = json!({ "month": "2026-11", "left": 90, "issued": 100, "kudos_left": null, "frozen": false });
    assert_eq!(ben.get("/people/me/standing").expect(200).body["allowance"], left);
    let all = app.hr().get("/transfers").expect(200);
    let issue = items(&all).iter().find(|line| line["kind"] == "allowance").unwrap();
    assert_eq!(issue["cause"], json!({ "month": "2026-11" }));
    assert_eq!(issue["owner"], json!(app.person_id("ben").to_string()));
    assert_eq!(anna.get("/leaderboards/service/season").expect(200).body, before);
}

#[test]
fn a_badge_that_is_lost_says_since_when() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    trained(&app, "t1", "anna");
    let held = json!({
        "badge": "star", "name": { "en": "Star", "de": "Stern" }, "programme": "service", "season": "2026-Q4",
        "earned_at": "2026-11-17T08:00:00Z", "revoked_at": null
    });
    assert_eq!(anna.get("/people/me/badges").expect(200).body["items"], json!([held]));
    app.hr().delete("/signals/lms/t1").expect(200);
    trained(&app, "t2", "anna");
    let badges = anna.get("/people/me/badges").expect(200);
    assert_eq!(items(&badges)[0]["revoked_at"], "2026-11-18T12:00:00Z");
    assert_eq!(items(&badges)[1], held);
    let standing = anna.get("/people/me/standing").expect(200);
    assert_eq!(standing.body["programmes"][0]["badges"], json!([held]));
}
