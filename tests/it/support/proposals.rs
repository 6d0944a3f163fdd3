//! Rewards in the catalogue, and what was proposed of them.

use applaus::domain::ids::Code;
use applaus::store::head::ChangeKind;
use applaus::store::redemptions;
use applaus::store::rewards::{self, RewardRow};
use applaus::writer::{Actor, Command, Failure, Tx, proposal};
use diesel::RunQueryDsl;
use serde_json::json;

use super::app::TestApp;

/// What was proposed: the reward, to whom, and what brought it, with user names for ids; sorted.
pub fn proposed(app: &TestApp) -> Vec<(&'static str, (String, String))> {
    let mut db = app.database.url.connect().unwrap();
    let people = applaus::store::people::all(&mut db).unwrap();
    let name = |id: &str| people.iter().find(|person| person.id == id).unwrap().user_name.clone();
    let mut found = Vec::new();
    for (due, receiver, reward) in redemptions::all_proposed(&mut db).unwrap() {
        let reward = ["voucher", "mug", "pen"].into_iter().find(|known| *known == reward).unwrap();
        found.push((reward, (name(&receiver), due.replace(&receiver, &name(&receiver)))));
    }
    found.sort();
    found
}

/// Changes the database behind the server's back, and looks whether `verify` says so.
pub fn planted(app: &TestApp, sql: &str, said: &str) {
    let mut db = app.database.url.connect().unwrap();
    let found = applaus::verify::verify(&mut db).unwrap();
    assert!(found.is_clean(), "{found}");
    diesel::sql_query(sql).execute(&mut db).unwrap();
    let found = applaus::verify::verify(&mut db).unwrap();
    assert!(found.findings().iter().any(|finding| finding.contains(said)), "{found}");
}

/// Puts a reward into the catalogue.
pub fn offer(app: &TestApp, code: &str) {
    let code = Code::new(code).unwrap();
    app.state.writer.run_blocking(Actor::Operator, Offer(code)).unwrap();
}

struct Offer(Code);

impl Command for Offer {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let revision = tx.record(ChangeKind::Reward, self.0.as_str())?;
        let document = json!({ "code": self.0, "name": { "en": "It", "de": "Es" }, "kind": "gift_card", "cost": 100,
            "value": { "amount": "10.00", "currency": "EUR" }, "offered": true });
        let row = RewardRow {
            code: self.0.to_string(),
            document: document.to_string(),
            stock: None,
            created_at: tx.now.naive_utc(),
            revision,
        };
        rewards::insert(tx.db, &row)?;
        proposal::of_reward(tx, self.0.as_str())
    }
}
