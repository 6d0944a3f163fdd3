//! How people are seen, over HTTP: what they choose, who learns of it, and what that changes.

mod choosing;
mod statements;
mod unseen;

use applaus::access::caller::{Caller, Dated, HeldRoles};
use applaus::domain::ids::PersonId;
use applaus::domain::people::Role;
use serde_json::{Value, json};

use crate::seasons::server;
use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

const OWN: &str = "/people/me/visibility/service";

/// Somebody chooses how they are seen.
#[track_caller]
fn choose(client: &Client, visibility: &str) -> Answer {
    client.put(OWN, &json!({ "visibility": visibility })).expect(200)
}

/// What somebody's choice reads as.
fn seen(visibility: &str, chosen: bool) -> Value {
    json!({ "programme": "service", "visibility": visibility, "chosen": chosen, "default": "named", "smallest_group": 1 })
}

/// The number of the sequence at which a write is visible.
fn version(answer: &Answer) -> i64 {
    answer.header("applaus-version").unwrap().parse().unwrap()
}

/// Who acts in one role and no other.
fn acting(role: Option<Role>) -> Caller {
    let held = HeldRoles { roles: role.into_iter().collect(), ..HeldRoles::default() };
    let person = PersonId::new(chrono::DateTime::UNIX_EPOCH);
    Caller {
        person,
        user_name: String::new(),
        language: None,
        held,
        dated: Dated::default(),
        scope: None,
        until: chrono::DateTime::UNIX_EPOCH,
    }
}

/// Changes the organisation's settings.
#[track_caller]
fn settings(app: &TestApp, patch: &Value) {
    app.hr().with("if-match", "*").patch("/organization", patch).expect(200);
}
