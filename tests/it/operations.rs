//! For those who run the server: health, metrics, documentation, and a key that others cannot read.

use crate::support::app::TestApp;

#[test]
fn the_server_says_how_it_is() {
    let app = TestApp::start();
    let anybody = app.anonymous();
    assert_eq!(anybody.get_root("/healthz").expect(200).body["status"], "ok");
    assert_eq!(anybody.get_root("/readyz").expect(200).body["status"], "ready");
    app.hr().get("/teams").expect(200);
    let metrics = anybody.get_root("/metrics").expect(200).text;
    assert!(metrics.contains("applaus_http_requests_total"), "{metrics}");
    assert!(metrics.contains("route=\"/api/v1/teams\""), "{metrics}");
    assert!(metrics.contains("applaus_writer_group_size"), "{metrics}");
}

#[test]
fn the_documentation_needs_no_network() {
    let app = TestApp::start();
    let anybody = app.anonymous();
    assert_eq!(anybody.get_root("/docs").expect(308).header("location"), Some("/docs/"));
    let page = anybody.get_root("/docs/").expect(200).text;
    for line in page.lines().filter(|line| line.contains("src=") || line.contains("href=")) {
        assert!(!line.contains("http://") && !line.contains("https://") && !line.contains("\"//"), "{line}");
    }
    let script = anybody.get_root("/docs/swagger-initializer.js").expect(200).text;
    assert!(script.contains("/openapi.json"), "{script}");
    assert_eq!(anybody.get_root("/openapi.json").expect(200).body["openapi"], "3.1.0");
    let problems = anybody.get_root("/docs/problems").expect(200).text;
    assert!(problems.contains("id=\"unknown_agent\"") && problems.contains("Unbekannte Person"));
}

#[test]
fn what_is_not_there_or_not_taken_is_a_problem() {
    let app = TestApp::start();
    let anybody = app.anonymous();
    anybody.get("/nothing").problem(404, "not_found");
    anybody.get_root("/nothing").problem(404, "not_found");
    let wrong = anybody.send("PATCH", "/signals", "application/json", "{}").problem(405, "method_not_allowed");
    let allow = wrong.header("allow").unwrap();
    assert!(["GET", "POST", "DELETE", "HEAD"].iter().all(|method| allow.contains(method)), "{allow}");
}

#[cfg(unix)]
#[test]
fn the_issuers_key_is_for_the_server_alone() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start();
    let key = std::fs::metadata(app.database.dir.path().join(applaus::access::keys::FILE_NAME)).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}
