//! The catalogue of measures.

use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::measures;
use crate::domain::decimal::Decimal4;
use crate::domain::measure::Measure;

/// A measure as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = measures, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MeasureRow {
    /// See the column.
    pub code: String,
    /// JSON.
    pub name: String,
    /// Ten-thousandths.
    pub scale_min: i64,
    /// Ten-thousandths.
    pub scale_max: Option<i64>,
    /// See the column.
    pub direction: String,
    /// See the column.
    pub unit: String,
    /// See the column.
    pub aggregation: String,
    /// Ten-thousandths.
    pub threshold: Option<i64>,
    /// Whether evidence or a programme version has named it: then it is fixed.
    pub used: bool,
    /// The number of the last change.
    pub revision: i64,
}

fn word<T: serde::Serialize>(value: &T) -> QueryResult<String> {
    Ok(row::to_json(value)?.trim_matches('"').to_owned())
}

fn of_word<T: serde::de::DeserializeOwned>(word: &str) -> QueryResult<T> {
    row::from_json(&format!("\"{word}\""))
}

impl MeasureRow {
    /// The row of an unused measure.
    pub fn new(measure: &Measure, revision: i64) -> QueryResult<Self> {
        Ok(Self {
            code: measure.code.to_string(),
            name: row::to_json(&measure.name)?,
            scale_min: measure.scale_min.raw(),
            scale_max: measure.scale_max.map(Decimal4::raw),
            direction: word(&measure.direction)?,
            unit: measure.unit.clone(),
            aggregation: word(&measure.aggregation)?,
            threshold: measure.threshold.map(Decimal4::raw),
            used: false,
            revision,
        })
    }

    /// The measure.
    pub fn measure(&self) -> QueryResult<Measure> {
        Ok(Measure {
            code: row::parsed(self.code.clone())?,
            name: row::from_json(&self.name)?,
            scale_min: Decimal4::from_raw(self.scale_min),
            scale_max: self.scale_max.map(Decimal4::from_raw),
            direction: of_word(&self.direction)?,
            unit: self.unit.clone(),
            aggregation: of_word(&self.aggregation)?,
            threshold: self.threshold.map(Decimal4::from_raw),
        })
    }
}

/// Every measure, by code.
pub fn all(db: &mut Db) -> QueryResult<Vec<MeasureRow>> {
    measures::table.order(measures::code).select(MeasureRow::as_select()).load(db)
}

/// Adds a measure.
pub fn insert(db: &mut Db, row: &MeasureRow) -> QueryResult<()> {
    diesel::insert_into(measures::table).values(row).execute(db).map(drop)
}

/// Replaces a measure.
pub fn update(db: &mut Db, row: &MeasureRow) -> QueryResult<()> {
    diesel::update(measures::table.find(&row.code)).set(row).execute(db).map(drop)
}

/// Notes that measures have been named by evidence or a programme.
pub fn mark_used(db: &mut Db, codes: &[String], revision: i64) -> QueryResult<()> {
    diesel::update(measures::table.filter(measures::code.eq_any(codes)).filter(measures::used.eq(false)))
        .set((measures::used.eq(true), measures::revision.eq(revision)))
        .execute(db)
        .map(drop)
}
