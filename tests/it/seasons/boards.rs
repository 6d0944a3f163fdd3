//! Boards of closed seasons show what was published, and longer ones add it to what is open.

use super::*;
use crate::leaderboards::{board, lines, pages, sorted};

/// A line of a board: rank, user name, score.
type Line = (u64, String, f64);

/// Every board of November, without what names change.
fn all_boards(app: &TestApp) -> Vec<(String, Vec<Line>)> {
    let hr = app.hr();
    let asked = [
        ("season", "period=season:2026-11"),
        ("month", "period=2026-11"),
        ("month", "period=2026-11&team=north"),
        ("week", "period=2026-W45"),
        ("day", "period=2026-11-02"),
        ("sum", "period=2026-11"),
        ("mean", "period=2026-11"),
        ("own", "period=2026-11"),
    ];
    asked.iter().map(|(code, query)| (format!("{code}?{query}"), sorted(&board(&hr, code, query)))).collect()
}

/// SEMANTICS S37.
#[test]
fn boards_of_a_closed_season_do_not_move() {
    let app = server();
    for (who, team) in [("anna", "north"), ("ben", "north"), ("cleo", "south")] {
        app.agent_in(who, team);
    }
    for (key, who, quality) in [("a1", "anna", 40), ("b1", "ben", 70), ("c1", "cleo", 55), ("c2", "cleo", 10)] {
        evaluate(&app, key, 1, who, "2026-11-02T09:00:00Z", quality);
    }
    time_is(&app, "2026-12-02T22:00:00Z");
    let open = all_boards(&app);
    let is_closed = |code: &str, period: &str| {
        board(&app.hr(), code, &format!("period={period}")).body["period"]["closed"].as_bool().unwrap()
    };
    assert!(!is_closed("month", "2026-11"));
    time_is(&app, NOVEMBER_CLOSES);
    assert_eq!(all_boards(&app), open);
    for (code, period) in
        [("month", "2026-11"), ("season", "season:2026-11"), ("day", "2026-11-02"), ("sum", "2026-11")]
    {
        assert!(is_closed(code, period), "{code}");
    }
    for (code, period) in [("month", "2026-12"), ("month", "2026-10"), ("quarter", "2026-Q4"), ("ever", "all")] {
        assert!(!is_closed(code, period), "{code} {period}");
    }

    // An adjustment, somebody new in the audience, and somebody who leaves it.
    let before = board(&app.hr(), "month", "period=2026-11");
    evaluate(&app, "a1", 2, "anna", "2026-11-02T09:00:00Z", 95);
    evaluate(&app, "b2", 1, "ben", "2026-11-03T09:00:00Z", 100);
    app.agent("emil");
    app.join("emil", "north", "2026-12-02T10:00:00Z");
    app.join("cleo", "north", "2026-12-02T10:00:00Z");
    assert_eq!(all_boards(&app), open);
    let after = board(&app.hr(), "month", "period=2026-11");
    assert_eq!(after.body["items"], {
        let mut items = before.body["items"].clone();
        for item in items.as_array_mut().unwrap() {
            // Whose home it is now is shown, not ranked by.
            if item["subject"]["user_name"] == "cleo" {
                item["team"] = json!({ "code": "north", "name": "north" });
            }
        }
        items
    });
    app.verify();
}

/// SEMANTICS S36, S37.
#[test]
fn a_longer_board_adds_what_was_published_to_what_is_open() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    evaluate(&app, "a0", 1, "anna", "2026-10-05T09:00:00Z", 5);
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 40);
    evaluate(&app, "b1", 1, "ben", "2026-11-02T09:00:00Z", 70);
    let read = |code: &str| sorted(&board(&app.hr(), code, ""));
    let line = |rank, who: &str, score| (rank, who.to_owned(), score);
    assert_eq!(read("ever"), [line(1, "ben", 70.0), line(2, "anna", 45.0)]);
    time_is(&app, NOVEMBER_CLOSES);
    // Adjustments of November count nowhere, October is open, and December begins.
    evaluate(&app, "b1", 2, "ben", "2026-11-02T09:00:00Z", 10);
    evaluate(&app, "a2", 1, "anna", "2026-11-03T09:00:00Z", 40);
    evaluate(&app, "a0", 2, "anna", "2026-10-05T09:00:00Z", 15);
    let version = board(&app.hr(), "ever", "").body["version"].clone();
    evaluate(&app, "b3", 1, "ben", "2026-11-04T09:00:00Z", 50);
    assert_eq!(board(&app.hr(), "ever", "").body["version"], version, "an adjustment does not touch it");
    evaluate(&app, "a3", 1, "anna", "2026-12-02T09:00:00Z", 30);
    for code in ["ever", "quarter"] {
        assert_eq!(read(code), [line(1, "anna", 85.0), line(2, "ben", 70.0)], "{code}");
    }
    assert_eq!(lines(&board(&app.hr(), "month", ""))[0], line(1, "anna", 30.0));
    app.verify();
}

#[test]
fn cursors_of_closed_periods_stay_good_and_names_are_todays() {
    let app = server();
    for (number, who) in ["anna", "ben", "cleo", "dora"].iter().enumerate() {
        app.agent_in(who, "north");
        evaluate(&app, who, 1, who, "2026-11-02T09:00:00Z", 10 * (number as u32 + 1));
    }
    time_is(&app, NOVEMBER_CLOSES);
    let hr = app.hr();
    let first = board(&hr, "month", "period=2026-11&limit=2");
    let next = first.body["next"].as_str().unwrap().to_owned();
    let person = hr.get("/people/anna").expect(200).body["id"].as_str().unwrap().to_owned();
    hr.with("if-match", "*").patch(&format!("/people/{person}"), &json!({ "display_name": "Anna Neu" })).expect(200);
    evaluate(&app, "x", 1, "anna", "2026-11-09T09:00:00Z", 99);
    let second = board(&hr, "month", &format!("period=2026-11&limit=2&after={next}"));
    assert_eq!(lines(&second), [(3, "ben".to_owned(), 20.0), (4, "anna".to_owned(), 10.0)]);
    assert_eq!(second.body["items"][1]["subject"]["display_name"], "Anna Neu");
    let again = board(&hr, "month", "period=2026-11&limit=2");
    assert_ne!(first.header("etag"), again.header("etag"), "a name is shown");
    assert_eq!(pages(&hr, "month", "period=2026-11", 1).len(), 4);
    let entry = hr.get("/leaderboards/service/month/entries/anna?period=2026-11").expect(200);
    assert_eq!((&entry.body["rank"], &entry.body["period"]["closed"]), (&json!(4), &json!(true)));
}
