//! Choosing costs nothing, and others do not learn of it (the design's promise 10).

use super::*;
use crate::seasons::{NOVEMBER_CLOSES, evaluate, time_is};

/// What somebody reads, as one text, and with its tag where it has one. Ranks are left out: they are for boards to tell.
fn reads(client: &Client, paths: &[&str]) -> Vec<String> {
    let read = |path: &&str| {
        let mut answer = client.get(path).expect(200);
        for programme in answer.body["programmes"].as_array_mut().into_iter().flatten() {
            programme.as_object_mut().unwrap().remove("boards");
        }
        format!("{path} {:?} {}", answer.header("etag"), answer.body)
    };
    paths.iter().map(read).collect()
}

const OF_ANNA: [&str; 6] = [
    "/people/anna",
    "/people/anna/memberships",
    "/people/anna/standing",
    "/people/anna/transfers",
    "/people/anna/badges",
    "/people/anna/signals",
];
const OF_ALL: [&str; 6] =
    ["/people", "/people?q=anna", "/kudos", "/transfers", "/programmes/service", "/programmes/service/seasons/2026-11"];

#[test]
fn a_choice_moves_no_points_and_nobody_else_learns_of_it() {
    let app = server();
    let ben = app.agent_in("ben", "north");
    app.agent_in("anna", "north");
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 90);
    evaluate(&app, "b1", 1, "ben", "2026-11-02T09:00:00Z", 70);
    let thanks = json!({ "to": ["anna"], "message": "Thank you", "points": 5, "visibility": "public" });
    ben.post("/kudos", &thanks).expect(201);
    time_is(&app, NOVEMBER_CLOSES);
    let (anna, ben, lea) = (app.acting_as("anna"), app.acting_as("ben"), app.lead("lea", "north"));
    let (hr, auditor) = (app.hr(), app.auditor());
    evaluate(&app, "a2", 1, "anna", "2026-12-01T09:00:00Z", 80);
    let seen_by_all = || {
        let mut seen = reads(&anna, &OF_ANNA);
        seen.extend(reads(&hr, &OF_ANNA));
        seen.extend(reads(&lea, &OF_ANNA[..3]));
        seen.extend(reads(&auditor, &OF_ANNA[3..]));
        for client in [&anna, &ben, &hr] {
            seen.extend(reads(client, &OF_ALL));
        }
        seen.extend(reads(&auditor, &["/transfers", "/programmes/service/seasons/2026-11"]));
        seen
    };
    let before = seen_by_all();
    for visibility in ["hidden", "alias", "named"] {
        choose(&anna, visibility);
        assert_eq!(seen_by_all(), before, "{visibility}");
        app.verify();
    }
    anna.delete(OWN).expect(204);
    assert_eq!(seen_by_all(), before);
    // What was read to change it is still what it is: a choice does not stand between HR and its change.
    let tag = hr.get("/people/anna").expect(200).header("etag").unwrap().to_owned();
    choose(&anna, "hidden");
    hr.with("if-match", &tag).patch("/people/anna", &json!({ "display_name": "Anna" })).expect(200);
    assert_eq!(anna.get(OWN).expect(200).body, seen("hidden", true));
    evaluate(&app, "a3", 1, "anna", "2026-12-01T10:00:00Z", 80);
    let points =
        |who: &str| hr.get(&format!("/people/{who}/standing")).expect(200).body["programmes"][0]["points"].clone();
    assert_eq!(points("anna"), json!(160), "who is hidden goes on earning");
    app.verify();
}
