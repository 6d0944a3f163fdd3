//! Telling a story: what happens on which day, and what the ledger says after it. At its end every story is verified.
//!
//! Times are those of the programme's zone. The clock goes on with what happens, and never back: what is told of an
//! earlier day comes late.

use std::collections::{BTreeMap, BTreeSet};

use applaus::domain::period::Zone;
use applaus::store::{awards, people, teams};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Client;

/// `base` with other fields.
pub fn with(mut base: Value, more: Value) -> Value {
    let fields = base.as_object_mut().unwrap();
    let Value::Object(more) = more else { panic!("{more} has no fields") };
    fields.extend(more);
    base
}

/// A rule about signals of one kind.
pub fn rule(code: &str, on: &str, rest: Value) -> Value {
    with(json!({ "code": code, "name": { "en": code, "de": code }, "on": [on] }), rest)
}

/// 20 points for each survey with a CSAT of 4 or more.
pub fn happy() -> Value {
    rule("happy", "survey", json!({ "when": { "measure": "csat", "at_least": 4 }, "award": { "points": 20 } }))
}

/// The rule with a limit.
pub fn limited(rule: Value, per: &str, what: &str, most: u32) -> Value {
    with(rule, json!({ "limits": [{ "per": per, what: most }] }))
}

/// 100 points and a badge for so many good evaluations in a row.
pub fn in_a_row(length: u32) -> Value {
    let streak = json!({ "length": length, "of": { "measure": "quality", "at_least": 90 } });
    rule("row", "evaluation", json!({ "streak": streak, "award": { "points": 100, "badge": "steady" } }))
}

/// 100 points for a mean quality of 80 or more over a month's two or more evaluations.
pub fn month_mean() -> Value {
    let goal = json!({ "measure": "quality", "aggregate": "mean", "at_least": 80, "samples": 2, "per": "month" });
    rule("mean", "evaluation", json!({ "goal": goal, "award": { "points": 100 } }))
}

/// The document `programme` of seasons of a quarter in Berlin, unless its parts say otherwise. Badges are declared by
/// being granted.
pub fn programme(parts: Value) -> Value {
    let rules = parts["rules"].as_array().unwrap();
    let badges: BTreeSet<&str> = rules.iter().filter_map(|rule| rule["award"]["badge"].as_str()).collect();
    let badges: Vec<Value> =
        badges.iter().map(|code| json!({ "code": code, "name": { "en": code, "de": code } })).collect();
    let usual = json!({ "language": 1, "code": "programme", "name": { "en": "Programme", "de": "Programm" },
                        "time_zone": "Europe/Berlin", "season": "quarter", "badges": badges });
    with(usual, parts)
}

fn absence(person: &str) -> String {
    format!("/people/{person}/absences/0198f0a0-0000-7000-8000-000000000001")
}

/// A story under way.
pub struct Story {
    pub app: TestApp,
    zone: Zone,
    day: NaiveDate,
    time: NaiveTime,
    /// What was sent last, by key.
    told: BTreeMap<String, Value>,
}

impl Story {
    /// Begins on 1 November 2026 under a programme of these rules.
    pub fn of(rules: &[Value]) -> Self {
        Self::under(&programme(json!({ "rules": rules })))
    }

    /// Begins on 1 November 2026 under a programme that was always in force.
    pub fn under(document: &Value) -> Self {
        Self::begin("2026-11-01", document, "2026-01-01")
    }

    /// Begins with a day, under a programme in force from a date on.
    pub fn begin(day: &str, document: &Value, in_force_from: &str) -> Self {
        let zone = Zone::new(document["time_zone"].as_str().unwrap()).unwrap();
        let first: NaiveDate = day.parse().unwrap();
        let app = TestApp::start_at(zone.start_of(first));
        app.hr();
        let mut story = Self { app, zone, day: first, time: NaiveTime::MIN, told: BTreeMap::new() };
        story.programme(document, in_force_from);
        story.day(day);
        story
    }

    /// Puts a programme in force.
    pub fn programme(&mut self, document: &Value, from: &str) {
        self.hr().post("/programmes", document).expect(201);
        self.activate(document, 1, from);
    }

    /// Puts a further version in force; its number.
    pub fn version(&mut self, document: &Value, from: &str) -> u64 {
        let path = format!("/programmes/{}/versions", document["code"].as_str().unwrap());
        let version = self.hr().post(&path, document).expect(201).body["version"].as_u64().unwrap();
        self.activate(document, version, from);
        version
    }

    /// Puts a further version in force for days that have passed, after a look at what that changes.
    pub fn in_hindsight(&mut self, document: &Value, from: &str) {
        let path = format!("/programmes/{}/versions", document["code"].as_str().unwrap());
        let version = self.hr().post(&path, document).expect(201).body["version"].as_u64().unwrap();
        let activate = |dry_run: bool| {
            let body = json!({ "effective_from": from, "retroactive": true, "dry_run": dry_run });
            self.hr().with("prefer", "wait=10").post(&format!("{path}/{version}/activate"), &body).expect(200);
        };
        activate(true);
        activate(false);
    }

    fn activate(&self, document: &Value, version: u64, from: &str) {
        let code = document["code"].as_str().unwrap();
        let body = json!({ "effective_from": from });
        self.hr().post(&format!("/programmes/{code}/versions/{version}/activate"), &body).expect(200);
    }

    /// Somebody from HR, now.
    pub fn hr(&self) -> Client {
        self.app.acting_as("hr")
    }

    /// What follows happens on that day, from 09:00 on, a minute apart.
    pub fn day(&mut self, day: &str) -> &mut Self {
        self.day = day.parse().unwrap();
        self.at("09:00:00")
    }

    /// What follows happens from that time of day on.
    pub fn at(&mut self, time: &str) -> &mut Self {
        self.time = time.parse().unwrap();
        self
    }

    /// An instant: RFC 3339, or local as in `2026-11-03 09:00:00`.
    pub fn instant(&self, text: &str) -> DateTime<Utc> {
        let Some((day, time)) = text.split_once(' ') else { return text.parse().unwrap() };
        let (day, time): (NaiveDate, NaiveTime) = (day.parse().unwrap(), time.parse().unwrap());
        let at = self.zone.start_of(day) + (time - NaiveTime::MIN);
        assert_eq!(self.zone.local(at), (day, time), "on a day that changes the clock, say {text} in RFC 3339");
        at
    }

    /// Time passes until an instant.
    pub fn until(&self, instant: &str) {
        self.now_is(self.instant(instant));
        self.app.tick();
    }

    fn now_is(&self, at: DateTime<Utc>) {
        if at > self.app.state.clock.now() {
            self.app.clock.set(at);
        }
    }

    /// A survey with a CSAT.
    pub fn survey(&mut self, agent: &str, csat: u32) -> String {
        self.tell(agent, "survey", json!({ "measures": { "csat": csat } }))
    }

    /// An evaluation of the quality.
    pub fn evaluation(&mut self, agent: &str, quality: u32) -> String {
        self.tell(agent, "evaluation", json!({ "measures": { "quality": quality } }))
    }

    /// A metric of one measure.
    pub fn metric(&mut self, agent: &str, measure: &str, value: u32) -> String {
        self.tell(agent, "metric", json!({ "measures": { measure: value } }))
    }

    /// A signal of any kind, at the time the story stands at.
    pub fn tell(&mut self, agent: &str, kind: &str, rest: Value) -> String {
        let at = self.instant(&format!("{} {}", self.day, self.time));
        self.time = self.time.overflowing_add_signed(TimeDelta::minutes(1)).0;
        self.tell_at(at, agent, kind, rest)
    }

    /// A signal of any kind at an instant; its key.
    pub fn tell_at(&mut self, at: DateTime<Utc>, agent: &str, kind: &str, rest: Value) -> String {
        let key = format!("s{}", self.told.len() + 1);
        let body =
            json!({ "source": "desk", "key": key, "version": 1, "kind": kind, "agent": agent, "occurred_at": at });
        self.app.person(agent);
        self.now_is(at);
        self.told.insert(key.clone(), with(body, rest));
        assert_eq!(self.again(&key), "accepted");
        key
    }

    /// Sends what was sent last under a key; what becomes of it.
    pub fn again(&mut self, key: &str) -> String {
        let body = self.told[key].clone();
        self.send(&body)
    }

    /// Sends a signal; what becomes of it.
    pub fn send(&self, body: &Value) -> String {
        let answer = self.hr().post("/signals", &json!([body])).expect(200);
        answer.body["results"][0]["status"].as_str().unwrap().to_owned()
    }

    /// Corrects a signal: some of its fields differ.
    pub fn correct(&mut self, key: &str, change: Value) {
        let body = self.told.get_mut(key).unwrap();
        let version = body["version"].as_u64().unwrap() + 1;
        *body = with(with(body.clone(), change), json!({ "version": version }));
        assert_eq!(self.again(key), "corrected");
    }

    /// The same of its quality alone.
    pub fn correct_quality(&mut self, key: &str, quality: u32) {
        self.correct(key, json!({ "measures": { "quality": quality } }));
    }

    /// Voids a signal.
    pub fn void(&self, key: &str) {
        self.hr().delete(&format!("/signals/desk/{key}")).expect(200);
    }

    /// Somebody is at home in a team from an instant on.
    pub fn joins(&self, person: &str, team: &str, from: &str) {
        self.app.person(person);
        let body = json!({ "team": team, "from": self.instant(from) });
        self.hr().post(&format!("/people/{person}/memberships"), &body).expect(201);
    }

    /// The membership that a person has had longest was entered wrongly.
    pub fn corrects_membership(&self, person: &str, change: Value) {
        let path = format!("/people/{person}/memberships");
        let held = self.hr().get(&path).expect(200).body;
        self.changed(&format!("{path}/{}", held["items"][0]["id"].as_str().unwrap()), change);
    }

    /// Somebody leaves, now.
    pub fn leaves(&self, person: &str) {
        self.changed(&format!("/people/{person}"), json!({ "active": false }));
    }

    /// Somebody is off on a day.
    pub fn day_off(&self, person: &str, day: &str) {
        let until = day.parse::<NaiveDate>().unwrap() + chrono::Days::new(1);
        self.hr().put(&absence(person), &json!({ "from": day, "until": until })).expect(201);
    }

    /// The day off was none.
    pub fn no_day_off(&self, person: &str) {
        self.hr().delete(&absence(person)).expect(204);
    }

    /// These are the holidays.
    pub fn holidays(&self, days: &[&str]) {
        let holiday = |day| json!({ "date": day, "name": { "en": "Holiday", "de": "Feiertag" } });
        let holidays: Vec<Value> = days.iter().map(holiday).collect();
        self.changed("/organization", json!({ "holidays": holidays }));
    }

    /// Changes something, whatever it was before.
    pub fn changed(&self, path: &str, change: Value) {
        self.hr().with("if-match", "*").patch(path, &change).expect(200);
    }

    /// What stands for a person or team, oldest first: `11-03 09:00 happy 20`; `other:happy` of another programme,
    /// `+badge`, and `v2` of another than the first version.
    pub fn ledger(&self, subject: &str) -> Vec<String> {
        self.app.tick();
        let (rows, people, teams) =
            self.app.state.read_here(|db| Ok((awards::all(db)?, people::all(db)?, teams::all(db)?))).unwrap();
        let people = people.into_iter().map(|row| (row.user_name, row.id));
        let ids: BTreeMap<String, String> = people.chain(teams.into_iter().map(|row| (row.code, row.id))).collect();
        let mut rows: Vec<_> = rows.into_iter().filter(|row| row.subject == ids[subject]).collect();
        rows.sort_by_key(|row| (row.at, row.programme.clone(), row.rule.clone(), row.cause.clone()));
        rows.iter().map(|row| self.line(row)).collect()
    }

    fn line(&self, award: &awards::AwardRow) -> String {
        let (day, time) = self.zone.local(award.at.and_utc());
        let programme = if award.programme == "programme" { String::new() } else { format!("{}:", award.programme) };
        let badge = award.badge.as_ref().map(|badge| format!(" +{badge}")).unwrap_or_default();
        let version = if award.version == 1 { String::new() } else { format!(" v{}", award.version) };
        let (day, time) = (day.format("%m-%d"), time.format("%H:%M"));
        format!("{day} {time} {programme}{} {}{badge}{version}", award.rule, award.points)
    }

    /// All that ever moved for a person, in the order it was written: `+20 happy`, `-20 happy`.
    pub fn moved(&self, person: &str) -> Vec<String> {
        self.app.tick();
        let lines = self.hr().get(&format!("/people/{person}/transfers?limit=200")).expect(200).body;
        let lines = lines["items"].as_array().unwrap().iter().filter(|line| line["rule"].is_string());
        let sign = |line: &Value| if line["direction"] == "in" { '+' } else { '-' };
        lines.map(|line| format!("{}{} {}", sign(line), line["amount"], line["rule"].as_str().unwrap())).collect()
    }

    /// The badges that a person holds.
    pub fn badges(&self, person: &str) -> Vec<String> {
        self.app.tick();
        let badges = self.hr().get(&format!("/people/{person}/badges")).expect(200).body;
        let held = badges["items"].as_array().unwrap().iter().filter(|badge| badge["revoked_at"].is_null());
        held.map(|badge| badge["badge"].as_str().unwrap().to_owned()).collect()
    }

    /// The tier that a person's standing shows, or `none`.
    pub fn tier(&self, person: &str) -> String {
        let standing = self.hr().get(&format!("/people/{person}/standing")).expect(200).body;
        standing["programmes"][0]["tier"].as_str().unwrap_or("none").to_owned()
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.app.tick();
            self.app.verify();
        }
    }
}
