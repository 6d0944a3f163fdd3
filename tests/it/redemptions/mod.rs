//! Redemptions over HTTP: what is asked for, decided and handed over, by whom, and what that moves.

mod catalogue;
mod codes;
mod guarded;
mod machine;
mod steps;
mod waiting;

use applaus::domain::ids::{Code, GrantId, PersonId, TransferId};
use applaus::domain::language::Localised;
use applaus::domain::ledger::{Account, Transfer, TransferKind};
use applaus::domain::organization::Organization;
use applaus::domain::points::Points;
use applaus::domain::reward::{Eligible, Reward, RewardKind};
use applaus::store::grants::{self, GrantRow};
use applaus::store::head::ChangeKind;
use applaus::store::ledger;
use applaus::writer::organization::{ChangeOrganization, Expected};
use applaus::writer::reward::AddReward;
use applaus::writer::{Actor, Command, Failure, Tx};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Client;

/// Points granted by somebody who does nothing else.
struct Give {
    from: PersonId,
    to: PersonId,
    points: i64,
}

impl Command for Give {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let id = GrantId::new(tx.now);
        let sequence = tx.record(ChangeKind::Grant, &id.to_string())?;
        let transfer = Transfer {
            id: TransferId::new(tx.now),
            kind: TransferKind::Grant,
            payer: Account::OrganizationIssuance,
            payee: Account::Wallet(self.to),
            amount: Points(self.points),
            reverses: None,
            origin: None,
            cause: format!("grant:{id}"),
            at: tx.now,
        };
        let row = GrantRow {
            id: id.into(),
            sequence,
            granter: self.from.into(),
            receiver: self.to.into(),
            points: self.points,
            reason: "To begin with".to_owned(),
            programme: None,
            season: None,
            month: "2026-11".to_owned(),
            state: "granted".to_owned(),
            requested_at: tx.now.naive_utc(),
            decided_at: None,
            decided_by: None,
            note: None,
            transfer: Some(transfer.id.into()),
            revision: sequence,
        };
        applaus::writer::ledger::post(tx, &[transfer])?;
        Ok(grants::insert(tx.db, &row)?)
    }
}

/// A reward that costs 100 points.
pub fn mug() -> Reward {
    Reward {
        code: Code::new("mug").unwrap(),
        name: Localised { en: "Mug".to_owned(), de: "Becher".to_owned() },
        description: None,
        kind: RewardKind::Other,
        cost: Points(100),
        value: None,
        days_off: None,
        from: None,
        until: None,
        eligible: Eligible::default(),
        picture: None,
        low_stock: None,
        offered: true,
    }
}

pub fn give(app: &TestApp, user_name: &str, points: i64) {
    let from = app.person("giver").person_id().unwrap();
    let command = Give { from, to: app.person_id(user_name), points };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

pub fn offer(app: &TestApp, reward: Reward, stock: Option<i64>) {
    app.state.writer.run_blocking(Actor::Operator, AddReward { reward, stock }).unwrap();
}

pub fn settings(app: &TestApp, change: impl FnOnce(&mut Organization)) {
    let mut settings = app.state.catalogue().organization.clone();
    change(&mut settings);
    let command = ChangeOrganization { settings, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

/// The balance of an account; zero before it is opened.
pub fn balance(app: &TestApp, account: &Account) -> i64 {
    let id = account.to_string();
    let found = app.state.read_here(|db| Ok(ledger::balances(db, std::slice::from_ref(&id))?)).unwrap();
    found.get(&id).copied().unwrap_or(0)
}

pub fn wallet(app: &TestApp, user_name: &str) -> i64 {
    balance(app, &Account::Wallet(app.person_id(user_name)))
}

/// What is left of the mug.
fn stock(client: &Client) -> Value {
    client.get("/rewards/mug").expect(200).body["stock"].clone()
}

/// Asks for a mug, and gives the address of the redemption.
#[track_caller]
fn asked(client: &Client) -> String {
    let answer = client.post("/redemptions", &json!({ "reward": "mug" })).expect(201);
    format!("/redemptions/{}", answer.body["id"].as_str().unwrap())
}

#[track_caller]
fn step(client: &Client, redemption: &str, step: &str) -> crate::support::client::Answer {
    client.post(&format!("{redemption}/{step}"), &json!({}))
}

#[test]
fn asking_reserves_points_and_stock() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    give(&app, "anna", 250);
    offer(&app, mug(), Some(5));
    let keyed = anna.with("Idempotency-Key", "one");
    let answer = keyed.post("/redemptions", &json!({ "reward": "mug" })).expect(201);
    let repeated = keyed.post("/redemptions", &json!({ "reward": "mug" })).expect(201);
    assert_eq!((repeated.header("idempotency-replayed"), &repeated.body), (Some("true"), &answer.body));
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/redemptions/{id}").as_str()));
    assert_eq!(anna.get(&format!("/redemptions/{id}")).expect(200).body, answer.body);
    let body = &answer.body;
    assert_eq!((&body["state"], &body["cost"], &body["code"]), (&json!("requested"), &json!(100), &json!("none")));
    assert_eq!(body["reward"], json!({ "code": "mug", "name": { "en": "Mug", "de": "Becher" } }));
    assert_eq!(body["expires_at"], "2027-02-16T12:00:00Z");
    assert_eq!((wallet(&app, "anna"), stock(&anna)), (150, json!(4)));
    let standing = anna.get("/people/me/standing").expect(200).body;
    assert_eq!(standing["wallet"], json!({ "balance": 150, "reserved": 100 }));
    asked(&anna);
    let refused = anna.post("/redemptions", &json!({ "reward": "mug" })).problem(422, "too_few_points");
    assert_eq!(refused.body["detail"], "50 points are missing for the reward mug.");
    assert_eq!((wallet(&app, "anna"), stock(&anna)), (50, json!(3)));
    app.verify();
}

#[test]
fn what_is_not_to_be_had_is_refused_clearly() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.team("north", None);
    give(&app, "anna", 1_000);
    let coded = |code: &str, reward: Reward| Reward { code: Code::new(code).unwrap(), ..reward };
    let day = |text: &str| Some(text.parse().unwrap());
    offer(&app, coded("gone", mug()), Some(0));
    offer(&app, coded("won", Reward { cost: Points(0), ..mug() }), None);
    offer(&app, coded("hidden", Reward { offered: false, ..mug() }), None);
    offer(&app, coded("soon", Reward { from: day("2026-11-19"), ..mug() }), None);
    offer(&app, coded("past", Reward { until: day("2026-11-18"), ..mug() }), None);
    let teams = vec![Code::new("north").unwrap()];
    offer(&app, coded("theirs", Reward { eligible: Eligible { teams, ..Eligible::default() }, ..mug() }), None);
    for (reward, status, code) in [
        ("gone", 409, "out_of_stock"),
        ("won", 409, "reward_only_won"),
        ("hidden", 409, "reward_not_offered"),
        ("soon", 409, "reward_not_yet"),
        ("past", 409, "reward_over"),
        ("theirs", 403, "not_eligible"),
        ("nothing", 422, "unknown_name"),
    ] {
        anna.post("/redemptions", &json!({ "reward": reward })).problem(status, code);
    }
    for (body, code) in [
        (json!({}), "missing_field"),
        (json!({ "reward": "Mug!" }), "invalid_code"),
        (json!({ "reward": "gone", "cost": 1 }), "unknown_field"),
    ] {
        let answer = anna.post("/redemptions", &body).expect(422);
        assert!(answer.text.contains(code) || answer.status == 422, "{}", answer.text);
    }
    assert_eq!((wallet(&app, "anna"), anna.get("/redemptions").body["items"].as_array().unwrap().len()), (1_000, 0));
    app.join("anna", "north", "2026-01-01T00:00:00Z");
    anna.post("/redemptions", &json!({ "reward": "theirs" })).expect(201);
    app.narrowed("anna", &[applaus::domain::people::Role::Hr])
        .post("/redemptions", &json!({ "reward": "theirs" }))
        .problem(403, "forbidden");
    app.verify();
}
