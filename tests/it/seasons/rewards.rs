//! The rewards of tiers: proposed from what was frozen at closing, each once (SEMANTICS S11).

use super::*;
use crate::support::proposals::{offer, planted, proposed};

/// November in which anna reaches silver and ben bronze; the clock has not closed it yet.
fn november() -> TestApp {
    let app = server();
    for (who, team, quality) in [("anna", "north", 90), ("ben", "north", 60), ("cleo", "south", 95)] {
        app.agent_in(who, team);
        evaluate(&app, &format!("{who}-1"), 1, who, "2026-11-02T09:00:00Z", quality);
    }
    for (who, quality) in [("anna", 80), ("cleo", 85)] {
        evaluate(&app, &format!("{who}-2"), 1, who, "2026-11-03T09:00:00Z", quality);
    }
    app
}

fn silver(who: &str) -> (String, String) {
    (who.to_owned(), format!("tier:service:2026-11:silver:{who}"))
}

#[test]
fn closing_proposes_the_rewards_of_tiers_and_hands_nothing_over() {
    let app = november();
    offer(&app, "voucher");
    time_is(&app, NOVEMBER_CLOSES);
    assert_eq!(proposed(&app), [("voucher", silver("anna")), ("voucher", silver("cleo"))]);
    let lines = app.acting_as("anna").get("/people/me/transfers").expect(200).body["items"].clone();
    assert!(lines.as_array().unwrap().iter().all(|line| line["kind"] == "award"), "nothing was paid: {lines}");
    app.verify();
    // Later evidence is an adjustment: it brings nobody a tier.
    evaluate(&app, "ben-2", 1, "ben", "2026-11-20T09:00:00Z", 95);
    time_is(&app, "2026-12-05T09:00:00Z");
    assert_eq!(proposed(&app).len(), 2);
    app.verify();
}

#[test]
fn a_reward_that_comes_after_the_close_is_proposed_then() {
    let app = november();
    time_is(&app, NOVEMBER_CLOSES);
    assert!(proposed(&app).is_empty(), "there is nothing to hand over");
    offer(&app, "mug");
    assert!(proposed(&app).is_empty());
    offer(&app, "voucher");
    assert_eq!(proposed(&app), [("voucher", silver("anna")), ("voucher", silver("cleo"))]);
    app.verify();
}

#[test]
fn a_programme_is_warned_of_rewards_that_are_not_there() {
    let app = server();
    let hr = app.hr();
    let warned = || hr.post("/programmes/validate", &programme()).expect(200).body["warnings"].to_string();
    assert!(warned().contains("unknown_reward"), "{}", warned());
    offer(&app, "voucher");
    assert!(!warned().contains("unknown_reward"), "{}", warned());
}

#[test]
fn who_has_left_is_proposed_nothing() {
    let app = november();
    offer(&app, "voucher");
    let path = "/people/cleo";
    app.hr().with("if-match", "*").patch(path, &json!({ "active": false })).expect(200);
    time_is(&app, NOVEMBER_CLOSES);
    assert_eq!(proposed(&app), [("voucher", silver("anna"))]);
    app.verify();
}

#[test]
fn verify_notices_a_reward_that_is_not_due() {
    let app = november();
    offer(&app, "voucher");
    time_is(&app, NOVEMBER_CLOSES);
    let another = "INSERT INTO redemptions (id, sequence, receiver, reward, due, cost, kind, state, requested_at, \
        requested_by, pieces, revision) SELECT 'x' || id, sequence + 100000, receiver, reward, \
        'tier:service:2026-11:gold:' || receiver, 0, kind, state, requested_at, requested_by, 0, revision FROM redemptions";
    planted(&app, another, "is not due");
}
