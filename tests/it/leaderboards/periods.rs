//! Periods of boards: which there are, where they begin and end, and what is asked for wrongly.

use serde_json::{Value, json};

use super::*;

#[test]
fn a_period_begins_and_ends_with_the_programmes_days() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    // Midnight in Berlin: 22:00 in UTC before clocks fall back on 25 October, 23:00 after.
    earns(&app, "anna", "2026-09-30T21:59:59.999999Z", 1);
    earns(&app, "anna", "2026-09-30T22:00:00Z", 2);
    earns(&app, "anna", "2026-10-31T22:59:59.999999Z", 4);
    earns(&app, "anna", "2026-10-31T23:00:00Z", 8);
    let score = |code: &str, query: &str| lines(&board(&anna, code, query))[0].2;
    assert_eq!(score("month", "period=2026-09"), 1.0);
    assert_eq!(score("month", "period=2026-10"), 6.0);
    assert_eq!((score("month", "period=previous"), score("month", "")), (6.0, 8.0));
    assert_eq!((score("season", "period=season:2026-Q3"), score("season", "period=current")), (1.0, 14.0));
    assert_eq!(score("day", "period=2026-10-31"), 4.0);
    assert_eq!(score("day", "period=2026-11-01"), 8.0);
    assert_eq!((score("week", "period=2026-W44"), score("week", "")), (12.0, 0.0));
    assert_eq!(score("rolling", ""), 12.0, "20 October to 18 November");
    assert_eq!(score("ever", ""), 15.0);
}

#[test]
fn a_period_says_its_days() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let period = |code: &str, query: &str| board(&anna, code, query).body["period"].clone();
    let says =
        |code: &str, from: Value, until: Value| json!({ "code": code, "from": from, "until": until, "closed": false });
    assert_eq!(period("season", ""), says("season:2026-Q4", json!("2026-10-01"), json!("2027-01-01")));
    assert_eq!(period("month", "period=previous"), says("2026-10", json!("2026-10-01"), json!("2026-11-01")));
    assert_eq!(period("rolling", ""), says("days:30@2026-11-18", json!("2026-10-20"), json!("2026-11-19")));
    assert_eq!(period("ever", ""), says("all", Value::Null, Value::Null));
}

#[test]
fn current_moves_on_with_the_local_day() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    earns(&app, "anna", "2026-11-18T08:00:00Z", 7);
    let of = |client: &Client, query: &str| {
        let answer = board(client, "day", query);
        (answer.body["period"]["code"].as_str().unwrap().to_owned(), lines(&answer)[0].2)
    };
    assert_eq!(of(&anna, ""), ("2026-11-18".to_owned(), 7.0));
    app.clock.set("2026-11-18T23:00:00Z".parse().unwrap());
    let anna = app.acting_as("anna");
    assert_eq!(of(&anna, ""), ("2026-11-19".to_owned(), 0.0));
    assert_eq!(of(&anna, "period=previous"), ("2026-11-18".to_owned(), 7.0));
}

#[test]
fn what_is_no_period_is_refused_with_the_form_expected() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    for (code, asked, example) in
        [("month", "2026-13", "2026-11"), ("month", "2026-W46", "2026-11"), ("season", "2026-Q4", "season:2026-Q4")]
    {
        let refused = anna.get(&format!("/leaderboards/service/{code}?period={asked}")).problem(422, "invalid_period");
        assert!(refused.body["detail"].as_str().unwrap().contains(example), "{}", refused.text);
        assert_eq!(refused.body["errors"][0]["pointer"], "period");
    }
    anna.get("/leaderboards/service/month?period=2026-12").problem(404, "not_found");
    anna.get("/leaderboards/service/month?team=nowhere").problem(422, "unknown_team");
}

#[test]
fn a_tier_follows_the_season_and_shows_nowhere_else() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    earns(&app, "anna", "2026-11-02T08:00:00Z", 50);
    earns(&app, "ben", "2026-11-02T08:00:00Z", 49);
    let tiers = |code: &str| -> Vec<Option<String>> {
        let answer = board(&anna, code, "");
        let items = answer.body["items"].as_array().unwrap();
        items.iter().map(|item| item["tier"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(tiers("season"), [Some("bronze".to_owned()), None]);
    assert_eq!(tiers("month"), [None, None]);

    // A version that counts from within the season does not move the season's bounds.
    let mut stricter = programme();
    stricter["tiers"][0]["at"] = json!(100);
    app.draft("service", &stricter);
    app.activate("service", 2, "2026-11-20");
    assert_eq!(tiers("season"), [Some("bronze".to_owned()), None]);
    app.clock.set("2027-01-10T12:00:00Z".parse().unwrap());
    earns(&app, "anna", "2027-01-05T08:00:00Z", 60);
    let anna = app.acting_as("anna");
    assert_eq!(board(&anna, "season", "").body["items"][0]["tier"], Value::Null);
    assert_eq!(board(&anna, "season", "period=previous").body["items"][0]["tier"], "bronze");
}
