//! Boards and entries as they are sent.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::target::BoardTarget;
use crate::boards::BoardKey;
use crate::boards::live::LiveBoard;
use crate::boards::tiers::tiered_version;
use crate::boards::view::Row;
use crate::catalogue::Catalogue;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::period::Per;
use crate::domain::points::Points;
use crate::domain::programme::{BoardSubject, Combine, Programme};
use crate::domain::standing::tier_standing;
use crate::domain::time::Instant;
use crate::http::page::Cursor;
use crate::http::people::TeamName;
use crate::store::db::Db;
use crate::store::{memberships, people};

/// A page of a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardOut {
    /// Which board, when, in which state.
    #[serde(flatten)]
    pub head: HeadOut,
    /// A page of those listed, in order.
    pub items: Vec<EntryOut>,
    /// The caller's own entry, on boards of teams that of their home team; null if it is not listed.
    pub me: Option<EntryOut>,
    /// Give it as `after` for the next page of the same version; null on the last one.
    pub next: Option<Cursor>,
}

/// One entry of a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneEntryOut {
    /// Which board, when, in which state.
    #[serde(flatten)]
    pub head: HeadOut,
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryOut,
}

/// Which board, when, in which state.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadOut {
    /// Code of the programme.
    pub programme: String,
    /// Code of the board.
    pub board: String,
    /// The period.
    pub period: PeriodOut,
    /// The number of the last change that touched the board.
    pub version: i64,
    /// How many are listed.
    pub total: usize,
}

/// A period.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodOut {
    /// Its code, such as `2026-11` or `season:2026-Q4`.
    pub code: String,
    /// Its first local day; null for all time.
    pub from: Option<NaiveDate>,
    /// The local day after its last; null for all time.
    pub until: Option<NaiveDate>,
    /// Whether it lies in a season that is closed, and will not change any more.
    pub closed: bool,
}

/// A line of a board.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryOut {
    /// 1 + the listed with a higher score: equal scores share a rank, and the next one is skipped.
    pub rank: usize,
    /// Who.
    pub subject: SubjectOut,
    /// The person's home team now; null without one, and on boards of teams.
    pub team: Option<TeamName>,
    /// Points; of means, with up to four decimals.
    #[schema(value_type = f64)]
    pub score: Score,
    /// Code of the tier that the score reaches; only on boards of persons over the season, and not below the lowest tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// By how many ranks it rose since the last local midnight; null while that is not known.
    pub change: Option<i64>,
}

/// A score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Score {
    /// Points.
    Points(i64),
    /// Points per member.
    Mean(Decimal4),
}

/// Who is ranked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SubjectOut {
    /// A person.
    Person {
        /// Their id.
        id: String,
        /// Their name in tokens and addresses.
        user_name: String,
        /// The name that others see.
        display_name: String,
    },
    /// A team.
    Team {
        /// Its id.
        id: String,
        /// Its code.
        code: String,
        /// Its name.
        name: String,
    },
}

/// What a board's entries are shown with.
pub struct Shown<'a> {
    board: &'a LiveBoard,
    tiers: Option<&'a Programme>,
    faces: HashMap<Uuid, (SubjectOut, Option<TeamName>)>,
}

impl<'a> Shown<'a> {
    /// Looks up the names of those in some rows.
    pub fn gather(
        db: &mut Db,
        board: &'a LiveBoard,
        target: &'a BoardTarget,
        key: &BoardKey,
        rows: &[Row],
        now: Instant,
    ) -> QueryResult<Self> {
        let subjects: Vec<Uuid> = rows.iter().map(|row| row.subject).collect();
        let (tiers, faces) = match board.subject() {
            BoardSubject::Person => {
                let season = (target.board.period == Per::Season).then(|| tiered_version(&target.entry, &key.period));
                (season.flatten().map(|programme| &**programme), faces(db, board.catalogue(), &subjects, now)?)
            }
            BoardSubject::Team(_) => (None, team_faces(board.catalogue(), &subjects)),
        };
        Ok(Self { board, tiers, faces })
    }

    /// A row as it is sent; none for somebody who cannot be named any more.
    pub fn entry(&self, row: Row) -> Option<EntryOut> {
        let (subject, team) = self.faces.get(&row.subject)?.clone();
        let score = match self.board.subject() {
            BoardSubject::Team(Combine::MeanPerMember) => Score::Mean(Decimal4::from_raw(row.score)),
            BoardSubject::Team(Combine::Own | Combine::Sum) | BoardSubject::Person => Score::Points(row.score),
        };
        let reached = self.tiers.and_then(|version| tier_standing(&version.tiers, Points(row.score)).reached);
        let tier = reached.map(|tier| tier.code.to_string());
        Some(EntryOut { rank: row.rank, subject, team, score, tier, change: None })
    }
}

/// What stands above a board's entries.
pub fn head(key: &BoardKey, target: &BoardTarget, board: &LiveBoard, (version, total): (i64, usize)) -> HeadOut {
    let ends = target.board.period != Per::All;
    HeadOut {
        programme: key.programme.to_string(),
        board: key.board.to_string(),
        period: PeriodOut {
            code: key.period.code.clone(),
            from: ends.then_some(key.period.first_day),
            until: ends.then_some(key.period.until_day),
            closed: board.is_closed(),
        },
        version,
        total,
    }
}

fn faces(
    db: &mut Db,
    catalogue: &Catalogue,
    subjects: &[Uuid],
    now: Instant,
) -> QueryResult<HashMap<Uuid, (SubjectOut, Option<TeamName>)>> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let homes = memberships::home_teams(db, &ids, now)?;
    let mut faces = HashMap::with_capacity(ids.len());
    for person in people::by_ids(db, &ids)? {
        let PersonId(id) = person.person_id()?;
        let home = homes.get(&person.id).and_then(|team| catalogue.teams.get(*team));
        let home = home.map(|team| TeamName { code: team.row.code.clone(), name: team.row.name.clone() });
        let (user_name, display_name) = (person.user_name, person.display_name);
        faces.insert(id, (SubjectOut::Person { id: person.id, user_name, display_name }, home));
    }
    Ok(faces)
}

fn team_faces(catalogue: &Catalogue, subjects: &[Uuid]) -> HashMap<Uuid, (SubjectOut, Option<TeamName>)> {
    let face = |id: &Uuid| {
        let row = &catalogue.teams.get(TeamId(*id))?.row;
        let (code, name) = (row.code.clone(), row.name.clone());
        Some((*id, (SubjectOut::Team { id: row.id.clone(), code, name }, None)))
    };
    subjects.iter().filter_map(face).collect()
}
