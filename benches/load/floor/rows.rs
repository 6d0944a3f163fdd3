//! The rows of evidence and of what it earns, as many as our server writes on average, a group a transaction.

use std::collections::{HashMap, VecDeque};

use applaus::clock::Clock;
use applaus::store::db::Db;
use applaus::store::row;
use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::Value;

use super::batch::{Batch, Column};
use super::ledger::{Entry, Ledger, Live, new_id};

/// How much a signal earns on average, counted on our server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Earned {
    /// Awards, each with its transfer.
    pub awards: f64,
    /// Awards taken back, each with its transfer.
    pub reversals: f64,
}

/// What the writer of the floor knows from one group to the next.
pub struct Rows {
    people: HashMap<String, String>,
    feed: String,
    earned: Earned,
    sequence: i64,
    /// Parts of an award that signals have earned so far.
    owed_awards: f64,
    /// Parts of an award to be taken back.
    owed_reversals: f64,
    live: VecDeque<Live>,
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
        Self { people, feed, earned, sequence, owed_awards: 0.0, owed_reversals: 0.0, live: VecDeque::new() }
    }

    /// Keeps a group of signals in one transaction.
    pub fn keep(&mut self, db: &mut Db, signals: &[Value]) {
        db.begin_write().unwrap();
        let now = row::stored(Clock::System.now());
        let ids = self.keep_signals(db, signals, now);
        self.earn(signals, &ids, now).keep(db);
        let sequence = format!("UPDATE head SET sequence = {}", self.sequence);
        match db {
            Db::Postgres(connection) => connection.batch_execute(&sequence).unwrap(),
            Db::Sqlite(connection) => connection.batch_execute(&sequence).unwrap(),
        }
        db.commit().unwrap();
    }

    fn take_number(&mut self) -> i64 {
        self.sequence += 1;
        self.sequence
    }

    /// The ids under which they are held.
    fn keep_signals(&mut self, db: &mut Db, signals: &[Value], now: NaiveDateTime) -> Vec<String> {
        let count = signals.len();
        let sequences: Vec<i64> = signals.iter().map(|_| self.take_number()).collect();
        let versions: Vec<i64> = signals.iter().map(|signal| signal["version"].as_i64().unwrap_or(0)).collect();
        let text = |name: &'static str| Column::texts(signals, move |signal| signal[name].as_str().unwrap());
        let json = |name: &str| Column::Text(signals.iter().map(|signal| signal[name].to_string()).collect());
        let case = |signal: &Value| signal["case"].as_str().map(str::to_owned);
        let ids = Batch::new(
            "INSERT INTO signals (id, source, key, version, status, kind, agent, occurred_at, channel, case_ref, measures, \
             attributes, received_at, sequence)",
            vec![
                Column::Text(signals.iter().map(|_| new_id()).collect()),
                text("source"),
                text("key"),
                Column::Number(versions.clone()),
                Column::same("live", count),
                text("kind"),
                Column::texts(signals, |signal| self.agent(signal)),
                Column::Time(signals.iter().map(occurred_at).collect()),
                text("channel"),
                Column::Nullable(signals.iter().map(case).collect()),
                json("measures"),
                json("attributes"),
                Column::Time(vec![now; count]),
                Column::Number(sequences.clone()),
            ],
            "ON CONFLICT (source, key) DO UPDATE SET version = excluded.version, kind = excluded.kind, agent = excluded.agent, \
             occurred_at = excluded.occurred_at, channel = excluded.channel, case_ref = excluded.case_ref, \
             measures = excluded.measures, attributes = excluded.attributes, received_at = excluded.received_at, \
             sequence = excluded.sequence RETURNING id",
        )
        .load(db);
        let revision = |version: &i64| if *version == 0 { "accepted" } else { "corrected" };
        Batch::new(
            "INSERT INTO signal_revisions (signal, sequence, version, status, content, received_at, delivered_by)",
            vec![
                Column::Text(ids.clone()),
                Column::Number(sequences),
                Column::Number(versions.clone()),
                Column::texts(&versions, revision),
                Column::Text(signals.iter().map(Value::to_string).collect()),
                Column::Time(vec![now; count]),
                Column::same(&self.feed, count),
            ],
            "",
        )
        .execute(db);
        ids
    }

    fn agent(&self, signal: &Value) -> &str {
        &self.people[signal["agent"].as_str().unwrap()]
    }

    fn earn(&mut self, signals: &[Value], ids: &[String], now: NaiveDateTime) -> Ledger {
        let mut ledger = Ledger::default();
        for (signal, id) in signals.iter().zip(ids) {
            self.owed_reversals += self.earned.reversals;
            while self.owed_reversals >= 1.0 {
                self.owed_reversals -= 1.0;
                if let Some(live) = self.live.pop_front() {
                    ledger.take_back(live, Entry { sequence: self.take_number(), now });
                }
            }
            self.owed_awards += self.earned.awards;
            while self.owed_awards >= 1.0 {
                self.owed_awards -= 1.0;
                let sequence = self.take_number();
                let live = Live {
                    rule: format!("rule-{sequence}"),
                    subject: self.agent(signal).to_owned(),
                    cause: format!("signal:{id}"),
                    transfer: new_id(),
                };
                ledger.award(&live, Entry { sequence, now }, occurred_at(signal));
                self.live.push_back(live);
            }
        }
        ledger
    }
}

fn occurred_at(signal: &Value) -> NaiveDateTime {
    let text = signal["occurred_at"].as_str().unwrap();
    text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().naive_utc()
}
