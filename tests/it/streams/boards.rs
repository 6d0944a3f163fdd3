//! The page of a board as a stream.

use std::time::Instant;

use super::*;
use crate::leaderboards::earns;
use crate::support::events::Heard;

fn stream() -> String {
    format!("{BOARD}/stream")
}

#[test]
fn the_page_comes_at_once_and_again_when_it_changes() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    let mut events = listen(&app, "anna", &stream()).opened();
    for header in ["content-type: text/event-stream; charset=utf-8", "cache-control: no-store", "x-accel-buffering: no"]
    {
        assert!(events.head.contains(header), "{header} in {}", events.head);
    }
    let first = events.event();
    let page = anna.get(BOARD).expect(200);
    assert_eq!((first.name.as_str(), &first.data), ("board", &page.body));
    assert_eq!(format!("\"{}\"", first.id), page.header("etag").unwrap());

    earns(&app, "ben", "2026-11-17T10:00:00Z", 40);
    let second = events.event();
    let page = anna.get(BOARD).expect(200);
    assert_eq!(second.data, page.body);
    assert_eq!(scores(&second.data)[0], ("ben".to_owned(), 40.0));
    assert_ne!(first.id, second.id);
    assert!(second.data["version"].as_i64() > first.data["version"].as_i64());
}

#[test]
fn what_the_caller_has_does_not_come_again() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    let first = listen(&app, "anna", &stream()).opened().event();
    let mut again = listen_after(&app, "anna", &stream(), &first.id).opened();
    again.is_quiet_for(A_WHILE);
    earns(&app, "ben", "2026-11-17T10:00:00Z", 40);
    let second = again.event();
    assert_eq!(scores(&second.data)[0], ("ben".to_owned(), 40.0));

    let mut behind = listen_after(&app, "anna", &stream(), &first.id).opened();
    assert_eq!(behind.event(), second, "who comes back late has the newest");
    let mut strange = listen_after(&app, "anna", &stream(), "anything at all").opened();
    assert_eq!(strange.event(), second);
}

#[test]
fn many_changes_are_one_page() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let mut events = listen(&app, "anna", &stream()).opened();
    events.event();
    let begun = Instant::now();
    let mut written = 0;
    while begun.elapsed() < Duration::from_millis(2_500) {
        earns(&app, "anna", "2026-11-17T10:00:00Z", 1);
        written += 1;
    }
    let newest = anna.get(BOARD).expect(200).body;
    let mut pages = 1;
    let mut last = events.event();
    while last.data["version"] != newest["version"] {
        last = events.event();
        pages += 1;
    }
    let most = usize::try_from(begun.elapsed().as_secs()).unwrap() + 2;
    assert!(written > 2 * most && pages <= most, "{pages} pages of {written} changes");
    assert_eq!(last.data, newest);
}

#[test]
fn other_boards_and_other_news_wake_nobody() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    app.hr();
    let mut events = listen(&app, "anna", &format!("{}?period=2026-10", stream())).opened();
    let first = events.event();
    earns(&app, "ben", "2026-11-17T10:00:00Z", 40);
    events.is_quiet_for(A_WHILE * 2);
    earns(&app, "ben", "2026-10-17T10:00:00Z", 30);
    let second = events.event();
    assert_eq!((&first.data["period"], scores(&second.data)[0].1), (&second.data["period"], 30.0));
}

#[test]
fn a_page_may_be_of_a_team_and_of_any_size() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "support");
    let anna = app.acting_as("anna");
    let query = "team=north&limit=1";
    let mut events = listen(&app, "anna", &format!("{}?{query}", stream())).opened();
    assert_eq!(events.event().data, anna.get(&format!("{BOARD}?{query}")).expect(200).body);
    for query in ["limit=0", "team=nowhere", "period=2027-01", "period=x"] {
        let refused = listen(&app, "anna", &format!("{}?{query}", stream()));
        assert_eq!(refused.problem, anna.get(&format!("{BOARD}?{query}")).body, "{query}");
        assert!(refused.status >= 400, "{query}");
    }
    listen(&app, "anna", &format!("{}?after=x", stream())).refused(400, "invalid_query");
}

#[test]
fn the_current_period_moves_on() {
    let app = server_with(Duration::from_secs(3));
    app.agent_in("anna", "north");
    let mut events = listen(&app, "anna", "/leaderboards/service/day/stream").opened();
    assert_eq!(events.event().data["period"]["code"], "2026-11-18");
    app.clock.advance(chrono::TimeDelta::hours(11) + chrono::TimeDelta::minutes(30));
    assert_eq!(events.event().data["period"]["code"], "2026-11-19");
}

#[test]
fn a_stream_is_alive_while_nothing_happens() {
    let app = server();
    app.agent_in("anna", "north");
    for path in [&stream(), OWN] {
        let mut events = listen(&app, "anna", path).opened();
        events.event();
        for _ in 0..3 {
            assert_eq!(events.heard(Duration::from_secs(5)), Heard::Comment, "{path}");
        }
    }
}

#[test]
fn every_instance_tells_of_what_any_writes() {
    let app = server();
    app.agent_in("anna", "north");
    let other = app.another();
    let mut events = listen(&other, "anna", &stream()).opened();
    events.event();
    earns(&app, "anna", "2026-11-17T10:00:00Z", 40);
    assert_eq!(scores(&events.event().data), [("anna".to_owned(), 40.0)]);
}
