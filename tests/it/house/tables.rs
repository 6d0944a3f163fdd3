//! The two sets of migrations and Diesel's picture of the tables say the same.

use std::collections::BTreeMap;
use std::fs;

use diesel::prelude::*;

use super::root;
use crate::support::database::TestDatabase;

/// Columns by table, as a name and whether it may be null.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

fn migrations(database: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = fs::read_dir(root().join("migrations").join(database))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .map(|(name, path)| (name, fs::read_to_string(path.join("up.sql")).unwrap()))
        .collect();
    found.sort();
    found
}

/// Migrations of triggers: the two databases have no words in common for them.
const TRIGGERS: [&str; 4] = [
    "2026-11-22-000004_append_only",
    "2026-11-22-000012_contests_append_only",
    "2026-11-22-000019_redemptions_fixed",
    "2026-11-22-000025_payroll_append_only",
];

#[test]
fn both_sets_of_migrations_are_the_same_but_for_collation_and_triggers() {
    let plain = |(name, sql): (String, String)| match TRIGGERS.contains(&name.as_str()) {
        true => (name, triggers(&sql).join("\n")),
        false => (name, sql.replace(" COLLATE \"C\"", "")),
    };
    let [sqlite, postgres] = ["sqlite", "postgres"].map(|set| migrations(set).into_iter().map(plain));
    assert_eq!(sqlite.collect::<Vec<_>>(), postgres.collect::<Vec<_>>());
}

/// The triggers that a migration makes, by name; SQLite has no TRUNCATE to refuse.
fn triggers(sql: &str) -> Vec<String> {
    assert!(!sql.contains("CREATE TABLE") && !sql.contains("ALTER TABLE"), "tables have their own migrations");
    let made = sql.lines().filter_map(|line| line.strip_prefix("CREATE TRIGGER "));
    let names = made.filter_map(|line| line.split_whitespace().next());
    let mut names: Vec<String> = names.filter(|name| !name.ends_with("_no_truncate")).map(str::to_owned).collect();
    names.sort();
    names
}

/// The tables as Diesel has them.
fn pictured() -> Tables {
    let text = fs::read_to_string(root().join("src/store/schema.rs")).unwrap();
    let mut tables = Tables::new();
    for block in text.split("diesel::table! {").skip(1) {
        let (head, columns) = block.split_once(") {").unwrap();
        let name = head.trim().split_once(' ').unwrap().0;
        let columns = columns.split_once('}').unwrap().0;
        let columns = columns.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        let columns = columns.map(|(column, kind)| (column.to_owned(), kind.starts_with("Nullable")));
        tables.insert(name.to_owned(), columns.collect());
    }
    tables
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    column_name: String,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    nullable: bool,
}

/// The tables as the database has them.
fn migrated() -> Tables {
    use applaus::store::db::Db;
    let database = TestDatabase::new();
    let mut db = database.url.connect().unwrap();
    let query = match &db {
        Db::Sqlite(_) => {
            "SELECT m.name AS table_name, c.name AS column_name, (c.\"notnull\" = 0 AND c.pk = 0) AS nullable \
             FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        }
        Db::Postgres(_) => {
            "SELECT table_name::text, column_name::text, is_nullable = 'YES' AS nullable \
             FROM information_schema.columns WHERE table_schema = current_schema()"
        }
    };
    let columns: Vec<Column> = diesel::sql_query(query).load(&mut db).unwrap();
    let mut tables = Tables::new();
    for column in columns {
        tables.entry(column.table_name).or_default().insert(column.column_name, column.nullable);
    }
    tables.retain(|name, _| !name.starts_with("__diesel") && !name.starts_with("sqlite_"));
    tables
}

#[test]
fn diesel_pictures_the_tables_that_the_migrations_make() {
    assert_eq!(pictured(), migrated());
}
