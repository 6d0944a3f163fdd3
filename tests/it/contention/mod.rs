//! 32 clients that want what there is too little of: one allowance, one stock, one balance, one budget. On PostgreSQL
//! they ask two instances (the design's promise 4). And that a check that is overstepped is noticed.

mod clients;
mod scarce;

use applaus::store::db::{DatabaseUrl, Db};
use diesel::prelude::*;

use self::clients::Race;
use self::scarce::{settled, undone};
use crate::support::database::TestDatabase;

#[test]
fn as_many_succeed_as_fit_and_every_refund_happens_once() {
    let race = Race::on(TestDatabase::new());
    let accepted = race.run();
    assert_eq!(settled(&race, &accepted), Vec::<String>::new());
    race.app().verify();
    race.undo(&accepted);
    assert_eq!(undone(&race, &accepted), Vec::<String>::new());
    race.app().verify();
}

/// What oversteps a bound, with what undoes it.
const PLANTS: [(&str, &str); 6] = [
    (
        "UPDATE accounts SET balance = balance - 1 WHERE kind = 'allowance'",
        "UPDATE accounts SET balance = balance + 1 WHERE kind = 'allowance'",
    ),
    (
        "UPDATE rewards SET stock = stock + 1 WHERE code = 'mug'",
        "UPDATE rewards SET stock = stock - 1 WHERE code = 'mug'",
    ),
    (
        "UPDATE redemptions SET pieces = 0 WHERE reward = 'mug'",
        "UPDATE redemptions SET pieces = 1 WHERE reward = 'mug'",
    ),
    (
        "UPDATE accounts SET balance = balance + 100 WHERE kind = 'wallet'",
        "UPDATE accounts SET balance = balance - 100 WHERE kind = 'wallet'",
    ),
    ("UPDATE budgets SET points_taken = points_taken - 90", "UPDATE budgets SET points_taken = points_taken + 90"),
    ("UPDATE budgets SET cents_taken = cents_taken - 5000", "UPDATE budgets SET cents_taken = cents_taken + 5000"),
];

#[test]
fn what_does_not_add_up_is_noticed() {
    let race = Race::on(TestDatabase::new());
    let accepted = race.run();
    assert_eq!(settled(&race, &accepted), Vec::<String>::new());
    let mut db = race.app().database.unguarded();
    for (plant, undoing) in PLANTS {
        let run = |db: &mut Db, sql: &str| diesel::sql_query(sql).execute(db).unwrap();
        assert!(run(&mut db, plant) > 0, "{plant}");
        assert!(!settled(&race, &accepted).is_empty(), "{plant} goes unnoticed");
        run(&mut db, undoing);
    }
    assert_eq!(settled(&race, &accepted), Vec::<String>::new());
    let mut fewer = accepted;
    fewer.pop();
    assert!(!settled(&race, &fewer).is_empty());
}

/// Two instances that no lock makes one writer: a lock that locks nothing is found before PostgreSQL's own.
#[test]
fn without_the_lock_it_goes_wrong() {
    let mut database = TestDatabase::new();
    let DatabaseUrl::Postgres(url) = &mut database.url else { return };
    let mut db = PgConnection::establish(url).unwrap();
    let lock = "CREATE FUNCTION pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS ''";
    diesel::sql_query(lock).execute(&mut db).unwrap();
    let (before, schema) = url.split_once("search_path%3D").unwrap();
    *url = format!("{before}search_path%3D{schema},pg_catalog");
    let race = Race::on(database);
    let noticed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let accepted = race.run();
        assert_eq!(settled(&race, &accepted), Vec::<String>::new());
    }));
    assert!(noticed.is_err(), "nothing went wrong");
}
