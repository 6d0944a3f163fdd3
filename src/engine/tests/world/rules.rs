//! Random versions of one programme. A rule code keeps what is fixed for its life (SEMANTICS S2); the rest changes.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::support::{at_least, code, name, number, programme, rule};
use super::{DAYS, role};
use crate::domain::decimal::Decimal4;
use crate::domain::period::{Calendar, Per};
use crate::domain::points::Points;
use crate::domain::programme::{
    Aggregate, Audience, AwardTerms, Boost, Comparison, Condition, Decided, Field, Goal, Guard, Limit, LimitMost,
    LimitPer, Operator, Over, Pattern, PointsFormula, Programme, Quantity, Repeat, Rule, Streak, Target, TeamPayee,
};
use crate::engine::timeline::InForce;

const CODES: [&str; 4] = ["a", "b", "c", "d"];

/// What of a rule code is fixed.
#[derive(Debug, Clone)]
pub struct Frame {
    kind: Kind,
    quantity: Counted,
    per: Per,
    guard: (Counted, Per),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Each,
    Streak,
    DayStreak,
    Goal,
    TeamGoal,
    MembersGoal,
}

/// What a goal counts up; of a share, the condition may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Signals,
    Share,
    Distinct,
    /// Of `m`, which is never below 0, or of `d`, which may be.
    Measure(&'static str, Aggregate),
}

/// What of a rule a version says.
#[derive(Debug, Clone)]
pub struct Numbers {
    on: Vec<&'static str>,
    when: Option<Condition>,
    award: (usize, i64, Option<&'static str>),
    limits: (Vec<Limit>, Option<i64>),
    streak: (u32, Condition),
    goal: Aim,
    guard: Option<(Vec<&'static str>, Aim)>,
    min_days: u32,
}

/// A goal's target: which of a few, from above or below; samples, and whether it repeats.
#[derive(Debug, Clone)]
struct Aim {
    target: i64,
    at_most: bool,
    samples: u32,
    repeat: bool,
    share: Condition,
}

/// A version before it has a calendar: from which day on it counts, and what it says.
#[derive(Debug, Clone)]
pub struct Draft {
    days: i64,
    audience: Audience,
    rules: Vec<Option<Numbers>>,
    grace_days: u16,
    working_days: [bool; 7],
    boosts: Vec<BoostDraft>,
}

/// From which day on, for how long, for which codes, when, and with which factor.
type BoostDraft = (i64, i64, [bool; 4], Option<Condition>, &'static str);

pub fn frames() -> impl Strategy<Value = Vec<Frame>> {
    vec(frame(), CODES.len())
}

fn frame() -> impl Strategy<Value = Frame> {
    let kind = select(vec![
        Kind::Each,
        Kind::Each,
        Kind::Streak,
        Kind::DayStreak,
        Kind::DayStreak,
        Kind::Goal,
        Kind::Goal,
        Kind::TeamGoal,
        Kind::TeamGoal,
        Kind::MembersGoal,
    ]);
    (kind, any_counted(), any_per(), counted_by_sums(), any_counted(), any_per()).prop_map(
        |(kind, quantity, per, sums, guard, guard_per)| {
            let of_team = matches!(kind, Kind::TeamGoal | Kind::MembersGoal);
            Frame {
                kind,
                // Of a team only sums are kept (S27).
                quantity: if of_team { sums } else { quantity },
                per,
                guard: (if of_team { sums } else { guard }, guard_per),
            }
        },
    )
}

fn any_per() -> impl Strategy<Value = Per> {
    prop_oneof![
        2 => Just(Per::Day),
        5 => Just(Per::Week),
        4 => Just(Per::Month),
        1 => Just(Per::Quarter),
        1 => Just(Per::HalfYear),
        1 => Just(Per::Year),
        1 => Just(Per::Season),
    ]
}

fn counted_by_sums() -> impl Strategy<Value = Counted> {
    let satisfied = Aggregate::ShareSatisfied(Comparison { operator: Operator::AtLeast, operand: number("3") });
    prop_oneof![
        4 => Just(Counted::Signals),
        1 => Just(Counted::Share),
        2 => Just(Counted::Measure("m", Aggregate::Sum)),
        1 => Just(Counted::Measure("d", Aggregate::Sum)),
        1 => Just(Counted::Measure("m", Aggregate::Count)),
        2 => Just(Counted::Measure("m", Aggregate::Mean)),
        1 => Just(Counted::Measure("m", satisfied)),
        1 => Just(Counted::Measure("n", Aggregate::Nps)),
    ]
}

fn any_counted() -> impl Strategy<Value = Counted> {
    prop_oneof![
        6 => counted_by_sums(),
        1 => Just(Counted::Distinct),
        1 => Just(Counted::Measure("d", Aggregate::Min)),
        1 => Just(Counted::Measure("m", Aggregate::Max)),
    ]
}

/// Drafts of versions, the first of which counts from the beginning, mostly.
pub fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    vec(draft(), 1..4)
}

fn draft() -> impl Strategy<Value = Draft> {
    let days = prop_oneof![Just(-100), 0..DAYS * 2 / 3];
    let rules = vec(option::weighted(0.7, numbers()), CODES.len());
    let working_days = select(vec![[true; 7], [true, true, true, true, true, false, false]]);
    (days, audience(), rules, 0u16..4, working_days, vec(boost(), 0..3)).prop_map(
        |(days, audience, rules, grace_days, working_days, boosts)| Draft {
            days,
            audience,
            rules,
            grace_days,
            working_days,
            boosts,
        },
    )
}

/// Most programmes are for everybody, or too little would be left to count.
fn audience() -> impl Strategy<Value = Audience> {
    let team = |weight| option::weighted(weight, select(vec!["support", "north", "south"]).prop_map(code));
    (team(0.15), team(0.15), option::weighted(0.15, role())).prop_map(|(team, except, role)| Audience {
        teams: team.into_iter().collect(),
        except: except.into_iter().collect(),
        roles: role.into_iter().collect(),
    })
}

fn boost() -> impl Strategy<Value = BoostDraft> {
    let factor = select(vec!["1.5", "1.25", "2", "2.5", "0.5"]);
    (-2..DAYS, 1i64..14, any::<[bool; 4]>(), option::weighted(0.3, condition()), factor)
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let award = (0usize..6, 0i64..8, option::weighted(0.3, select(vec!["star", "sun"])));
    let limits = (vec(limit(), 0..=2), option::weighted(0.2, select(vec![30, 60, 60, 90, 150, 1440])));
    let guard = option::weighted(0.4, (kinds(), aim()));
    let streak = (1u32..4, condition());
    (kinds(), option::weighted(0.25, condition()), award, limits, streak, aim(), guard, 0u32..14).prop_map(
        |(on, when, award, limits, streak, goal, guard, min_days)| Numbers {
            on,
            when,
            award,
            limits,
            streak,
            goal,
            guard,
            min_days,
        },
    )
}

fn kinds() -> impl Strategy<Value = Vec<&'static str>> {
    select(vec![vec!["survey"], vec!["survey", "evaluation"], vec!["evaluation", "evaluation"]])
}

fn aim() -> impl Strategy<Value = Aim> {
    let samples = prop_oneof![3 => Just(1u32), 1 => 2u32..5];
    (1i64..6, prop::bool::weighted(0.25), samples, prop::bool::weighted(0.4), condition())
        .prop_map(|(target, at_most, samples, repeat, share)| Aim { target, at_most, samples, repeat, share })
}

fn limit() -> impl Strategy<Value = Limit> {
    let per = select(vec![
        LimitPer::Period(Per::Day),
        LimitPer::Period(Per::Week),
        LimitPer::Period(Per::Month),
        LimitPer::Period(Per::Quarter),
        LimitPer::Period(Per::Season),
        LimitPer::Case,
    ]);
    let most = prop_oneof![
        (1u32..6).prop_map(LimitMost::Times),
        (1i64..30).prop_map(|points| LimitMost::Points(Points(points)))
    ];
    (per, most).prop_map(|(per, most)| Limit { per, most })
}

pub fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => (0i64..4).prop_map(|bound| at_least("m", &bound.to_string())),
        1 => Just(Condition::Not(Box::new(at_least("m", "2")))),
        1 => Just(Condition::Field(Field::Channel, vec!["phone".into()])),
        1 => Just(Condition::Weekday([true, true, true, true, true, false, false])),
        1 => Just(Condition::LocalTime { from: 22 * 3600, until: 8 * 3600 }),
    ]
}

impl Draft {
    /// The version of a number, for a calendar.
    pub fn in_force(&self, version: u32, calendar: &Calendar, first: NaiveDate, frames: &[Frame]) -> InForce {
        let codes = CODES.iter().zip(frames).zip(&self.rules);
        let rules = codes.filter_map(|((code, frame), numbers)| Some(frame.rule(code, numbers.as_ref()?))).collect();
        let boosts = self.boosts.iter().map(|draft| boost_of(first, draft)).collect();
        let document = Programme {
            grace_days: self.grace_days,
            working_days: self.working_days,
            boosts,
            ..programme(calendar.clone(), self.audience.clone(), rules)
        };
        InForce { version, effective_from: first + TimeDelta::days(self.days), programme: Arc::new(document) }
    }
}

fn boost_of(first: NaiveDate, (from, length, codes, when, factor): &BoostDraft) -> Boost {
    let from = first + TimeDelta::days(*from);
    let chosen = CODES.iter().zip(codes).filter(|(_, chosen)| **chosen).map(|(text, _)| code(text));
    Boost {
        code: code("boost"),
        name: name(),
        from,
        until: from + TimeDelta::days(*length),
        rules: chosen.collect(),
        when: when.clone(),
        factor: number(factor),
    }
}

impl Frame {
    fn rule(&self, code_text: &str, numbers: &Numbers) -> Rule {
        let texts = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
        let goal = self.quantity.goal(self.per, &numbers.goal);
        let streak = Streak { length: numbers.streak.0, of: numbers.streak.1.clone() };
        let of_signals = matches!(self.kind, Kind::Each | Kind::Streak | Kind::DayStreak);
        let (form, size, badge) = numbers.award;
        let at_end = |goal: Goal| Goal { decided: Decided::AtEnd, ..goal };
        let guard = numbers.guard.as_ref().map(|(on, aim)| {
            let aim = Aim { repeat: false, ..aim.clone() };
            Guard { on: texts(on), goal: at_end(self.guard.0.goal(self.guard.1, &aim)) }
        });
        let (limits, cooldown) = if of_signals { numbers.limits.clone() } else { (Vec::new(), None) };
        Rule {
            code: code(code_text),
            on: texts(&numbers.on),
            when: numbers.when.clone(),
            pattern: match self.kind {
                Kind::Each => Pattern::Each,
                Kind::Streak => Pattern::Streak(streak),
                Kind::DayStreak => Pattern::DayStreak(streak),
                Kind::Goal => Pattern::Goal(goal),
                Kind::TeamGoal => Pattern::TeamGoal(goal, TeamPayee::Team),
                Kind::MembersGoal => Pattern::TeamGoal(at_end(goal), TeamPayee::Members { min_days: numbers.min_days }),
            },
            award: AwardTerms {
                points: formula(form, size, if of_signals { Over::Measure("m".into()) } else { Over::Goal }),
                badge: badge.map(code),
            },
            limits,
            cooldown: cooldown.map(TimeDelta::minutes),
            guard,
            ..rule("r", 0)
        }
    }
}

fn formula(form: usize, size: i64, over: Over) -> Option<PointsFormula> {
    let times = |factor| PointsFormula::Times { over: over.clone(), factor: number(factor) };
    Some(match form {
        0 => return None,
        1 => times("0.5"),
        2 => times("1.7"),
        3 => {
            let corners = [(0, size), (2, 0), (2, 3 * size), (4, size)];
            let corner = |(x, y): (i64, i64)| (Decimal4::from_whole(x), Decimal4::from_whole(y));
            PointsFormula::Zones { over, corners: corners.map(corner).to_vec() }
        }
        4 => PointsFormula::By {
            attribute: "vip".into(),
            cases: vec![("true".into(), PointsFormula::Fixed(Points(size + 3)))],
            otherwise: Box::new(PointsFormula::Steps {
                over,
                steps: [(1, size), (3, size + 5)].map(|(x, y)| (Decimal4::from_whole(x), Points(y))).to_vec(),
            }),
        },
        _ => PointsFormula::Fixed(Points(size)),
    })
}

impl Counted {
    fn goal(self, per: Per, aim: &Aim) -> Goal {
        let tenth = |tenths: i64| Decimal4::from_raw(tenths * Decimal4::ONE / 10);
        let whole = tenth(10 * aim.target);
        let (quantity, target) = match self {
            Self::Signals => (Quantity::Signals, whole),
            Self::Share => (Quantity::Share(aim.share.clone()), tenth(2 * aim.target)),
            Self::Distinct => (Quantity::Distinct("queue".into()), whole),
            Self::Measure(name, aggregate) => {
                let target = match (name, aggregate) {
                    (_, Aggregate::Count) => whole,
                    ("m", Aggregate::Sum) => tenth(20 * aim.target),
                    ("d", Aggregate::Sum) => tenth(10 * (aim.target - 2)),
                    (_, Aggregate::ShareSatisfied(_)) => tenth(2 * aim.target),
                    (_, Aggregate::Nps) => tenth(300 * (aim.target - 3)),
                    ("d", _) => tenth(5 * (aim.target - 4)),
                    _ => tenth(7 * aim.target),
                };
                (Quantity::Measure(name.into(), aggregate), target)
            }
        };
        let adds_up = matches!(quantity, Quantity::Signals | Quantity::Measure(_, Aggregate::Count | Aggregate::Sum));
        let never_falls = adds_up && self != Self::Measure("d", Aggregate::Sum);
        let multiples = adds_up && !aim.at_most && target.raw() > 0;
        Goal {
            quantity,
            target: if aim.at_most { Target::AtMost(target) } else { Target::AtLeast(target) },
            samples: aim.samples,
            per,
            decided: if never_falls && !aim.at_most { Decided::WhenReached } else { Decided::AtEnd },
            repeat: if multiples && aim.repeat { Repeat::EachMultiple } else { Repeat::Once },
        }
    }
}
