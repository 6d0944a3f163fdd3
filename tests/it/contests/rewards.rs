//! Prizes that are rewards: proposed when a person finalises a contest, each once (SEMANTICS S11).

use super::*;
use crate::support::proposals::{offer, proposed};

fn prize(contest: &str, who: &str) -> (&'static str, (String, String)) {
    ("voucher", (who.to_owned(), format!("prize:service:{contest}:2026-11:2026-Q4:voucher:{who}")))
}

#[test]
fn finalising_proposes_the_prizes_once() {
    let app = server();
    november(&app);
    offer(&app, "voucher");
    time_is(&app, NOVEMBER_IS_DECIDED);
    assert!(proposed(&app).is_empty(), "a person finalises");
    let done = finalise(&app.hr(), "monthly", &json!({})).expect(200);
    assert_eq!(proposed(&app), [prize("monthly", "cleo")]);
    assert_eq!(finalise(&app.hr(), "monthly", &json!({})).expect(200).body, done.body);
    offer(&app, "pen");
    assert_eq!(proposed(&app), [prize("monthly", "cleo")]);
    app.verify();
}

#[test]
fn a_prize_of_a_team_goes_to_each_who_was_at_home_there_at_the_end() {
    let mut prized = programme("quarter");
    prized["contests"][3]["prizes"] = json!([{ "ranks": [1, 1], "reward": "voucher" }]);
    let app = server_with(&prized);
    november(&app);
    // After the end: it changes nothing.
    app.person("late");
    time_is(&app, NOVEMBER_IS_DECIDED);
    app.join("late", "north", "2026-12-01T00:00:00Z");
    finalise(&app.hr(), "teams", &json!({})).expect(200);
    assert!(proposed(&app).is_empty());
    offer(&app, "voucher");
    assert_eq!(proposed(&app), [prize("teams", "anna"), prize("teams", "ben")]);
    app.verify();
}
