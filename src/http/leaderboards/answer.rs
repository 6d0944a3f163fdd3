//! Boards and entries as they are sent.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use super::target::BoardTarget;
use crate::boards::BoardKey;
use crate::boards::directory::Directory;
use crate::boards::live::{LiveBoard, Place};
use crate::boards::numbers::Number;
use crate::boards::scores::Measured;
use crate::boards::tiers::tiered_version;
use crate::boards::view::{Row, View};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::TeamId;
use crate::domain::period::{Per, Period};
use crate::domain::points::Points;
use crate::domain::programme::{BoardSubject, Combine, Programme, Rank, Show};
use crate::domain::standing::tier_standing;
use crate::domain::visibility::Visibility;
use crate::http::page::{Cursor, Limit};

/// A page of a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardOut<'a> {
    /// What everybody sees of it.
    #[serde(flatten)]
    pub page: PageOut<'a>,
    /// The caller's own entry, seen by others or not; on boards of teams that of their home team. Null if they are not
    /// on the board.
    pub me: Option<EntryOut<'a>>,
}

/// What everybody sees of a page of a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageOut<'a> {
    /// Which board, when, in which state.
    #[serde(flatten)]
    pub head: HeadOut<'a>,
    /// A page of those listed, in order.
    pub items: Vec<EntryOut<'a>>,
    /// On the first page of boards of measures: those who have too few values to be ranked, at most 200, in an order that
    /// tells nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_enough_yet: Option<Vec<ApartOut<'a>>>,
    /// Give it as `after` for the next page of the same version; null on the last one.
    pub next: Option<Cursor>,
}

/// One entry of a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneEntryOut<'a> {
    /// Which board, when, in which state.
    #[serde(flatten)]
    pub head: HeadOut<'a>,
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryOut<'a>,
}

/// Which board, when, in which state.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadOut<'a> {
    /// Code of the programme.
    pub programme: &'a str,
    /// Code of the board.
    pub board: &'a str,
    /// The period.
    pub period: PeriodOut<'a>,
    /// The number of the last change that touched the board.
    pub version: i64,
    /// How many are listed.
    pub total: usize,
}

/// A period.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodOut<'a> {
    /// Its code, such as `2026-11` or `season:2026-Q4`.
    pub code: &'a str,
    /// Its first local day; null for all time.
    pub from: Option<NaiveDate>,
    /// The local day after its last; null for all time.
    pub until: Option<NaiveDate>,
    /// Whether it lies in a season that is closed, and will not change any more.
    pub closed: bool,
}

/// A line of a board.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryOut<'a> {
    /// 1 + the listed with a higher score: equal scores share a rank, and the next one is skipped. Null only in one's own
    /// entry, while there are too few values to be ranked.
    pub rank: Option<usize>,
    /// Who.
    pub subject: SubjectOut<'a>,
    /// The person's home team now; null without one, by an alias, and on boards of teams.
    pub team: Option<TeamOut<'a>>,
    /// Points or kudos; of means, with up to four decimals; of measures, with up to six: the bound or the mean that evidence
    /// supports. Null without a rank.
    #[schema(value_type = Option<f64>)]
    pub score: Option<Score>,
    /// On boards of measures: the value as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub value: Option<Millionths>,
    /// On boards of measures: where the value lies with a certainty of 95 %; none where that cannot be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<f64>>)]
    pub interval: Option<[Millionths; 2]>,
    /// On boards of measures: how many values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// Code of the tier that the score reaches; only on boards of persons over the season, and not below the lowest tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<&'a str>,
    /// By how many ranks it has risen since the last local midnight, below 0 if it fell. Only on boards of points of a month
    /// or longer, of persons or of teams' own points, while the season is open; null on the first day and for newcomers.
    pub change: Option<i64>,
    /// Only in one's own entry: how others see one here, `named`, `alias` or `hidden`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<&'static str>,
    /// Only in one's own entry: the alias that others see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// Somebody with too few values to be ranked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApartOut<'a> {
    /// Who.
    pub subject: SubjectOut<'a>,
    /// The person's home team now; null without one, by an alias, and on boards of teams.
    pub team: Option<TeamOut<'a>>,
    /// How many values there are.
    pub samples: u32,
    /// How many there must be.
    pub needed: u32,
}

/// A score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Score {
    /// Points or kudos.
    Whole(i64),
    /// Points or kudos per member.
    Mean(Decimal4),
    /// Of a measure.
    Measure(Millionths),
}

/// A number with six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Millionths(i64);

impl Serialize for Millionths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "scores of measures have fewer digits than a double")]
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

/// Who is ranked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SubjectOut<'a> {
    /// A person.
    Person {
        /// Their id.
        id: Uuid,
        /// Their name in tokens and addresses.
        user_name: &'a str,
        /// The name that others see.
        display_name: &'a str,
    },
    /// A team.
    Team {
        /// Its id.
        id: &'a str,
        /// Its code.
        code: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// Somebody who is not named: another alias on each board and in each period.
    Alias {
        /// The alias.
        alias: String,
    },
}

/// A person's home team.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct TeamOut<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// A state of a board, and what it is shown with.
pub struct Shown<'a> {
    board: &'a LiveBoard,
    directory: &'a Directory,
    view: View<'a>,
    tiers: Option<&'a Programme>,
}

impl<'a> Shown<'a> {
    /// A state of a board.
    pub fn new(
        (board, directory): (&'a LiveBoard, &'a Directory),
        view: View<'a>,
        target: &'a BoardTarget,
        key: &BoardKey,
    ) -> Self {
        let of_season =
            target.board.period == Per::Season && board.board().rank == Rank::Points && board.is_of_persons();
        let tiers = of_season.then(|| tiered_version(&target.entry, &key.period)).flatten();
        Self { board, directory, view, tiers: tiers.map(|programme| &**programme) }
    }

    /// The list.
    pub fn view(&self) -> &View<'a> {
        &self.view
    }

    /// A row as others see it; none for somebody whom they do not.
    pub fn entry(&self, row: Row) -> Option<EntryOut<'a>> {
        let (subject, team) = self.face(row.contender.number, self.board.seen(self.directory, row.contender.number))?;
        Some(self.line((Some(row.rank), Some(row.score)), row.contender.number, subject, team))
    }

    /// The entry of a subject in its own eyes.
    pub fn own(&self, number: Number) -> Option<EntryOut<'a>> {
        let subject = self.board.subject_of(self.directory, number)?;
        let (rank, score) = match self.view.score_of(number) {
            Some(score) => (Some(self.view.rank_with(score)), Some(score)),
            None => match self.board.place_of(self.directory, number) {
                Place::Ranked(score) => (Some(self.view.rank_with(score)), Some(score)),
                Place::Apart(_) => (None, None),
                Place::Off => return None,
            },
        };
        let (face, team) = self.face(number, Visibility::Named)?;
        let seen = self.board.seen(self.directory, number);
        let alias = (seen == Visibility::Alias).then(|| self.board.alias_of(subject));
        Some(EntryOut { seen: Some(seen.name()), alias, ..self.line((rank, score), number, face, team) })
    }

    /// The place that a subject has, or would have if it were listed.
    pub fn place(&self, number: Number) -> Option<i64> {
        self.view.score_of(number).or_else(|| match self.board.place_of(self.directory, number) {
            Place::Ranked(score) => Some(score),
            Place::Apart(_) | Place::Off => None,
        })
    }

    /// Whether others see a row: not hidden, and within what the board shows.
    pub fn is_seen(&self, row: &Row) -> bool {
        match self.board.board().show {
            Show::Named | Show::Alias => true,
            Show::Top(most) => u32::try_from(row.rank).is_ok_and(|rank| rank <= most),
            Show::Own => false,
        }
    }

    /// Those with too few values to be ranked, as others see them.
    pub fn apart(&self) -> Option<Vec<ApartOut<'a>>> {
        let Rank::Measure { min_samples, .. } = self.board.board().rank else { return None };
        let seen = matches!(self.board.board().show, Show::Named | Show::Alias);
        let those = self.board.apart().filter(|_| seen).take(Limit::MAX.into());
        let one = |(number, samples)| {
            let (subject, team) = self.face(number, self.board.seen(self.directory, number))?;
            Some(ApartOut { subject, team, samples, needed: min_samples })
        };
        Some(those.filter_map(one).collect())
    }

    fn line(
        &self,
        (rank, score): (Option<usize>, Option<i64>),
        number: Number,
        subject: SubjectOut<'a>,
        team: Option<TeamOut<'a>>,
    ) -> EntryOut<'a> {
        let measured = self.board.measured(number, self.view.version());
        let of_measure = matches!(self.board.board().rank, Rank::Measure { .. });
        let reached =
            self.tiers.zip(score).and_then(|(version, score)| tier_standing(&version.tiers, Points(score)).reached);
        EntryOut {
            rank,
            subject,
            team,
            score: score.map(|key| self.score(key, measured)),
            value: measured.filter(|measured| measured.samples > 0).map(|measured| Millionths(measured.value)),
            interval: measured
                .and_then(|measured| measured.interval)
                .map(|(low, high)| [Millionths(low), Millionths(high)]),
            samples: of_measure.then(|| measured.map_or(0, |measured| measured.samples)),
            tier: reached.map(|tier| tier.code.as_str()),
            change: rank.and_then(|rank| self.board.risen(number, rank)),
            seen: None,
            alias: None,
        }
    }

    fn score(&self, key: i64, measured: Option<Measured>) -> Score {
        match (&self.board.board().rank, self.board.board().subject) {
            (Rank::Measure { .. }, _) => Score::Measure(Millionths(measured.map_or(key, |measured| measured.score))),
            (_, BoardSubject::Team(Combine::MeanPerMember)) => Score::Mean(Decimal4::from_raw(key)),
            (_, BoardSubject::Team(Combine::Own | Combine::Sum) | BoardSubject::Person) => Score::Whole(key),
        }
    }

    fn face(&self, number: Number, seen: Visibility) -> Option<(SubjectOut<'a>, Option<TeamOut<'a>>)> {
        let subject = self.board.subject_of(self.directory, number)?;
        match seen {
            Visibility::Hidden => None,
            Visibility::Alias => Some((SubjectOut::Alias { alias: self.board.alias_of(subject) }, None)),
            Visibility::Named if self.board.is_of_persons() => self.person(number),
            Visibility::Named => Some((self.team(subject)?, None)),
        }
    }

    fn person(&self, number: Number) -> Option<(SubjectOut<'a>, Option<TeamOut<'a>>)> {
        let face = self.directory.face(number)?;
        let home = self.directory.teams().id(face.home).and_then(|id| self.board.catalogue().teams.get(TeamId(id)));
        let home = home.map(|team| TeamOut { code: &team.row.code, name: &team.row.name });
        let (user_name, display_name) = (face.user_name, face.display_name);
        Some((SubjectOut::Person { id: face.id, user_name, display_name }, home))
    }

    fn team(&self, id: Uuid) -> Option<SubjectOut<'a>> {
        let row = &self.board.catalogue().teams.get(TeamId(id))?.row;
        Some(SubjectOut::Team { id: &row.id, code: &row.code, name: &row.name })
    }
}

/// What stands above a board's entries.
pub fn head<'a>(
    key: &'a BoardKey,
    target: &BoardTarget,
    board: &LiveBoard,
    (version, total): (i64, usize),
) -> HeadOut<'a> {
    HeadOut {
        programme: key.programme.as_str(),
        board: key.board.as_str(),
        period: PeriodOut::of(&key.period, target, board.is_closed()),
        version,
        total,
    }
}

impl<'a> PeriodOut<'a> {
    /// A period of a board, and whether it lies in a season that is closed.
    pub fn of(period: &'a Period, target: &BoardTarget, closed: bool) -> Self {
        let ends = target.board.period != Per::All;
        let [from, until] = [period.first_day, period.until_day].map(|day| ends.then_some(day));
        Self { code: &period.code, from, until, closed }
    }
}
