//! What the schema refuses of redemptions by itself, and what `verify` finds of what was planted.

use applaus::verify::verify;
use diesel::prelude::*;

use super::*;

/// One redemption that was rejected, one that was handed over, one that waits.
fn past() -> TestApp {
    let app = TestApp::start();
    let (anna, hr) = (app.agent("anna"), app.hr());
    give(&app, "anna", 400);
    offer(&app, mug(), Some(5));
    let (rejected, fulfilled) = (asked(&anna), asked(&anna));
    hr.post(&format!("{rejected}/reject"), &json!({ "note": "No" })).expect(200);
    step(&hr, &fulfilled, "approve").expect(200);
    step(&hr, &fulfilled, "fulfil").expect(200);
    asked(&anna);
    app
}

#[test]
fn the_schema_keeps_what_was_requested_paid_and_ended() {
    let app = past();
    let mut db = app.database.url.connect().unwrap();
    for wrong in [
        "UPDATE redemptions SET cost = 1",
        "UPDATE redemptions SET receiver = (SELECT id FROM people WHERE user_name = 'hr')",
        "UPDATE redemptions SET transfer = NULL, cost = 0",
        "UPDATE redemptions SET refund = NULL, state = 'requested' WHERE state = 'rejected'",
        "UPDATE redemptions SET state = 'requested', inflow_on = NULL WHERE state = 'fulfilled'",
        "UPDATE redemptions SET state = 'cancelled' WHERE state = 'requested'",
        "UPDATE redemptions SET state = 'cancelled', pieces = 0, refund = transfer WHERE state = 'requested'",
        "UPDATE redemptions SET pieces = 2",
        "UPDATE redemptions SET pieces = 1 WHERE state = 'rejected'",
        "DELETE FROM redemptions",
        "UPDATE rewards SET stock = -1",
    ] {
        assert!(diesel::sql_query(wrong).execute(&mut db).is_err(), "{wrong} is let through");
    }
    app.verify();
}

#[test]
fn planted_faults_are_found() {
    for fault in [
        "UPDATE redemptions SET cost = cost + 1 WHERE state = 'requested'",
        "UPDATE redemptions SET state = 'requested', refund = NULL WHERE state = 'rejected'",
        "UPDATE transfers SET cause = 'redemption:other' WHERE kind = 'refund'",
        "UPDATE transfers SET kind = 'refund' WHERE kind = 'redemption'",
        "DELETE FROM redemptions WHERE state = 'fulfilled'",
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'redemption'",
    ] {
        let app = past();
        let mut db = app.database.unguarded();
        assert!(verify(&mut db).unwrap().is_clean());
        assert!(diesel::sql_query(fault).execute(&mut db).unwrap() > 0, "{fault} changes nothing");
        let report = verify(&mut db).unwrap();
        let said = report.findings().join("; ");
        assert!(said.contains("redemption") || said.contains("refund"), "{fault} goes unnoticed: {said}");
    }
}
