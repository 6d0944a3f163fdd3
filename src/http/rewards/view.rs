//! Rewards as somebody sees them: what is offered, and what keeps them from asking for it.

use chrono::NaiveDate;
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::caller::Caller;
use crate::access::policy::{Action, permits};
use crate::catalogue::Catalogue;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::language::Language;
use crate::domain::reward::{Asker, Eligible, Hindrance, Reward, RewardKind, TierRef};
use crate::domain::time::Instant;
use crate::http::fields::{MoneyField, Names};
use crate::store::db::Db;
use crate::store::rewards::RewardRow;
use crate::writer::Failure;
use crate::writer::redemption::asker;

/// A reward.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RewardOut {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// What it is.
    pub description: Option<Names>,
    /// `gift_card`, `bonus`, `day_off`, `certificate`, `praise` or `other`.
    #[schema(value_type = String)]
    pub kind: RewardKind,
    /// Points that one costs; 0 where it is only won.
    pub cost: i64,
    /// How many are left; null if there is no end to it.
    pub stock: Option<i64>,
    /// What one is worth.
    pub value: Option<MoneyField>,
    /// Working days off that one is worth.
    #[schema(value_type = Option<f64>)]
    pub days_off: Option<Decimal4>,
    /// The first local day on which it can be asked for.
    pub from: Option<NaiveDate>,
    /// The day after the last.
    pub until: Option<NaiveDate>,
    /// The last day.
    pub last_day: Option<NaiveDate>,
    /// Who may ask for it.
    pub eligible: EligibleField,
    /// The address of a picture.
    pub picture: Option<String>,
    /// Whether it can be asked for.
    pub offered: bool,
    /// HR is told when fewer are left. Shown to HR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_stock: Option<Option<i64>>,
    /// Whether fewer are left than that. Shown to HR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<bool>,
    /// How it is with you.
    pub for_you: ForYouOut,
}

/// Whether the caller could ask for a reward now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ForYouOut {
    /// Whether nothing keeps you from asking for it.
    pub can_request: bool,
    /// Whether it is for your programmes, teams and tiers.
    pub eligible: bool,
    /// Whether your points reach for it.
    pub affordable: bool,
    /// What keeps you from it.
    pub hindrances: Vec<HindranceOut>,
}

/// What keeps somebody from a reward.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HindranceOut {
    /// The code of the problem that asking for it would answer.
    pub code: &'static str,
    /// In words.
    pub detail: Names,
}

/// Who may ask for a reward: whoever meets each of what is named, and of each one of several.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EligibleField {
    /// Whoever belongs to the audience of one of these programmes.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub programmes: Vec<Code>,
    /// Whoever is at home in one of these teams, or below it.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub teams: Vec<Code>,
    /// Whoever has reached one of these tiers, or one above it, in the current season.
    #[serde(default)]
    pub tiers: Vec<TierField>,
}

/// A tier of a programme.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierField {
    /// Code of the programme.
    #[schema(value_type = String)]
    pub programme: Code,
    /// Code of the tier.
    #[schema(value_type = String)]
    pub tier: Code,
}

impl From<EligibleField> for Eligible {
    fn from(field: EligibleField) -> Self {
        let tier = |TierField { programme, tier }| TierRef { programme, tier };
        let tiers = field.tiers.into_iter().map(tier).collect();
        Self { programmes: field.programmes, teams: field.teams, tiers }
    }
}

impl From<Eligible> for EligibleField {
    fn from(eligible: Eligible) -> Self {
        let tier = |TierRef { programme, tier }| TierField { programme, tier };
        let tiers = eligible.tiers.into_iter().map(tier).collect();
        Self { programmes: eligible.programmes, teams: eligible.teams, tiers }
    }
}

/// The catalogue around one caller.
pub(in crate::http) struct Shelf {
    asker: Asker,
    today: NaiveDate,
    /// Whether the caller sees all of it.
    pub(in crate::http) whole: bool,
}

impl Shelf {
    /// Loads how the caller stands.
    pub(in crate::http) fn load(
        db: &mut Db,
        catalogue: &Catalogue,
        caller: &Caller,
        now: Instant,
    ) -> Result<Self, Failure> {
        let asker = asker(db, catalogue, caller.person, now)?;
        let (today, _) = catalogue.zone.local(now);
        Ok(Self { asker, today, whole: permits(Action::ReadWholeRewards, caller, &[]) })
    }

    /// A reward as the caller sees it.
    pub(in crate::http) fn show(&self, row: &RewardRow) -> QueryResult<RewardOut> {
        let reward = row.reward()?;
        Ok(RewardOut {
            for_you: self.for_you(&reward, row.stock),
            low_stock: self.whole.then_some(reward.low_stock),
            low: self.whole.then(|| reward.is_low(row.stock)),
            code: reward.code.to_string(),
            name: reward.name.into(),
            description: reward.description.map(Into::into),
            kind: reward.kind,
            cost: reward.cost.0,
            stock: row.stock,
            value: reward.value.map(Into::into),
            days_off: reward.days_off.map(Decimal4::from_raw),
            from: reward.from,
            until: reward.until,
            last_day: reward.until.and_then(|until| until.pred_opt()),
            eligible: reward.eligible.into(),
            picture: reward.picture,
            offered: reward.offered,
        })
    }

    fn for_you(&self, reward: &Reward, stock: Option<i64>) -> ForYouOut {
        let hindrances = reward.hindrances(&self.asker, self.today, stock);
        ForYouOut {
            can_request: hindrances.is_empty(),
            eligible: !hindrances.iter().any(|hindrance| hindrance.is_of_person()),
            affordable: !hindrances.iter().any(|hindrance| matches!(hindrance, Hindrance::TooExpensive(_))),
            hindrances: hindrances.into_iter().map(|hindrance| told(hindrance, &reward.code)).collect(),
        }
    }
}

fn told(hindrance: Hindrance, reward: &Code) -> HindranceOut {
    let problem = hindrance.problem(reward);
    let detail = Names { en: problem.detail(Language::En), de: problem.detail(Language::De) };
    HindranceOut { code: problem.code.name(), detail }
}
