//! Reading goals and guards: what is counted up, when that is met, and when it is decided.

use super::calendar::bounded_period;
use super::condition::condition;
use super::reader::{Fields, Node, Reader, Taken};
use super::{kinds, measure, refuse_outside_scale};
use crate::domain::decimal::Decimal4;
use crate::domain::measure::{Direction, Measure};
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{Aggregate, Comparison, Decided, Goal, Guard, Operator, Quantity, Repeat, Target};

/// The most samples, and the highest count, that a document can name.
const MOST_SAMPLES: i64 = 1_000_000_000;

const IN_GOAL: &[&str] =
    &["measure", "aggregate", "share", "count_distinct", "at_least", "at_most", "samples", "per", "repeat"];
const IN_GUARD: &[&str] = &["measure", "aggregate", "share", "count_distinct", "at_least", "at_most", "samples", "per"];

/// What `aggregate` names; nothing where the measure says it.
const AGGREGATES: [(&str, Option<Aggregate>); 7] = [
    ("sum", Some(Aggregate::Sum)),
    ("count", Some(Aggregate::Count)),
    ("mean", Some(Aggregate::Mean)),
    ("min", Some(Aggregate::Min)),
    ("max", Some(Aggregate::Max)),
    ("share_satisfied", None),
    ("nps", Some(Aggregate::Nps)),
];

/// Whom a goal is about. Of a team only sums are kept (SEMANTICS S27).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Person,
    Team,
}

/// A rule's goal.
pub(super) fn goal(reader: &mut Reader, node: &Node, about: About) -> Taken<Goal> {
    let fields = reader.fields(node, IN_GOAL)?;
    let goal = once(reader, &fields, about);
    let Some(repeat) = fields.get("repeat") else { return goal };
    let repeats = reader.truth(&repeat);
    match (goal?, repeats?) {
        (goal, false) => Ok(goal),
        (goal, true) if has_multiples(&goal) => Ok(Goal { repeat: Repeat::EachMultiple, ..goal }),
        _ => Err(reader.refuse_alone(&repeat, "repeat", "aggregate count, sum; at_least > 0")),
    }
}

fn has_multiples(goal: &Goal) -> bool {
    let adds_up = matches!(goal.quantity, Quantity::Signals | Quantity::Measure(_, Aggregate::Count | Aggregate::Sum));
    adds_up && matches!(goal.target, Target::AtLeast(least) if least.raw() > 0)
}

/// A guard: a goal that is decided at the end of its period, whatever it counts.
pub(super) fn guard(reader: &mut Reader, node: &Node, about: About) -> Taken<Guard> {
    let fields = reader.fields(node, &["on", "goal"])?;
    let on = fields.need(reader, "on").and_then(|on| kinds(reader, &on));
    let goal = fields.need(reader, "goal").and_then(|goal| {
        let fields = reader.fields(&goal, IN_GUARD)?;
        once(reader, &fields, about)
    });
    Ok(Guard { on: on?, goal: Goal { decided: Decided::AtEnd, ..goal? } })
}

/// A goal that is met once in a period.
fn once(reader: &mut Reader, fields: &Fields, about: About) -> Taken<Goal> {
    let counted = counted(reader, fields, about);
    let target = target(reader, fields, counted.as_ref().ok());
    let samples = fields.get("samples").map_or(Ok(1), |samples| reader.whole(&samples, 1..=MOST_SAMPLES));
    let per = fields.need(reader, "per").and_then(|per| bounded_period(reader, &per));
    let (counted, target) = (counted?, target?);
    Ok(Goal {
        decided: counted.decided(target),
        quantity: counted.quantity,
        target,
        samples: u32::try_from(samples?).unwrap_or(u32::MAX),
        per: per?,
        repeat: Repeat::Once,
    })
}

/// What a goal counts up, and the measure whose values those are.
struct Counted<'k> {
    quantity: Quantity,
    measure: Option<&'k Measure>,
}

impl Counted<'_> {
    /// What never falls is decided when it is reached (SEMANTICS S24).
    fn decided(&self, target: Target) -> Decided {
        let never_falls = match &self.quantity {
            Quantity::Signals | Quantity::Measure(_, Aggregate::Count) => true,
            Quantity::Measure(_, Aggregate::Sum) => self.is_from_zero(),
            Quantity::Measure(..) | Quantity::Share(_) | Quantity::Distinct(_) => false,
        };
        match target {
            Target::AtLeast(_) if never_falls => Decided::WhenReached,
            Target::AtLeast(_) | Target::AtMost(_) => Decided::AtEnd,
        }
    }

    fn is_from_zero(&self) -> bool {
        self.measure.is_some_and(|measure| measure.scale_min.raw() >= 0)
    }
}

fn counted<'k>(reader: &mut Reader<'k>, fields: &Fields, about: About) -> Taken<Counted<'k>> {
    let names_values = fields.get("measure").is_some() || fields.get("aggregate").is_some();
    match (names_values, fields.get("share"), fields.get("count_distinct")) {
        (true, None, None) => values(reader, fields, about),
        (false, Some(share), None) => {
            condition(reader, &share).map(|of| Counted { quantity: Quantity::Share(of), measure: None })
        }
        (false, None, Some(distinct)) => different(reader, &distinct, about),
        _ => Err(reader.refuse_choice(fields, "aggregate, share, count_distinct")),
    }
}

fn values<'k>(reader: &mut Reader<'k>, fields: &Fields, about: About) -> Taken<Counted<'k>> {
    let aggregate = fields.need(reader, "aggregate").and_then(|node| Ok((reader.one_of(&node, &AGGREGATES)?, node)));
    if let (Ok((Some(Aggregate::Count), _)), None) = (&aggregate, fields.get("measure")) {
        return Ok(Counted { quantity: Quantity::Signals, measure: None });
    }
    let measure = fields.need(reader, "measure").and_then(|node| measure(reader, &node));
    let ((aggregate, node), measure) = (aggregate?, measure?);
    let aggregate = match aggregate {
        None => satisfied(reader, &node, measure)?,
        Some(Aggregate::Nps) if !is_from_0_to_10(measure) => {
            let finding = Finding::new(node.at, ProblemCode::NotAnNpsScale).with("measure", &measure.code);
            return Err(reader.refuse(finding.with("scale", measure.scale_text())));
        }
        Some(Aggregate::Min | Aggregate::Max) if about == About::Team => {
            let what = node.value.as_str().unwrap_or_default();
            return Err(reader.refuse(Finding::new(node.at, ProblemCode::NotForTeams).with("what", what)));
        }
        Some(aggregate) => aggregate,
    };
    let quantity = Quantity::Measure(measure.code.as_str().to_owned(), aggregate);
    Ok(Counted { quantity, measure: Some(measure) })
}

/// The share of values that the measure calls satisfied.
fn satisfied(reader: &mut Reader, node: &Node, measure: &Measure) -> Taken<Aggregate> {
    let Some(operand) = measure.threshold else {
        let finding = Finding::new(node.at.as_str(), ProblemCode::WithoutThreshold);
        return Err(reader.refuse(finding.with("measure", &measure.code)));
    };
    let operator = match measure.direction {
        Direction::HigherIsBetter => Operator::AtLeast,
        Direction::LowerIsBetter => Operator::AtMost,
    };
    Ok(Aggregate::ShareSatisfied(Comparison { operator, operand }))
}

fn is_from_0_to_10(measure: &Measure) -> bool {
    measure.scale_min == Decimal4::from_whole(0) && measure.scale_max == Some(Decimal4::from_whole(10))
}

fn different<'k>(reader: &mut Reader<'k>, node: &Node, about: About) -> Taken<Counted<'k>> {
    let fields = reader.fields(node, &["attribute"])?;
    let attribute = fields.need(reader, "attribute").and_then(|name| reader.line(&name));
    if about == About::Team {
        let finding = Finding::new(node.at.as_str(), ProblemCode::NotForTeams);
        return Err(reader.refuse(finding.with("what", "count_distinct")));
    }
    Ok(Counted { quantity: Quantity::Distinct(attribute?), measure: None })
}

/// When a goal is met: at a value that what it counts can come to.
fn target(reader: &mut Reader, fields: &Fields, counted: Option<&Counted>) -> Taken<Target> {
    let (node, least) = match (fields.get("at_least"), fields.get("at_most")) {
        (Some(node), None) => (node, true),
        (None, Some(node)) => (node, false),
        _ => return Err(reader.refuse_choice(fields, "at_least, at_most")),
    };
    let number = reader.number(&node)?;
    let target = if least { Target::AtLeast(number) } else { Target::AtMost(number) };
    let Some(counted) = counted else { return Ok(target) };
    if let (Quantity::Measure(_, Aggregate::Mean | Aggregate::Min | Aggregate::Max), Some(measure)) =
        (&counted.quantity, counted.measure)
    {
        return if measure.admits(number) { Ok(target) } else { Err(refuse_outside_scale(reader, &node, measure)) };
    }
    match unfit(counted, target) {
        None => Ok(target),
        Some(expected) => {
            let finding = Finding::new(node.at, ProblemCode::InvalidNumber);
            Err(reader.refuse(finding.with("expected", expected)))
        }
    }
}

/// What is expected in place of a target that cannot be meant.
fn unfit(counted: &Counted, target: Target) -> Option<&'static str> {
    let (Target::AtLeast(value) | Target::AtMost(value)) = target;
    // What every period reaches is no goal.
    let least = i64::from(matches!(target, Target::AtLeast(_)));
    let within = |range: std::ops::RangeInclusive<i64>| {
        (Decimal4::from_whole(*range.start())..=Decimal4::from_whole(*range.end())).contains(&value)
    };
    let (fits, expected) = match &counted.quantity {
        Quantity::Share(_) | Quantity::Measure(_, Aggregate::ShareSatisfied(_)) => (within(0..=1), "0 – 1"),
        Quantity::Measure(_, Aggregate::Nps) => (within(-100..=100), "-100 – 100"),
        Quantity::Signals | Quantity::Distinct(_) | Quantity::Measure(_, Aggregate::Count) => {
            let expected = if least == 1 { "1, 2, 3 … 1000000000" } else { "0, 1, 2 … 1000000000" };
            (value.raw() % Decimal4::ONE == 0 && within(least..=MOST_SAMPLES), expected)
        }
        Quantity::Measure(_, Aggregate::Sum) if counted.is_from_zero() => {
            (value.raw() >= least, if least == 1 { "> 0" } else { "≥ 0" })
        }
        Quantity::Measure(..) => (true, ""),
    };
    (!fits).then_some(expected)
}
