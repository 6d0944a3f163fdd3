//! Many rows in one statement, by hand: `UNNEST` of arrays on PostgreSQL, `json_each` on SQLite, both prepared once.

use applaus::store::db::Db;
use chrono::NaiveDateTime;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamp};
use diesel::sqlite::Sqlite;
use serde_json::Value;

/// A column of the rows.
pub enum Column {
    /// Texts.
    Text(Vec<String>),
    /// Texts, or none.
    Nullable(Vec<Option<String>>),
    /// Numbers.
    Number(Vec<i64>),
    /// Instants.
    Time(Vec<NaiveDateTime>),
}

impl Column {
    /// A text of each row.
    pub fn texts<'a, T: 'a, S: AsRef<str> + ?Sized + 'a>(
        rows: impl IntoIterator<Item = &'a T>,
        text: impl Fn(&'a T) -> &'a S,
    ) -> Self {
        Self::Text(rows.into_iter().map(|row| text(row).as_ref().to_owned()).collect())
    }

    /// The same text in so many rows.
    pub fn same(text: &str, rows: usize) -> Self {
        Self::Text(vec![text.to_owned(); rows])
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Nullable(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Time(values) => values.len(),
        }
    }

    fn json(&self, row: usize) -> Value {
        match self {
            Self::Text(values) => values[row].as_str().into(),
            Self::Nullable(values) => values[row].as_deref().into(),
            Self::Number(values) => values[row].into(),
            Self::Time(values) => values[row].format("%F %T%.6f").to_string().into(),
        }
    }
}

/// A statement over rows: what stands before them, and after.
pub struct Batch {
    /// Up to `SELECT * FROM`.
    pub before: &'static str,
    /// After the rows.
    pub after: &'static str,
    /// The rows.
    pub columns: Vec<Column>,
    /// The same rows for SQLite.
    json: String,
}

impl Batch {
    /// A statement over some rows.
    pub fn new(before: &'static str, columns: Vec<Column>, after: &'static str) -> Self {
        Self { before, after, columns, json: String::new() }
    }

    /// Runs it.
    pub fn execute(mut self, db: &mut Db) {
        match db {
            Db::Postgres(connection) => diesel::RunQueryDsl::execute(self, connection),
            Db::Sqlite(connection) => {
                self.write_json();
                diesel::RunQueryDsl::execute(self, connection)
            }
        }
        .unwrap();
    }

    /// Runs it and takes what it returns, one text a row.
    pub fn load(mut self, db: &mut Db) -> Vec<String> {
        match db {
            Db::Postgres(connection) => diesel::RunQueryDsl::load(self, connection),
            Db::Sqlite(connection) => {
                self.write_json();
                diesel::RunQueryDsl::load(self, connection)
            }
        }
        .unwrap()
    }

    fn write_json(&mut self) {
        let rows = self.columns.first().map_or(0, Column::len);
        let rows: Vec<Vec<Value>> =
            (0..rows).map(|row| self.columns.iter().map(|column| column.json(row)).collect()).collect();
        self.json = serde_json::to_string(&rows).unwrap();
    }
}

impl QueryId for Batch {
    type QueryId = ();
    // Statements are told apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Batch {
    type SqlType = Text;
}

impl<C: Connection> RunQueryDsl<C> for Batch {}

impl QueryFragment<Pg> for Batch {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.before);
        out.push_sql(" SELECT * FROM UNNEST(");
        for (place, column) in self.columns.iter().enumerate() {
            if place > 0 {
                out.push_sql(", ");
            }
            match column {
                Column::Text(values) => out.push_bind_param::<Array<Text>, _>(values)?,
                Column::Nullable(values) => out.push_bind_param::<Array<Nullable<Text>>, _>(values)?,
                Column::Number(values) => out.push_bind_param::<Array<BigInt>, _>(values)?,
                Column::Time(values) => out.push_bind_param::<Array<Timestamp>, _>(values)?,
            }
        }
        out.push_sql(") ");
        out.push_sql(self.after);
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Batch {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.before);
        out.push_sql(" SELECT ");
        for place in 0..self.columns.len() {
            out.push_sql(if place > 0 { ", value ->> " } else { "value ->> " });
            out.push_sql(&place.to_string());
        }
        out.push_sql(" FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql(") WHERE true ");
        out.push_sql(self.after);
        Ok(())
    }
}
