//! What boards of measures and kudos read, against a naive account of everything that was delivered, sent, corrected and
//! taken back, on homes that change.

use std::collections::{BTreeMap, BTreeSet};

use applaus::domain::decimal::Decimal4;
use applaus::domain::time::{Instant, Window};
use applaus::store::awards;
use applaus::store::board_evidence as evidence;
use applaus::store::boards::{self, Counted};
use applaus::store::db::Db;
use applaus::store::memberships::{self, MembershipRow};
use applaus::store::{head, kudos, row, signals};
use chrono::TimeDelta;
use diesel::QueryResult;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::seasons::{self, NOVEMBER_CLOSES, evaluate, time_is};
use crate::support::app::TestApp;
use crate::support::client::Client;

const AGENTS: [&str; 5] = ["anna", "ben", "cleo", "dora", "emil"];
const TEAMS: [&str; 2] = ["north", "south"];
const MEASURES: [&str; 3] = ["quality", "csat", "handle_seconds"];
/// Values as they are sent: not all of them are what a binary fraction can say.
const NUMBERS: [&str; 6] = ["1", "4.1", "4.9999", "0.0001", "3.3333", "2.5"];

/// What a signal says: whose it is, when it happened, and its values by measure.
type Content = (String, Instant, BTreeMap<&'static str, Decimal4>);

/// A kudos as it was sent.
struct Kudos {
    id: String,
    receivers: Vec<String>,
    public: bool,
    sent_at: Instant,
    stands: bool,
}

/// A number of the sequence, and the points at it.
type Moment = (i64, BTreeMap<String, i64>);

struct World {
    app: TestApp,
    rng: Rng,
    ids: BTreeMap<&'static str, String>,
    /// What is held under each key, and its version; nothing of what was voided.
    held: BTreeMap<String, (Option<Content>, u64)>,
    /// The changes of each measure: number, whose, when.
    changes: BTreeMap<&'static str, BTreeSet<(i64, String, Instant)>>,
    kudos: Vec<Kudos>,
    moments: Vec<Moment>,
}

fn window() -> Window {
    Window { from: "2026-10-31T23:00:00Z".parse().unwrap(), until: "2026-11-12T20:00:00Z".parse().unwrap() }
}

fn counted() -> Counted<'static> {
    Counted { programme: "service", from: window().from, until: window().until }
}

impl World {
    fn new(seed: u64) -> Self {
        let app = TestApp::start_at("2026-11-10T12:00:00Z".parse().unwrap());
        app.team("support", None);
        TEAMS.iter().for_each(|team| app.team(team, Some("support")));
        app.programme(&seasons::programme(), "2026-10-01");
        AGENTS.iter().enumerate().for_each(|(n, agent)| drop(app.agent_in(agent, TEAMS[n % 2])));
        let ids = AGENTS.iter().map(|agent| (*agent, app.person_id(agent).to_string())).collect();
        drop(app.hr());
        let rng = Rng::with_seed(seed);
        let (held, changes, kudos, moments) = (BTreeMap::new(), BTreeMap::new(), Vec::new(), Vec::new());
        Self { app, rng, ids, held, changes, kudos, moments }
    }

    fn read<T>(&self, read: impl FnOnce(&mut Db) -> QueryResult<T>) -> T {
        self.app.state.read_here(|db| Ok(read(db)?)).unwrap()
    }

    /// Days go by: whoever acts needs a new token.
    fn hr(&self) -> Client {
        self.app.acting_as("hr")
    }

    fn people(&self) -> Vec<String> {
        self.ids.values().cloned().collect()
    }

    fn somebody(&mut self) -> &'static str {
        AGENTS[self.rng.usize(..AGENTS.len())]
    }

    fn step(&mut self) {
        self.app.clock.advance(TimeDelta::minutes(self.rng.i64(1..60)));
        let known: Vec<&String> = self.held.iter().filter(|(_, (now, _))| now.is_some()).map(|(key, _)| key).collect();
        let one = self.rng.choice(known).cloned();
        match (self.rng.usize(..20), one) {
            (7..=10, Some(key)) => {
                let version = self.held[&key].1 + 1;
                self.deliver(key, version);
            }
            (11, Some(key)) => self.confirm(key),
            (12, Some(key)) => {
                self.hr().delete(&format!("/signals/qa/{key}")).expect(200);
                self.becomes(key, None, 0);
            }
            (13..=16, _) => self.send(),
            (17 | 18, _) => self.retract(),
            (19, _) => {
                let (agent, team) = (self.somebody(), TEAMS[self.rng.usize(..2)]);
                self.app.join(agent, team, &self.app.state.clock.now().to_rfc3339());
            }
            _ => self.deliver(format!("e{}", self.held.len()), 1),
        }
    }

    fn deliver(&mut self, key: String, version: u64) {
        let agent = self.somebody();
        let back = TimeDelta::seconds(self.rng.i64(0..12 * 86_400));
        let at = row::instant(row::stored(self.app.state.clock.now() - back));
        let (mut said, mut values) = (BTreeMap::new(), serde_json::Map::new());
        for measure in MEASURES {
            if self.rng.u8(..3) > 0 {
                let number = if measure == "csat" { "4.1" } else { NUMBERS[self.rng.usize(..NUMBERS.len())] };
                said.insert(measure, number.parse().unwrap());
                values.insert(measure.to_owned(), serde_json::from_str(number).unwrap());
            }
        }
        let signal = json!({ "source": "qa", "key": key, "version": version, "kind": "evaluation", "agent": agent,
                             "occurred_at": at, "measures": Value::Object(values) });
        let status = self.hr().post("/signals", &signal).expect(200).body["status"].clone();
        assert!(status == "accepted" || status == "corrected" || status == "duplicate", "{status}");
        let content = (self.ids[agent].clone(), at, said);
        self.becomes(key, Some(content), version);
    }

    /// The same content comes with a higher version.
    fn confirm(&mut self, key: String) {
        let (Some((person, at, values)), version) = self.held[&key].clone() else { unreachable!() };
        let values: BTreeMap<_, _> = values.into_iter().collect();
        let signal = json!({ "source": "qa", "key": key, "version": version + 1, "kind": "evaluation",
                             "agent": { "id": person }, "occurred_at": at, "measures": values });
        assert_eq!(self.hr().post("/signals", &signal).expect(200).body["status"], "duplicate");
        self.becomes(key, Some((person, at, values)), version + 1);
    }

    /// Notes what is held under a key from now on.
    fn becomes(&mut self, key: String, content: Option<Content>, version: u64) {
        let number = self.read(|db| signals::find(db, "qa", &key)).unwrap().sequence;
        let before = self.held.insert(key, (content.clone(), version)).and_then(|(before, _)| before);
        for measure in MEASURES {
            let said = |content: &Option<Content>| {
                content.as_ref().and_then(|(person, at, values)| Some((person.clone(), *at, *values.get(measure)?)))
            };
            let (before, now) = (said(&before), said(&content));
            if before != now {
                let concerned = before.into_iter().chain(now).map(|(person, at, _)| (number, person, at));
                self.changes.entry(measure).or_default().extend(concerned);
            }
        }
    }

    fn send(&mut self) {
        let sender = self.somebody();
        let mut to: Vec<&str> = AGENTS.into_iter().filter(|agent| *agent != sender).collect();
        self.rng.shuffle(&mut to);
        to.truncate(self.rng.usize(1..4));
        let visibility = ["public", "public", "public", "team", "private"][self.rng.usize(..5)];
        let body = json!({ "to": to, "message": "Thank you!", "visibility": visibility });
        let id = self.app.acting_as(sender).post("/kudos", &body).expect(201).body["id"].as_str().unwrap().to_owned();
        let receivers = to.iter().map(|agent| self.ids[agent].clone()).collect();
        let sent_at = row::instant(row::stored(self.app.state.clock.now()));
        self.kudos.push(Kudos { id, receivers, public: visibility == "public", sent_at, stands: true });
    }

    fn retract(&mut self) {
        if !self.kudos.is_empty() {
            let which = self.rng.usize(..self.kudos.len());
            self.hr().delete(&format!("/kudos/{}", self.kudos[which].id)).expect(204);
            self.kudos[which].stands = false;
        }
    }

    /// Every value of a measure in the window.
    fn values(&self, measure: &str) -> Vec<(String, Instant, Decimal4)> {
        let contents = self.held.values().filter_map(|(content, _)| content.as_ref());
        let within = contents.filter(|(_, at, _)| (window().from..window().until).contains(at));
        let mut values: Vec<_> =
            within.filter_map(|(person, at, values)| Some((person.clone(), *at, *values.get(measure)?))).collect();
        values.sort();
        values
    }

    /// Every kudos received in the window that counts.
    fn received(&self) -> Vec<(String, Instant)> {
        let counts =
            |kudos: &&Kudos| kudos.public && kudos.stands && (window().from..window().until).contains(&kudos.sent_at);
        let each = |kudos: &Kudos| kudos.receivers.iter().map(|to| (to.clone(), kudos.sent_at)).collect::<Vec<_>>();
        let mut received: Vec<_> = self.kudos.iter().filter(counts).flat_map(each).collect();
        received.sort();
        received
    }

    /// Where somebody was at home.
    fn home(&self, homes: &[MembershipRow], person: &str, at: Instant) -> String {
        let home = homes.iter().find(|home| home.person == person && home.interval().contains(at));
        home.unwrap().team.clone()
    }
}

fn counts<K: Ord>(each: impl IntoIterator<Item = K>) -> BTreeMap<K, i64> {
    let mut counts = BTreeMap::new();
    each.into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn sorted<T: Ord>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort();
    rows
}

impl World {
    fn check_values(&self, homes: &[MembershipRow], teams: &[String]) {
        for measure in MEASURES {
            let naive = self.values(measure);
            let (mut all, mut some, mut members) = (Vec::new(), Vec::new(), Vec::new());
            let few = &self.people()[..2];
            self.read(|db| {
                evidence::values_of(db, measure, window(), |agent, at, value| {
                    all.push((agent.to_owned(), at, value));
                    Ok(())
                })?;
                evidence::values_of_agents(db, measure, window(), few, |agent, at, value| {
                    some.push((agent.to_owned(), at, value));
                    Ok(())
                })?;
                evidence::members_values(db, measure, window(), teams, |team, person, value| {
                    members.push((team.to_owned(), person.to_owned(), value));
                    Ok(())
                })
            });
            assert_eq!(sorted(all), naive, "{measure}");
            let theirs: Vec<_> = naive.iter().filter(|(agent, ..)| few.contains(agent)).cloned().collect();
            assert_eq!(sorted(some), theirs, "{measure}");
            let at_home = |(person, at, value): &(String, Instant, Decimal4)| {
                let team = self.home(homes, person, *at);
                teams.contains(&team).then(|| (team, person.clone(), *value))
            };
            assert_eq!(sorted(members), sorted(naive.iter().filter_map(at_home).collect()), "{measure}");
        }
    }

    fn check_kudos(&self, homes: &[MembershipRow], teams: &[String]) {
        let (naive, few) = (self.received(), &self.people()[1..3]);
        let theirs: Vec<_> = naive.iter().filter(|(person, _)| few.contains(person)).cloned().collect();
        let by_person = |rows: &[(String, Instant)]| counts(rows.iter().map(|(person, _)| person.clone()));
        let found = self.read(|db| evidence::kudos_received(db, window()));
        assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), by_person(&naive));
        let found = self.read(|db| evidence::kudos_received_by(db, window(), few));
        assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), by_person(&theirs));
        assert_eq!(sorted(self.read(|db| evidence::kudos_instants_of(db, window(), few))), theirs);
        let at_home = naive.iter().map(|(person, at)| (self.home(homes, person, *at), person.clone()));
        let found = self.read(|db| evidence::members_kudos(db, window(), teams));
        let found: BTreeMap<_, _> = found.into_iter().map(|(team, person, count)| ((team, person), count)).collect();
        assert_eq!(found, counts(at_home.filter(|(team, _)| teams.contains(team))));
    }

    /// What is told as changed after each moment that was noted.
    fn check_changes(&self) {
        let told = |found: Vec<evidence::EvidenceChange>| -> Vec<_> {
            found.into_iter().map(|change| (change.sequence, change.person, change.at)).collect()
        };
        for (since, _) in &self.moments {
            for measure in MEASURES {
                let all = self.changes.get(measure).into_iter().flatten();
                let naive: Vec<_> = all.filter(|(number, ..)| number > since).cloned().collect();
                let found = self.read(|db| evidence::measured_since(db, measure, *since, 1_000)).unwrap();
                assert_eq!(told(found), naive, "{measure} since {since}");
                let enough = self.read(|db| evidence::measured_since(db, measure, *since, naive.len()));
                assert!(enough.is_some());
                if !naive.is_empty() {
                    let few = self.read(|db| evidence::measured_since(db, measure, *since, naive.len() - 1));
                    assert_eq!(few, None, "more than asked for");
                }
            }
            let public = self.kudos.iter().filter(|kudos| kudos.public);
            let revision = |kudos: &Kudos| self.read(|db| kudos::find(db, &kudos.id)).unwrap().revision;
            let naive = public.map(|kudos| (revision(kudos), kudos)).filter(|(revision, _)| revision > since);
            let naive =
                naive.flat_map(|(n, kudos)| kudos.receivers.iter().map(move |to| (n, to.clone(), kudos.sent_at)));
            let naive = sorted(naive.collect());
            assert_eq!(told(self.read(|db| evidence::kudos_changed_since(db, *since, 1_000))), naive);
            assert_eq!(told(self.read(|db| evidence::kudos_changed_since(db, *since, 2))), naive[..naive.len().min(2)]);
        }
    }

    fn points(&self) -> BTreeMap<String, i64> {
        let mut points = BTreeMap::new();
        self.read(|db| {
            boards::each_points(db, counted(), &mut |who, earned| {
                *points.entry(who.to_owned()).or_default() += earned;
                Ok(())
            })
        });
        points
    }

    fn check_points(&self, homes: &[MembershipRow], teams: &[String]) {
        let points = self.points();
        for (since, before) in &self.moments {
            let found = self.read(|db| evidence::points_moved_since(db, counted(), *since)).into_iter();
            let found: BTreeMap<_, _> = found.filter(|(_, points)| *points != 0).collect();
            let subjects: BTreeSet<&String> = points.keys().chain(before.keys()).collect();
            let of = |points: &BTreeMap<String, i64>, who| points.get(who).copied().unwrap_or(0);
            let moved = subjects.into_iter().map(|who| (who.clone(), of(&points, who) - of(before, who)));
            assert_eq!(found, moved.filter(|(_, points)| *points != 0).collect(), "since {since}");
        }
        let wanted: Vec<_> = self.people().into_iter().map(|person| (person, window())).collect();
        let live = self.read(|db| awards::live_of_each(db, "service", "2026-11", &wanted));
        let mut naive: BTreeMap<(String, String), i64> = BTreeMap::new();
        for award in live {
            let team = self.home(homes, &award.subject, row::instant(award.at));
            if teams.contains(&team) {
                *naive.entry((team, award.subject)).or_default() += award.points;
            }
        }
        let found = self.read(|db| evidence::members_points_by_person(db, counted(), teams)).into_iter();
        assert_eq!(found.map(|(team, person, points)| ((team, person), points)).collect::<BTreeMap<_, _>>(), naive);
    }

    fn check(&mut self) {
        let homes = self.read(|db| memberships::of_people(db, &self.people()));
        let catalogue = self.app.state.catalogue();
        let all: Vec<String> = TEAMS.iter().map(|code| catalogue.teams.by_code(code).unwrap().id.to_string()).collect();
        for teams in [&all[..], &all[1..]] {
            self.check_values(&homes, teams);
            self.check_kudos(&homes, teams);
            self.check_points(&homes, teams);
        }
        self.check_changes();
        let number = self.read(head::read);
        self.moments.push((number, self.points()));
    }
}

#[test]
fn what_boards_read_is_what_was_delivered_and_sent() {
    for seed in [1, 2] {
        let mut world = World::new(seed);
        for _ in 0..6 {
            (0..30).for_each(|_| world.step());
            world.check();
        }
        let has = |of: &dyn Fn(&Kudos) -> bool| world.kudos.iter().any(of);
        assert!(has(&|one| !one.public) && has(&|one| !one.stands) && has(&|one| one.receivers.len() > 1));
        assert!(MEASURES.iter().all(|measure| world.values(measure).len() > 10) && world.received().len() > 10);
        world.app.verify();
    }
}

/// SEMANTICS S34.
#[test]
fn what_moves_after_closing_moves_no_board() {
    let app = seasons::server();
    app.agent_in("anna", "north");
    evaluate(&app, "a1", 1, "anna", "2026-11-02T09:00:00Z", 40);
    let anna = app.person_id("anna").to_string();
    let moved = |since| {
        let counted = Counted { programme: "service", from: window().from, until: window().until };
        app.state.read_here(|db| Ok(evidence::points_moved_since(db, counted, since)?)).unwrap()
    };
    let before = app.state.read_here(|db| Ok(head::read(db)?)).unwrap();
    evaluate(&app, "a1", 2, "anna", "2026-11-02T09:00:00Z", 25);
    assert_eq!(moved(before), [(anna.clone(), -15)]);
    time_is(&app, NOVEMBER_CLOSES);
    evaluate(&app, "a2", 1, "anna", "2026-11-03T09:00:00Z", 60);
    assert_eq!(moved(before), [(anna.clone(), -15)], "what came later is an adjustment");
    assert_eq!(moved(0), [(anna, 25)]);
}
