//! How streams end.

use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::support::events::Heard;

fn both(app: &TestApp, who: &str) -> [Events; 2] {
    [format!("{BOARD}/stream"), OWN.to_owned()].map(|path| {
        let mut events = listen(app, who, &path).opened();
        events.event();
        events
    })
}

#[test]
fn whoever_may_not_see_a_board_learns_nothing() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("cook", "kitchen");
    let stream = format!("{BOARD}/stream");
    listen(&app, "cook", &stream).refused(404, "not_found");
    assert_eq!(listen(&app, "cook", &stream).problem, listen(&app, "anna", "/leaderboards/service/no/stream").problem);
    Events::open(app.address(), &stream, &[]).refused(401, "unauthorized");
    Events::open(app.address(), OWN, &[("Authorization", "Bearer x")]).refused(401, "unauthorized");
}

#[test]
fn deactivation_ends_ones_streams_and_nobody_elses() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    let (annas, bens) = (both(&app, "anna"), both(&app, "ben"));
    let hr = app.hr();
    let tag = hr.get("/people/ben").expect(200).header("etag").unwrap().to_owned();
    hr.with("if-match", &tag).patch("/people/ben", &json!({ "active": false })).expect(200);
    for mut events in bens {
        events.ends();
    }
    for mut events in annas {
        let mut beats = 0;
        while beats < 3 {
            match events.heard(Duration::from_secs(5)) {
                Heard::Comment => beats += 1,
                Heard::Event(event) => assert_eq!(event.name, "board"),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn who_no_longer_sees_a_board_hears_no_more_of_it() {
    let app = server_with(Duration::from_secs(3));
    app.agent_in("anna", "north");
    let [mut board, mut own] = both(&app, "anna");
    let mut narrower = programme();
    narrower["audience"]["teams"] = json!(["kitchen"]);
    app.draft("service", &narrower);
    app.activate("service", 2, "2026-11-19");
    board.is_quiet_for(A_WHILE);
    app.clock.advance(TimeDelta::hours(11) + TimeDelta::minutes(30));
    board.ends();
    own.is_quiet_for(Duration::from_secs(4));
}

#[test]
fn a_stream_ends_with_its_token() {
    let app = server_with(Duration::from_secs(3));
    app.agent_in("anna", "north");
    let [mut board, mut own] = both(&app, "anna");
    app.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
    board.is_quiet_for(A_WHILE);
    own.is_quiet_for(A_WHILE);
    app.clock.advance(TimeDelta::seconds(1));
    for mut events in [board, own] {
        assert!(events.ends() < Duration::from_secs(2), "not only with the next heartbeat");
    }
}

#[test]
fn stopping_ends_them_at_once() {
    let app = server_with(Duration::from_secs(60));
    app.agent_in("anna", "north");
    let streams = both(&app, "anna");
    app.state.stop();
    for mut events in streams {
        assert!(events.ends() < Duration::from_secs(1));
    }
    listen(&app, "anna", OWN).refused(503, "stopping");
}
