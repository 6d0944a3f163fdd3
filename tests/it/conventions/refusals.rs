//! Refusals: every one is a problem, in the reader's language, and tells no secret.

use super::*;

#[test]
fn nothing_there_and_wrong_methods_are_problems() {
    let server = Server::start();
    for path in ["/nowhere", "/", "/typed/abc", "/documents", "/notes/", "//notes", "/%ff"] {
        server.get(path, &[]).problem(404, "not_found");
    }
    for path in ["/%00", "/documents/a%00b"] {
        server.get(path, &[]).problem(400, "bad_request");
    }
    for (method, path, allow) in [
        ("GET", "/notes", "POST"),
        ("DELETE", "/documents/a", "GET, PATCH, HEAD"),
        ("POST", "/documents/a", "GET, PATCH, HEAD"),
        ("PUT", "/numbers", "GET, HEAD"),
        ("BREW", "/numbers", "GET, HEAD"),
    ] {
        let answer = server.send(method, path, &[], b"");
        let body = answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        assert_eq!(body["detail"], format!("This address takes {allow}."));
    }
}

#[test]
fn the_reader_chooses_the_language() {
    let server = Server::start();
    let german = server.get("/taken", &[("accept-language", "de-DE, en;q=0.5")]);
    let body = german.problem(409, "already_exists");
    assert_eq!((&body["title"], &body["detail"]), (&json!("Schon vorhanden"), &json!("anna ist schon vergeben.")));
    assert_eq!((german.header("content-language"), german.header("vary")), ("de", "Accept-Language"));
    let english = server.get("/taken", &[("accept-language", "fr, en;q=0.5, de;q=0.4")]);
    assert_eq!(english.problem(409, "already_exists")["detail"], "anna is taken.");
    assert_eq!(english.header("content-language"), "en");
    assert_eq!(
        server.get("/nowhere", &[("accept-language", "de")]).problem(404, "not_found")["title"],
        "Nicht gefunden"
    );
    assert_eq!(server.get("/speaks", &[("accept-language", "de")]).text, "de");
}

#[test]
fn a_panic_is_a_problem_with_a_reference_and_the_server_lives_on() {
    let server = Server::start();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    for (path, secret) in [("/panics", "a secret of the server"), ("/fails", "the password of the database")] {
        let answer = server.get(path, &[("traceparent", &parent), ("accept-language", "de")]);
        let body = answer.problem(500, "internal");
        assert!(body["detail"].as_str().unwrap().contains(trace) && body["title"] == "Interner Fehler", "{body}");
        assert!(!answer.text.contains(secret));
        let log = server.log();
        let told: Vec<_> = log.iter().filter(|line| line.to_string().contains(secret)).collect();
        assert_eq!(told.len(), 1, "once: {log:?}");
        assert_eq!((&told[0]["level"], &told[0]["fields"]["trace_id"]), (&json!("ERROR"), &json!(trace)));
    }
    assert_eq!(server.get("/speaks", &[]).status, 200);
}

#[test]
fn words_of_the_server_underneath_are_not_passed_on() {
    let server = Server::start();
    let answer = server.get("/foreign", &[]);
    answer.problem(403, "forbidden");
    assert!(!answer.text.contains("secret"));
    assert_eq!(server.get("/unready", &[]).text, "not ready", "an answer that a handler worded itself stays");
}

#[test]
fn passing_troubles_say_when_to_try_again() {
    let server = Server::start();
    let answer = server.get("/busy", &[]);
    answer.problem(503, "overloaded");
    assert_eq!(answer.header("retry-after"), "1");
}

#[test]
fn without_exactly_one_bearer_token_there_is_no_way_in() {
    let server = Server::start();
    assert_eq!(server.get("/me", &[("authorization", "Bearer abc")]).text, "abc");
    let large = format!("Bearer {}", "x".repeat(9000));
    let mut bodies = std::collections::BTreeSet::new();
    for headers in [
        &[][..],
        &[("authorization", "Basic YTpi")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer a b")],
        &[("authorization", large.as_str())],
        &[("authorization", "Bearer abc"), ("authorization", "Bearer abc")],
    ] {
        let answer = server.get("/me", headers);
        answer.problem(401, "unauthorized");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        bodies.insert(answer.text);
    }
    assert_eq!(bodies.len(), 1, "each is told the same");
    for line in ["authorization: Bearer \u{e4}", "authorization: Bearer a\r\nAuthorization: Bearer b"] {
        let answer =
            server.raw(format!("GET /me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{line}\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    }
}

#[test]
fn whatever_bytes_arrive_the_server_lives_on() {
    let server = Server::start();
    let long_header = format!("GET /speaks HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(200_000));
    let many_headers = format!("GET /speaks HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(5000));
    let long_path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(70_000));
    for bytes in [
        b"\r\n\r\n".as_slice(),
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /notes HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n",
        b"POST /notes HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /notes HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /notes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        long_header.as_bytes(),
        many_headers.as_bytes(),
        long_path.as_bytes(),
    ] {
        let mut closing = bytes.to_vec();
        closing.extend_from_slice(b"GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = server.raw(&closing);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{:?} -> {answer}", String::from_utf8_lossy(&bytes[..bytes.len().min(60)]));
        assert_eq!(server.get("/speaks", &[]).status, 200);
    }
}
