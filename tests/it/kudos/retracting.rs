//! Taking kudos back: who may, until when, and what it undoes.

use chrono::TimeDelta;
use serde_json::json;

use super::*;

#[test]
fn a_sender_withdraws_in_the_grace_and_once_is_enough() {
    let app = TestApp::start();
    let (anna, berta) = (app.agent("anna"), app.agent("berta"));
    let id = sent(&anna, &to("berta", 10));
    let path = format!("/kudos/{id}");
    app.clock.advance(TimeDelta::seconds(900) - TimeDelta::microseconds(1));
    assert!(anna.delete(&path).expect(204).header("applaus-version").is_some());
    assert_eq!((wallet(&app, "berta"), allowance(&app, "anna", "2026-11")), (0, 100));
    anna.delete(&path).expect(204);
    app.hr().delete(&path).expect(204);
    app.clock.advance(TimeDelta::hours(1));
    anna.delete(&path).expect(204);
    assert_eq!((wallet(&app, "berta"), allowance(&app, "anna", "2026-11")), (0, 100));
    assert_eq!(anna.get(&path).expect(200).body["state"], "withdrawn");
    assert_eq!(anna.get("/kudos").expect(200).body["items"], json!([]));
    berta.get(&path).problem(404, "not_found");
    in_order(&app);
}

#[test]
fn after_the_grace_the_sender_is_too_late() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.agent("berta");
    let path = format!("/kudos/{}", sent(&anna, &to("berta", 10)));
    app.clock.advance(TimeDelta::seconds(900));
    anna.delete(&path).problem(409, "grace_over");
    assert_eq!((wallet(&app, "berta"), allowance(&app, "anna", "2026-11")), (10, 90));
    app.hr().delete(&path).expect(204);
    assert_eq!((wallet(&app, "berta"), allowance(&app, "anna", "2026-11")), (0, 100));
    assert_eq!(anna.get(&path).expect(200).body["state"], "removed");
    in_order(&app);
}

#[test]
fn leads_and_hr_remove_but_never_what_they_sent_or_received() {
    let app = TestApp::start();
    for code in ["support", "sales"] {
        team(&app, code, None);
    }
    team(&app, "night", Some("support"));
    let (anna, berta) = (at_home(&app, "anna", "sales"), at_home(&app, "berta", "night"));
    let (lead, other) = (app.lead("lena", "support"), app.lead("lars", "sales"));
    let hr = app.hr();
    let path = |id: String| format!("/kudos/{id}");
    let open = path(sent(&anna, &to("berta", 5)));
    for not_permitted in [&berta, &other, &app.auditor(), &app.admin()] {
        not_permitted.delete(&open).problem(403, "forbidden");
    }
    let private = json!({ "to": ["berta"], "message": "Thank you", "points": 5, "visibility": "private" });
    let private = path(sent(&anna, &private));
    for not_seeing in [&other, &app.auditor(), &app.admin()] {
        not_seeing.delete(&private).problem(404, "not_found");
    }
    berta.delete(&private).problem(403, "forbidden");
    for kudos in [&open, &private] {
        lead.delete(kudos).expect(204);
        lead.delete(kudos).expect(204);
    }
    assert_eq!((wallet(&app, "berta"), allowance(&app, "anna", "2026-11")), (0, 100));

    // Received among others, and sent: neither is theirs to remove.
    let shared = json!({ "to": ["berta", "lena", "hr"], "message": "Thank you", "points": 5 });
    let shared = path(sent(&anna, &shared));
    for receiver in [&lead, &hr] {
        receiver.delete(&shared).problem(403, "forbidden");
    }
    let own = path(sent(&hr, &to("berta", 5)));
    app.clock.advance(TimeDelta::hours(1));
    hr.delete(&own).problem(409, "grace_over");
    lead.delete(&own).expect(204);
    app.person("hedwig");
    let id = path("00000000-0000-7000-8000-000000000000".to_owned());
    for path in [id.as_str(), "/kudos/nonsense"] {
        hr.delete(path).problem(404, "not_found");
        hr.get(path).problem(404, "not_found");
    }
    in_order(&app);
}

#[test]
fn a_wallet_may_fall_below_zero_by_a_withdrawal_alone() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    for name in ["berta", "carl"] {
        app.agent(name);
    }
    let id = sent(&anna, &json!({ "to": ["berta", "carl"], "message": "Thank you", "points": 10 }));
    // Spent in the meantime, as a redemption would.
    spend(&app, "berta", 8);
    anna.delete(&format!("/kudos/{id}")).expect(204);
    assert_eq!((wallet(&app, "berta"), wallet(&app, "carl")), (-8, 0));
    assert_eq!(allowance(&app, "anna", "2026-11"), 100);
    assert_eq!(app.state.read_here(|db| Ok(ledger::sum_of_balances(db)?)).unwrap().0, 0);
}

/// Moves points out of a wallet, beside every command.
fn spend(app: &TestApp, user_name: &str, amount: i64) {
    use applaus::domain::ids::TransferId;
    use applaus::domain::ledger::{Transfer, TransferKind};
    use applaus::domain::points::Points;
    use applaus::writer::{Command, Failure, Tx, ledger};

    struct Spend(Account, Points);

    impl Command for Spend {
        type Output = ();

        fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
            let line = Transfer {
                id: TransferId::new(tx.now),
                kind: TransferKind::Kudos,
                payer: self.0.clone(),
                payee: Account::OrganizationIssuance,
                amount: self.1,
                reverses: None,
                origin: None,
                cause: "test:spent".to_owned(),
                at: tx.now,
            };
            ledger::post(tx, &[line])
        }
    }

    let command = Spend(Account::Wallet(app.person_id(user_name)), Points(amount));
    app.state.writer.run_blocking(applaus::writer::Actor::Operator, command).unwrap();
}
