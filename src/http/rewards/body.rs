//! What HR sends of a reward: checked field by field.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::EligibleField;
use crate::domain::decimal::Decimal4;
use crate::domain::language::Localised;
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::reward::{MOST_COST, MOST_PIECES, Reward, RewardKind};
use crate::domain::text;
use crate::http::fields::{Faults, MoneyField, Names, code, given, line};
use crate::writer::reward::{RewardChanges, StockChange};

/// The longest description, in characters.
const MOST_DESCRIPTION: usize = 2_000;
/// Characters of an address.
const MOST_IN_ADDRESS: usize = 1_000;

/// A new reward.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RewardIn {
    /// Fixed for life: 1 to 64 lower-case letters, digits, `-` and `_`.
    code: String,
    /// Its name.
    name: Names,
    /// What it is: at most 2000 characters.
    #[serde(default)]
    description: Option<Names>,
    /// `gift_card`, `bonus` (needs a value), `day_off` (needs `days_off`), `certificate`, `praise` or `other`.
    #[schema(value_type = String, pattern = "^(gift_card|bonus|day_off|certificate|praise|other)$")]
    kind: RewardKind,
    /// Points that one costs; 0 where it is only won.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    cost: i64,
    /// How many there are; null or left out if there is no end to it.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    stock: Option<i64>,
    /// What one is worth.
    #[serde(default)]
    value: Option<MoneyField>,
    /// Working days off that one is worth; with `day_off`, and only with it.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    days_off: Option<Decimal4>,
    /// The first local day of the organisation's zone on which it can be asked for.
    #[serde(default)]
    from: Option<NaiveDate>,
    /// The day after the last.
    #[serde(default)]
    until: Option<NaiveDate>,
    /// Who may ask for it; everybody where nothing is named.
    #[serde(default)]
    eligible: EligibleField,
    /// The address of a picture: `https://…`, or a path that begins with `/`.
    #[serde(default)]
    picture: Option<String>,
    /// HR is told when fewer are left.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    low_stock: Option<i64>,
    /// Whether it can be asked for.
    #[serde(default = "yes")]
    offered: bool,
}

/// What shall be different about a reward; what is left out stays, null removes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RewardPatch {
    /// Its name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Names>, nullable = false)]
    name: Option<Names>,
    /// What it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Names>)]
    description: Option<Option<Names>>,
    /// Its kind.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    kind: Option<RewardKind>,
    /// Points that one costs from now on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    cost: Option<i64>,
    /// How many are left now; null if there is no end to it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    stock: Option<Option<i64>>,
    /// How many come to what is left; below zero they go. Not together with `stock`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    add_stock: Option<i64>,
    /// What one is worth from now on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<MoneyField>)]
    value: Option<Option<MoneyField>>,
    /// Working days off.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    days_off: Option<Option<Decimal4>>,
    /// The first day on which it can be asked for.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>)]
    from: Option<Option<NaiveDate>>,
    /// The day after the last.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>)]
    until: Option<Option<NaiveDate>>,
    /// Who may ask for it; replaces what was named.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<EligibleField>, nullable = false)]
    eligible: Option<EligibleField>,
    /// The address of a picture.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    picture: Option<Option<String>>,
    /// HR is told when fewer are left.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    low_stock: Option<Option<i64>>,
    /// Whether it can be asked for.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>, nullable = false)]
    offered: Option<bool>,
}

const fn yes() -> bool {
    true
}

fn whole(pointer: &str, value: i64, most: i64) -> Result<i64, Finding> {
    let refused = || Finding::new(pointer, ProblemCode::ExpectedWhole).with("least", 0).with("most", most);
    if (0..=most).contains(&value) { Ok(value) } else { Err(refused()) }
}

/// A day of the years that have periods.
fn day(pointer: &str, day: NaiveDate) -> Result<NaiveDate, Finding> {
    let expected = "2026-11-03; 1970 – 8999";
    if (1970..9000).contains(&day.year()) {
        return Ok(day);
    }
    Err(Finding::new(pointer, ProblemCode::InvalidDate).with("expected", expected))
}

/// An address that a browser loads a picture from; no scheme that runs or embeds something.
fn picture(text: &str) -> Result<String, Finding> {
    let address = line("/picture", text, MOST_IN_ADDRESS)?;
    let on_this_server = address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
    if on_this_server || address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) {
        return Ok(address);
    }
    Err(Finding::new("/picture", ProblemCode::InvalidValue).with("expected", "https://…, /…"))
}

fn description(names: &Names, faults: &mut Faults) -> Option<Localised> {
    let mut text = |language: &str, text: &str| {
        let checked = text::message(text, MOST_DESCRIPTION);
        faults.check(checked.map_err(|unfit| unfit.finding(format!("/description/{language}"))))
    };
    let (en, de) = (text("en", &names.en), text("de", &names.de));
    Some(Localised { en: en?, de: de? })
}

impl RewardIn {
    /// The reward and its stock.
    pub(super) fn reward(self) -> Result<(Reward, Option<i64>), Problem> {
        let mut faults = Faults::default();
        let code = faults.check(code("/code", &self.code));
        let name = self.name.checked("/name", &mut faults);
        let description = match &self.description {
            Some(names) => description(names, &mut faults).map(Some),
            None => Some(None),
        };
        let cost = faults.check(whole("/cost", self.cost, MOST_COST));
        let value = faults.check_given(self.value, |value| value.checked("/value"));
        let from = faults.check_given(self.from, |from| day("/from", from));
        let until = faults.check_given(self.until, |until| day("/until", until));
        let picture = faults.check_given(self.picture.as_deref(), picture);
        let stock = faults.check_given(self.stock, |stock| whole("/stock", stock, MOST_PIECES));
        let reward = || {
            let reward = Reward {
                code: code?,
                name: name?,
                description: description?,
                kind: self.kind,
                cost: Points(cost?),
                value: value?,
                days_off: self.days_off.map(Decimal4::raw),
                from: from?,
                until: until?,
                eligible: self.eligible.into(),
                picture: picture?,
                low_stock: self.low_stock,
                offered: self.offered,
            };
            Some((reward, stock?))
        };
        faults.whole(reward())
    }
}

/// What was given of something that null removes, checked.
fn removable<T, U>(
    faults: &mut Faults,
    given: Option<Option<T>>,
    check: impl FnOnce(T) -> Result<U, Finding>,
) -> Option<Option<Option<U>>> {
    faults.check_given(given, |given| given.map(check).transpose())
}

impl RewardPatch {
    /// What is different.
    pub(super) fn changes(self) -> Result<RewardChanges, Problem> {
        let mut faults = Faults::default();
        let name = match &self.name {
            Some(name) => name.checked("/name", &mut faults).map(Some),
            None => Some(None),
        };
        let description = match &self.description {
            Some(Some(names)) => description(names, &mut faults).map(|text| Some(Some(text))),
            Some(None) => Some(Some(None)),
            None => Some(None),
        };
        let cost = faults.check_given(self.cost, |cost| whole("/cost", cost, MOST_COST));
        let value = removable(&mut faults, self.value, |value| value.checked("/value"));
        let from = removable(&mut faults, self.from, |from| day("/from", from));
        let until = removable(&mut faults, self.until, |until| day("/until", until));
        let picture = removable(&mut faults, self.picture, |text| picture(&text));
        let stock = faults.check(stock_change(self.stock, self.add_stock));
        let changes = || {
            Some(RewardChanges {
                name: name?,
                description: description?,
                kind: self.kind,
                cost: cost?.map(Points),
                value: value?,
                days_off: self.days_off.map(|days| days.map(Decimal4::raw)),
                from: from?,
                until: until?,
                eligible: self.eligible.map(Into::into),
                picture: picture?,
                low_stock: self.low_stock,
                offered: self.offered,
                stock: stock?,
            })
        };
        faults.whole(changes())
    }
}

fn stock_change(stock: Option<Option<i64>>, add: Option<i64>) -> Result<StockChange, Finding> {
    match (stock, add) {
        (None, None) => Ok(StockChange::Stays),
        (Some(None), None) => Ok(StockChange::Set(None)),
        (Some(Some(stock)), None) => Ok(StockChange::Set(Some(whole("/stock", stock, MOST_PIECES)?))),
        (None, Some(more)) => Ok(StockChange::Add(more)),
        (Some(_), Some(_)) => {
            Err(Finding::new("/add_stock", ProblemCode::AtMostOne).with("choices", "stock, add_stock"))
        }
    }
}
