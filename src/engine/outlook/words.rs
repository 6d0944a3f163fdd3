//! Outlooks in sentences.

use super::{BoostAhead, Fate, GoalState, Participation, Quota, RuleOutlook, StreakState, WhyNot};
use crate::domain::period::Zone;
use crate::domain::points::Points;
use crate::engine::explain::trace::Clause;
use crate::engine::explain::words::{Teller, cap_first, told};

/// Puts an outlook, and what became of its signal, into sentences.
pub(super) fn tell(outlook: &mut RuleOutlook, zone: &Zone) {
    let sentences = told(zone, |teller| teller.outlook(outlook));
    outlook.sentences = sentences;
    let Some(why) = &mut outlook.signal else { return };
    let sentences = told(zone, |teller| teller.why_not(why));
    why.sentences = sentences;
}

impl Teller<'_> {
    fn outlook(self, outlook: &RuleOutlook) -> Vec<String> {
        let mut said = vec![self.get(&outlook.says).to_owned()];
        said.extend(self.part(outlook.part));
        if outlook.part != Participation::Yes {
            return said;
        }
        said.extend(outlook.quotas.iter().map(|quota| self.quota(quota)));
        if let Some(until) = outlook.cooldown_until.map(|until| self.moment(until)) {
            said.push(self.pick(format!("Possible again from {until}."), format!("Wieder möglich ab {until}.")));
        }
        said.extend(outlook.streak.as_ref().map(|streak| self.streak(streak)));
        said.extend(outlook.goal.as_ref().map(|goal| self.goal_ahead(goal)));
        said.extend(outlook.guard.as_ref().map(|guard| self.guard(guard)));
        if outlook.pending > Points::ZERO {
            let points = self.speaker.points(outlook.pending);
            said.push(self.pick(format!("{points} wait for it."), format!("{points} warten darauf.")));
        }
        said.extend(outlook.boosts.iter().map(|boost| self.boost(boost)));
        said
    }

    fn part(self, part: Participation) -> Option<String> {
        let said = match part {
            Participation::Yes => return None,
            Participation::NotYet => self.pick("The programme has not begun.", "Das Programm hat noch nicht begonnen."),
            Participation::Ended => self.pick("The programme has ended.", "Das Programm ist beendet."),
            Participation::NotInAudience => {
                self.pick("The person is not among those it is for.", "Es richtet sich nicht an diese Person.")
            }
        };
        Some(said.to_owned())
    }

    fn quota(self, quota: &Quota) -> String {
        let says = cap_first(self.get(&quota.says));
        match (quota.left, quota.until.map(|until| self.moment(until))) {
            (Some(left), Some(until)) => {
                self.pick(format!("{says}: {left} left until {until}."), format!("{says}: {left} übrig bis {until}."))
            }
            _ => format!("{says}."),
        }
    }

    fn streak(self, streak: &StreakState) -> String {
        let StreakState { row, length, unit, of, today_counts } = streak;
        let (of, row) = (self.quoted(self.get(of)), format!("{row} {} {length}", self.pick("of", "von")));
        if *unit == "signal" {
            return self.pick(
                format!("{row} in a row; a signal that is not {of} breaks it."),
                format!("{row} in Folge; ein Signal, für das {of} nicht gilt, unterbricht sie."),
            );
        }
        let today = match today_counts {
            Some(true) => self.pick(", today counts already", ", heute zählt schon"),
            _ => self.pick(", today does not count yet", ", heute zählt noch nicht"),
        };
        self.pick(
            format!("{row} days in a row{today}; a working day without a signal {of} breaks it."),
            format!("{row} Tagen in Folge{today}; ein Arbeitstag ohne Signal {of} unterbricht sie."),
        )
    }

    fn goal_ahead(self, state: &GoalState) -> String {
        let goal = &state.goal;
        let mut said = format!("{}: {}", cap_first(self.get(&goal.says)), self.reached(goal));
        if !goal.has_samples() {
            let needed = goal.samples_needed;
            said.push_str(&self.pick(format!(", {needed} are needed"), format!(", {needed} sind nötig")));
        }
        if goal.met > 0 && !state.repeats {
            said.push_str(self.pick(
                if goal.at_once { ", met" } else { ", met so far" },
                if goal.at_once { ", erreicht" } else { ", bisher erfüllt" },
            ));
        } else if let Some(missing) = goal.short.as_ref().map(|short| self.get(short)) {
            said.push_str(&self.pick(format!(", {missing} away"), format!(", noch {missing}")));
        }
        let until = self.moment(state.until);
        said.push_str(&self.pick(format!("; it runs until {until}"), format!("; es läuft bis {until}")));
        if let Some(at) = state.decided_at.map(|at| self.moment(at)) {
            said.push_str(&self.pick(format!(" and is decided on {at}"), format!(" und wird am {at} entschieden")));
        }
        said + "."
    }

    fn boost(self, boost: &BoostAhead) -> String {
        let now =
            if boost.running { self.pick("In force", "Läuft gerade") } else { self.pick("To come", "Demnächst") };
        format!("{now}: {}", self.get(&boost.says))
    }

    fn why_not(self, why: &WhyNot) -> Vec<String> {
        let mut said = vec![self.fate(why)];
        let told: Vec<&Clause> = why.clauses.iter().chain(&why.of).collect();
        said.extend(told.into_iter().flat_map(|clause| self.clauses(clause)));
        if let Some((formula, base)) = why.formula.as_ref().zip(why.base) {
            said.push(self.formula(formula, base));
        }
        let mut before = why.claimed.unwrap_or_default();
        for step in &why.limits {
            said.push(self.limit(step, before));
            before = step.leaves.unwrap_or(before);
        }
        said.extend(why.guard.as_ref().map(|guard| self.guard(guard)));
        said
    }

    fn fate(self, why: &WhyNot) -> String {
        let points = self.speaker.points(why.points.unwrap_or_default());
        let (en, de): (&str, &str) = match why.fate {
            Fate::Rewarded => {
                return self.pick(format!("It was rewarded: {points}."), format!("Es wurde belohnt: {points}."));
            }
            Fate::Pending => {
                return self.pick(
                    format!("It is worth {points}, which wait for the guard."),
                    format!("Es bringt {points}, die auf die Bedingung warten."),
                );
            }
            Fate::CoolingDown => {
                let until = why.cooldown.and_then(|cooldown| cooldown.until).map(|until| self.moment(until));
                let until = until.unwrap_or_default();
                return self.pick(
                    format!("It came too soon after the award before: the next was possible from {until}."),
                    format!("Es kam zu bald nach der vorigen Vergabe: Die nächste war ab {until} möglich."),
                );
            }
            Fate::GuardFailed => ("The guard did not hold.", "Die Bedingung war nicht erfüllt."),
            Fate::NotInForce => ("No version was in force that day.", "An diesem Tag galt keine Fassung."),
            Fate::NoSuchRule => ("The rule was not in force that day.", "An diesem Tag galt die Regel nicht."),
            Fate::NotInAudience => {
                ("The person was not among those it is for.", "Es richtete sich damals nicht an diese Person.")
            }
            Fate::OtherKind => {
                ("The rule does not look at signals of this kind.", "Die Regel betrachtet andere Arten von Signalen.")
            }
            Fate::NotSelected => ("The rule does not select it.", "Die Regel wählt es nicht aus."),
            Fate::Counts => ("It counts towards it.", "Es zählt mit."),
            Fate::CountsAlready => ("Its day counts already.", "Sein Tag zählt schon."),
            Fate::Breaks => ("It breaks the row.", "Es unterbricht die Folge."),
            Fate::DoesNotCount => ("It does not make its day count.", "Sein Tag zählt dadurch nicht."),
            Fate::LimitReached => ("A limit was reached.", "Eine Grenze war erreicht."),
            Fate::NothingLeft => ("The limits left nothing.", "Die Grenzen ließen nichts übrig."),
            Fate::NoPoints => ("It is worth no points.", "Es bringt keine Punkte."),
        };
        self.pick(en, de).to_owned()
    }
}
