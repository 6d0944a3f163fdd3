//! Programmes as they are shown: to those they are for, and, with every version, to HR and auditors.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::boards::tiers::tiered_version;
use crate::catalogue::ProgrammeEntry;
use crate::domain::language::{Language, Localised};
use crate::domain::period::{Per, Period};
use crate::domain::problem::Finding;
use crate::domain::programme::{Badge, Board, BoardSubject, Boost, Combine, Programme, Rule, Speaker, Tier, sentence};
use crate::domain::time::Instant;
use crate::engine::timeline::InForce;
use crate::http::problem::PlaceBody;
use crate::store::programmes::VersionRow;
use crate::store::row;
use crate::writer::programme::Drafted;

/// A text in every language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In German.
    pub de: String,
}

impl From<&Localised> for Words {
    fn from(text: &Localised) -> Self {
        Self { en: text.en.clone(), de: text.de.clone() }
    }
}

/// A rule in one sentence.
pub fn sentence_of(rule: &Rule) -> Words {
    Words { en: sentence(rule, Language::En), de: sentence(rule, Language::De) }
}

/// A boost in one sentence.
pub fn boost_sentence(boost: &Boost) -> Words {
    Words { en: Speaker::new(Language::En).boost(boost), de: Speaker::new(Language::De).boost(boost) }
}

/// A programme in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeLine {
    /// Its code.
    pub code: String,
    /// `draft`, `scheduled`, `active`, `ended`, `archived` (and all its seasons closed) or `withdrawn`.
    pub state: &'static str,
    /// Its name; null if none of its drafts can be read any more.
    pub name: Option<Words>,
}

impl ProgrammeLine {
    /// What `entry` is at `now`.
    pub fn new(entry: &ProgrammeEntry, now: Instant) -> Self {
        let name = named(entry).map(|programme| (&programme.name).into());
        Self { code: entry.code.to_string(), state: entry.overall_state(now), name }
    }
}

/// A programme.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeOut {
    /// Its code.
    pub code: String,
    /// `draft`, `scheduled`, `active`, `ended`, `archived` (and all its seasons closed) or `withdrawn`.
    pub state: &'static str,
    /// Its name; null if none of its drafts can be read any more.
    pub name: Option<Words>,
    /// What it is about.
    pub description: Option<Words>,
    /// Where its days start and end; an IANA name.
    pub time_zone: Option<String>,
    /// The season of today; null between custom seasons.
    pub season: Option<SeasonNow>,
    /// The last day on which it rewards anything; null while nobody ended it.
    pub last_day: Option<NaiveDate>,
    /// What holds today; before the first day what will, after the last what did; null of a draft.
    pub version: Option<VersionShown>,
    /// Every version, for those who may read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<VersionOut>>,
}

impl ProgrammeOut {
    /// What `entry` says to those it is for at `now`.
    pub fn new(entry: &ProgrammeEntry, now: Instant) -> Self {
        let programme = named(entry);
        let season = programme.and_then(|programme| programme.calendar.season_at(now));
        let shown = entry.current(now).zip(entry.newest());
        Self {
            code: entry.code.to_string(),
            state: entry.overall_state(now),
            name: programme.map(|programme| (&programme.name).into()),
            description: programme.and_then(|programme| programme.description.as_ref()).map(Into::into),
            time_zone: programme.map(|programme| programme.calendar.zone.name().to_owned()),
            season: season.as_ref().map(SeasonNow::new),
            last_day: entry.timeline.last_day,
            version: shown.map(|(current, newest)| VersionShown::new(entry, current, newest, now)),
            versions: None,
        }
    }
}

/// The version whose names a programme bears: the newest that was activated, of drafts the newest.
fn named(entry: &ProgrammeEntry) -> Option<&Programme> {
    let drafts = entry.versions.iter().rev().find_map(|version| version.programme.as_deref());
    entry.newest().map(AsRef::as_ref).or(drafts)
}

/// A season.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeasonNow {
    /// Its code.
    pub code: String,
    /// Its first day.
    pub from: NaiveDate,
    /// The day after its last.
    pub until: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
}

impl SeasonNow {
    fn new(season: &Period) -> Self {
        let last_day = season.until_day.pred_opt().unwrap_or(season.until_day);
        Self { code: season.code.clone(), from: season.first_day, until: season.until_day, last_day }
    }
}

/// What a version says to those it is for. Names, pictures and boards are those of the newest version (SEMANTICS S29).
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionShown {
    /// Its number.
    pub version: u32,
    /// The first day on which it is in force.
    pub effective_from: NaiveDate,
    /// What is rewarded.
    pub rules: Vec<RuleShown>,
    /// Badges that can be earned.
    pub badges: Vec<BadgeShown>,
    /// The season's tiers, ascending.
    pub tiers: Vec<TierShown>,
    /// Leaderboards.
    pub boards: Vec<BoardShown>,
}

impl VersionShown {
    fn new(entry: &ProgrammeEntry, current: &InForce, newest: &Programme, now: Instant) -> Self {
        let day = newest.calendar.zone.local(now).0.max(current.effective_from);
        let season = newest.calendar.season_of(day);
        let tiered = season.and_then(|season| tiered_version(entry, &season));
        let programme = &current.programme;
        let rule =
            |rule| RuleShown::new(rule, newest.rules.iter().find(|other| other.code == rule.code).unwrap_or(rule));
        let badge = |badge: &Badge| {
            BadgeShown::new(newest.badges.iter().find(|other| other.code == badge.code).unwrap_or(badge))
        };
        let tier = |tier: &Tier| {
            TierShown::new(tier, newest.tiers.iter().find(|other| other.code == tier.code).unwrap_or(tier))
        };
        Self {
            version: current.version,
            effective_from: current.effective_from,
            rules: programme.rules.iter().map(rule).collect(),
            badges: programme.badges.iter().map(badge).collect(),
            tiers: tiered.map_or_else(Vec::new, |version| version.tiers.iter().map(tier).collect()),
            boards: newest.boards.iter().map(BoardShown::new).collect(),
        }
    }
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleShown {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// What it is about.
    pub description: Option<Words>,
    /// What it does.
    pub sentence: Words,
}

impl RuleShown {
    fn new(rule: &Rule, named: &Rule) -> Self {
        Self {
            code: rule.code.to_string(),
            name: (&named.name).into(),
            description: named.description.as_ref().map(Into::into),
            sentence: sentence_of(rule),
        }
    }
}

/// A badge.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadgeShown {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// What it stands for.
    pub description: Option<Words>,
    /// The address of its picture.
    pub image: Option<String>,
}

impl BadgeShown {
    fn new(badge: &Badge) -> Self {
        Self {
            code: badge.code.to_string(),
            name: (&badge.name).into(),
            description: badge.description.as_ref().map(Into::into),
            image: badge.image.clone(),
        }
    }
}

/// A tier.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierShown {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// From how many points on.
    pub at: i64,
    /// The badge that comes with it when the season is closed.
    pub badge: Option<String>,
}

impl TierShown {
    fn new(tier: &Tier, named: &Tier) -> Self {
        Self {
            code: tier.code.to_string(),
            name: (&named.name).into(),
            at: tier.at.0,
            badge: tier.badge.as_ref().map(ToString::to_string),
        }
    }
}

/// A leaderboard, as the document has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardShown {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// `person` or `team`.
    pub subject: &'static str,
    /// How a team's points come about: `own`, `sum` or `mean_per_member`.
    pub combine: Option<&'static str>,
    /// `day`, `week`, `month`, `quarter`, `half_year`, `year`, `season`, `all` or `{"days": 30}`.
    #[schema(value_type = Object)]
    pub period: Value,
}

impl BoardShown {
    fn new(board: &Board) -> Self {
        let (subject, combine) = match board.subject {
            BoardSubject::Person => ("person", None),
            BoardSubject::Team(Combine::Own) => ("team", Some("own")),
            BoardSubject::Team(Combine::Sum) => ("team", Some("sum")),
            BoardSubject::Team(Combine::MeanPerMember) => ("team", Some("mean_per_member")),
        };
        let period = match board.period {
            Per::Day => json!("day"),
            Per::Week => json!("week"),
            Per::Month => json!("month"),
            Per::Quarter => json!("quarter"),
            Per::HalfYear => json!("half_year"),
            Per::Year => json!("year"),
            Per::Season => json!("season"),
            Per::All => json!("all"),
            Per::Days(days) => json!({ "days": days }),
        };
        Self { code: board.code.to_string(), name: (&board.name).into(), subject, combine, period }
    }
}

/// A version of a programme's document.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionOut {
    /// Its number.
    pub version: i32,
    /// `draft`, `scheduled`, `active`, `superseded`, `ended` or `withdrawn`.
    pub state: &'static str,
    /// The first day on which it is in force.
    pub effective_from: Option<NaiveDate>,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// Who drafted it: a person's id, or `operator`.
    pub created_by: String,
    /// Who replaced the draft last: a person's id, or `operator`; null if nobody did.
    pub changed_by: Option<String>,
    /// When it was activated.
    pub activated_at: Option<DateTime<Utc>>,
    /// Who activated it: a person's id, or `operator`.
    pub activated_by: Option<String>,
    /// The document; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
    /// What its activation for the past changed, as its dry run told; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub difference: Option<Value>,
}

impl VersionOut {
    /// The version without its document, at `now`.
    pub fn new(entry: &ProgrammeEntry, version: &VersionRow, now: Instant) -> Self {
        Self {
            version: version.version,
            state: entry.state(version, now),
            effective_from: version.effective_from,
            created_at: row::instant(version.created_at),
            created_by: version.created_by.clone(),
            changed_by: version.changed_by.clone(),
            activated_at: version.activated_at.map(row::instant),
            activated_by: version.activated_by.clone(),
            document: None,
            difference: None,
        }
    }
}

/// A draft as it was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftedOut {
    /// The programme.
    pub code: String,
    /// `draft`.
    pub state: &'static str,
    /// The version's number.
    pub version: u32,
    /// What is taken, but may be a slip; in the reader's language.
    pub warnings: Vec<PlaceBody>,
}

impl DraftedOut {
    /// The draft, with the names in it that no recent evidence bore.
    pub fn new(drafted: &Drafted, unseen: &[Finding], language: Language) -> Self {
        let warnings = drafted.warnings.iter().chain(unseen).map(|finding| PlaceBody::new(finding, language));
        Self { code: drafted.programme.clone(), state: "draft", version: drafted.version, warnings: warnings.collect() }
    }
}
