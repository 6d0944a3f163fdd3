//! An organisation on a server, with a history that goes on.

use applaus::domain::ids::{Code, PersonId};
use applaus::domain::people::Role;
use applaus::domain::visibility::Visibility;
use applaus::store::db::Db;
use applaus::store::head::ChangeKind;
use applaus::store::people::{self, PersonRow};
use applaus::store::teams::{self, TeamRow};
use applaus::writer::role::{GrantRole, Reach};
use applaus::writer::visibility::{ChooseVisibility, Wish};
use applaus::writer::{Actor, Command, Failure, Tx};
use chrono::{DateTime, Days, Utc};
use diesel::RunQueryDsl;
use serde_json::{Value, json};

use super::organization::{Event, History, Plan, TIMES, What, first_day, person_id, team_id, user_name};
use crate::support::app::TestApp;
use crate::support::client::Client;

/// Boards of persons, as code, rank and period; `top`, `own` and `alias` show as they are called.
const OF_PERSONS: [(&str, &str, &str); 11] = [
    ("day", "points", "day"),
    ("week", "points", "week"),
    ("month", "points", "month"),
    ("season", "points", "season"),
    ("ever", "points", "all"),
    ("rolling", "points", "days"),
    ("thanks", "kudos", "month"),
    ("quality", "measure", "month"),
    ("top", "points", "month"),
    ("own", "points", "month"),
    ("alias", "points", "month"),
];
/// Boards of teams, as code, rank, period and combination.
const OF_TEAMS: [(&str, &str, &str, &str); 10] = [
    ("team-day", "points", "day", "sum"),
    ("team-week", "points", "week", "sum"),
    ("team-month", "points", "month", "sum"),
    ("team-ever", "points", "all", "sum"),
    ("team-rolling", "points", "days", "sum"),
    ("team-mean", "points", "month", "mean_per_member"),
    ("team-mean-season", "points", "season", "mean_per_member"),
    ("team-own", "points", "month", "own"),
    ("team-thanks", "kudos", "month", "sum"),
    ("team-quality", "measure", "month", "sum"),
];

/// The codes of all boards; those of teams come last.
pub fn boards() -> Vec<&'static str> {
    OF_PERSONS.iter().map(|board| board.0).chain(OF_TEAMS.iter().map(|board| board.0)).collect()
}

/// Whether a board ranks teams.
pub fn is_of_teams(board: &str) -> bool {
    OF_TEAMS.iter().any(|(code, ..)| *code == board)
}

fn programme() -> Value {
    let name = |text: &str| json!({ "en": text, "de": text });
    let rank = |rank: &str| if rank == "measure" { json!({ "measure": "quality" }) } else { json!(rank) };
    let period = |period: &str| if period == "days" { json!({ "days": 7 }) } else { json!(period) };
    let mut boards = Vec::new();
    for (code, ranked, per) in OF_PERSONS {
        let mut board = json!({ "code": code, "name": name(code), "rank": rank(ranked), "subject": "person", "period": period(per) });
        board["show"] = match code {
            "top" => json!({ "top": 3 }),
            "own" | "alias" => json!(code),
            _ => json!("named"),
        };
        if ranked == "measure" {
            board["min_samples"] = json!(2);
        }
        boards.push(board);
    }
    for (code, ranked, per, combine) in OF_TEAMS {
        boards.push(json!({ "code": code, "name": name(code), "rank": rank(ranked), "subject": "team",
                            "period": period(per), "combine": combine }));
    }
    let contest = |(code, board): (&str, &str)| {
        json!({ "code": code, "name": name(code), "board": board, "per": "month",
                "prizes": [{ "ranks": [1, 1], "badge": "star" }] })
    };
    let contests = [("race", "month"), ("race-of-teams", "team-month")].map(contest);
    json!({
        "language": 1, "code": "service", "name": name("Service"), "time_zone": "Europe/Berlin", "season": "month",
        "grace_days": 2, "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [
            { "code": "quality", "name": name("Quality"), "on": ["evaluation"],
              "award": { "points": { "measure": "quality", "times": 1 } } },
            { "code": "trained", "name": name("Trained"), "on": ["training"], "award": { "badge": "star" } },
            { "code": "praised", "name": name("Praised"), "on": ["compliment"], "for": "team",
              "goal": { "aggregate": "count", "at_least": 1, "per": "month" }, "award": { "points": 7 } }
        ],
        "badges": [{ "code": "star", "name": name("Star") }],
        "tiers": [{ "code": "bronze", "name": name("Bronze"), "at": 50 }],
        "boards": boards,
        "contests": contests
    })
}

/// Adds somebody of a given id.
struct Add(usize);

impl Command for Add {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let (id, name) = (person_id(self.0), user_name(self.0));
        let revision = tx.record(ChangeKind::Person, &id.to_string())?;
        let row = PersonRow {
            id: id.to_string(),
            search: PersonRow::search_text(&name, &name),
            display_name: name.clone(),
            user_name: name,
            email: None,
            external_id: None,
            language: None,
            active: true,
            created_at: tx.now.naive_utc(),
            revision,
        };
        people::insert(tx.db, &row)?;
        GrantRole { person: id, role: Role::Agent, reach: Reach::Whole }.run(tx)
    }
}

/// Adds a team of a given id.
struct Found {
    team: usize,
    code: Code,
    parent: Option<usize>,
}

impl Command for Found {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let revision = tx.record(ChangeKind::Team, self.code.as_str())?;
        let code = self.code.to_string();
        let (id, parent) = (team_id(self.team).to_string(), self.parent.map(|parent| team_id(parent).to_string()));
        Ok(teams::insert(tx.db, &TeamRow { id, name: code.clone(), code, parent, revision })?)
    }
}

/// An organisation on a server.
pub struct World {
    /// The server.
    pub app: TestApp,
    /// What is planned.
    pub plan: Plan,
    hr: Client,
    delivered: usize,
}

impl World {
    /// Sets everything up; ids and digests are the same in every world. Nothing has happened yet.
    pub fn new(plan: &Plan) -> Self {
        let app = TestApp::start_at(TIMES[0].parse().unwrap());
        set_digest_key(&mut app.database.url.connect().unwrap());
        let hr = app.hr();
        let settings = json!({ "smallest_group": plan.smallest_group, "default_visibility": plan.default });
        hr.with("if-match", "*").patch("/organization", &settings).expect(200);
        for team in 0..plan.teams() {
            let found = Found { team, code: plan.code(team), parent: plan.parent(team) };
            app.state.writer.run_blocking(Actor::Operator, found).unwrap();
        }
        for person in 0..plan.people.len() {
            app.state.writer.run_blocking(Actor::Operator, Add(person)).unwrap();
            let mut homes = vec![(plan.first_home(person), "2010-01-01".parse().unwrap())];
            homes.extend(plan.moves(person).map(|(team, day)| (team, first_day() + Days::new(day))));
            for (team, from) in homes {
                app.join(&user_name(person), plan.code(team).as_str(), &format!("{from}T00:00:00Z"));
            }
        }
        app.programme(&programme(), "2026-10-01");
        for (person, somebody) in plan.people.iter().enumerate() {
            if let Some(choice) = somebody.choice {
                let (person, programme) = (person_id(person), Code::new("service").unwrap());
                let wish = Wish::Chosen(Visibility::of_name(choice).unwrap());
                let command = ChooseVisibility { person, programme, wish };
                app.state.writer.run_blocking(Actor::Operator, command).unwrap();
            }
        }
        Self { app, plan: plan.clone(), hr, delivered: 0 }
    }

    /// The time comes; everything due by then is done, and what is planned up to it has happened.
    pub fn reach(&mut self, phase: usize, history: History) {
        self.app.clock.set(TIMES[phase].parse().unwrap());
        self.app.tick();
        self.hr = self.app.acting_as("hr");
        let plan = self.plan.clone();
        let mut signals = Vec::new();
        for (number, event) in plan.events.iter().enumerate().filter(|(_, event)| event.phase() == phase) {
            for (copy, (person, what)) in plan.happens(event, history).into_iter().enumerate() {
                match what {
                    What::Kudos(points) => self.thank(event, person, points),
                    _ => signals.push(signal(&format!("e{number}-{copy}"), 1, (person, what), event.at())),
                }
            }
        }
        self.deliver(&signals);
    }

    /// Delivers evidence.
    pub fn deliver(&self, signals: &[Value]) {
        if !signals.is_empty() {
            let answer = self.hr.post("/signals", &json!(signals)).expect(200);
            let counts = &answer.body["counts"];
            assert!(counts.get("rejected").is_none_or(|rejected| *rejected == 0), "{}", answer.text);
        }
    }

    /// Somebody else thanks somebody; only the two see it, if the other is hidden.
    fn thank(&mut self, event: &Event, receiver: usize, points: u32) {
        let sender = (receiver + 1 + event.instead as usize % (self.plan.people.len() - 1)) % self.plan.people.len();
        let sender = if sender == self.plan.observer() { "hr".to_owned() } else { user_name(sender) };
        let visibility = if self.plan.is_hidden(receiver) { "private" } else { "public" };
        let thanks =
            json!({ "to": [user_name(receiver)], "message": "Thank you", "points": points, "visibility": visibility });
        self.app.acting_as(&sender).post("/kudos", &thanks).expect(201);
    }

    /// Hidden people go on: those whom no sum counts do anything, of the others one does what another did.
    pub fn hidden_go_on(&mut self, phase: usize) {
        let plan = self.plan.clone();
        let mut signals = Vec::new();
        for (number, event) in plan.events.iter().enumerate().filter(|(_, event)| event.phase() == phase) {
            let person = event.person.among(plan.people.len());
            let hidden = plan.is_hidden(person) && person != plan.observer();
            let What::Evaluation(value) = event.what else { continue };
            if !hidden {
                continue;
            }
            if plan.is_free(person, event.day) {
                let (again, more) = (What::Evaluation(90 - value), What::Evaluation(1 + event.instead % 90));
                signals.push(signal(&format!("e{number}-0"), 2, (person, again), event.at()));
                signals.push(signal(&self.another(), 1, (person, more), event.at()));
            } else {
                let stand_ins = plan.stand_ins(person, event.day);
                let other = stand_ins[event.instead as usize % stand_ins.len()];
                self.hr.delete(&format!("/signals/qa/e{number}-0")).expect(200);
                signals.push(signal(&self.another(), 1, (other, event.what), event.at()));
            }
        }
        self.deliver(&signals);
    }

    fn another(&mut self) -> String {
        self.delivered += 1;
        format!("more-{}", self.delivered)
    }

    /// Who looks, in their own name.
    pub fn observer(&self) -> Client {
        self.app.acting_as(&user_name(self.plan.observer()))
    }
}

/// Evidence of what somebody did.
pub fn signal(key: &str, version: u64, (person, what): (usize, What), at: DateTime<Utc>) -> Value {
    let (kind, quality) = match what {
        What::Evaluation(quality) => ("evaluation", Some(quality)),
        What::Compliment | What::Kudos(_) => ("compliment", None),
        What::Training => ("training", None),
    };
    let mut signal = json!({ "source": "qa", "key": key, "version": version, "kind": kind, "agent": user_name(person),
                             "occurred_at": at.to_rfc3339() });
    if let Some(quality) = quality {
        signal["measures"] = json!({ "quality": quality });
    }
    signal
}

/// The same everywhere, so that ties and aliases are the same, too.
fn set_digest_key(db: &mut Db) {
    let key = "7".repeat(64);
    diesel::sql_query(format!("UPDATE organization SET digest_key = '{key}'")).execute(db).unwrap();
}

/// The names of everybody and everything that bears the same id in every world.
pub fn known_ids(plan: &Plan) -> Vec<String> {
    let people = (0..plan.people.len()).map(|person| PersonId::to_string(&person_id(person)));
    people.chain((0..plan.teams()).map(|team| team_id(team).to_string())).collect()
}
