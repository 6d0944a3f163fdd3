//! What is scarce is never overdrawn, at any committed state, and in the end is as the answers say.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use applaus::store::db::Db;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Race;
use super::rivals::{Given, Rival};
use crate::support::check::verified;
use crate::support::stage::person;

/// What the sender may give.
pub const ALLOWANCE: i64 = 150;
/// The points of a season that the limited rule gives.
pub const LIMIT: i64 = 200;

#[derive(QueryableByName)]
struct Most {
    #[diesel(sql_type = BigInt)]
    most: i64,
}

/// What may not be exceeded, with its bound.
const BOUNDS: [(&str, i64, &str); 5] = [
    (
        "an allowance is overdrawn",
        0,
        "SELECT -COALESCE(MIN(balance), 0) AS most FROM accounts WHERE kind = 'allowance'",
    ),
    (
        "more kudos stand than the allowance has points",
        ALLOWANCE,
        "SELECT CAST(COALESCE(SUM(r.points), 0) AS BIGINT) AS most FROM kudos k JOIN kudos_receivers r ON r.kudos = k.id \
         WHERE k.state = 'sent'",
    ),
    (
        "the limit is exceeded",
        LIMIT,
        "SELECT CAST(COALESCE(MAX(given), 0) AS BIGINT) AS most FROM (SELECT SUM(points) AS given FROM awards \
         WHERE rule = 'limited' GROUP BY season, subject) AS sums",
    ),
    (
        "what may be awarded once is awarded again",
        1,
        "SELECT COALESCE(MAX(times), 0) AS most FROM (SELECT COUNT(*) AS times FROM awards WHERE rule = 'once' \
         GROUP BY season, subject) AS counts",
    ),
    (
        "a badge is held twice",
        1,
        "SELECT CAST(COALESCE(MAX(held), 0) AS BIGINT) AS most FROM (SELECT \
         SUM(CASE WHEN change = 'granted' THEN 1 ELSE -1 END) AS held FROM badge_events \
         GROUP BY programme, season, badge, subject) AS counts",
    ),
];

pub fn exceeded(db: &mut Db) -> Option<String> {
    BOUNDS.iter().find_map(|(what, bound, query)| {
        let Most { most } = diesel::sql_query(*query).get_result(db).unwrap();
        (most > *bound).then(|| format!("{what}: {most} of {bound}"))
    })
}

/// Looks at one committed state after the other until the race is over.
pub fn watch(race: &Race) -> Option<String> {
    let mut db = race.stage.url.connect().unwrap();
    loop {
        // Read before the look, so that the last look is at the end.
        let over = race.over.load(Ordering::Relaxed);
        let found = exceeded(&mut db);
        if found.is_some() || over {
            race.over.store(true, Ordering::Relaxed);
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[derive(QueryableByName)]
struct Awarded {
    #[diesel(sql_type = Text)]
    rule: String,
    #[diesel(sql_type = Text)]
    season: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    points: i64,
}

#[derive(QueryableByName)]
struct Closed {
    #[diesel(sql_type = Text)]
    season: String,
}

/// What is not, in the end, as the answers say.
pub fn settle_up(race: &Race, rivals: &[Rival]) -> Vec<String> {
    let mut db = race.stage.url.connect().unwrap();
    let mut found = Vec::new();
    let charged: i64 = rivals.iter().flat_map(|rival| &rival.thanks).map(|(_, charged)| charged).sum();
    let allowance = "SELECT CAST(SUM(balance) AS BIGINT) AS most FROM accounts WHERE kind = 'allowance'";
    let Most { most: left } = diesel::sql_query(allowance).get_result(&mut db).unwrap();
    if charged + left != ALLOWANCE {
        found.push(format!("{charged} points were given and {left} are left of {ALLOWANCE}"));
    }
    let awarded: Vec<Awarded> = diesel::sql_query(
        "SELECT a.rule, a.season, p.user_name AS name, CAST(SUM(a.points) AS BIGINT) AS points FROM awards a \
         JOIN people p ON p.id = a.subject WHERE a.programme = 'race' GROUP BY a.rule, a.season, p.user_name",
    )
    .load(&mut db)
    .unwrap();
    let awarded: BTreeMap<_, _> =
        awarded.into_iter().map(|row| ((row.rule, row.season, row.name), row.points)).collect();
    let due = awards_due(rivals.iter().flat_map(|rival| &rival.given));
    if awarded != due {
        found.push(format!("awarded is {awarded:?}, due is {due:?}"));
    }
    found.extend(statements(race, &mut db));
    found.extend(verified(&race.stage));
    found
}

/// The points of each rule, season and person that the acknowledged evidence gives.
fn awards_due<'a>(given: impl Iterator<Item = &'a Given>) -> BTreeMap<(String, String, String), i64> {
    let mut due = BTreeMap::new();
    for signal in given.filter(|signal| !signal.voided) {
        let (rule, points, most) = if signal.kind == "survey" { ("limited", 10, LIMIT) } else { ("once", 5, 5) };
        let sum = due.entry((rule.to_owned(), signal.month.clone(), person(signal.agent))).or_insert(0);
        *sum = most.min(*sum + points);
    }
    due
}

/// Each closed month has one statement: the same bytes on every instance, at once and in the end.
fn statements(race: &Race, db: &mut Db) -> Vec<String> {
    let read = race.statements.lock().unwrap().clone();
    let mut found = Vec::new();
    for (month, then) in &read {
        for instance in 0..race.stage.instances.len() {
            match race.statement(&race.stage.root, instance, month) {
                Ok(now) if now == *then => {}
                now => found.push(format!("{month} said {then}, and says {now:?}")),
            }
        }
    }
    let closed = "SELECT season FROM seasons WHERE programme = 'race' AND state = 'closed' ORDER BY season";
    let closed: Vec<Closed> = diesel::sql_query(closed).load(db).unwrap();
    let mut asked: Vec<String> = read.into_iter().map(|(month, _)| month).collect();
    asked.sort();
    asked.dedup();
    if closed.iter().map(|row| &row.season).ne(asked.iter()) {
        found.push(format!("{asked:?} were closed, and {} are", closed.len()));
    }
    found
}
