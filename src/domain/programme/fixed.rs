//! What of a programme is fixed for its life, once it is used (SEMANTICS S2, S4).

use chrono::{Days, NaiveDate};

use super::{Goal, Pattern, Programme, Quantity, Rule};
use crate::domain::period::{CustomSeason, SeasonKind};
use crate::domain::problem::{Finding, ProblemCode};

/// What `new` changes of `old`, though it is fixed. `today` is the programme's local day: seasons that start after it may
/// be added at the end.
///
/// Of a rule code its kind, subject, measure, aggregate and `per` are fixed, its guard's included; its conditions,
/// lengths, targets and numbers are not (SEMANTICS S29).
pub fn fixed_parts_changed(old: &Programme, new: &Programme, today: NaiveDate) -> Vec<Finding> {
    let (before, after) = (&old.calendar, &new.calendar);
    let mut findings = Vec::new();
    let mut compare = |field: &'static str, same: bool| {
        if !same {
            findings.push(changed(format!("/{field}"), field));
        }
    };
    compare("code", old.code == new.code);
    compare("time_zone", before.zone.name() == after.zone.name());
    compare("year_starts", before.year_starts == after.year_starts);
    match (&before.seasons, &after.seasons) {
        (SeasonKind::Custom(before), SeasonKind::Custom(after)) => {
            findings.extend(custom_seasons_changed(before, after, today));
        }
        (before, after) => compare("season", before == after),
    }
    findings.extend(fixed_rules_changed(old, new));
    findings
}

/// What `new` changes of the rules of `old`, though it is fixed for each rule code: a code that was left out in between keeps
/// what it was.
pub fn fixed_rules_changed(old: &Programme, new: &Programme) -> Vec<Finding> {
    let changes = |(index, rule): (usize, &Rule)| {
        let before = old.rules.iter().find(|before| before.code == rule.code);
        before.map(|before| rule_changed(before, rule, &format!("/rules/{index}"))).unwrap_or_default()
    };
    new.rules.iter().enumerate().flat_map(changes).collect()
}

fn changed(pointer: impl Into<String>, field: &str) -> Finding {
    Finding::new(pointer, ProblemCode::Fixed).with("field", field)
}

/// What is changed of a rule that stands at `at` now. Places are named that are there however it is written.
fn rule_changed(before: &Rule, after: &Rule, at: &str) -> Vec<Finding> {
    let goals = match (&before.pattern, &after.pattern) {
        (Pattern::Each, Pattern::Each)
        | (Pattern::Streak(_), Pattern::Streak(_))
        | (Pattern::DayStreak(_), Pattern::DayStreak(_)) => Vec::new(),
        (Pattern::Goal(before), Pattern::Goal(after)) => goal_changed(before, after, &format!("{at}/goal")),
        (Pattern::TeamGoal(before, payee), Pattern::TeamGoal(after, paid)) => {
            let mut findings = goal_changed(before, after, &format!("{at}/goal"));
            // Who is paid is fixed, from how many days on is not.
            if std::mem::discriminant(payee) != std::mem::discriminant(paid) {
                findings.push(changed(format!("{at}/award"), "to"));
            }
            findings
        }
        (Pattern::Goal(_) | Pattern::TeamGoal(..), Pattern::Goal(_) | Pattern::TeamGoal(..)) => {
            vec![changed(at, "for")]
        }
        _ => vec![changed(at, "streak, goal")],
    };
    let guards = match (&before.guard, &after.guard) {
        (Some(before), Some(after)) => goal_changed(&before.goal, &after.goal, &format!("{at}/guard/goal")),
        _ => Vec::new(),
    };
    [goals, guards].concat()
}

fn goal_changed(before: &Goal, after: &Goal, at: &str) -> Vec<Finding> {
    let same = match (&before.quantity, &after.quantity) {
        // Of a share the condition may change.
        (Quantity::Share(_), Quantity::Share(_)) => true,
        (before, after) => before == after,
    };
    let quantity = (!same).then(|| changed(at, "measure, aggregate"));
    let per = (before.per != after.per).then(|| changed(format!("{at}/per"), "per"));
    quantity.into_iter().chain(per).collect()
}

fn custom_seasons_changed(before: &[CustomSeason], after: &[CustomSeason], today: NaiveDate) -> Vec<Finding> {
    if after.len() < before.len() {
        return vec![changed("/season/custom", "season")];
    }
    let kept = before.iter().zip(after).enumerate();
    let mut findings: Vec<_> = kept
        .filter(|(_, (before, after))| before != after)
        .map(|(index, _)| changed(format!("/season/custom/{index}"), "season"))
        .collect();
    let added = after.iter().enumerate().skip(before.len());
    findings.extend(added.filter(|(_, season)| season.from <= today).map(|(index, _)| {
        let earliest = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let at = format!("/season/custom/{index}/from");
        Finding::new(at, ProblemCode::TooEarly).with("earliest", earliest)
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decimal::Decimal4;
    use crate::domain::ids::Code;
    use crate::domain::language::Localised;
    use crate::domain::period::{Calendar, Per, YearStart, Zone};
    use crate::domain::programme::{
        Aggregate, Audience, AwardTerms, Condition, Decided, Guard, Repeat, Streak, Target, TeamPayee,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn season(code: &str, from: &str, until: &str) -> CustomSeason {
        CustomSeason { code: code.to_owned(), from: day(from), until: day(until) }
    }

    fn programme(seasons: SeasonKind) -> Programme {
        Programme {
            code: Code::new("programme").unwrap(),
            name: Localised { en: "Programme".to_owned(), de: "Programm".to_owned() },
            description: None,
            calendar: Calendar {
                zone: Zone::new("Europe/Berlin").unwrap(),
                seasons,
                year_starts: YearStart { month: 1, day: 1 },
            },
            grace_days: 0,
            working_days: [true; 7],
            audience: Audience::default(),
            rules: Vec::new(),
            boosts: Vec::new(),
            badges: Vec::new(),
            tiers: Vec::new(),
            boards: Vec::new(),
            contests: Vec::new(),
        }
    }

    fn found(old: &Programme, new: &Programme) -> Vec<(String, ProblemCode)> {
        let findings = fixed_parts_changed(old, new, day("2026-06-15"));
        findings.into_iter().map(|finding| (finding.pointer, finding.code)).collect()
    }

    #[test]
    fn only_what_is_fixed_counts() {
        let old = programme(SeasonKind::Quarter);
        let free = Programme { grace_days: 9, working_days: [false; 7], ..old.clone() };
        assert_eq!(found(&old, &free), []);
        let calendar = Calendar {
            zone: Zone::new("Europe/Vienna").unwrap(),
            seasons: SeasonKind::Month,
            year_starts: YearStart { month: 4, day: 1 },
        };
        let new = Programme { code: Code::new("other").unwrap(), calendar, ..old.clone() };
        let fields = ["/code", "/time_zone", "/year_starts", "/season"];
        assert_eq!(found(&old, &new), fields.map(|field| (field.to_owned(), ProblemCode::Fixed)));
    }

    #[test]
    fn custom_seasons_may_only_be_added_in_the_future() {
        let spring = || season("spring", "2026-03-01", "2026-06-01");
        let with = |seasons| programme(SeasonKind::Custom(seasons));
        let old = with(vec![spring()]);
        assert_eq!(found(&old, &with(vec![spring(), season("next", "2026-06-16", "2026-07-01")])), []);
        let today = with(vec![spring(), season("now", "2026-06-15", "2026-07-01")]);
        assert_eq!(found(&old, &today), [("/season/custom/1/from".to_owned(), ProblemCode::TooEarly)]);
        let longer = with(vec![season("spring", "2026-03-01", "2026-06-02")]);
        assert_eq!(found(&old, &longer), [("/season/custom/0".to_owned(), ProblemCode::Fixed)]);
        assert_eq!(found(&old, &with(Vec::new())), [("/season/custom".to_owned(), ProblemCode::Fixed)]);
        let quarters = programme(SeasonKind::Quarter);
        assert_eq!(found(&old, &quarters), [("/season".to_owned(), ProblemCode::Fixed)]);
    }

    fn rule(pattern: Pattern) -> Rule {
        Rule {
            code: Code::new("rule").unwrap(),
            name: Localised { en: "Rule".to_owned(), de: "Regel".to_owned() },
            description: None,
            on: vec!["survey".to_owned()],
            when: None,
            pattern,
            award: AwardTerms { points: None, badge: None },
            limits: Vec::new(),
            cooldown: None,
            guard: None,
        }
    }

    fn goal(quantity: Quantity, least: i64, per: Per) -> Goal {
        let target = Target::AtLeast(Decimal4::from_whole(least));
        Goal { quantity, target, samples: 1, per, decided: Decided::AtEnd, repeat: Repeat::Once }
    }

    fn with(rule: Rule) -> Programme {
        Programme { rules: vec![rule], ..programme(SeasonKind::Quarter) }
    }

    #[test]
    fn rules_keep_their_kind_and_subject() {
        let streak = |length| Streak { length, of: Condition::All(Vec::new()) };
        let month = || goal(Quantity::Signals, 5, Per::Month);
        let members = |min_days| Pattern::TeamGoal(month(), TeamPayee::Members { min_days });
        let free = [
            (Pattern::Streak(streak(5)), Pattern::Streak(streak(6))),
            (members(1), members(2)),
            (Pattern::Goal(month()), Pattern::Goal(goal(Quantity::Signals, 9, Per::Month))),
        ];
        for (before, after) in free {
            assert_eq!(found(&with(rule(before)), &with(rule(after))), []);
        }
        let team = || Pattern::TeamGoal(month(), TeamPayee::Team);
        let fixed = [
            (Pattern::Each, Pattern::Streak(streak(5)), "/rules/0"),
            (Pattern::Streak(streak(5)), Pattern::DayStreak(streak(5)), "/rules/0"),
            (Pattern::Each, Pattern::Goal(month()), "/rules/0"),
            (Pattern::Goal(month()), team(), "/rules/0"),
            (team(), members(1), "/rules/0/award"),
        ];
        for (before, after, at) in fixed {
            let (before, after) = (with(rule(before)), with(rule(after)));
            assert_eq!(found(&before, &after), [(at.to_owned(), ProblemCode::Fixed)]);
            assert_eq!(found(&after, &before), [(at.to_owned(), ProblemCode::Fixed)]);
        }
        let mut other = rule(Pattern::Goal(month()));
        other.code = Code::new("another").unwrap();
        assert_eq!(found(&with(rule(Pattern::Each)), &with(other)), []);
    }

    #[test]
    fn goals_and_guards_keep_what_they_count_up_and_when() {
        let csat = |aggregate| Quantity::Measure("csat".to_owned(), aggregate);
        let share = |parts| Quantity::Share(Condition::All(parts));
        let old = || goal(csat(Aggregate::Mean), 4, Per::Month);
        let guarding = |goal| Rule { guard: Some(Guard { on: Vec::new(), goal }), ..rule(Pattern::Each) };
        let other = share(vec![Condition::Any(Vec::new())]);
        let shares = [share(Vec::new()), other].map(|share| with(rule(Pattern::Goal(goal(share, 1, Per::Day)))));
        assert_eq!(found(&shares[0], &shares[1]), []);
        for (new, rest) in [
            (goal(csat(Aggregate::Max), 4, Per::Month), ""),
            (goal(Quantity::Measure("ces".to_owned(), Aggregate::Mean), 4, Per::Month), ""),
            (goal(Quantity::Distinct("course".to_owned()), 4, Per::Month), ""),
            (goal(csat(Aggregate::Mean), 4, Per::Quarter), "/per"),
        ] {
            let goals = [old(), new.clone()].map(|goal| with(rule(Pattern::Goal(goal))));
            assert_eq!(found(&goals[0], &goals[1]), [(format!("/rules/0/goal{rest}"), ProblemCode::Fixed)]);
            let guards = [old(), new].map(|goal| with(guarding(goal)));
            assert_eq!(found(&guards[0], &guards[1]), [(format!("/rules/0/guard/goal{rest}"), ProblemCode::Fixed)]);
            assert_eq!(found(&guards[0], &with(rule(Pattern::Each))), []);
        }
    }
}
