//! What the schema refuses by itself, on both databases: the ledger's rules and what is append-only (DESIGN section 9).

use applaus::store::db::Db;
use diesel::prelude::*;

use crate::support::database::TestDatabase;

/// A ledger with a programme's award to anna, and a second one that was reversed.
const LEDGER: &[&str] = &[
    "INSERT INTO people VALUES ('anna', 'anna', 'Anna', 'anna', NULL, NULL, NULL, TRUE, '2026-11-18 12:00:00', 1)",
    "INSERT INTO programmes (code, created_at, revision) VALUES ('p', '2026-11-18 12:00:00', 1)",
    "INSERT INTO accounts VALUES ('issuance:p', 'issuance', 'p', -10), ('wallet:anna', 'wallet', 'anna', 10), \
     ('wallet:ben', 'wallet', 'ben', 0)",
    "INSERT INTO signals VALUES ('s', 'qa', 'k', 1, 'live', 'evaluation', 'anna', '2026-11-18 12:00:00', NULL, NULL, \
     '{}', '{}', '2026-11-18 12:00:00', 1)",
    "INSERT INTO signal_revisions VALUES ('s', 1, 1, 'accepted', '{}', '2026-11-18 12:00:00', 'operator')",
    "INSERT INTO badge_events VALUES ('b', 5, 'p', '2026-11', 'star', 'anna', 'granted', '2026-11-18 12:00:00', \
     '2026-11-18 12:00:00')",
    "INSERT INTO seasons VALUES ('p', '2026-10', 'closed', '2026-11-10 12:00:00', 'operator', '2026-11-10 12:00:00', 1)",
    "INSERT INTO season_statements VALUES ('p', '2026-10', '{}')",
    "INSERT INTO frozen_boards VALUES ('p', '2026-10', 'season', '2026-10', '{}')",
    "INSERT INTO contest_results VALUES ('p', 'best', '2026-10', 6, 'operator', '2026-11-10 12:00:00', '{}')",
    "INSERT INTO contest_badges VALUES ('p', 'best', '2026-10', 'anna', 'star', '2026-10')",
    "INSERT INTO payrolls VALUES ('2026-10', '2026-11-10 12:00:00', 'operator', '{}')",
];

/// A transfer by hand.
fn transfer(id: &str, sequence: i64, kind: &str, way: [&str; 2], amount: i64, left: i64, reverses: &str) -> String {
    let [payer, payee] = way;
    let reverses = if reverses.is_empty() { "NULL".to_owned() } else { format!("'{reverses}'") };
    format!(
        "INSERT INTO transfers (id, sequence, kind, payer, payee, amount, payer_balance, reverses, cause, at, recorded_at) \
         VALUES ('{id}', {sequence}, '{kind}', '{payer}', '{payee}', {amount}, {left}, {reverses}, 'signal:s', \
         '2026-11-18 12:00:00', '2026-11-18 12:00:00')"
    )
}

const ISSUED: [&str; 2] = ["issuance:p", "wallet:anna"];
const TAKEN_BACK: [&str; 2] = ["wallet:anna", "issuance:p"];

fn ledger() -> (TestDatabase, Db) {
    let database = TestDatabase::new();
    let mut db = database.url.connect().unwrap();
    for statement in LEDGER {
        diesel::sql_query(*statement).execute(&mut db).unwrap();
    }
    for statement in [
        transfer("standing", 2, "award", ISSUED, 10, -10, ""),
        transfer("reversed", 3, "award", ISSUED, 7, -17, ""),
        transfer("reversal", 4, "reversal", TAKEN_BACK, 7, 10, "reversed"),
    ] {
        diesel::sql_query(statement).execute(&mut db).unwrap();
    }
    (database, db)
}

#[track_caller]
fn refused(db: &mut Db, statement: &str) {
    let outcome = diesel::sql_query(statement).execute(db);
    assert!(outcome.is_err(), "{statement} is let through");
}

#[test]
fn what_was_recorded_is_neither_changed_nor_deleted() {
    let (_database, mut db) = ledger();
    for (table, change) in [
        ("transfers", "amount = amount"),
        ("badge_events", "change = 'withdrawn'"),
        ("season_statements", "body = ''"),
        ("frozen_boards", "body = ''"),
        ("contest_results", "body = ''"),
        ("contest_badges", "badge = 'other'"),
        ("payrolls", "body = ''"),
        ("signal_revisions", "version = 2"),
        ("signal_revisions", "status = 'voided'"),
    ] {
        refused(&mut db, &format!("UPDATE {table} SET {change}"));
        refused(&mut db, &format!("DELETE FROM {table}"));
        if matches!(db, Db::Postgres(_)) {
            refused(&mut db, &format!("TRUNCATE {table} CASCADE"));
        }
    }
}

#[test]
fn what_a_revision_said_can_be_blanked() {
    let (_database, mut db) = ledger();
    let blanked = diesel::sql_query("UPDATE signal_revisions SET content = NULL").execute(&mut db);
    assert_eq!(blanked, Ok(1));
}

#[test]
fn a_reversal_is_the_opposite_of_one_standing_transfer() {
    let (_database, mut db) = ledger();
    let reversal = |way, amount, reverses| transfer("r", 9, "reversal", way, amount, 0, reverses);
    for wrong in [
        reversal(TAKEN_BACK, 9, "standing"),
        reversal(ISSUED, 10, "standing"),
        reversal(["wallet:ben", "issuance:p"], 10, "standing"),
        reversal(TAKEN_BACK, 7, "reversed"),
        reversal(ISSUED, 7, "reversal"),
        reversal(TAKEN_BACK, 10, "nothing"),
        reversal(TAKEN_BACK, 10, ""),
        transfer("r", 9, "award", TAKEN_BACK, 10, 0, "standing"),
    ] {
        refused(&mut db, &wrong);
    }
    let right = diesel::sql_query(reversal(TAKEN_BACK, 10, "standing")).execute(&mut db);
    assert_eq!(right, Ok(1));
}

#[test]
fn only_a_reversal_or_an_issuance_goes_below_zero() {
    let (_database, mut db) = ledger();
    for kind in ["award", "kudos", "redemption", "refund", "grant", "allowance"] {
        refused(&mut db, &transfer("t", 9, kind, ["wallet:anna", "wallet:ben"], 11, -1, ""));
    }
    let reversal = transfer("t", 9, "reversal", TAKEN_BACK, 10, -1, "standing");
    assert_eq!(diesel::sql_query(reversal).execute(&mut db), Ok(1));
    let issued = transfer("u", 10, "award", ISSUED, 1, -18, "");
    assert_eq!(diesel::sql_query(issued).execute(&mut db), Ok(1));
}

#[test]
fn a_transfer_moves_something_between_two_accounts_once() {
    let (_database, mut db) = ledger();
    for wrong in [
        transfer("t", 9, "award", ISSUED, 0, -17, ""),
        transfer("t", 9, "award", ISSUED, -1, -17, ""),
        transfer("t", 9, "award", ["wallet:anna", "wallet:anna"], 1, 9, ""),
        transfer("t", 9, "award", ["issuance:p", "wallet:nobody"], 1, -18, ""),
        transfer("t", 4, "award", ISSUED, 1, -18, ""),
        transfer("standing", 9, "award", ISSUED, 1, -18, ""),
        transfer("t", 9, "present", ISSUED, 1, -18, ""),
    ] {
        refused(&mut db, &wrong);
    }
}

#[test]
fn evidence_causes_and_retries_count_once() {
    let (_database, mut db) = ledger();
    let award = "INSERT INTO awards VALUES ('p', '2026-11', 'good', 'anna', 'signal:s', 10, NULL, \
                 '2026-11-18 12:00:00', 1, 'standing')";
    assert_eq!(diesel::sql_query(award).execute(&mut db), Ok(1));
    let other_cause = award.replace("signal:s", "signal:t");
    let without_transfer = other_cause.replace("'standing'", "NULL");
    let retry =
        "INSERT INTO idempotency VALUES ('anna', '/kudos', 'k', 'digest', 201, '{}', NULL, '2026-11-18 12:00:00')";
    assert_eq!(diesel::sql_query(retry).execute(&mut db), Ok(1));
    let again = "INSERT INTO signals SELECT 'other', source, key, version, status, kind, agent, occurred_at, channel, \
                 case_ref, measures, attributes, received_at, 9 FROM signals";
    for twice in [award, &other_cause, &without_transfer, retry, &retry.replace("digest", "another"), again] {
        refused(&mut db, twice);
    }
}

#[test]
fn a_kudos_is_answered_once_by_each_and_a_decision_has_its_time() {
    let (_database, mut db) = ledger();
    let at = "'2026-11-18 12:00:00'";
    let reaction = |reaction: &str, number: i64| {
        format!("INSERT INTO kudos_reactions VALUES ('k', 'anna', '{reaction}', {number}, {at})")
    };
    let report = |state: &str, decided: &str| {
        format!("INSERT INTO kudos_reports VALUES ('k', 'anna', 24, 'Why', '{state}', {at}, {decided})")
    };
    for right in [
        format!(
            "INSERT INTO kudos (id, sequence, sender, message, points, visibility, state, sent_at, withdrawable_until, \
             revision) VALUES ('k', 20, 'anna', 'Thanks', 0, 'public', 'sent', {at}, {at}, 20)"
        ),
        reaction("heart", 21),
        reaction("smile", 22),
    ] {
        assert_eq!(diesel::sql_query(right).execute(&mut db), Ok(1));
    }
    refused(&mut db, &reaction("heart", 23));
    for wrong in [report("open", at), report("upheld", "NULL"), report("forgotten", at)] {
        refused(&mut db, &wrong);
    }
    assert_eq!(diesel::sql_query(report("open", "NULL")).execute(&mut db), Ok(1));
    refused(&mut db, &report("dismissed", at).replace("24", "25"));
    let act = |act: &str| format!("INSERT INTO kudos_moderations VALUES (26, 'k', '{act}', 'anna', 'Why', {at})");
    refused(&mut db, &act("burn"));
    assert_eq!(diesel::sql_query(act("hide")).execute(&mut db), Ok(1));
}
