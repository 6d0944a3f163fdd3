//! Programmes, people and signals in few words.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta};
use uuid::Uuid;

use crate::domain::award::Award;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{Code, PersonId, SignalId};
use crate::domain::language::Localised;
use crate::domain::people::PersonFacts;
use crate::domain::period::{Calendar, Per, Period, SeasonKind, YearStart, Zone};
use crate::domain::points::Points;
use crate::domain::programme::{
    Audience, AwardTerms, Comparison, Condition, Limit, LimitMost, LimitPer, Operator, Pattern, PointsFormula,
    Programme, Rule,
};
use crate::domain::signal::{AttributeValue, Content, Evidence};
use crate::domain::time::Instant;
use crate::engine::fold::{Basis, FoldError, awards};
use crate::engine::timeline::{InForce, Timeline};

pub const PERSON: PersonId = PersonId(Uuid::from_u128(7));

pub fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub fn number(text: &str) -> Decimal4 {
    Decimal4::parse(text).unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn instant(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().into()
}

pub fn name() -> Localised {
    Localised { en: "Name".into(), de: "Name".into() }
}

pub fn berlin(seasons: SeasonKind) -> Calendar {
    Calendar { zone: Zone::new("Europe/Berlin").unwrap(), seasons, year_starts: YearStart { month: 1, day: 1 } }
}

pub fn programme(calendar: Calendar, audience: Audience, rules: Vec<Rule>) -> Programme {
    Programme {
        code: code("p"),
        name: name(),
        description: None,
        calendar,
        grace_days: 5,
        working_days: [true; 7],
        audience,
        rules,
        boosts: vec![],
        badges: vec![],
        tiers: vec![],
        boards: vec![],
        contests: vec![],
    }
}

pub fn in_force(version: u32, effective_from: &str, programme: Programme) -> InForce {
    InForce { version, effective_from: day(effective_from), programme: Arc::new(programme) }
}

/// A person in no team, with no role.
pub fn nobody() -> PersonFacts {
    PersonFacts::of(PERSON)
}

/// A rule over every `survey`, worth `points`.
pub fn rule(code_text: &str, points: i64) -> Rule {
    Rule {
        code: code(code_text),
        name: name(),
        description: None,
        on: vec!["survey".into()],
        when: None,
        pattern: Pattern::Each,
        award: AwardTerms { points: Some(PointsFormula::Fixed(Points(points))), badge: None },
        limits: vec![],
        cooldown: None,
        guard: None,
    }
}

impl Rule {
    pub(super) fn worth(mut self, formula: PointsFormula) -> Self {
        self.award.points = Some(formula);
        self
    }

    pub(super) fn badge(mut self, text: &str) -> Self {
        self.award.badge = Some(code(text));
        self
    }

    pub(super) fn when(mut self, condition: Condition) -> Self {
        self.when = Some(condition);
        self
    }

    pub(super) fn times(self, per: LimitPer, most: u32) -> Self {
        self.limited(per, LimitMost::Times(most))
    }

    pub(super) fn points(self, per: LimitPer, most: i64) -> Self {
        self.limited(per, LimitMost::Points(Points(most)))
    }

    fn limited(mut self, per: LimitPer, most: LimitMost) -> Self {
        self.limits.push(Limit { per, most });
        self
    }

    pub(super) fn cooldown(mut self, length: TimeDelta) -> Self {
        self.cooldown = Some(length);
        self
    }
}

pub fn per(per: Per) -> LimitPer {
    LimitPer::Period(per)
}

pub fn at_least(measure: &str, operand: &str) -> Condition {
    Condition::Measure(measure.into(), vec![Comparison { operator: Operator::AtLeast, operand: number(operand) }])
}

/// The `n`-th survey of the person.
pub fn survey(n: u128, at: &str) -> Evidence {
    Evidence {
        id: SignalId(Uuid::from_u128(n)),
        source: "s".into(),
        key: n.to_string(),
        content: Content {
            kind: "survey".into(),
            agent: PERSON,
            occurred_at: instant(at),
            channel: None,
            case: None,
            measures: [].into(),
            attributes: [].into(),
        },
    }
}

impl Evidence {
    pub(super) fn measure(mut self, name: &str, value: &str) -> Self {
        self.content.measures.insert(name.into(), number(value));
        self
    }

    pub(super) fn attribute(mut self, name: &str, value: &str) -> Self {
        self.content.attributes.insert(name.into(), AttributeValue::Text(value.into()));
        self
    }

    pub(super) fn case(mut self, case: &str) -> Self {
        self.content.case = Some(case.into());
        self
    }
}

/// One version, from the beginning, in Berlin, by quarters.
pub fn always(rules: Vec<Rule>) -> Timeline {
    Timeline {
        versions: vec![in_force(1, "2020-01-01", programme(berlin(SeasonKind::Quarter), Audience::default(), rules))],
        last_day: None,
    }
}

/// What a timeline awards the person for signals in the season that holds the first of them.
pub fn earned(timeline: &Timeline, signals: &[Evidence]) -> Vec<Award> {
    let calendar = &timeline.versions[0].programme.calendar;
    let season: Period = calendar.season_at(signals[0].content.occurred_at).unwrap();
    folded(timeline, &season, &nobody(), signals).unwrap()
}

/// The awards of a season whose goals are all decided, by instant and key.
pub fn folded(
    timeline: &Timeline,
    season: &Period,
    facts: &PersonFacts,
    signals: &[Evidence],
) -> Result<Vec<Award>, FoldError> {
    let basis = Basis { timeline, season, facts, as_of: Instant::MAX_UTC };
    let mut awards = awards(basis, signals)?.awards;
    awards.sort_by(|one, other| (one.content.at, &one.key).cmp(&(other.content.at, &other.key)));
    Ok(awards)
}

/// The same as pairs of signal number and points.
pub fn points(timeline: &Timeline, signals: &[Evidence]) -> Vec<(u128, i64)> {
    earned(timeline, signals).iter().map(|award| (signal_of(award), award.content.points.0)).collect()
}

/// The number of the signal that an award rests on.
pub fn signal_of(award: &Award) -> u128 {
    match award.key.cause {
        crate::domain::award::Cause::Signal(id) => id.0.as_u128(),
        other => panic!("{other} is no signal"),
    }
}
