//! A town of people with evidence, kudos and a closed season, in which one person is named wherever texts are taken.

use applaus::domain::ids::Code;
use applaus::domain::points::Points;
use applaus::domain::reward::Reward;
use applaus::store::db::Db;
use applaus::writer::Actor;
use applaus::writer::person::{AddPerson, PersonDetails};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use crate::redemptions::{mug, offer};
use crate::support::app::TestApp;
use crate::support::client::Client;

/// Whoever is not erased.
pub const OTHERS: [&str; 3] = ["berta", "carl", "dora"];
/// When it begins.
const BEGIN: &str = "2026-10-05T08:00:00Z";
/// When October is closed, and November under way.
const LATER: &str = "2026-11-18T12:00:00Z";

/// The town.
pub struct Town {
    pub app: TestApp,
    pub random: fastrand::Rng,
    /// The id of whom is erased.
    pub id: String,
    pub user_name: String,
    pub display_name: String,
    pub email: String,
    pub external_id: String,
    /// The keys of the evidence about them, with what was delivered.
    pub delivered: Vec<Value>,
}

fn name(text: &str) -> Value {
    json!({ "en": text, "de": text })
}

fn document(user_name: &str) -> Value {
    let board = |code: &str, subject: &str, period: &str| {
        json!({ "code": code, "name": name(code), "rank": "points",
        "subject": subject, "period": period, "show": "named" })
    };
    json!({
        "language": 1, "code": "town", "name": name("Town"), "time_zone": "Europe/Berlin", "season": "month", "grace_days": 1,
        "rules": [
            { "code": "once", "name": name("Once a case"), "on": ["survey"], "award": { "points": 10, "badge": "star" },
              "limits": [{ "per": "case", "times": 1 }, { "per": "week", "points": 60 }] },
            { "code": "callers", "name": name("Many callers"), "on": ["survey", "evaluation"],
              "goal": { "count_distinct": { "attribute": "caller" }, "at_least": 3, "per": "month" },
              "award": { "points": 50 } },
            { "code": "reviewed", "name": name("Reviewed"), "on": ["evaluation"],
              "award": { "points": { "by": { "attribute": "reviewer" }, "cases": { user_name: 7, "otto": 3 }, "else": 1 } } },
            { "code": "picked", "name": name("Picked"), "on": ["survey"],
              "when": { "attribute": "reviewer", "in": [user_name, "berta"] }, "award": { "points": 2 } },
            { "code": "row", "name": name("Row"), "on": ["survey"], "award": { "points": 9 },
              "streak": { "length": 2, "of": { "measure": "csat", "at_least": 4 } } },
            { "code": "team", "name": name("Team"), "on": ["survey"], "for": "team", "award": { "points": 100 },
              "goal": { "share": { "attribute": "reviewer", "in": [user_name] }, "at_least": 0.1, "samples": 1, "per": "month" } }
        ],
        "badges": [{ "code": "star", "name": name("Star") }],
        "tiers": [{ "code": "silver", "name": name("Silver"), "at": 40 }],
        "boards": [board("season", "person", "season"), board("ever", "person", "all"), board("teams", "team", "month")]
    })
}

impl Town {
    /// A town by chance.
    pub fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mark = |random: &mut fastrand::Rng| format!("{:08x}", random.u32(0x1000_0000..));
        let user_name = format!("anna.{}", mark(&mut random));
        let display_name = format!("Änna \"{}\" Größer", mark(&mut random));
        let (email, external_id) =
            (format!("anna+{}@example.org", mark(&mut random)), format!("HR/{}", mark(&mut random)));
        let app = TestApp::start_at(BEGIN.parse().unwrap());
        app.team("north", None);
        app.team("south", None);
        let details = PersonDetails {
            user_name: user_name.clone(),
            display_name: display_name.clone(),
            email: Some(email.clone()),
            external_id: Some(external_id.clone()),
            language: None,
        };
        let id = app.state.writer.run_blocking(Actor::Operator, AddPerson { details }).unwrap().output.id;
        app.join(&user_name, "north", "2026-01-01T00:00:00Z");
        for (other, team) in OTHERS.iter().zip(["north", "south", "south"]) {
            app.agent_in(other, team);
        }
        app.programme(&document(&user_name), "2026-10-01");
        let pen = Reward { code: Code::new("pen").unwrap(), cost: Points(1), ..mug() };
        offer(&app, pen, None);
        let mut town = Self { app, random, id, user_name, display_name, email, external_id, delivered: Vec::new() };
        town.live();
        town.app.clock.set(LATER.parse().unwrap());
        town.app.tick();
        town.live();
        town.answers_and_notes();
        town.app.tick();
        town
    }

    /// What must be found nowhere afterwards.
    pub fn markers(&self) -> Vec<String> {
        let part = |text: &str, ends: [char; 2]| text.split(ends).nth(1).unwrap().to_owned();
        vec![
            self.user_name.clone(),
            self.display_name.clone(),
            self.email.clone(),
            self.external_id.clone(),
            part(&self.user_name, ['.', '.']),
            part(&self.display_name, ['"', '"']),
            part(&self.email, ['+', '@']),
            part(&self.external_id, ['/', '/']),
        ]
    }

    /// One of the names, written somehow.
    fn naming(&mut self) -> String {
        let names = [&self.user_name, &self.display_name, &self.email, &self.external_id];
        let name = names[self.random.usize(0..4)].clone();
        match self.random.u8(0..4) {
            0 => name.to_uppercase().replace("SS", "ß"),
            1 => unicode_normalization::UnicodeNormalization::nfd(name.as_str()).collect(),
            _ => name,
        }
    }

    /// A text that may name them.
    fn text(&mut self) -> String {
        let name = self.naming();
        match self.random.u8(0..5) {
            0 => "nobody".to_owned(),
            1 => format!("T-{name}"),
            2 => format!("as {name} said: {name}!"),
            _ => name,
        }
    }

    /// Evidence of some days, corrections, kudos.
    fn live(&mut self) {
        let hr = self.app.hr();
        let now = self.app.state.clock.now();
        for _ in 0..self.random.usize(10..30) {
            // Whole hours: several at one instant are told apart by their keys.
            let at = now - TimeDelta::hours(self.random.i64(0..72));
            let mut signal = self.signal(&at.to_rfc3339());
            hr.post("/signals", &signal).expect(200);
            if self.random.u8(0..4) == 0 {
                signal["version"] = json!(2);
                signal["measures"]["csat"] = json!(self.random.i64(1..=5));
                signal["attributes"]["caller"] = json!(self.text());
                hr.post("/signals", &signal).expect(200);
            }
            if self.random.u8(0..12) == 0 {
                let (source, key) = (signal["source"].as_str().unwrap(), signal["key"].as_str().unwrap());
                let key: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
                hr.delete(&format!("/signals/{source}/{key}"));
            }
            if signal["agent"] == json!(self.user_name.as_str()) {
                self.delivered.push(signal);
            }
        }
        let (anna, berta) = (self.app.acting_as(&self.user_name), self.app.acting_as("berta"));
        let kudos = |to: &[&str], message: String| json!({ "to": to, "message": message, "points": 1 });
        let text = self.naming();
        anna.post("/kudos", &kudos(&["berta"], format!("from me, {text}"))).expect(201);
        let named = self.naming();
        let id = berta.post("/kudos", &kudos(&[&self.user_name, "carl"], format!("well done, {named}"))).expect(201);
        let id = id.body["id"].as_str().unwrap().to_owned();
        berta.post("/kudos", &kudos(&["dora"], format!("{named} told me"))).expect(201);
        berta.post("/kudos", &kudos(&[&self.user_name], "only for you".to_owned())).expect(201);
        let path = format!("/kudos/{id}/replies");
        anna.post(&path, &json!({ "message": format!("you are welcome, {text}") })).expect(201);
        self.app.acting_as("carl").post(&path, &json!({ "message": format!("thanks {named}") })).expect(201);
        let report = json!({ "reason": format!("{named} is not amused") });
        self.app.acting_as("dora").post(&format!("/kudos/{id}/report"), &report).expect(201);
        for (to, reason) in [(self.user_name.clone(), named.clone()), ("carl".to_owned(), format!("helped {named}"))] {
            hr.post("/grants", &json!({ "to": to, "points": 5, "reason": reason })).expect(201);
        }
        let redemption = self.app.acting_as("carl").post("/redemptions", &json!({ "reward": "pen" })).expect(201);
        let path = format!("/redemptions/{}/cancel", redemption.body["id"].as_str().unwrap());
        hr.post(&path, &json!({ "note": format!("{named} has it") })).expect(200);
        anna.post("/redemptions", &json!({ "reward": "pen" })).expect(201);
    }

    /// Evidence that names them somewhere, about them or somebody else.
    fn signal(&mut self, at: &str) -> Value {
        let agent =
            if self.random.bool() { self.user_name.clone() } else { self.random.choice(OTHERS).unwrap().to_owned() };
        let ascii = [&self.user_name, &self.email, &self.external_id][self.random.usize(0..3)].clone();
        let number = self.random.u32(..);
        let key = match self.random.u8(0..3) {
            0 => format!("{ascii}:{number:08x}"),
            1 => format!("{:02x}-{}-{number:08x}", self.random.u8(..), ascii.to_uppercase()),
            _ => format!("{number:08x}"),
        };
        let kind = if self.random.bool() { "survey" } else { "evaluation" };
        let reviewer = [self.user_name.clone(), "otto".to_owned(), self.naming()][self.random.usize(0..3)].clone();
        json!({ "source": "qa", "key": key, "version": 1, "kind": kind, "agent": agent, "occurred_at": at,
            "case": self.text(), "measures": { "csat": self.random.i64(1..=5) },
            "attributes": { "caller": self.text(), "reviewer": reviewer, "comment": self.text(), "seat": 7 } })
    }

    /// Stored answers under keys that name them, and notes.
    fn answers_and_notes(&mut self) {
        let hr = self.app.hr();
        let from = "2026-11-18T10:00:00Z";
        let moved = hr.with("Idempotency-Key", &format!("move-{}", self.user_name));
        moved
            .post(&format!("/people/{}/memberships", self.user_name), &json!({ "team": "south", "from": from }))
            .expect(201);
        let thanks = json!({ "to": [self.user_name.as_str()], "message": format!("kept, {}", self.display_name) });
        self.thanks_by_key(&thanks).expect(201);
        let mine = self.app.acting_as(&self.user_name).with("Idempotency-Key", "mine");
        mine.post("/kudos", &json!({ "to": ["carl"], "message": "mine" })).expect(201);
        let mut db = self.app.database.url.connect().unwrap();
        for (subject, note) in
            [(self.id.clone(), "late".to_owned()), ("somebody".to_owned(), format!("told by {}", self.user_name))]
        {
            let insert = "INSERT INTO contest_disqualifications (programme, contest, period, subject, note, disqualified_by, \
                disqualified_at) VALUES ('town', 'c', 'p', {1}, {2}, 'operator', '2026-11-01 00:00:00')";
            let insert = match &db {
                Db::Sqlite(_) => insert.replace("{1}", "?").replace("{2}", "?"),
                Db::Postgres(_) => insert.replace("{1}", "$1").replace("{2}", "$2"),
            };
            diesel::sql_query(insert).bind::<Text, _>(subject).bind::<Text, _>(note).execute(&mut db).unwrap();
        }
    }

    /// Thanks by a key that names them.
    pub fn thanks_by_key(&self, body: &Value) -> crate::support::client::Answer {
        let berta = self.app.acting_as("berta");
        berta.with("Idempotency-Key", &format!("thank-{}", self.user_name)).post("/kudos", body)
    }

    /// Erases them.
    pub fn erase(&self) {
        self.hr().post(&format!("/people/{}/erase", self.id), &json!({})).expect(204);
        self.app.tick();
    }

    /// Somebody from HR.
    pub fn hr(&self) -> Client {
        self.app.hr()
    }
}
