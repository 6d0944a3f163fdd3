//! What the members of teams have given to their goals, by rule, part and local day.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::Db;
use super::row;
use super::schema::team_sums;
use crate::domain::ids::{Code, TeamId};
use crate::domain::period::DaySpan;
use crate::domain::programme::goal::{DaySums, Part, Sums};

const CHUNK: usize = 500;

/// The sums of one day.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = team_sums, treat_none_as_default_value = false)]
pub struct TeamSumsRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// See the column.
    pub team: String,
    /// See the column.
    pub rule: String,
    /// `goal` or `guard`.
    pub part: String,
    /// The local day.
    pub day: NaiveDate,
    /// JSON.
    pub sums: String,
}

/// The name of a part in the table.
pub const fn part_name(part: Part) -> &'static str {
    match part {
        Part::Goal => "goal",
        Part::Guard => "guard",
    }
}

impl TeamSumsRow {
    /// The row of some sums.
    pub fn of(
        (programme, season): (&str, &str),
        team: TeamId,
        (rule, part, day): (&Code, Part, NaiveDate),
        sums: Sums,
    ) -> QueryResult<Self> {
        Ok(Self {
            programme: programme.to_owned(),
            season: season.to_owned(),
            team: team.to_string(),
            rule: rule.to_string(),
            part: part_name(part).to_owned(),
            day,
            sums: row::to_json(&sums)?,
        })
    }

    /// Its place among the sums of its team, and the sums.
    pub fn read(&self) -> QueryResult<((Code, Part, NaiveDate), Sums)> {
        let part = if self.part == part_name(Part::Guard) { Part::Guard } else { Part::Goal };
        Ok(((row::parsed(self.rule.clone())?, part, self.day), row::from_json(&self.sums)?))
    }
}

/// A team's sums of some days of a season.
pub fn of_team(db: &mut Db, programme: &str, season: &str, team: TeamId, days: DaySpan) -> QueryResult<DaySums> {
    let rows: Vec<TeamSumsRow> = team_sums::table
        .filter(team_sums::programme.eq(programme))
        .filter(team_sums::season.eq(season))
        .filter(team_sums::team.eq(team.to_string()))
        .filter(team_sums::day.ge(days.first))
        .filter(team_sums::day.lt(days.until))
        .select(TeamSumsRow::as_select())
        .load(db)?;
    rows.iter().map(TeamSumsRow::read).collect()
}

/// Keeps sums, in place of what was kept of their days.
pub fn keep(db: &mut Db, rows: &[TeamSumsRow]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        on_backend!(db, |c| diesel::insert_into(team_sums::table)
            .values(chunk)
            .on_conflict((
                team_sums::programme,
                team_sums::season,
                team_sums::team,
                team_sums::rule,
                team_sums::part,
                team_sums::day
            ))
            .do_update()
            .set(team_sums::sums.eq(excluded(team_sums::sums)))
            .execute(c))?;
    }
    Ok(())
}

/// Forgets the sums of a day that come to nothing.
pub fn forget(db: &mut Db, row: &TeamSumsRow) -> QueryResult<()> {
    diesel::delete(team_sums::table.find((&row.programme, &row.season, &row.team, &row.rule, &row.part, row.day)))
        .execute(db)
        .map(drop)
}

/// Forgets everything.
pub fn forget_all(db: &mut Db) -> QueryResult<()> {
    diesel::delete(team_sums::table).execute(db).map(drop)
}

/// The teams with sums on some days of a season.
pub fn teams(db: &mut Db, programme: &str, season: &str, days: DaySpan) -> QueryResult<Vec<String>> {
    team_sums::table
        .filter(team_sums::programme.eq(programme))
        .filter(team_sums::season.eq(season))
        .filter(team_sums::day.ge(days.first))
        .filter(team_sums::day.lt(days.until))
        .select(team_sums::team)
        .distinct()
        .order(team_sums::team)
        .load(db)
}

/// Every sum of a programme.
pub fn of_programme(db: &mut Db, programme: &str) -> QueryResult<Vec<TeamSumsRow>> {
    team_sums::table.filter(team_sums::programme.eq(programme)).select(TeamSumsRow::as_select()).load(db)
}
