//! Rows sent to the database as a table to join with or to insert, so that one statement serves a whole group of
//! commands: `UNNEST` on PostgreSQL, `json_each` on SQLite. The rest of the statement is the same text on both, and
//! always the same: it is prepared once for a connection.

use std::borrow::Cow;
use std::marker::PhantomData;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamp};
use diesel::sqlite::Sqlite;
use serde::{Serialize, Serializer};

use super::db::Db;
use super::row;

/// What a query around [`Values`] finds, by the types of its columns. `{given}` in its text is these rows, as a table
/// `given`.
macro_rules! load_given {
    ($values:expr, $db:expr, $query:expr, $columns:ty) => {{
        use $crate::store::values::Statement;
        let values = $values;
        match $db {
            _ if values.rows() == 0 => Ok(Vec::new()),
            $crate::store::db::Db::Postgres(connection) => {
                Statement::<$columns>::new($query, &values, String::new()).load(connection)
            }
            $crate::store::db::Db::Sqlite(connection) => {
                Statement::<$columns>::new($query, &values, $crate::store::row::to_json(&values)?).load(connection)
            }
        }
    }};
}
pub(super) use load_given;

/// Rows, column by column; all columns have the same length.
#[derive(Debug, Clone, Default)]
pub struct Values<'a> {
    columns: Vec<(&'static str, Column<'a>)>,
}

#[derive(Debug, Clone)]
enum Column<'a> {
    Texts(Vec<Option<Cow<'a, str>>>),
    Numbers(Vec<Option<i64>>),
    Days(Vec<Option<NaiveDate>>),
    Instants(Vec<Option<NaiveDateTime>>),
}

/// What may stand in a column of texts.
pub trait IntoText<'a> {
    /// As it is sent.
    fn into_text(self) -> Option<Cow<'a, str>>;
}

impl<'a> IntoText<'a> for &'a str {
    fn into_text(self) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(self))
    }
}

impl<'a> IntoText<'a> for &'a String {
    fn into_text(self) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(self))
    }
}

impl<'a> IntoText<'a> for &'a Option<String> {
    fn into_text(self) -> Option<Cow<'a, str>> {
        self.as_deref().map(Cow::Borrowed)
    }
}

impl IntoText<'_> for String {
    fn into_text(self) -> Option<Cow<'static, str>> {
        Some(Cow::Owned(self))
    }
}

impl<'a> Values<'a> {
    /// With a column of texts.
    #[must_use]
    pub fn texts(self, name: &'static str, values: impl IntoIterator<Item = impl IntoText<'a>>) -> Self {
        self.with(name, Column::Texts(values.into_iter().map(IntoText::into_text).collect()))
    }

    /// With a column of whole numbers.
    #[must_use]
    pub fn numbers(self, name: &'static str, values: impl IntoIterator<Item = impl Into<Option<i64>>>) -> Self {
        self.with(name, Column::Numbers(values.into_iter().map(Into::into).collect()))
    }

    /// With a column of local days.
    #[must_use]
    pub fn days(self, name: &'static str, values: impl IntoIterator<Item = impl Into<Option<NaiveDate>>>) -> Self {
        self.with(name, Column::Days(values.into_iter().map(Into::into).collect()))
    }

    /// With a column of instants.
    #[must_use]
    pub fn instants(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = impl Into<Option<NaiveDateTime>>>,
    ) -> Self {
        self.with(name, Column::Instants(values.into_iter().map(Into::into).collect()))
    }

    fn with(mut self, name: &'static str, column: Column<'a>) -> Self {
        self.columns.push((name, column));
        self
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Runs a statement. `{given}` in its text is these rows, as a table `given`.
    pub fn execute(&self, db: &mut Db, statement: &'static str) -> QueryResult<()> {
        if self.rows() == 0 {
            return Ok(());
        }
        match db {
            Db::Postgres(connection) => Statement::<()>::new(statement, self, String::new()).execute(connection),
            Db::Sqlite(connection) => Statement::<()>::new(statement, self, row::to_json(self)?).execute(connection),
        }
        .map(drop)
    }
}

impl Column<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Texts(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Days(values) => values.len(),
            Self::Instants(values) => values.len(),
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Texts(values) => Cell::Text(values.get(row).and_then(Option::as_deref)),
            Self::Numbers(values) => Cell::Number(values.get(row).copied().flatten()),
            Self::Days(values) => Cell::Written(values.get(row).copied().flatten().map(|day| day.to_string())),
            // Written as Diesel does: SQLite compares instants as texts.
            Self::Instants(values) => Cell::Written(values.get(row).copied().flatten().map(|at| at.to_string())),
        }
    }
}

/// An array of rows, each an array of its cells.
impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.rows()).map(|number| Row { values: self, number }))
    }
}

struct Row<'a> {
    values: &'a Values<'a>,
    number: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.values.columns.iter().map(|(_, column)| column.cell(self.number)))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Cell<'a> {
    Text(Option<&'a str>),
    Number(Option<i64>),
    Written(Option<String>),
}

/// A statement around the rows, that finds columns of the types `S`.
pub struct Statement<'a, S> {
    before: &'static str,
    after: &'static str,
    values: &'a Values<'a>,
    /// The rows as SQLite takes them.
    json: String,
    columns: PhantomData<S>,
}

impl<'a, S> Statement<'a, S> {
    /// `text` around `values`, which SQLite takes as `json`.
    pub fn new(text: &'static str, values: &'a Values<'a>, json: String) -> Self {
        let (before, after) = text.split_once("{given}").unwrap_or((text, ""));
        Self { before, after, values, json, columns: PhantomData }
    }
}

/// Told apart by its text.
impl<S> QueryId for Statement<'_, S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S> Query for Statement<'_, S> {
    type SqlType = S;
}

impl<C, S> RunQueryDsl<C> for Statement<'_, S> {}

impl<S> QueryFragment<Pg> for Statement<'_, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.before);
        out.push_sql("UNNEST(");
        for (number, (_, column)) in self.values.columns.iter().enumerate() {
            out.push_sql(if number == 0 { "" } else { ", " });
            match column {
                Column::Texts(values) => out.push_bind_param::<Array<Nullable<Text>>, _>(values)?,
                Column::Numbers(values) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(values)?,
                Column::Days(values) => out.push_bind_param::<Array<Nullable<Date>>, _>(values)?,
                Column::Instants(values) => out.push_bind_param::<Array<Nullable<Timestamp>>, _>(values)?,
            }
        }
        out.push_sql(") AS given (");
        for (number, (name, _)) in self.values.columns.iter().enumerate() {
            out.push_sql(if number == 0 { "" } else { ", " });
            out.push_sql(name);
        }
        out.push_sql(")");
        out.push_sql(self.after);
        Ok(())
    }
}

impl<S> QueryFragment<Sqlite> for Statement<'_, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.before);
        out.push_sql("(SELECT ");
        for (number, (name, _)) in self.values.columns.iter().enumerate() {
            out.push_sql(&format!("{}value ->> {number} AS {name}", if number == 0 { "" } else { ", " }));
        }
        out.push_sql(" FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql(")) AS given");
        out.push_sql(self.after);
        Ok(())
    }
}
