//! Reading: tags and conditions, pages, headers, and what is left in the log.

use super::*;

#[test]
fn a_reader_who_has_it_already_gets_no_body() {
    let server = Server::start();
    let first = server.get("/documents/a", &[]);
    assert_eq!((first.status, first.header("etag"), first.text.as_str()), (200, "\"r12\"", r#"{"revision":12}"#));
    assert_eq!((first.header("cache-control"), first.header("vary")), ("private, no-cache", "Authorization"));
    for same in ["\"r12\"", "W/\"r12\"", "\"r11\", \"r12\"", "*"] {
        let answer = server.get("/documents/a", &[("if-none-match", same)]);
        assert_eq!((answer.status, answer.header("etag"), answer.text.as_str()), (304, "\"r12\"", ""), "{same}");
    }
    for other in ["\"r11\"", "\"r1\"", "r12", "", "\""] {
        assert_eq!(server.get("/documents/a", &[("if-none-match", other)]).status, 200, "{other}");
    }
}

#[test]
fn a_change_says_which_state_it_is_meant_for() {
    let server = Server::start();
    let change = |headers: &[(&str, &str)]| server.send("PATCH", "/documents/a", headers, b"");
    change(&[]).problem(428, "precondition_required");
    for other in ["\"r11\"", "W/\"r12\"", "r12", ""] {
        change(&[("if-match", other)]).problem(412, "precondition_failed");
    }
    for meant in ["\"r12\"", "\"r1\", \"r12\"", "*"] {
        assert_eq!(change(&[("if-match", meant)]).status, 204, "{meant}");
    }
}

#[test]
fn a_list_is_read_page_by_page() {
    let server = Server::start();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = server.get(&format!("/numbers?limit=50{after}"), &[]);
        let page: Value = serde_json::from_str(&page.text).unwrap();
        seen.extend(page["items"].as_array().unwrap().iter().map(|number| number.as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, (1..=120).collect::<Vec<_>>());
    let default: Value = serde_json::from_str(&server.get("/numbers", &[]).text).unwrap();
    assert_eq!(default["items"].as_array().unwrap().len(), 50);
}

#[test]
fn a_query_that_is_not_understood_is_refused() {
    let server = Server::start();
    for query in ["limit=0", "limit=201", "limit=x", "lmit=5", "limit=5&limit=6", "after=abc", "after=", "after=%00"] {
        let body = server.get(&format!("/numbers?{query}"), &[]).problem(400, "invalid_query");
        assert_ne!(body["detail"], "", "{query}");
    }
}

#[test]
fn head_is_get_without_the_body() {
    let server = Server::start();
    let answer = server.send("HEAD", "/documents/a", &[], b"");
    assert_eq!((answer.status, answer.header("etag"), answer.text.as_str()), (200, "\"r12\"", ""));
    assert_eq!(server.send("HEAD", "/notes", &[], b"").status, 405);
}

#[test]
fn headers_are_safe_by_default_and_stay_if_set() {
    let server = Server::start();
    let plain = server.get("/speaks", &[]);
    assert_eq!((plain.header("x-content-type-options"), plain.header("cache-control")), ("nosniff", "no-store"));
    assert_eq!(server.get("/cached", &[]).header("cache-control"), "max-age=9");
}

#[test]
fn a_request_leaves_one_line_without_names() {
    let server = Server::start();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    server.get("/documents/anna.schmidt?q=Anna", &[("traceparent", &parent), ("authorization", "Bearer hush")]);
    server.send("BREW", "/nowhere/anna.schmidt", &[], b"");
    let log = server.log();
    let [known, unknown] = log.as_slice() else { panic!("{log:?}") };
    let fields = &known["fields"];
    assert_eq!(
        (&fields["http.method"], &fields["http.route"], &fields["http.status"], &fields["trace_id"]),
        (&json!("GET"), &json!("/documents/{name}"), &json!(200), &json!(trace))
    );
    assert!(fields["duration_ms"].as_f64().unwrap() > 0.0);
    let fields = &unknown["fields"];
    assert_eq!((&fields["http.method"], &fields["http.route"]), (&json!("other"), &json!("-")));
    assert_eq!(fields["trace_id"].as_str().unwrap().len(), 32);
    let text = format!("{log:?}");
    assert!(!text.contains("anna") && !text.contains("Anna") && !text.contains("hush"), "{text}");
}
