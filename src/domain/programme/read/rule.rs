//! Reading a rule: what it looks at, what of it is awarded to whom, how much, and how often.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::condition::condition;
use super::goal::{About, goal, guard};
use super::points::{Basis, formula};
use super::reader::{Fields, Node, Reader, Taken};
use super::{granted_badge, kinds};
use crate::domain::period::{self, Per};
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{
    AwardTerms, Decided, Goal, Limit, LimitMost, LimitPer, Pattern, Rule, Streak, TeamPayee,
};

/// The most limits of a rule.
const MOST_LIMITS: usize = 10;
/// The most awards that a limit can name.
const MOST_TIMES: i64 = 1_000_000_000;
/// The longest streak.
const LONGEST_STREAK: i64 = 10_000;
/// The most days of membership that an award can ask for.
const MOST_MEMBER_DAYS: i64 = 366;

const LIMIT_PERIODS: [(&str, LimitPer); 6] = [
    ("day", LimitPer::Period(Per::Day)),
    ("week", LimitPer::Period(Per::Week)),
    ("month", LimitPer::Period(Per::Month)),
    ("quarter", LimitPer::Period(Per::Quarter)),
    ("season", LimitPer::Period(Per::Season)),
    ("case", LimitPer::Case),
];

/// A rule; its badge must be among those declared.
pub(super) fn rule(reader: &mut Reader, node: &Node, declared: &HashSet<&str>) -> Taken<Rule> {
    const KNOWN: &[&str] =
        &["code", "name", "description", "on", "when", "streak", "goal", "award", "limits", "cooldown", "guard", "for"];
    let fields = reader.fields(node, KNOWN)?;
    let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let description = fields.get("description").map(|text| reader.description(&text)).transpose();
    let on = fields.need(reader, "on").and_then(|on| kinds(reader, &on));
    let when = fields.get("when").map(|when| condition(reader, &when)).transpose();
    let about = about(reader, &fields);
    let team = if let Ok(About::Team) = about { About::Team } else { About::Person };
    let pattern = pattern(reader, &fields, team);
    let award = fields.need(reader, "award").and_then(|award| {
        let basis = if fields.get("goal").is_some() { Basis::Goal } else { Basis::Signal };
        award_terms(reader, &award, declared, (team, basis))
    });
    let (limits, cooldown) = if fields.get("goal").is_some() {
        refuse_limits(reader, &fields);
        (Ok(Vec::new()), Ok(None))
    } else {
        limits_and_cooldown(reader, &fields)
    };
    let guard = fields.get("guard").map(|node| guard(reader, &node, team)).transpose();
    about?;
    let (award, payee) = award?;
    Ok(Rule {
        code: code?,
        name: name?,
        description: description?,
        on: on?,
        when: when?,
        pattern: paid(pattern?, payee),
        award,
        limits: limits?,
        cooldown: cooldown?,
        guard: guard?,
    })
}

/// Whom the rule is for: teams have goals only (SEMANTICS S27).
fn about(reader: &mut Reader, fields: &Fields) -> Taken<About> {
    let Some(node) = fields.get("for") else { return Ok(About::Person) };
    let about = reader.one_of(&node, &[("person", About::Person), ("team", About::Team)])?;
    if about == About::Team && fields.get("goal").is_none() {
        return Err(reader.refuse_alone(&node, "\"for\": \"team\"", "goal"));
    }
    Ok(about)
}

fn pattern(reader: &mut Reader, fields: &Fields, about: About) -> Taken<Pattern> {
    match (fields.get("streak"), fields.get("goal")) {
        (None, None) => Ok(Pattern::Each),
        (Some(node), None) => streak(reader, &node),
        (None, Some(node)) => {
            let goal = goal(reader, &node, about)?;
            Ok(match about {
                About::Person => Pattern::Goal(goal),
                About::Team => Pattern::TeamGoal(goal, TeamPayee::Team),
            })
        }
        (Some(_), Some(goal)) => {
            let finding = Finding::new(goal.at, ProblemCode::AtMostOne);
            Err(reader.refuse(finding.with("choices", "streak, goal")))
        }
    }
}

/// The pattern with the one who is paid: members are known when the period has ended (SEMANTICS S27).
fn paid(pattern: Pattern, payee: TeamPayee) -> Pattern {
    match (pattern, payee) {
        (Pattern::TeamGoal(goal, _), TeamPayee::Members { .. }) => {
            Pattern::TeamGoal(Goal { decided: Decided::AtEnd, ..goal }, payee)
        }
        (pattern, _) => pattern,
    }
}

fn streak(reader: &mut Reader, node: &Node) -> Taken<Pattern> {
    let fields = reader.fields(node, &["length", "unit", "of"])?;
    let length = fields.need(reader, "length").and_then(|length| reader.whole(&length, 1..=LONGEST_STREAK));
    let of_days =
        fields.get("unit").map_or(Ok(false), |unit| reader.one_of(&unit, &[("signal", false), ("day", true)]));
    let of = fields.need(reader, "of").and_then(|of| condition(reader, &of));
    let length = u32::try_from(length?).unwrap_or(u32::MAX);
    let (of_days, streak) = (of_days?, Streak { length, of: of? });
    Ok(if of_days { Pattern::DayStreak(streak) } else { Pattern::Streak(streak) })
}

/// What is granted, and in a rule for teams to whom.
fn award_terms(
    reader: &mut Reader,
    node: &Node,
    declared: &HashSet<&str>,
    (about, basis): (About, Basis),
) -> Taken<(AwardTerms, TeamPayee)> {
    let fields = reader.fields(node, &["points", "badge", "to", "min_days"])?;
    let points = fields.get("points").map(|points| formula(reader, &points, basis)).transpose();
    let badge = fields.get("badge").map(|badge| granted_badge(reader, &badge, declared)).transpose();
    let payee = payee(reader, &fields, about);
    match (points?, badge?) {
        (None, None) => Err(reader.refuse_at(node, ProblemCode::EmptyAward)),
        (points, badge) => Ok((AwardTerms { points, badge }, payee?)),
    }
}

fn payee(reader: &mut Reader, fields: &Fields, about: About) -> Taken<TeamPayee> {
    if let (Some(to), About::Person) = (fields.get("to"), about) {
        return Err(reader.refuse_alone(&to, "to", "\"for\": \"team\""));
    }
    let to_members = fields.get("to").map_or(Ok(false), |to| reader.one_of(&to, &[("team", false), ("members", true)]));
    let to_members = to_members?;
    let Some(node) = fields.get("min_days") else {
        return Ok(if to_members { TeamPayee::Members { min_days: 1 } } else { TeamPayee::Team });
    };
    if !to_members {
        return Err(reader.refuse_alone(&node, "min_days", "\"to\": \"members\""));
    }
    let min_days = reader.whole(&node, 1..=MOST_MEMBER_DAYS)?;
    Ok(TeamPayee::Members { min_days: u32::try_from(min_days).unwrap_or(u32::MAX) })
}

/// A goal is met so often as its period says: it has neither limits nor a cooldown (SEMANTICS S24).
fn refuse_limits(reader: &mut Reader, fields: &Fields) {
    for what in ["limits", "cooldown"] {
        if let Some(node) = fields.get(what).filter(|node| !node.is_empty_list()) {
            reader.refuse(Finding::new(node.at, ProblemCode::NotOnGoals).with("what", what));
        }
    }
}

fn limits_and_cooldown(reader: &mut Reader, fields: &Fields) -> (Taken<Vec<Limit>>, Taken<Option<TimeDelta>>) {
    let limits = fields.get("limits").map_or(Ok(Vec::new()), |limits| reader.list(&limits, 0..=MOST_LIMITS, limit));
    (limits, fields.get("cooldown").map(|text| cooldown(reader, &text)).transpose())
}

fn limit(reader: &mut Reader, node: &Node) -> Taken<Limit> {
    let fields = reader.fields(node, &["per", "times", "points"])?;
    let per = fields.need(reader, "per").and_then(|per| reader.one_of(&per, &LIMIT_PERIODS));
    let most = match (fields.get("times"), fields.get("points")) {
        (Some(times), None) => {
            reader.whole(&times, 1..=MOST_TIMES).map(|times| LimitMost::Times(u32::try_from(times).unwrap_or(u32::MAX)))
        }
        (None, Some(points)) => reader.points(&points, 1).map(LimitMost::Points),
        _ => Err(reader.refuse_at(node, ProblemCode::ExpectedLimit)),
    };
    Ok(Limit { per: per?, most: most? })
}

fn cooldown(reader: &mut Reader, node: &Node) -> Taken<TimeDelta> {
    let text = reader.text(node)?;
    period::duration(text).ok_or_else(|| reader.refuse_at(node, ProblemCode::InvalidDuration))
}
