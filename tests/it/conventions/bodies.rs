//! Bodies: what is taken, and how the rest is refused.

use super::*;

#[test]
fn a_good_body_is_taken() {
    let server = Server::start();
    let answer = server.post("/notes", r#"{"text":"Grüße"}"#);
    assert_eq!((answer.status, answer.text.as_str()), (201, r#"{"stars":[],"text":"Grüße"}"#));
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(server.send("POST", "/notes", &[("content-type", kind)], br#"{"text":"a"}"#).status, 201, "{kind}");
    }
}

#[test]
fn another_media_type_is_told_which_one_to_send() {
    let server = Server::start();
    for headers in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "application/jsonp")],
        &[("content-type", "")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
    ] {
        let body = server.send("POST", "/notes", headers, br#"{"text":"a"}"#).problem(415, "unsupported_media_type");
        assert_eq!(body["detail"], "Send one of: application/json.");
    }
    let bare = server.raw(b"POST /notes HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
    assert!(bare.starts_with("HTTP/1.1 415 "), "{bare}");
}

#[test]
fn malformed_json_is_refused_with_its_position() {
    let server = Server::start();
    let body = server.post("/notes", "{\"text\":\n 'a'}").problem(400, "malformed_json");
    assert!(body["detail"].as_str().unwrap().contains("line 2 column 2"), "{body}");
    assert!(body.get("errors").is_none());
    for text in ["", "{", "{\"text\":\"a\"} {}", "\u{FEFF}{}", &"[".repeat(100_000)] {
        server.post("/notes", text).problem(400, "malformed_json");
    }
    server
        .send("POST", "/notes", &[("content-type", "application/json")], b"{\"text\":\"\xff\"}")
        .problem(400, "malformed_json");
}

#[test]
fn each_wrong_field_is_named_by_its_pointer() {
    let server = Server::start();
    for (body, pointer, code) in [
        (r#"{"text":"a","colour":"red"}"#, "/colour", "unknown_field"),
        (r#"{"stars":[]}"#, "/text", "missing_field"),
        (r#"{"text":"a","stars":[1,"2"]}"#, "/stars/1", "wrong_type"),
        (r#"{"text":"a","stars":[1,2,300]}"#, "/stars/2", "invalid_number"),
        (r#"{"text":"a","text":"b"}"#, "/text", "duplicate_field"),
        (r#"{"text":"a\u0000b"}"#, "/text", "nul_character"),
        ("[]", "", "object_expected"),
    ] {
        assert_eq!(server.post("/notes", body).place(), (pointer.to_owned(), code.to_owned()), "{body}");
    }
}

#[test]
fn a_large_body_is_refused_announced_or_not() {
    let server = Server::start();
    let exact = r#"{"text":"aaaaaaaaaa"}"#;
    assert_eq!(exact.len(), 21);
    let body = server.post("/small", exact).problem(413, "payload_too_large");
    assert_eq!(body["detail"], "The body may have 20 bytes at most.");
    assert_eq!(server.post("/small", &exact.replace("aa\"", "a\"")).status, 201);
    let mebibyte = format!(r#"{{"text":"{}"}}"#, "a".repeat(1024 * 1024));
    server.post("/notes", &mebibyte).problem(413, "payload_too_large");
    assert_eq!(server.post("/notes", &format!(r#"{{"text":"{}"}}"#, "a".repeat(1024 * 1024 - 11))).status, 201);

    let announced = server.raw(b"POST /notes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 18446744073709551615\r\nconnection: close\r\n\r\n{");
    assert!(announced.starts_with("HTTP/1.1 4"), "{announced}");
    let mut chunked = b"POST /small HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n".to_vec();
    for _ in 0..10 {
        chunked.extend_from_slice(b"5\r\n     \r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let answer = server.raw(&chunked);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}
