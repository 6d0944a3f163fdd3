//! What decides who is listed on a board: its programme, its period, and the moment that counts.

use std::sync::Arc;

use chrono::TimeDelta;

use super::BoardKey;
use super::directory::{Directory, NO_TEAM, roles_mask};
use super::numbers::Number;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::{Code, TeamId};
use crate::domain::period::Period;
use crate::domain::programme::{Board, BoardSubject, Combine, Programme, Rank, Show};
use crate::domain::time::{Instant, Window};
use crate::domain::visibility::{UnnamedIn, Visibility, open_views};
use crate::store::boards::Counted;

/// What decides who is listed.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// Which board.
    pub(super) key: BoardKey,
    /// The newest version of its programme.
    pub(super) programme: Arc<Programme>,
    /// The board in it.
    pub(super) board: Board,
    /// Settings, measures and teams.
    pub(super) catalogue: Arc<Catalogue>,
    /// The moment whose audience and homes count.
    pub(super) now: Instant,
    /// How its period lies to seasons that closed.
    pub(super) course: Course,
}

/// How a board's period lies to the seasons that closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Course {
    /// In a season that is open: it follows the evidence.
    Open,
    /// In a season that is closed: it shows what was published.
    Closed {
        /// The season's code.
        season: String,
    },
    /// Across seasons: it adds what closed ones published to the open one.
    Across,
}

impl Course {
    /// Of some days, which may be no period of the calendar.
    pub(super) fn of(entry: &ProgrammeEntry, period: &Period) -> Self {
        let Some(calendar) = entry.newest().map(|newest| &newest.calendar) else { return Self::Open };
        match calendar.season_of(period.first_day) {
            Some(season) if season.until_day < period.until_day => Self::Across,
            Some(season) if entry.is_closed(&season.code) => Self::Closed { season: season.code },
            Some(_) => Self::Open,
            None => Self::Across,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// The moment whose audience and homes count: now, of what is closed its end (SEMANTICS S43).
    fn moment(&self, period: &Period, now: Instant) -> Instant {
        if self.is_closed() { period.until - TimeDelta::microseconds(1) } else { now }
    }
}

impl Scope {
    /// Of a board's period, or any other days.
    pub(super) fn new(
        catalogue: Arc<Catalogue>,
        entry: &ProgrammeEntry,
        (key, board): (&BoardKey, &Board),
        now: Instant,
    ) -> Option<Self> {
        let (course, programme) = (Course::of(entry, &key.period), entry.newest()?.clone());
        let now = course.moment(&key.period, now);
        Some(Self { key: key.clone(), programme, board: board.clone(), catalogue, now, course })
    }

    /// The same as of another course.
    pub(super) fn of_course(self, course: Course) -> Self {
        Self { now: course.moment(&self.key.period, self.now), course, ..self }
    }

    /// The awards that count.
    pub(super) fn counted(&self) -> Counted<'_> {
        let period = &self.key.period;
        Counted { programme: self.key.programme.as_str(), from: period.from, until: period.until }
    }

    /// Whether it ranks teams by points of their own, which no member has.
    pub(super) fn is_own(&self) -> bool {
        self.board.rank == Rank::Points && self.board.subject == BoardSubject::Team(Combine::Own)
    }

    /// When what counts happened.
    pub(super) fn window(&self) -> Window {
        Window { from: self.key.period.from, until: self.key.period.until }
    }

    /// Whether a home team, with those above it, lies in the team that the board is narrowed to, if it is.
    pub(super) fn is_within(&self, lineage: &[Code]) -> bool {
        self.key.team.as_ref().is_none_or(|team| lineage.contains(team))
    }
}

/// Who takes part in a programme now, and how they are seen: answered from the directory without a look at a document.
#[derive(Debug)]
pub(super) struct Admission {
    programme: Code,
    /// By team's number: whether members are in the audience, and whether they are at home where the board is narrowed to.
    teams: Vec<(bool, bool)>,
    /// The same for those without a team.
    without_team: (bool, bool),
    roles: u8,
    default: Visibility,
    smallest_group: u32,
    show: Show,
    /// Whether aliases are shown.
    open: bool,
    /// Whether the board is narrowed to a team in which too few take part.
    too_small: bool,
}

impl Admission {
    /// As of a scope; the directory must know the catalogue's teams that somebody is at home in.
    pub(super) fn new(scope: &Scope, directory: &Directory) -> Self {
        let audience = &scope.programme.audience;
        let of = |lineage: &[Code]| (audience.fits(lineage, |_| true), scope.is_within(lineage));
        let numbers = 0..Number::try_from(directory.teams().count()).unwrap_or(0);
        let team = |number: Number| {
            let team = directory.teams().id(number).and_then(|id| scope.catalogue.teams.get(TeamId(id)));
            team.map_or((false, false), |team| of(&team.lineage))
        };
        let privacy = scope.catalogue.organization.privacy;
        let mut admission = Self {
            programme: scope.key.programme.clone(),
            teams: numbers.map(team).collect(),
            without_team: of(&[]),
            roles: roles_mask(&audience.roles),
            default: privacy.default_visibility,
            smallest_group: privacy.smallest_group,
            show: scope.board.show,
            open: false,
            too_small: false,
        };
        admission.too_small = scope.key.team.is_some() && admission.is_too_small(directory);
        admission.open = admission.may_show_aliases(scope, directory);
        admission
    }

    /// Whether aliases are shown in this view.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether the board is narrowed to a team in which fewer than the smallest group take part.
    pub(super) fn too_small(&self) -> bool {
        self.too_small
    }

    fn is_too_small(&self, directory: &Directory) -> bool {
        let takes_part = |person: &Number| {
            directory.is_active(*person) && self.is_within(directory, *person) && self.includes(directory, *person)
        };
        let count = directory.numbers().filter(takes_part).count();
        count > 0 && count < usize::try_from(self.smallest_group).unwrap_or(usize::MAX)
    }

    fn of_team(&self, home: Number) -> (bool, bool) {
        if home == NO_TEAM {
            return self.without_team;
        }
        usize::try_from(home).ok().and_then(|at| self.teams.get(at)).copied().unwrap_or((false, false))
    }

    /// Whether somebody is in the audience now.
    pub(super) fn includes(&self, directory: &Directory, person: Number) -> bool {
        self.of_team(directory.home(person)).0 && directory.has_any(person, self.roles)
    }

    /// Whether somebody is at home now where the board is narrowed to.
    pub(super) fn is_within(&self, directory: &Directory, person: Number) -> bool {
        self.of_team(directory.home(person)).1
    }

    /// How somebody is seen on this board: by their choice, as far as board and view go.
    pub(super) fn seen(&self, directory: &Directory, person: Number) -> Visibility {
        let chosen = directory.choice(&self.programme, person).unwrap_or(self.default);
        let seen = if self.show == Show::Alias { chosen.min(Visibility::Alias) } else { chosen };
        if seen == Visibility::Alias && !self.open { Visibility::Hidden } else { seen }
    }

    /// Whether this view may show aliases without giving somebody away.
    fn may_show_aliases(&self, scope: &Scope, directory: &Directory) -> bool {
        let all_named = self.show != Show::Alias && self.default == Visibility::Named;
        if all_named && !directory.has_choices(&self.programme) {
            return true;
        }
        let mut unnamed: Vec<usize> = vec![0; self.teams.len()];
        let mut without_team = 0;
        for person in directory.numbers() {
            let by_name = self.show != Show::Alias
                && directory.choice(&self.programme, person).unwrap_or(self.default) == Visibility::Named;
            if by_name || !directory.is_active(person) || !self.includes(directory, person) {
                continue;
            }
            match usize::try_from(directory.home(person)).ok().and_then(|home| unnamed.get_mut(home)) {
                Some(count) => *count += 1,
                None => without_team += 1,
            }
        }
        let number = |team: TeamId| directory.teams().of(team.0).and_then(|number| usize::try_from(number).ok());
        let teams: Vec<UnnamedIn<TeamId>> = scope
            .catalogue
            .teams
            .all()
            .map(|team| UnnamedIn {
                team: team.id,
                parent: team
                    .lineage
                    .get(1)
                    .and_then(|code| scope.catalogue.teams.by_code(code.as_str()))
                    .map(|above| above.id),
                unnamed: number(team.id).and_then(|number| unnamed.get(number)).copied().unwrap_or(0),
            })
            .collect();
        let views = open_views(&teams, without_team, self.smallest_group);
        let view = scope.key.team.as_ref().and_then(|code| scope.catalogue.teams.by_code(code.as_str()));
        views.may_show_aliases(view.map(|team| team.id))
    }
}
