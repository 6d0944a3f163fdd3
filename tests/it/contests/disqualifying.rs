//! Taking somebody out of a contest, and back in.

use applaus::domain::people::Role;
use applaus::writer::Actor;
use applaus::writer::role::{GrantRole, Reach};

use super::*;

const ANNA: &str = "/contests/service/monthly/disqualifications/anna";

#[test]
fn others_move_up_and_come_back() {
    let app = server();
    november(&app);
    let (hr, ben) = (app.hr(), app.acting_as("ben"));
    let before = placed(&contest(&ben, "monthly", ""));
    disqualify(&hr, "monthly/disqualifications/anna", "Two accounts").expect(200);
    assert_eq!(placed(&contest(&ben, "monthly", "")), expected(&[(1, "ben", 170.0), (2, "cleo", 120.0)]));
    assert_eq!(contest(&ben, "monthly", "").body["total"], 2);
    let removed = hr.delete(ANNA).expect(204);
    assert!(removed.header("applaus-version").is_some());
    assert_eq!(placed(&contest(&ben, "monthly", "")), before);
    hr.delete(ANNA).problem(404, "not_found");
    // Teams by code or id.
    disqualify(&hr, "teams/disqualifications/north", "Two accounts").expect(200);
    assert_eq!(placed(&contest(&ben, "teams", "")), expected(&[(1, "south", 220.0)]));
    assert_eq!(contest(&ben, "teams", "").body["me"]["note"], "Two accounts");
}

#[test]
fn the_note_is_for_hr_and_whoever_is_taken_out() {
    let app = server();
    november(&app);
    let hr = app.hr();
    let answer = disqualify(&hr, "monthly/disqualifications/anna", " Zwei Zoe\u{308}s\r\nHinweis ").expect(200);
    assert_eq!(answer.body["note"], "Zwei Zoës\nHinweis");
    assert_eq!(answer.body["disqualified_at"], "2026-11-18T12:00:00Z");
    let me = contest(&app.acting_as("anna"), "monthly", "").body["me"].clone();
    assert_eq!(
        (&me["state"], &me["note"], &me["rank"]),
        (&json!("disqualified"), &json!("Zwei Zoës\nHinweis"), &Value::Null)
    );
    let seen = contest(&hr, "monthly", "");
    assert_eq!(seen.body["disqualified"], json!([answer.body]));
    for other in [app.acting_as("ben"), app.auditor(), app.lead("boss", "north")] {
        let seen = contest(&other, "monthly", "");
        assert!(!seen.text.contains("Zoës") && seen.body.get("disqualified").is_none(), "{}", seen.text);
        assert!(!seen.text.contains("\"anna\""), "{}", seen.text);
    }
    let changed = disqualify(&hr, "monthly/disqualifications/anna", "Other").expect(200);
    assert_eq!(changed.body["note"], "Other");
    assert_eq!(contest(&hr, "monthly", "").body["disqualified"].as_array().unwrap().len(), 1);
}

#[test]
fn it_lasts_beyond_finalising_and_does_not_change_then() {
    let app = server();
    november(&app);
    disqualify(&app.hr(), "monthly/disqualifications/anna", "Two accounts").expect(200);
    time_is(&app, NOVEMBER_IS_DECIDED);
    let hr = app.hr();
    disqualify(&hr, "monthly/disqualifications/ben?period=2026-11", "So did ben").expect(200);
    let done = finalise(&hr, "monthly", &json!({})).expect(200);
    assert_eq!(winners(&done.body), [(1, "cleo".to_owned(), json!("gold"), Value::Null)]);
    hr.delete(&format!("{ANNA}?period=2026-11")).problem(409, "unfit_state");
    let me = contest(&app.acting_as("anna"), "monthly", "period=2026-11").body["me"].clone();
    assert_eq!((&me["state"], &me["note"]), (&json!("disqualified"), &json!("Two accounts")));
    assert_eq!(badges(&app, "anna"), held(&[]));
    app.verify();
}

#[test]
fn what_makes_no_sense_is_refused() {
    let app = server();
    november(&app);
    app.agent_in("cook", "kitchen");
    let hr = app.hr();
    for (note, code) in [("", "empty_text"), (" \n", "empty_text"), ("a\u{202E}b", "unfit_character")] {
        disqualify(&hr, "monthly/disqualifications/anna", note).problem(422, code);
    }
    disqualify(&hr, "monthly/disqualifications/anna", &"é".repeat(501)).problem(422, "text_too_long");
    disqualify(&hr, "monthly/disqualifications/anna", &"é".repeat(500)).expect(200);
    hr.put(ANNA, &json!({})).problem(422, "invalid_request");
    for nobody in ["nobody", "cook", "north"] {
        disqualify(&hr, &format!("monthly/disqualifications/{nobody}"), "Why").problem(404, "not_found");
    }
    disqualify(&hr, "teams/disqualifications/anna", "Why").problem(404, "not_found");
    disqualify(&hr, "advent/disqualifications/anna", "Why").problem(409, "unfit_state");
    disqualify(&hr, "monthly/disqualifications/anna?period=2026-W46", "Why").problem(422, "invalid_period");
    disqualify(&hr, "nothing/disqualifications/anna", "Why").problem(404, "not_found");
}

#[test]
fn nobody_decides_in_their_own_favour() {
    let app = server();
    november(&app);
    for who in ["ben", "dora"] {
        let command = GrantRole { person: app.person_id(who), role: Role::Hr, reach: Reach::Whole };
        app.state.writer.run_blocking(Actor::Operator, command).unwrap();
    }
    let (ben, dora) = (app.acting_as("ben"), app.acting_as("dora"));
    disqualify(&ben, "monthly/disqualifications/anna", "Why").problem(403, "contest_interest");
    disqualify(&dora, "monthly/disqualifications/anna", "Why").expect(200);
    disqualify(&dora, "monthly/disqualifications/ben", "Why").expect(200);
    ben.delete("/contests/service/monthly/disqualifications/ben").problem(403, "contest_interest");
    dora.delete("/contests/service/monthly/disqualifications/ben").expect(204);
}
