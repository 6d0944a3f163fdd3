//! What there must be afterwards: exactly as much as was acknowledged, and nothing overdrawn.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::clients::{ALLOWANCE, Accepted, CENTS, CLIENTS, OWN, POINTS, Race, SAVED, STOCK, Want};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(race: &Race, sql: &str) -> i64 {
    let mut db = race.app().database.url.connect().unwrap();
    let query = format!("SELECT CAST(COALESCE(({sql}), 0) AS BIGINT) AS number");
    diesel::sql_query(query).get_result::<Number>(&mut db).unwrap().number
}

fn wallet(race: &Race, user_name: &str) -> i64 {
    number(race, &format!("SELECT balance FROM accounts WHERE id = 'wallet:{}'", race.app().person_id(user_name)))
}

/// What every wallet holds of the clients' own people.
fn own(race: &Race) -> i64 {
    (0..CLIENTS).map(|client| wallet(race, &format!("own{client}"))).sum()
}

const LEFT: &str = "SELECT SUM(balance) FROM accounts WHERE kind = 'allowance'";
const IN_STOCK: &str = "SELECT stock FROM rewards WHERE code = 'mug'";
const PIECES: &str = "SELECT SUM(pieces) FROM redemptions WHERE reward = 'mug'";
const POINTS_TAKEN: &str = "SELECT SUM(points_taken) FROM budgets";
const CENTS_TAKEN: &str = "SELECT SUM(cents_taken) FROM budgets";
const REFUNDS: &str = "SELECT COUNT(*) FROM transfers WHERE kind = 'refund'";
const REDEMPTIONS: &str = "SELECT COUNT(*) FROM redemptions";

/// What is compared: what it is, what there is, what there should be.
type Line = (&'static str, i64, i64);

fn different(lines: Vec<Line>) -> Vec<String> {
    let wrong = lines.into_iter().filter(|(_, is, should)| is != should);
    wrong.map(|(what, is, should)| format!("{what}: {is}, not {should}")).collect()
}

/// What is not as it should be once all have asked.
pub fn settled(race: &Race, accepted: &[Accepted]) -> Vec<String> {
    let count = |want| accepted.iter().filter(|one| one.want == want).count() as i64;
    let (thanks, mugs, pins, cards, grants) =
        (count(Want::Thanks), count(Want::Mug), count(Want::Pin), count(Want::Card), count(Want::Grant));
    different(vec![
        ("kudos", thanks, ALLOWANCE.0 / ALLOWANCE.1),
        ("mugs", mugs, STOCK),
        ("pins", pins, SAVED.0 / SAVED.1),
        ("cards", cards, CENTS.0 / CENTS.1),
        ("grants", grants, POINTS.0 / POINTS.1),
        ("left of the allowance", number(race, LEFT), ALLOWANCE.0 - thanks * ALLOWANCE.1),
        ("in stock", number(race, IN_STOCK), STOCK - mugs),
        ("pieces held", number(race, PIECES), mugs),
        ("left of what was saved", wallet(race, "saver"), SAVED.0 - pins * SAVED.1),
        ("points taken", number(race, POINTS_TAKEN), grants * POINTS.1),
        ("cents taken", number(race, CENTS_TAKEN), cards * CENTS.1),
        ("granted", wallet(race, "granted"), grants * POINTS.1),
        ("in wallets", own(race), CLIENTS as i64 * OWN + thanks * ALLOWANCE.1 - mugs * 100 - cards),
        ("redemptions", number(race, REDEMPTIONS), mugs + pins + cards),
        ("refunds", number(race, REFUNDS), 0),
    ])
}

/// What is not as it should be once everything was taken back but grants.
pub fn undone(race: &Race, accepted: &[Accepted]) -> Vec<String> {
    let count = |want| accepted.iter().filter(|one| one.want == want).count() as i64;
    let grants = count(Want::Grant);
    different(vec![
        ("left of the allowance", number(race, LEFT), ALLOWANCE.0),
        ("in stock", number(race, IN_STOCK), STOCK),
        ("pieces held", number(race, PIECES), 0),
        ("saved", wallet(race, "saver"), SAVED.0),
        ("points taken", number(race, POINTS_TAKEN), grants * POINTS.1),
        ("cents taken", number(race, CENTS_TAKEN), 0),
        ("in wallets", own(race), CLIENTS as i64 * OWN),
        ("refunds", number(race, REFUNDS), count(Want::Mug) + count(Want::Pin) + count(Want::Card)),
        ("sum of all accounts", number(race, "SELECT SUM(balance) FROM accounts"), 0),
    ])
}
