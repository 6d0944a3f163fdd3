//! A server under test: its own database, a clock in the test's hand, and callers per role, over real HTTP.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use applaus::app::AppState;
use applaus::clock::{Clock, ManualClock};
use applaus::config::Config;
use applaus::domain::ids::{Code, PersonId};
use applaus::domain::people::Role;
use applaus::http::serve::{Bounds, Server, serve_within};
use applaus::store::people::PersonRow;
use applaus::writer::Actor;
use applaus::writer::due::Tick;
use applaus::writer::membership::AddMembership;
use applaus::writer::person::{AddPerson, EnsureAdmin, PersonDetails};
use applaus::writer::programme::{ActivateVersion, CreateProgramme, DraftVersion};
use applaus::writer::role::{GrantRole, Reach};
use applaus::writer::team::AddTeam;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::client::Client;
use super::database::TestDatabase;

/// A running server.
pub struct TestApp {
    /// What it runs on.
    pub state: Arc<AppState>,
    /// Its clock: stands still unless the test moves it.
    pub clock: ManualClock,
    /// Its database.
    pub database: TestDatabase,
    address: SocketAddr,
    server: Option<Server>,
}

/// When tests happen, unless they say otherwise: a Wednesday in the middle of a quarter.
pub fn test_now() -> DateTime<Utc> {
    "2026-11-18T12:00:00Z".parse().unwrap()
}

impl TestApp {
    /// A server at [`test_now`].
    pub fn start() -> Self {
        Self::start_at(test_now())
    }

    /// A server whose clock stands at `now`.
    pub fn start_at(now: DateTime<Utc>) -> Self {
        Self::start_on(TestDatabase::new(), now)
    }

    /// A server on a database that may have a past.
    pub fn start_on(database: TestDatabase, now: DateTime<Utc>) -> Self {
        Self::start_by(database, ManualClock::at(now))
    }

    /// A further server on the same database, by the same clock and with a key of its own.
    pub fn another(&self) -> Self {
        Self::start_by(self.database.again(), self.clock.clone())
    }

    /// A server by a clock that others may go by too.
    pub fn start_by(database: TestDatabase, clock: ManualClock) -> Self {
        Self::start_within(Bounds::default(), database, clock)
    }

    /// The same with other bounds on its clients.
    pub fn start_within(bounds: Bounds, database: TestDatabase, clock: ManualClock) -> Self {
        let config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir: database.dir.path().to_owned(),
            database: database.url.clone(),
            replica: database.replica.clone(),
            seal_key_file: None,
            log: "off".to_owned(),
            readers: 2,
            public_url: "https://applaus.example".to_owned(),
        };
        let state = AppState::open(&config, Clock::Manual(clock.clone())).unwrap();
        let listener = TcpListener::bind(config.listen).unwrap();
        let address = listener.local_addr().unwrap();
        let server = Some(serve_within(bounds, state.clone(), listener, 1).unwrap());
        Self { state, clock, database, address, server }
    }

    /// The server's address, for raw connections.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops, and leaves the database behind.
    pub fn leave(mut self) -> TestDatabase {
        let left = self.database.again();
        std::mem::replace(&mut self.database, left)
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.address, None)
    }

    /// A client with any token.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(self.address, Some(token.to_owned()))
    }

    /// A token of an existing person.
    pub fn token_of(&self, user_name: &str) -> String {
        self.state.issuer.mint(user_name, TimeDelta::hours(12), &[], self.state.clock.now()).unwrap()
    }

    /// A client that acts as whom `client` acts as, with their token.
    pub fn as_well(&self, client: &Client) -> Client {
        client.at(self.address)
    }

    /// A client that acts as an existing person.
    pub fn acting_as(&self, user_name: &str) -> Client {
        self.narrowed(user_name, &[])
    }

    /// The same with a token narrowed to some roles.
    pub fn narrowed(&self, user_name: &str, scope: &[Role]) -> Client {
        let token = self.state.issuer.mint(user_name, TimeDelta::hours(12), scope, self.state.clock.now()).unwrap();
        self.with_token(&token)
    }

    /// An administrator, who exists from now on.
    pub fn admin(&self) -> Client {
        let command = EnsureAdmin { user_name: "admin".to_owned() };
        self.state.writer.run_blocking(Actor::Operator, command).unwrap();
        self.acting_as("admin")
    }

    /// Somebody from HR.
    pub fn hr(&self) -> Client {
        self.person_with("hr", Role::Hr, Reach::Whole)
    }

    /// Somebody who may read everything.
    pub fn auditor(&self) -> Client {
        self.person_with("auditor", Role::Auditor, Reach::Whole)
    }

    /// A system that delivers the sources named.
    pub fn source(&self, sources: &[&str]) -> Client {
        self.person_with("feed", Role::Source, Reach::Sources(sources.iter().map(|&name| name.to_owned()).collect()))
    }

    /// A lead of the team of that code.
    pub fn lead(&self, user_name: &str, team: &str) -> Client {
        self.person_with(user_name, Role::Lead, Reach::Teams(vec![team.to_owned()]))
    }

    /// An agent; exists from now on.
    pub fn agent(&self, user_name: &str) -> Client {
        self.person(user_name);
        self.acting_as(user_name)
    }

    /// An agent at home in a team since long ago.
    pub fn agent_in(&self, user_name: &str, team: &str) -> Client {
        let agent = self.agent(user_name);
        self.join(user_name, team, "2010-01-01T00:00:00Z");
        agent
    }

    /// Somebody is at home in a team from an instant on.
    pub fn join(&self, user_name: &str, team: &str, from: &str) {
        let command = AddMembership {
            person: self.person_id(user_name),
            team: team.to_owned(),
            from: from.parse().unwrap(),
            until: None,
        };
        self.state.writer.run_blocking(Actor::Operator, command).unwrap();
    }

    /// A team; exists from now on.
    pub fn team(&self, code: &str, parent: Option<&str>) {
        let code = Code::new(code).unwrap();
        let command = AddTeam { name: code.to_string(), code, parent: parent.map(|parent| Code::new(parent).unwrap()) };
        self.state.writer.run_blocking(Actor::Operator, command).unwrap();
    }

    /// Makes sure that a person exists, and gives their row.
    pub fn person(&self, user_name: &str) -> PersonRow {
        use applaus::store::people::{PersonRef, find};
        let reference = PersonRef::UserName(user_name.to_owned());
        let known = self.state.read_here(|db| Ok(find(db, &reference)?)).unwrap();
        known.unwrap_or_else(|| {
            let details = PersonDetails {
                user_name: user_name.to_owned(),
                display_name: user_name.to_owned(),
                email: None,
                external_id: None,
                language: None,
            };
            self.state.writer.run_blocking(Actor::Operator, AddPerson { details }).unwrap().output
        })
    }

    /// The id of a person.
    pub fn person_id(&self, user_name: &str) -> PersonId {
        self.person(user_name).person_id().unwrap()
    }

    fn person_with(&self, user_name: &str, role: Role, reach: Reach) -> Client {
        let person = self.person_id(user_name);
        self.state.writer.run_blocking(Actor::Operator, GrantRole { person, role, reach }).unwrap();
        self.acting_as(user_name)
    }

    /// Puts a programme in force from a date on.
    pub fn programme(&self, document: &Value, effective_from: &str) {
        let command = CreateProgramme { document: document.clone() };
        let drafted = self.state.writer.run_blocking(Actor::Operator, command).unwrap().output;
        self.activate(&drafted.programme, drafted.version, effective_from);
    }

    /// Drafts a further version of a programme.
    pub fn draft(&self, programme: &str, document: &Value) {
        let command = DraftVersion { programme: programme.to_owned(), document: document.clone() };
        self.state.writer.run_blocking(Actor::Operator, command).unwrap();
    }

    /// Puts a version of a programme in force from a date on.
    pub fn activate(&self, programme: &str, version: u32, effective_from: &str) {
        let effective_from = effective_from.parse().unwrap();
        let command = ActivateVersion { programme: programme.to_owned(), version, effective_from };
        self.state.writer.run_blocking(Actor::Operator, command).unwrap();
    }

    /// Lets the writer do all that time has made due.
    pub fn tick(&self) {
        while self.state.writer.run_blocking(Actor::Operator, Tick).unwrap().output.more {}
    }

    /// Checks promises 1, 2 and 6.
    #[track_caller]
    pub fn verify(&self) {
        let mut db = self.database.url.connect().unwrap();
        let report = applaus::verify::verify(&mut db).unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abandon();
        }
    }
}
