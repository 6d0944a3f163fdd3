//! How much somebody may give: points and kudos, by team or role; and nothing any more once they have left.

use applaus::domain::organization::{Holders, OtherAllowance};
use applaus::domain::people::Role;
use applaus::domain::points::Points;
use serde_json::{Value, json};

use super::*;

fn other(holders: Holders, points: i64, kudos: Option<u32>) -> OtherAllowance {
    OtherAllowance { holders, points: Points(points), kudos }
}

fn of_team(code: &str, points: i64, kudos: Option<u32>) -> OtherAllowance {
    other(Holders::Team(Code::new(code).unwrap()), points, kudos)
}

#[track_caller]
fn allowance_of(client: &Client, person: &str) -> Value {
    client.get(&format!("/people/{person}/standing")).expect(200).body["allowance"].clone()
}

#[test]
fn the_nearest_team_comes_first_then_a_role_then_everybody() {
    let app = TestApp::start();
    team(&app, "site", None);
    team(&app, "night", Some("site"));
    team(&app, "sales", None);
    for (name, home) in [("anna", "night"), ("ben", "site"), ("cem", "sales"), ("lena", "sales"), ("lars", "night")] {
        at_home(&app, name, home);
    }
    app.lead("lena", "sales");
    app.lead("lars", "night");
    app.agent("dora");
    settings(&app, |settings| {
        settings.kudos.allowances =
            vec![other(Holders::Role(Role::Lead), 300, None), of_team("site", 50, Some(2)), of_team("night", 70, None)];
    });
    for (name, points, kudos) in [
        ("anna", 70, None),
        ("lars", 70, None),
        ("ben", 50, Some(2)),
        ("lena", 300, None),
        ("cem", 100, None),
        ("dora", 100, None),
    ] {
        let expected =
            json!({ "month": "2026-11", "left": points, "issued": points, "kudos_left": kudos, "frozen": false });
        assert_eq!(allowance_of(&app.acting_as(name), "me"), expected, "{name}");
    }
    // Issued whole at first use: later changes of the policy or of the home are for the next month.
    let answer = app.acting_as("ben").post("/kudos", &to("cem", 10)).expect(201);
    assert_eq!((&answer.body["allowance_left"], &answer.body["kudos_left"]), (&json!(40), &json!(1)));
    app.join("ben", "night", "2026-11-18T12:00:00Z");
    settings(&app, |settings| settings.kudos.allowances.truncate(1));
    let expected = json!({ "month": "2026-11", "left": 40, "issued": 50, "kudos_left": null, "frozen": false });
    assert_eq!(allowance_of(&app.acting_as("ben"), "me"), expected);
    app.clock.set("2026-12-01T00:00:00Z".parse().unwrap());
    assert_eq!(allowance_of(&app.acting_as("ben"), "me")["left"], 100);
    in_order(&app);
}

#[test]
fn the_number_of_kudos_is_bounded_with_points_or_without() {
    let app = TestApp::start();
    settings(&app, |settings| settings.kudos.monthly_kudos = Some(2));
    let anna = app.agent("anna");
    for name in ["berta", "carl", "dora"] {
        app.agent(name);
    }
    // To several it is one.
    let several = json!({ "to": ["berta", "carl", "dora"], "message": "Thank you", "points": 5 });
    let first = anna.post("/kudos", &several).expect(201);
    assert_eq!(first.body["kudos_left"], 1);
    let second = sent(&anna, &to("berta", 0));
    let refused = anna.post("/kudos", &to("berta", 0)).problem(422, "kudos_used_up");
    assert_eq!(refused.body["detail"], "You may send 2 kudos a month, and have sent them for 2026-11.");
    assert_eq!(allowance_of(&anna, "me")["kudos_left"], 0);
    // What is withdrawn, or removed by somebody else, may be sent again, once.
    for _ in 0..2 {
        anna.delete(&format!("/kudos/{second}")).expect(204);
    }
    let third = sent(&anna, &to("carl", 0));
    anna.post("/kudos", &to("carl", 0)).problem(422, "kudos_used_up");
    app.hr().delete(&format!("/kudos/{third}")).expect(204);
    anna.post("/kudos", &to("carl", 0)).expect(201);
    anna.post("/kudos", &to("carl", 0)).problem(422, "kudos_used_up");
    // The bound holds at once, the new month starts anew.
    settings(&app, |settings| settings.kudos.monthly_kudos = Some(1));
    assert_eq!(allowance_of(&anna, "me")["kudos_left"], 0);
    app.clock.set("2026-11-30T23:00:00Z".parse().unwrap());
    let anna = app.acting_as("anna");
    assert_eq!(anna.post("/kudos", &to("carl", 0)).expect(201).body["kudos_left"], 0);
    anna.post("/kudos", &to("carl", 0)).problem(422, "kudos_used_up");
    in_order(&app);
}

#[test]
fn whoever_leaves_gives_nothing_any_more_and_hr_sees_what_was_left() {
    let app = TestApp::start();
    let (anna, hr) = (app.agent("anna"), app.hr());
    app.agent("berta");
    let id = sent(&anna, &to("berta", 30));
    leave(&app, "anna");
    anna.post("/kudos", &to("berta", 1)).problem(401, "unauthorized");
    anna.delete(&format!("/kudos/{id}")).problem(401, "unauthorized");
    let frozen = json!({ "month": "2026-11", "left": 70, "issued": 100, "kudos_left": null, "frozen": true });
    assert_eq!(allowance_of(&hr, "anna"), frozen);
    // What is removed still returns to where it came from.
    hr.delete(&format!("/kudos/{id}")).expect(204);
    assert_eq!(allowance_of(&hr, "anna")["left"], 100);
    assert_eq!((wallet(&app, "berta"), allowance(&app, "anna", "2026-11")), (0, 100));
    in_order(&app);
}

#[test]
fn the_policy_is_set_over_http() {
    let app = TestApp::start();
    team(&app, "north", None);
    let any = app.hr().with("if-match", "*");
    let allowances = json!([
        { "team": "north", "points": 50, "kudos": 5 },
        { "role": "lead", "points": 300, "kudos": null },
    ]);
    let kudos = json!({ "kudos": { "monthly_kudos": 7, "allowances": allowances } });
    let changed = any.patch("/organization", &kudos).expect(200).body;
    assert_eq!((&changed["kudos"]["monthly_kudos"], &changed["kudos"]["allowances"]), (&json!(7), &allowances));
    let kept = any.patch("/organization", &json!({ "kudos": { "grace_seconds": 60 } })).expect(200).body;
    assert_eq!(kept["kudos"]["allowances"], allowances);
    let freed = any.patch("/organization", &json!({ "kudos": { "monthly_kudos": null } })).expect(200).body;
    assert_eq!(freed["kudos"]["monthly_kudos"], json!(null));
    for (allowances, pointer, code) in [
        (json!([{ "team": "south", "points": 1 }]), "0/team", "unknown_team"),
        (json!([{ "team": "north", "points": -1 }]), "0/points", "whole_number_expected"),
        (json!([{ "role": "lead", "points": 1, "kudos": 10_001 }]), "0/kudos", "whole_number_expected"),
        (json!([{ "role": "lead", "points": 1 }, { "role": "lead", "points": 2 }]), "1/role", "duplicate_code"),
        (json!([{ "team": "north", "role": "lead", "points": 1 }]), "0", "either_one"),
        (json!([{ "points": 1 }]), "0", "either_one"),
        (json!([{ "team": "North", "points": 1 }]), "0/team", "invalid_code"),
    ] {
        let answer = any.patch("/organization", &json!({ "kudos": { "allowances": allowances } })).expect(422).body;
        let place = &answer["errors"][0];
        assert_eq!((&place["pointer"], &place["code"]), (&json!(format!("/kudos/allowances/{pointer}")), &json!(code)));
    }
}
