//! Adding and changing teams.

use super::organization::Expected;
use super::{Command, Failure, Tx};
use crate::catalogue::Catalogue;
use crate::domain::ids::{Code, TeamId};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::head::ChangeKind;
use crate::store::teams::{self, TeamRow};
use crate::store::{memberships, row};

/// Levels of teams, and teams: every team's whole lineage is held in memory.
const MOST_LEVELS: usize = 16;
const MOST_TEAMS: usize = 10_000;

/// Adds a team.
pub struct AddTeam {
    /// Its code, fixed for life.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// The team above it.
    pub parent: Option<Code>,
}

/// Replaces a team's name and parent; the parent is fixed at first use (SEMANTICS S2).
pub struct ChangeTeam {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// The team above it.
    pub parent: Option<Code>,
    /// The revision the change was made on.
    pub expected: Expected,
}

fn parent_id(catalogue: &Catalogue, parent: Option<&Code>) -> Result<Option<String>, Failure> {
    let Some(code) = parent else { return Ok(None) };
    let team = catalogue.teams.by_code(code.as_str());
    let team = team.ok_or_else(|| Finding::new("/parent", ProblemCode::UnknownTeam).with("team", code))?;
    Ok(Some(team.id.into()))
}

/// Refuses `levels` more levels of teams below `parent` if they reach too deep.
fn check_levels(catalogue: &Catalogue, parent: Option<&Code>, levels: usize) -> Result<(), Failure> {
    let above = parent.and_then(|code| catalogue.teams.by_code(code.as_str())).map_or(0, |team| team.lineage.len());
    if above + levels > MOST_LEVELS {
        return Err(Finding::new("/parent", ProblemCode::TeamsTooDeep).with("limit", MOST_LEVELS).into());
    }
    Ok(())
}

impl Command for AddTeam {
    type Output = TeamRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<TeamRow, Failure> {
        let catalogue = tx.catalogue()?;
        if catalogue.teams.by_code(self.code.as_str()).is_some() {
            return Err(Finding::new("/code", ProblemCode::AlreadyExists).with("what", &self.code).into());
        }
        if catalogue.teams.all().count() >= MOST_TEAMS {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST_TEAMS).into());
        }
        let parent = parent_id(&catalogue, self.parent.as_ref())?;
        check_levels(&catalogue, self.parent.as_ref(), 1)?;
        let revision = tx.record(ChangeKind::Team, self.code.as_str())?;
        let id = TeamId::new(tx.now).into();
        let row = TeamRow { id, code: self.code.to_string(), name: self.name.clone(), parent, revision };
        teams::insert(tx.db, &row)?;
        Ok(row)
    }
}

impl Command for ChangeTeam {
    type Output = TeamRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<TeamRow, Failure> {
        let catalogue = tx.catalogue()?;
        let held = catalogue.teams.by_code(self.code.as_str()).ok_or(ProblemCode::NotFound)?;
        self.expected.check(held.row.revision)?;
        let parent = parent_id(&catalogue, self.parent.as_ref())?;
        if parent != held.row.parent {
            self.check_parent(tx, &catalogue)?;
        }
        if parent == held.row.parent && self.name == held.row.name {
            return Ok(held.row.clone());
        }
        let revision = tx.record(ChangeKind::Team, self.code.as_str())?;
        let row = TeamRow { name: self.name.clone(), parent, revision, ..held.row.clone() };
        teams::update(tx.db, &row)?;
        Ok(row)
    }
}

impl ChangeTeam {
    /// A new parent is taken only before anything rests on the old one, and never from below.
    fn check_parent(&self, tx: &mut Tx<'_>, catalogue: &Catalogue) -> Result<(), Failure> {
        let below = catalogue.teams.at_or_below(&self.code);
        if let Some(parent) = &self.parent
            && below.iter().any(|team| team.code == *parent)
        {
            return Err(Finding::new("/parent", ProblemCode::TeamCycle).into());
        }
        let own_level = below.iter().find(|team| team.code == self.code).map_or(0, |team| team.lineage.len());
        let lowest = below.iter().map(|team| team.lineage.len()).max().unwrap_or(0);
        check_levels(catalogue, self.parent.as_ref(), (lowest + 1).saturating_sub(own_level))?;
        let fixed = || Finding::new("/parent", ProblemCode::Fixed).with("field", "parent");
        for team in below {
            if memberships::team_is_used(tx.db, &team.row.id)? {
                return Err(fixed().into());
            }
        }
        let named = |entry: &crate::catalogue::VersionEntry| {
            entry.row.state == "activated"
                && entry.programme.as_ref().is_some_and(|programme| {
                    let audience = &programme.audience;
                    audience.teams.iter().chain(&audience.except).any(|code| *code == self.code)
                })
        };
        if catalogue.activated().flat_map(|entry| &entry.versions).any(named) {
            return Err(fixed().into());
        }
        Ok(())
    }
}

/// The id of a team by its code.
pub(super) fn team_id(catalogue: &Catalogue, code: &str, pointer: &str) -> Result<TeamId, Failure> {
    let team = catalogue.teams.by_code(code);
    let team = team.ok_or_else(|| Finding::new(pointer, ProblemCode::UnknownTeam).with("team", code))?;
    Ok(row::parsed(team.row.id.clone())?)
}
