//! Rows sent to the database to join with, so that one statement serves a whole group of commands: `UNNEST` on
//! PostgreSQL, `json_each` on SQLite. The rest of the statement is the same text on both.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use diesel::sqlite::Sqlite;

use super::db::Db;
use super::row;

/// A column of the rows; all columns of one [`Values`] have the same length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Day,
    Instant,
}

impl Kind {
    const fn array(self) -> &'static str {
        match self {
            Self::Text => "TEXT[]",
            Self::Day => "DATE[]",
            Self::Instant => "TIMESTAMP[]",
        }
    }
}

/// Rows, column by column.
#[derive(Debug, Clone, Default)]
pub struct Values {
    names: Vec<(&'static str, Kind)>,
    columns: Vec<Vec<String>>,
}

impl Values {
    /// With a column of texts.
    #[must_use]
    pub fn texts(self, name: &'static str, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(name, Kind::Text, values.into_iter().map(Into::into).collect())
    }

    /// With a column of local days.
    #[must_use]
    pub fn days(self, name: &'static str, values: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.with(name, Kind::Day, values.into_iter().map(|day| day.to_string()).collect())
    }

    /// With a column of instants.
    #[must_use]
    pub fn instants(self, name: &'static str, values: impl IntoIterator<Item = NaiveDateTime>) -> Self {
        self.with(name, Kind::Instant, values.into_iter().map(row::instant_text).collect())
    }

    fn with(mut self, name: &'static str, kind: Kind, column: Vec<String>) -> Self {
        self.names.push((name, kind));
        self.columns.push(column);
        self
    }

    fn is_empty(&self) -> bool {
        self.columns.iter().all(Vec::is_empty)
    }

    /// What a query finds. `{given}` in its text is these rows, as a table `given`.
    pub fn load<T>(self, db: &mut Db, query: &str) -> QueryResult<Vec<T>>
    where
        T: QueryableByName<Pg> + QueryableByName<Sqlite> + 'static,
    {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        match db {
            Db::Postgres(connection) => self.unnested(query).load(connection),
            Db::Sqlite(connection) => self.each(query)?.load(connection),
        }
    }

    /// Runs a statement. `{given}` in its text is these rows, as a table `given`.
    pub fn execute(self, db: &mut Db, statement: &str) -> QueryResult<()> {
        if self.is_empty() {
            return Ok(());
        }
        match db {
            Db::Postgres(connection) => self.unnested(statement).execute(connection),
            Db::Sqlite(connection) => self.each(statement)?.execute(connection),
        }
        .map(drop)
    }

    fn unnested(
        self,
        text: &str,
    ) -> diesel::query_builder::BoxedSqlQuery<'static, Pg, diesel::query_builder::SqlQuery> {
        let arrays: Vec<String> =
            self.names.iter().zip(1..).map(|((_, kind), n)| format!("${n}::TEXT[]::{}", kind.array())).collect();
        let names: Vec<&str> = self.names.iter().map(|(name, _)| *name).collect();
        let table = format!("UNNEST({}) AS given ({})", arrays.join(", "), names.join(", "));
        let query = diesel::sql_query(text.replace("{given}", &table)).into_boxed();
        self.columns.into_iter().fold(query, |query, column| query.bind::<Array<Text>, _>(column))
    }

    fn each(
        self,
        text: &str,
    ) -> QueryResult<diesel::query_builder::BoxedSqlQuery<'static, Sqlite, diesel::query_builder::SqlQuery>> {
        let names: Vec<String> =
            self.names.iter().zip(0..).map(|((name, _), n)| format!("value ->> {n} AS {name}")).collect();
        let table = format!("(SELECT {} FROM json_each(?)) AS given", names.join(", "));
        let length = self.columns.first().map_or(0, Vec::len);
        let rows: Vec<Vec<&String>> =
            (0..length).map(|n| self.columns.iter().filter_map(|column| column.get(n)).collect()).collect();
        let query = diesel::sql_query(text.replace("{given}", &table)).into_boxed();
        Ok(query.bind::<Text, _>(row::to_json(&rows)?))
    }
}
