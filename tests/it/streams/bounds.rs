//! What streams are bounded by.

use std::time::Instant;

use super::*;

/// Waits until so many streams are open.
#[track_caller]
fn open(app: &TestApp, count: usize) {
    let begun = Instant::now();
    while app.state.streams.count() != count {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} are open, not {count}", app.state.streams.count());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_person_has_so_many_and_gets_back_those_that_are_closed() {
    let app = server_with(Duration::from_secs(600));
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    let mut streams: Vec<Events> = (0..20).map(|_| listen(&app, "anna", OWN).opened()).collect();
    let refused = listen(&app, "anna", &format!("{BOARD}/stream"));
    refused.refused(429, "too_many_streams");
    assert!(refused.head.contains("retry-after: "), "{}", refused.head);
    listen(&app, "ben", OWN).opened().event();
    open(&app, 20);
    streams.pop();
    open(&app, 19);
    streams.push(listen(&app, "anna", OWN).opened());
    drop(streams);
    open(&app, 0);
}

#[test]
fn what_is_refused_takes_no_place() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("cook", "kitchen");
    for _ in 0..30 {
        listen(&app, "anna", &format!("{BOARD}/stream?limit=0")).refused(400, "invalid_query");
        listen(&app, "anna", &format!("{BOARD}/stream?period=2027-01")).refused(404, "not_found");
        listen(&app, "cook", &format!("{BOARD}/stream")).refused(404, "not_found");
    }
    open(&app, 0);
    listen(&app, "anna", OWN).opened();
}

#[test]
fn head_tells_of_a_stream_and_opens_none() {
    let app = server();
    app.agent_in("anna", "north");
    let token = format!("Bearer {}", app.token_of("anna"));
    let head = Events::ask(app.address(), "HEAD", OWN, &[("Authorization", &token)]).opened();
    assert!(head.head.contains("text/event-stream"), "{}", head.head);
    open(&app, 0);
}
