//! Transfers, awards and balances of a group, kept by one statement a table.

use std::collections::BTreeMap;

use applaus::store::db::Db;
use chrono::NaiveDateTime;
use uuid::Uuid;

use super::batch::{Batch, Column};

/// Points of an award.
const POINTS: i64 = 20;
const ISSUANCE: &str = "issuance:programme:bench";
const SEASON: &str = "2026-Q4";

/// An award that may be taken back.
#[derive(Clone)]
pub struct Live {
    /// Its rule, other than that of every other award.
    pub rule: String,
    /// Whose it is.
    pub subject: String,
    /// What it rests on.
    pub cause: String,
    /// Its transfer.
    pub transfer: String,
}

/// When something is written, under which number.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The number.
    pub sequence: i64,
    /// When it is written.
    pub now: NaiveDateTime,
}

struct Transfer {
    id: String,
    entry: Entry,
    kind: &'static str,
    payer: String,
    payee: String,
    reverses: Option<String>,
    award: Live,
    at: NaiveDateTime,
}

/// What a group moves.
#[derive(Default)]
pub struct Ledger {
    balances: BTreeMap<String, Balance>,
    transfers: Vec<Transfer>,
    awarded: Vec<(Live, NaiveDateTime)>,
    removed: Vec<Live>,
}

/// How an account changes.
struct Balance {
    kind: &'static str,
    owner: String,
    moved: i64,
}

impl Ledger {
    /// Awards points for something that happened at `at`.
    pub fn award(&mut self, live: &Live, entry: Entry, at: NaiveDateTime) {
        let wallet = self.moved(&live.subject, POINTS);
        self.transfers.push(Transfer {
            id: live.transfer.clone(),
            entry,
            kind: "award",
            payer: ISSUANCE.to_owned(),
            payee: wallet,
            reverses: None,
            award: live.clone(),
            at,
        });
        self.awarded.push((live.clone(), at));
    }

    /// Takes an award back.
    pub fn take_back(&mut self, live: Live, entry: Entry) {
        let wallet = self.moved(&live.subject, -POINTS);
        self.transfers.push(Transfer {
            id: new_id(),
            entry,
            kind: "reversal",
            payer: wallet,
            payee: ISSUANCE.to_owned(),
            reverses: Some(live.transfer.clone()),
            award: live.clone(),
            at: entry.now,
        });
        self.removed.push(live);
    }

    /// The wallet that it moved.
    fn moved(&mut self, subject: &str, points: i64) -> String {
        let wallet = format!("wallet:{subject}");
        for (account, kind, owner, points) in
            [(wallet.as_str(), "wallet", subject, points), (ISSUANCE, "issuance", "bench", -points)]
        {
            let balance = self.balances.entry(account.to_owned());
            balance.or_insert_with(|| Balance { kind, owner: owner.to_owned(), moved: 0 }).moved += points;
        }
        wallet
    }

    /// Writes it.
    pub fn keep(self, db: &mut Db) {
        if self.transfers.is_empty() {
            return;
        }
        let balances = self.balances.values();
        Batch::new(
            "INSERT INTO accounts (id, kind, owner, balance)",
            vec![
                Column::Text(self.balances.keys().cloned().collect()),
                Column::texts(balances.clone(), |balance| balance.kind),
                Column::texts(balances.clone(), |balance| &balance.owner),
                Column::Number(balances.map(|balance| balance.moved).collect()),
            ],
            "ON CONFLICT (id) DO UPDATE SET balance = accounts.balance + excluded.balance",
        )
        .execute(db);
        append(db, &self.transfers);
        remove(db, &self.removed);
        insert(db, &self.awarded);
    }
}

fn append(db: &mut Db, transfers: &[Transfer]) {
    let count = transfers.len();
    Batch::new(
        "INSERT INTO transfers (id, sequence, kind, payer, payee, amount, payer_balance, reverses, programme, season, \
         rule, version, subject, cause, at, recorded_at)",
        vec![
            Column::texts(transfers, |transfer| &transfer.id),
            Column::Number(transfers.iter().map(|transfer| transfer.entry.sequence).collect()),
            Column::texts(transfers, |transfer| transfer.kind),
            Column::texts(transfers, |transfer| &transfer.payer),
            Column::texts(transfers, |transfer| &transfer.payee),
            Column::Number(vec![POINTS; count]),
            Column::Number(transfers.iter().map(|transfer| transfer.entry.sequence * -POINTS).collect()),
            Column::Nullable(transfers.iter().map(|transfer| transfer.reverses.clone()).collect()),
            Column::same("bench", count),
            Column::same(SEASON, count),
            Column::texts(transfers, |transfer| &transfer.award.rule),
            Column::Number(vec![1; count]),
            Column::texts(transfers, |transfer| &transfer.award.subject),
            Column::texts(transfers, |transfer| &transfer.award.cause),
            Column::Time(transfers.iter().map(|transfer| transfer.at).collect()),
            Column::Time(transfers.iter().map(|transfer| transfer.entry.now).collect()),
        ],
        "",
    )
    .execute(db);
}

fn insert(db: &mut Db, awards: &[(Live, NaiveDateTime)]) {
    if awards.is_empty() {
        return;
    }
    Batch::new(
        "INSERT INTO awards (programme, season, rule, subject, cause, points, at, version, transfer)",
        vec![
            Column::same("bench", awards.len()),
            Column::same(SEASON, awards.len()),
            Column::texts(awards, |(live, _)| &live.rule),
            Column::texts(awards, |(live, _)| &live.subject),
            Column::texts(awards, |(live, _)| &live.cause),
            Column::Number(vec![POINTS; awards.len()]),
            Column::Time(awards.iter().map(|(_, at)| *at).collect()),
            Column::Number(vec![1; awards.len()]),
            Column::texts(awards, |(live, _)| &live.transfer),
        ],
        "",
    )
    .execute(db);
}

fn remove(db: &mut Db, awards: &[Live]) {
    if awards.is_empty() {
        return;
    }
    Batch::new(
        "DELETE FROM awards WHERE (programme, season, rule, subject, cause) IN (",
        vec![
            Column::same("bench", awards.len()),
            Column::same(SEASON, awards.len()),
            Column::texts(awards, |live| &live.rule),
            Column::texts(awards, |live| &live.subject),
            Column::texts(awards, |live| &live.cause),
        ],
        ")",
    )
    .execute(db);
}

/// Ids in the order of time, as ours are.
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}
