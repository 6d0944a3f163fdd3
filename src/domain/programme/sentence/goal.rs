//! Goals and guards in words.
//!
//! What a goal counts up and when it is met is one clause with its subject first and its verb last in German, so that it
//! can follow "when" and "if" in both languages.

use super::{Signals, Speaker};
use crate::domain::decimal::Decimal4;
use crate::domain::programme::{Aggregate, Condition, Decided, Goal, Guard, Quantity, Repeat, Target, TeamPayee};

impl Speaker {
    /// `In each month, when the mean of quality over at least 8 evaluations is at least 90`.
    pub(super) fn goal_of(self, signals: &Signals, goal: &Goal) -> String {
        let each = self.in_each(goal.per);
        match (goal.repeat, goal.target) {
            (Repeat::EachMultiple, Target::AtLeast(step)) => {
                format!("{each}{} {}", self.pick(", for every", " für je"), self.step(signals, goal, step))
            }
            (Repeat::Once | Repeat::EachMultiple, _) => {
                format!("{each}, {} {}", self.pick("when", "wenn"), self.clause("", signals, goal, goal.samples))
            }
        }
    }

    /// `5 trainings`; `100 that the sum of amount over all surveys reaches`.
    fn step(self, signals: &Signals, goal: &Goal, step: Decimal4) -> String {
        let every = self.number(step);
        if goal.quantity == Quantity::Signals {
            let one = step == Decimal4::from_whole(1);
            let signals = if one { self.one_of(signals) } else { self.some_of(signals) };
            let from = match goal.samples {
                1 => String::new(),
                samples => format!("{} {samples}{}", self.pick(", from", ", ab"), self.pick(" on", "")),
            };
            return format!("{every} {signals}{from}");
        }
        let sum = format!("{} {}", self.quantity(&goal.quantity), self.over_signals(signals, goal.samples));
        self.pick(format!("{every} that {sum} reaches"), format!("{every}, die {sum} erreicht"))
    }

    /// `the mean of quality over at least 8 evaluations is at least 90`, of at least `least` signals.
    /// `within` says in which period, before a space, or nothing.
    fn clause(self, within: &str, signals: &Signals, goal: &Goal, least: u32) -> String {
        if goal.quantity == Quantity::Signals {
            return self.number_of(within, signals, goal.target, Decimal4::from_whole(least.into()));
        }
        let (what, over) = (self.quantity(&goal.quantity), self.over_signals(signals, least));
        let met = self.target(&goal.quantity, goal.target);
        self.pick(format!("{within}{what} {over} is {met}"), format!("{within}{what} {over} {met} beträgt"))
    }

    /// `there are at least 5 evaluations`, and of these at least `least`.
    fn number_of(self, within: &str, signals: &Signals, target: Target, least: Decimal4) -> String {
        let (many, last) = match target {
            Target::AtLeast(target) => (self.at_least(&self.number(target.max(least))), target.max(least)),
            Target::AtMost(target) if least.raw() == 0 => (self.at_most(&self.number(target)), target),
            Target::AtMost(target) => {
                let (least, most) = (self.at_least(&self.number(least)), self.at_most(&self.number(target)));
                (format!("{least}{}{most}", self.and()), target)
            }
        };
        let (are, signals) =
            if last == Decimal4::from_whole(1) { ("is", self.one_of(signals)) } else { ("are", self.some_of(signals)) };
        self.pick(format!("{within}there {are} {many} {signals}"), format!("es {within}{many} {signals} gibt"))
    }

    /// `over at least 8 evaluations`.
    fn over_signals(self, signals: &Signals, least: u32) -> String {
        let over = self.pick("over", "über");
        match least {
            0 | 1 => format!("{over} {} {}", self.pick("all", "alle"), self.all_of(signals)),
            _ => format!("{over} {} {}", self.at_least(&least.to_string()), self.some_of(signals)),
        }
    }

    /// What a goal counts up: `the mean of quality`.
    pub fn quantity(self, quantity: &Quantity) -> String {
        match quantity {
            Quantity::Signals => self.pick("the number of signals", "die Anzahl der Signale").to_owned(),
            Quantity::Share(condition) => self.share(condition),
            Quantity::Distinct(attribute) => {
                format!(
                    "{} {attribute}",
                    self.pick("the number of different values of", "die Anzahl verschiedener Werte von")
                )
            }
            Quantity::Measure(measure, aggregate) => {
                let of = match aggregate {
                    Aggregate::Sum => self.pick("the sum of", "die Summe von"),
                    Aggregate::Count => self.pick("the number of values of", "die Anzahl der Werte von"),
                    Aggregate::Mean => self.pick("the mean of", "der Mittelwert von"),
                    Aggregate::Min => self.pick("the least value of", "der kleinste Wert von"),
                    Aggregate::Max => self.pick("the greatest value of", "der größte Wert von"),
                    Aggregate::Nps => self.pick("the net promoter score of", "der Net Promoter Score von"),
                    Aggregate::ShareSatisfied(satisfied) => {
                        return self.share(&Condition::Measure(measure.clone(), vec![*satisfied]));
                    }
                };
                format!("{of} {measure}")
            }
        }
    }

    fn share(self, of: &Condition) -> String {
        format!("{} {}", self.pick("the share", "der Anteil"), self.condition(of))
    }

    /// When a goal over `quantity` is met: `at least 90`, `at least 80%`.
    pub fn target(self, quantity: &Quantity, target: Target) -> String {
        match target {
            Target::AtLeast(value) => self.at_least(&self.reached(quantity, value)),
            Target::AtMost(value) => self.at_most(&self.reached(quantity, value)),
        }
    }

    /// A value that `quantity` came to: `90`; shares in per cent.
    pub fn reached(self, quantity: &Quantity, value: Decimal4) -> String {
        match quantity {
            Quantity::Share(_) | Quantity::Measure(_, Aggregate::ShareSatisfied(_)) => {
                let percent = self.number(Decimal4::from_raw(value.raw().saturating_mul(100)));
                format!("{percent}{}", self.pick("%", " %"))
            }
            Quantity::Signals | Quantity::Measure(..) | Quantity::Distinct(_) => self.number(value),
        }
    }

    /// A goal by itself: `the mean of quality at least 90`.
    pub fn goal(self, goal: &Goal) -> String {
        format!("{} {}", self.quantity(&goal.quantity), self.target(&goal.quantity, goal.target))
    }

    /// `, at the end of the month`, of a goal that is decided then.
    pub(super) fn when_decided(self, goal: &Goal) -> String {
        match goal.decided {
            Decided::WhenReached => String::new(),
            Decided::AtEnd => format!(", {}", self.at_end_of(goal.per)),
        }
    }

    /// `, if in that month …`; with too few samples a guard holds (SEMANTICS S25).
    pub(super) fn guard_of(self, guard: &Guard) -> String {
        let goal = &guard.goal;
        let signals = Signals { on: &guard.on, when: None };
        let fewer = match (&goal.quantity, goal.target, goal.samples) {
            (Quantity::Signals, Target::AtMost(_), 1) => "",
            (.., 1) => self.pick(" (or there are none)", " (oder es keine gibt)"),
            _ => self.pick(" (or there are fewer)", " (oder es weniger gibt)"),
        };
        let least = if fewer.is_empty() { 0 } else { goal.samples };
        let clause = self.clause(&format!("{} ", self.in_that(goal.per)), &signals, goal, least);
        format!(", {} {clause}{fewer}", self.pick("if", "sofern"))
    }

    /// Who is paid for the goal of a team.
    pub(super) fn payee(self, payee: TeamPayee) -> String {
        match payee {
            TeamPayee::Team => self.pick(" for the team", " für das Team").to_owned(),
            TeamPayee::Members { min_days: 1 } => {
                self.pick(" for each who was a member", " für alle, die Mitglied waren").to_owned()
            }
            TeamPayee::Members { min_days } => self.pick(
                format!(" for each who was a member on at least {min_days} days"),
                format!(" für alle, die an mindestens {min_days} Tagen Mitglied waren"),
            ),
        }
    }

    fn at_least(self, what: &str) -> String {
        format!("{} {what}", self.pick("at least", "mindestens"))
    }

    fn at_most(self, what: &str) -> String {
        format!("{} {what}", self.pick("at most", "höchstens"))
    }
}
