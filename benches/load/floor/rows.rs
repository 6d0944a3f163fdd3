//! The rows of evidence and of what it earns, as our server writes them on average, kept by one statement a table.

use std::collections::{BTreeMap, HashMap, VecDeque};

use applaus::clock::Clock;
use applaus::store::db::Db;
use applaus::store::row;
use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::batch::{Batch, Column};

/// How much a signal earns on average, counted on our server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Earned {
    /// Awards, each with its transfer.
    pub awards: f64,
    /// Awards taken back, each with its transfer.
    pub reversals: f64,
}

const ISSUANCE: &str = "issuance:programme:bench";
const SEASON: &str = "2026-Q4";

/// What the writer of the floor knows from one group to the next.
pub struct Rows {
    people: HashMap<String, String>,
    feed: String,
    earned: Earned,
    sequence: i64,
    issued: i64,
    owed_awards: f64,
    owed_reversals: f64,
    live: VecDeque<Live>,
}

/// An award that may be taken back.
struct Live {
    rule: String,
    subject: String,
    cause: String,
    transfer: String,
}

diesel::table! {
    people (id) { id -> Text, user_name -> Text, }
}

diesel::table! {
    head (id) { id -> Integer, sequence -> BigInt, }
}

impl Rows {
    /// On a database with the organisation.
    pub fn new(db: &mut Db, earned: Earned) -> Self {
        let people: Vec<(String, String)> = people::table.select((people::user_name, people::id)).load(db).unwrap();
        let people: HashMap<String, String> = people.into_iter().collect();
        let sequence = head::table.select(head::sequence).first(db).unwrap();
        let feed = people["feed"].clone();
        Self {
            people,
            feed,
            earned,
            sequence,
            issued: -1_000_000_000,
            owed_awards: 0.0,
            owed_reversals: 0.0,
            live: VecDeque::new(),
        }
    }

    /// Keeps a group of signals in one transaction.
    pub fn keep(&mut self, db: &mut Db, signals: &[Value]) {
        db.begin_write().unwrap();
        let now = row::stored(Clock::System.now());
        let ids = self.keep_signals(db, signals, now);
        self.earn(db, signals, &ids, now);
        let sequence = format!("UPDATE head SET sequence = {}", self.sequence);
        match db {
            Db::Postgres(connection) => connection.batch_execute(&sequence).unwrap(),
            Db::Sqlite(connection) => connection.batch_execute(&sequence).unwrap(),
        }
        db.commit().unwrap();
    }

    fn numbers(&mut self, count: usize) -> Vec<i64> {
        let first = self.sequence + 1;
        self.sequence += i64::try_from(count).unwrap();
        (first..=self.sequence).collect()
    }

    /// The ids under which they are held.
    fn keep_signals(&mut self, db: &mut Db, signals: &[Value], now: NaiveDateTime) -> Vec<String> {
        let sequences = self.numbers(signals.len());
        let text = |name: &str| -> Vec<String> { signals.iter().map(|signal| said(signal, name)).collect() };
        let maybe = |name: &str| -> Vec<Option<String>> {
            signals.iter().map(|signal| signal[name].as_str().map(str::to_owned)).collect()
        };
        let versions: Vec<i64> = signals.iter().map(|signal| signal["version"].as_i64().unwrap_or(0)).collect();
        let json = |name: &str| -> Vec<String> { signals.iter().map(|signal| signal[name].to_string()).collect() };
        let agents: Vec<Option<String>> = signals.iter().map(|signal| Some(self.agent(signal))).collect();
        let ids = Batch::new(
            "INSERT INTO signals (id, source, key, version, status, kind, agent, occurred_at, channel, case_ref, measures, \
             attributes, received_at, sequence)",
            vec![
                Column::Text(signals.iter().map(|_| new_id()).collect()),
                Column::Text(text("source")),
                Column::Text(text("key")),
                Column::Number(versions.clone()),
                Column::Text(vec!["live".to_owned(); signals.len()]),
                Column::Nullable(maybe("kind")),
                Column::Nullable(agents),
                Column::Time(signals.iter().map(occurred_at).collect()),
                Column::Nullable(maybe("channel")),
                Column::Nullable(maybe("case")),
                Column::Text(json("measures")),
                Column::Text(json("attributes")),
                Column::Time(vec![now; signals.len()]),
                Column::Number(sequences.clone()),
            ],
            "ON CONFLICT (source, key) DO UPDATE SET version = excluded.version, kind = excluded.kind, agent = excluded.agent, \
             occurred_at = excluded.occurred_at, channel = excluded.channel, case_ref = excluded.case_ref, \
             measures = excluded.measures, attributes = excluded.attributes, received_at = excluded.received_at, \
             sequence = excluded.sequence RETURNING id",
        )
        .load(db);
        Batch::new(
            "INSERT INTO signal_revisions (signal, sequence, version, status, content, received_at, delivered_by)",
            vec![
                Column::Text(ids.clone()),
                Column::Number(sequences),
                Column::Number(versions.clone()),
                Column::Text(versions.iter().map(|version| revision(*version).to_owned()).collect()),
                Column::Text(signals.iter().map(Value::to_string).collect()),
                Column::Time(vec![now; signals.len()]),
                Column::Text(vec![self.feed.clone(); signals.len()]),
            ],
            "",
        )
        .execute(db);
        ids
    }

    fn agent(&self, signal: &Value) -> String {
        self.people[signal["agent"].as_str().unwrap()].clone()
    }

    fn earn(&mut self, db: &mut Db, signals: &[Value], ids: &[String], now: NaiveDateTime) {
        let mut ledger = Ledger::default();
        for (signal, id) in signals.iter().zip(ids) {
            self.owed_reversals += self.earned.reversals;
            while self.owed_reversals >= 1.0 {
                self.owed_reversals -= 1.0;
                if let Some(live) = self.live.pop_front() {
                    let sequence = self.numbers(1)[0];
                    ledger.take_back(live, (sequence, now));
                }
            }
            self.owed_awards += self.earned.awards;
            while self.owed_awards >= 1.0 {
                self.owed_awards -= 1.0;
                let sequence = self.numbers(1)[0];
                self.issued -= POINTS;
                let live = Live {
                    rule: format!("rule-{sequence}"),
                    subject: self.agent(signal),
                    cause: format!("signal:{id}"),
                    transfer: new_id(),
                };
                ledger.award(&live, (sequence, now), occurred_at(signal), self.issued);
                self.live.push_back(live);
            }
        }
        ledger.keep(db);
    }
}

/// Points of an award.
const POINTS: i64 = 20;

/// Transfers and awards of a group.
#[derive(Default)]
struct Ledger {
    balances: BTreeMap<String, (String, i64)>,
    transfers: Vec<(String, i64, &'static str, String, String, i64, Option<String>, String, String, String)>,
    at: Vec<NaiveDateTime>,
    recorded_at: Vec<NaiveDateTime>,
    awards: Vec<(String, String, String, String)>,
    awarded_at: Vec<NaiveDateTime>,
    removed: Vec<(String, String, String)>,
}

impl Ledger {
    fn award(&mut self, live: &Live, (sequence, now): (i64, NaiveDateTime), at: NaiveDateTime, issued: i64) {
        let wallet = format!("wallet:{}", live.subject);
        self.moved(&live.subject, POINTS);
        let Live { rule, subject, cause, transfer } = live;
        let parties = (ISSUANCE.to_owned(), wallet);
        let award = (rule.clone(), subject.clone(), cause.clone());
        self.transfers.push((
            transfer.clone(),
            sequence,
            "award",
            parties.0,
            parties.1,
            issued,
            None,
            award.0,
            award.1,
            award.2,
        ));
        self.at.push(at);
        self.recorded_at.push(now);
        self.awards.push((rule.clone(), subject.clone(), cause.clone(), transfer.clone()));
        self.awarded_at.push(at);
    }

    fn take_back(&mut self, live: Live, (sequence, now): (i64, NaiveDateTime)) {
        let wallet = format!("wallet:{}", live.subject);
        self.moved(&live.subject, -POINTS);
        let Live { rule, subject, cause, transfer } = live;
        self.removed.push((rule.clone(), subject.clone(), cause.clone()));
        let reverses = Some(transfer);
        self.transfers.push((
            new_id(),
            sequence,
            "reversal",
            wallet,
            ISSUANCE.to_owned(),
            0,
            reverses,
            rule,
            subject,
            cause,
        ));
        self.at.push(now);
        self.recorded_at.push(now);
    }

    fn moved(&mut self, subject: &str, points: i64) {
        self.balances.entry(format!("wallet:{subject}")).or_insert_with(|| (subject.to_owned(), 0)).1 += points;
        self.balances.entry(ISSUANCE.to_owned()).or_insert_with(|| ("bench".to_owned(), 0)).1 -= points;
    }

    fn keep(self, db: &mut Db) {
        if self.transfers.is_empty() {
            return;
        }
        let kind = |id: &String| if id == ISSUANCE { "issuance" } else { "wallet" };
        Batch::new(
            "INSERT INTO accounts (id, kind, owner, balance)",
            vec![
                Column::Text(self.balances.keys().cloned().collect()),
                Column::Text(self.balances.keys().map(|id| kind(id).to_owned()).collect()),
                Column::Text(self.balances.values().map(|(owner, _)| owner.clone()).collect()),
                Column::Number(self.balances.values().map(|(_, moved)| *moved).collect()),
            ],
            "ON CONFLICT (id) DO UPDATE SET balance = accounts.balance + excluded.balance",
        )
        .execute(db);
        let count = self.transfers.len();
        let transfers = &self.transfers;
        let same = |text: &str| Column::Text(vec![text.to_owned(); count]);
        Batch::new(
            "INSERT INTO transfers (id, sequence, kind, payer, payee, amount, payer_balance, reverses, programme, season, \
             rule, version, subject, cause, at, recorded_at)",
            vec![
                Column::Text(transfers.iter().map(|row| row.0.clone()).collect()),
                Column::Number(transfers.iter().map(|row| row.1).collect()),
                Column::Text(transfers.iter().map(|row| row.2.to_owned()).collect()),
                Column::Text(transfers.iter().map(|row| row.3.clone()).collect()),
                Column::Text(transfers.iter().map(|row| row.4.clone()).collect()),
                Column::Number(vec![POINTS; count]),
                Column::Number(transfers.iter().map(|row| row.5).collect()),
                Column::Nullable(transfers.iter().map(|row| row.6.clone()).collect()),
                same("bench"),
                same(SEASON),
                Column::Text(transfers.iter().map(|row| row.7.clone()).collect()),
                Column::Number(vec![1; count]),
                Column::Text(transfers.iter().map(|row| row.8.clone()).collect()),
                Column::Text(transfers.iter().map(|row| row.9.clone()).collect()),
                Column::Time(self.at),
                Column::Time(self.recorded_at),
            ],
            "",
        )
        .execute(db);
        self.removed.is_empty().then_some(()).map_or_else(|| remove(db, &self.removed), drop);
        add(db, &self.awards, self.awarded_at);
    }
}

fn add(db: &mut Db, awards: &[(String, String, String, String)], at: Vec<NaiveDateTime>) {
    if awards.is_empty() {
        return;
    }
    let same = |text: &str| Column::Text(vec![text.to_owned(); awards.len()]);
    Batch::new(
        "INSERT INTO awards (programme, season, rule, subject, cause, points, at, version, transfer)",
        vec![
            same("bench"),
            same(SEASON),
            Column::Text(awards.iter().map(|row| row.0.clone()).collect()),
            Column::Text(awards.iter().map(|row| row.1.clone()).collect()),
            Column::Text(awards.iter().map(|row| row.2.clone()).collect()),
            Column::Number(vec![POINTS; awards.len()]),
            Column::Time(at),
            Column::Number(vec![1; awards.len()]),
            Column::Text(awards.iter().map(|row| row.3.clone()).collect()),
        ],
        "",
    )
    .execute(db);
}

fn remove(db: &mut Db, awards: &[(String, String, String)]) {
    let same = |text: &str| Column::Text(vec![text.to_owned(); awards.len()]);
    Batch::new(
        "DELETE FROM awards WHERE (programme, season, rule, subject, cause) IN (",
        vec![
            same("bench"),
            same(SEASON),
            Column::Text(awards.iter().map(|row| row.0.clone()).collect()),
            Column::Text(awards.iter().map(|row| row.1.clone()).collect()),
            Column::Text(awards.iter().map(|row| row.2.clone()).collect()),
        ],
        ")",
    )
    .execute(db);
}

fn new_id() -> String {
    Uuid::now_v7().to_string()
}

fn said(signal: &Value, name: &str) -> String {
    signal[name].as_str().unwrap_or_default().to_owned()
}

fn occurred_at(signal: &Value) -> NaiveDateTime {
    let text = signal["occurred_at"].as_str().unwrap();
    text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().naive_utc()
}

fn revision(version: i64) -> &'static str {
    if version == 0 { "accepted" } else { "corrected" }
}
