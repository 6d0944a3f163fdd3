//! An organisation on a database of its own, served by one or more instances: some people, a programme that gives as many
//! points as a signal's quality, and allowances that last.

use std::path::Path;
use std::sync::OnceLock;

use applaus::store::db::DatabaseUrl;
use serde_json::{Value, json};
use ureq::http::Method;

use super::client::{Asked, Client};
use super::front::Front;
use super::instance::{Instance, line_of};
use super::postgres::Postgres;

/// How many people there are.
pub const PEOPLE: usize = 6;
/// How many of them send kudos.
pub const SENDERS: usize = 3;
/// What each may give a month.
pub const ALLOWANCE: i64 = 1_000_000;

/// The organisation and its servers.
pub struct Stage {
    /// The servers.
    pub instances: Vec<Instance>,
    /// The database, past anything that stands between it and the servers.
    pub url: DatabaseUrl,
    /// Its address as the program takes it.
    pub address: String,
    /// Whoever may do everything.
    pub root: Client,
    /// Those who send kudos, by their numbers.
    pub senders: Vec<Client>,
    /// What a control puts between clients and the first server.
    pub front: OnceLock<Front>,
    /// Holds keys, logs, and the SQLite file. Goes last.
    pub data_dir: tempfile::TempDir,
}

/// The user name of the person of a number.
pub fn person(number: usize) -> String {
    format!("person-{number}")
}

/// A name in both languages.
pub fn name(text: &str) -> Value {
    json!({ "en": text, "de": text })
}

fn programme() -> Value {
    let award = json!({ "points": { "measure": "quality", "times": 1 }, "badge": "star" });
    json!({
        "language": 1, "code": "load", "name": name("Load"), "time_zone": "Europe/Berlin", "season": "year",
        "rules": [{ "code": "each", "name": name("Each"), "on": ["evaluation"], "award": award }],
        "badges": [{ "code": "star", "name": name("Star") }],
        "boards": [{ "code": "all", "name": name("All"), "rank": "points", "subject": "person", "period": "all",
                     "show": "named" }],
    })
}

impl Stage {
    /// On a SQLite file, with one instance.
    pub fn on_sqlite() -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", data_dir.path().join("applaus.db").display());
        Self::on(data_dir, &url, std::slice::from_ref(&url))
    }

    /// On a new database of a server, with two instances.
    pub fn on_postgres(server: &Postgres) -> Self {
        let url = server.url(&server.new_database());
        Self::on(tempfile::tempdir().unwrap(), &url, &[url.clone(), url.clone()])
    }

    /// On a database, with an instance for each way to reach it.
    pub fn on(data_dir: tempfile::TempDir, url: &str, ways: &[String]) -> Self {
        let place = data_dir.path();
        line_of("admin", &["root"], url, place);
        let start = |(number, way): (usize, &String)| Instance::start(way, place, &format!("instance-{number}"));
        let instances: Vec<Instance> = ways.iter().enumerate().map(start).collect();
        let root = client(url, place, "root");
        set_up(&instances[0], &root);
        let senders = (0..SENDERS).map(|number| client(url, place, &person(number))).collect();
        let (url, address) = (DatabaseUrl::parse(url).unwrap(), url.to_owned());
        Self { instances, url, address, root, senders, front: OnceLock::new(), data_dir }
    }

    /// Any instance.
    pub fn any(&self, rng: &mut fastrand::Rng) -> &Instance {
        &self.instances[rng.usize(0..self.instances.len())]
    }
}

/// A client that acts as a person.
pub fn client(url: &str, data_dir: &Path, person: &str) -> Client {
    Client::new(&line_of("token", &[person, "--ttl", "8h"], url, data_dir))
}

fn set_up(instance: &Instance, root: &Client) {
    let done = |asked: Asked, status: u16| drop(root.expect(instance.address(), &asked, status));
    done(Asked::with_body(Method::PUT, "/people/root/roles/hr", json!({})), 204);
    let most = json!({ "monthly_allowance": ALLOWANCE, "monthly_cap_per_receiver": ALLOWANCE,
                       "monthly_cap_per_pair": ALLOWANCE });
    let settings = json!({ "kudos": most });
    done(Asked::with_body(Method::PATCH, "/organization", settings).with("if-match", "*"), 200);
    for number in 0..PEOPLE {
        let person = json!({ "user_name": person(number), "display_name": person(number) });
        done(Asked::post("/people", person), 201);
    }
    put_in_force(instance, root, &programme(), "2025-11-01");
}

/// Puts a programme in force.
pub fn put_in_force(instance: &Instance, root: &Client, programme: &Value, from: &str) {
    root.expect(instance.address(), &Asked::post("/programmes", programme.clone()), 201);
    let path = format!("/programmes/{}/versions/1/activate", programme["code"].as_str().unwrap());
    root.expect(instance.address(), &Asked::post(&path, json!({ "effective_from": from })), 200);
}
