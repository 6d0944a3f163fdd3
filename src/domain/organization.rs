//! The organisation's settings.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::Code;
use super::language::{Language, Localised};
use super::money::{Currency, Money};
use super::people::Role;
use super::points::Points;
use super::problem::{Finding, ProblemCode};
use super::visibility::Visibility;

/// What holds for the whole organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its name.
    pub name: String,
    /// The zone of its months (allowances) and of dates without a programme; an IANA name.
    pub time_zone: String,
    /// The language of people who have not chosen one.
    pub language: Language,
    /// For how many days evidence is accepted.
    pub acceptance_days: u32,
    /// How kudos work.
    pub kudos: KudosPolicy,
    /// The company values that kudos may name.
    pub values: Vec<CompanyValue>,
    /// Days on which nobody need work, ascending.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Whether somebody else than its author puts a programme's version in force.
    #[serde(default)]
    pub four_eyes: bool,
    /// How people are seen on boards.
    #[serde(default)]
    pub privacy: Privacy,
    /// How points are granted.
    #[serde(default)]
    pub grants: GrantPolicy,
    /// How rewards are handed over.
    #[serde(default)]
    pub redemptions: RedemptionPolicy,
    /// What benefits in kind of one person may be worth in a month before HR is warned; none without a warning.
    #[serde(default)]
    pub benefit_limit: Option<Money>,
}

/// How points are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantPolicy {
    /// Points that one person may grant a month.
    pub monthly_limit: Points,
    /// More at once awaits a second person's approval.
    pub second_approval_above: Points,
}

/// How rewards are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedemptionPolicy {
    /// Whether leads approve what their people ask for; HR always does.
    pub leads_approve: bool,
    /// Days after which what was not handed over expires.
    pub expires_after_days: u32,
}

/// What a benefit in kind may be worth in a month in Germany without being taxed (EStG § 8 (2) sentence 11).
pub const GERMAN_BENEFIT_LIMIT: Money = Money { cents: 5_000, currency: Currency::EUR };

/// How people are seen on boards, unless they choose for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// What the other two may be.
    pub profile: Profile,
    /// How people are seen who have not chosen.
    pub default_visibility: Visibility,
    /// The fewest people that a group hides somebody in: no view shows aliases, and no team stands on a board, below.
    pub smallest_group: u32,
}

/// How far the settings may go in showing people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// As far as the organisation likes.
    Standard,
    /// As far as a German works agreement commonly lets them: performance is ranked under pseudonyms, a name is shown
    /// only by one's own choice, small groups not at all, and no rule is put in force by one person alone (BetrVG § 87
    /// (1) no. 6). The settings may be tighter and never looser.
    Strict,
}

impl Profile {
    /// Its name in addresses and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Strict => "strict",
        }
    }
}

/// How kudos work (SEMANTICS S39, S40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KudosPolicy {
    /// Points that each person may give a month, unless one of `allowances` is for them.
    pub monthly_allowance: Points,
    /// Kudos that each person may send a month, unless one of `allowances` is for them; as many as one likes without.
    #[serde(default)]
    pub monthly_kudos: Option<u32>,
    /// Other allowances, for some.
    #[serde(default)]
    pub allowances: Vec<OtherAllowance>,
    /// Points that one person may receive a month; beyond it kudos carry none.
    pub monthly_cap_per_receiver: Points,
    /// Points that one person may give one other a month; beyond it kudos carry none.
    pub monthly_cap_per_pair: Points,
    /// For how long a sender may withdraw, in seconds.
    pub grace_seconds: u32,
    /// People that one kudos may go to.
    pub most_receivers: u32,
}

/// What some people may give a month instead of what everybody may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherAllowance {
    /// Who.
    pub holders: Holders,
    /// Points.
    pub points: Points,
    /// Kudos; as many as one likes without.
    pub kudos: Option<u32>,
}

/// Whom an allowance is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holders {
    /// Whoever is at home in the team, or in one below it.
    Team(Code),
    /// Whoever holds the role.
    Role(Role),
}

/// A company value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyValue {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
}

/// A day on which nobody need work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Which, by the local calendar.
    pub date: NaiveDate,
    /// Its name.
    pub name: Localised,
}

/// The least smallest group of the strict profile.
pub const STRICT_GROUP: u32 = 5;
/// The most open default of the strict profile.
pub const STRICT_DEFAULT: Visibility = Visibility::Alias;
/// The largest smallest group.
pub const MOST_SMALLEST_GROUP: u32 = 1_000;
/// The most that an allowance or a cap may be.
pub const MOST_POINTS: i64 = 1_000_000;
/// The most kudos a month that an allowance may name.
pub const MOST_KUDOS: u32 = 10_000;
/// The most allowances beside the one for everybody.
pub const MOST_ALLOWANCES: usize = 100;
/// The most company values.
pub const MOST_VALUES: usize = 50;
/// The most holidays: those of a working life.
pub const MOST_HOLIDAYS: usize = 1_000;

impl Organization {
    /// What is out of bounds.
    pub fn faults(&self) -> Vec<Finding> {
        let kudos = &self.kudos;
        let numbers = [
            ("/acceptance_days", i64::from(self.acceptance_days), 1, 3_650),
            ("/kudos/monthly_allowance", kudos.monthly_allowance.0, 0, MOST_POINTS),
            ("/kudos/monthly_cap_per_receiver", kudos.monthly_cap_per_receiver.0, 0, MOST_POINTS),
            ("/kudos/monthly_cap_per_pair", kudos.monthly_cap_per_pair.0, 0, MOST_POINTS),
            ("/kudos/grace_seconds", i64::from(kudos.grace_seconds), 0, 604_800),
            ("/kudos/most_receivers", i64::from(kudos.most_receivers), 1, 100),
            ("/smallest_group", i64::from(self.privacy.smallest_group), 1, i64::from(MOST_SMALLEST_GROUP)),
            ("/grants/monthly_limit", self.grants.monthly_limit.0, 0, MOST_POINTS),
            ("/grants/second_approval_above", self.grants.second_approval_above.0, 0, MOST_POINTS),
            ("/redemptions/expires_after_days", i64::from(self.redemptions.expires_after_days), 1, 3_650),
        ];
        let outside = numbers.into_iter().filter(|(_, value, least, most)| !(least..=most).contains(&value));
        let mut faults: Vec<Finding> = outside
            .map(|(pointer, _, least, most)| {
                Finding::new(pointer, ProblemCode::ExpectedWhole).with("least", least).with("most", most)
            })
            .collect();
        faults.extend(kudos.unfit_allowances());
        faults.extend(self.too_open());
        if self.values.len() > MOST_VALUES {
            faults.push(Finding::new("/values", ProblemCode::TooMany).with("limit", MOST_VALUES));
        }
        if self.holidays.len() > MOST_HOLIDAYS {
            faults.push(Finding::new("/holidays", ProblemCode::TooMany).with("limit", MOST_HOLIDAYS));
        }
        let mut dates = BTreeSet::new();
        for (index, holiday) in self.holidays.iter().enumerate() {
            if !dates.insert(holiday.date) {
                let pointer = format!("/holidays/{index}/date");
                faults.push(Finding::new(pointer, ProblemCode::DuplicateDate).with("date", holiday.date));
            }
        }
        let mut codes = BTreeSet::new();
        for (index, value) in self.values.iter().enumerate() {
            if !codes.insert(&value.code) {
                let pointer = format!("/values/{index}/code");
                faults.push(Finding::new(pointer, ProblemCode::DuplicateCode).with("code", &value.code));
            }
        }
        faults
    }

    /// What the strict profile does not take.
    fn too_open(&self) -> Vec<Finding> {
        let Privacy { profile, default_visibility, smallest_group } = self.privacy;
        if profile == Profile::Standard {
            return Vec::new();
        }
        let taken = [
            ("/default_visibility", default_visibility <= STRICT_DEFAULT, "hidden, alias".to_owned()),
            // One of no group at all is told by the bounds.
            ("/smallest_group", smallest_group == 0 || smallest_group >= STRICT_GROUP, format!(">= {STRICT_GROUP}")),
            ("/four_eyes", self.four_eyes, "true".to_owned()),
        ];
        let refused = taken.into_iter().filter(|(_, taken, _)| !taken);
        refused
            .map(|(pointer, _, expected)| Finding::new(pointer, ProblemCode::StrictProfile).with("expected", expected))
            .collect()
    }

    /// The same under another profile, by the values that it sets: the strict one leaves what is tighter already.
    #[must_use]
    pub fn under(self, profile: Profile) -> Self {
        let held = self.privacy;
        match profile {
            _ if profile == held.profile => self,
            Profile::Standard => Self { privacy: Privacy::default(), ..self },
            Profile::Strict => Self {
                privacy: Privacy {
                    profile,
                    default_visibility: held.default_visibility.min(STRICT_DEFAULT),
                    smallest_group: held.smallest_group.max(STRICT_GROUP),
                },
                four_eyes: true,
                benefit_limit: self.benefit_limit.or(Some(GERMAN_BENEFIT_LIMIT)),
                ..self
            },
        }
    }
}

impl KudosPolicy {
    /// What is out of bounds in how much people may give.
    fn unfit_allowances(&self) -> Vec<Finding> {
        if self.allowances.len() > MOST_ALLOWANCES {
            return vec![Finding::new("/kudos/allowances", ProblemCode::TooMany).with("limit", MOST_ALLOWANCES)];
        }
        let mut faults = Vec::new();
        let mut within = |pointer: String, value: i64, most: i64| {
            if !(0..=most).contains(&value) {
                let fault = Finding::new(pointer, ProblemCode::ExpectedWhole);
                faults.push(fault.with("least", 0).with("most", most));
            }
        };
        if let Some(kudos) = self.monthly_kudos {
            within("/kudos/monthly_kudos".to_owned(), kudos.into(), MOST_KUDOS.into());
        }
        for (index, other) in self.allowances.iter().enumerate() {
            within(format!("/kudos/allowances/{index}/points"), other.points.0, MOST_POINTS);
            if let Some(kudos) = other.kudos {
                within(format!("/kudos/allowances/{index}/kudos"), kudos.into(), MOST_KUDOS.into());
            }
        }
        for (index, other) in self.allowances.iter().enumerate() {
            if self.allowances.iter().take(index).any(|before| before.holders == other.holders) {
                let (field, code) = other.holders.named();
                let pointer = format!("/kudos/allowances/{index}/{field}");
                faults.push(Finding::new(pointer, ProblemCode::DuplicateCode).with("code", code));
            }
        }
        faults
    }
}

impl Holders {
    /// What they are named by, and how: `team` and its code, or `role` and its name.
    pub fn named(&self) -> (&'static str, &str) {
        match self {
            Self::Team(code) => ("team", code.as_str()),
            Self::Role(role) => ("role", role.name()),
        }
    }
}

impl Default for Privacy {
    /// That of the standard profile.
    fn default() -> Self {
        Self { profile: Profile::Standard, default_visibility: Visibility::Named, smallest_group: 1 }
    }
}

impl Default for GrantPolicy {
    fn default() -> Self {
        Self { monthly_limit: Points(1_000), second_approval_above: Points(250) }
    }
}

impl Default for RedemptionPolicy {
    fn default() -> Self {
        Self { leads_approve: false, expires_after_days: 90 }
    }
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            name: "Applaus".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            language: Language::En,
            acceptance_days: 400,
            kudos: KudosPolicy {
                monthly_allowance: Points(100),
                monthly_kudos: None,
                allowances: Vec::new(),
                monthly_cap_per_receiver: Points(200),
                monthly_cap_per_pair: Points(40),
                grace_seconds: 900,
                most_receivers: 20,
            },
            values: Vec::new(),
            holidays: Vec::new(),
            four_eyes: false,
            privacy: Privacy::default(),
            grants: GrantPolicy::default(),
            redemptions: RedemptionPolicy::default(),
            benefit_limit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(settings: &Organization) -> Vec<(String, ProblemCode)> {
        settings.faults().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn the_strict_profile_may_only_be_tightened() {
        let strict = Organization::default().under(Profile::Strict);
        assert_eq!(refused(&strict), []);
        let Privacy { default_visibility, smallest_group, .. } = strict.privacy;
        assert_eq!((default_visibility, smallest_group, strict.four_eyes), (Visibility::Alias, 5, true));
        let with = |privacy: Privacy, four_eyes| Organization { privacy, four_eyes, ..strict.clone() };
        let tighter = Privacy { default_visibility: Visibility::Hidden, smallest_group: 6, ..strict.privacy };
        assert_eq!(refused(&with(tighter, true)), []);
        let looser = Privacy { default_visibility: Visibility::Named, smallest_group: 4, ..strict.privacy };
        let places = ["/default_visibility", "/smallest_group", "/four_eyes"];
        assert_eq!(refused(&with(looser, false)), places.map(|at| (at.to_owned(), ProblemCode::StrictProfile)));
        let standard = with(Privacy { profile: Profile::Standard, ..looser }, false);
        assert_eq!(refused(&standard), []);
        let none = Privacy { smallest_group: 0, ..strict.privacy };
        assert_eq!(refused(&with(none, true)), [("/smallest_group".to_owned(), ProblemCode::ExpectedWhole)]);
    }

    #[test]
    fn allowances_are_bounded_and_each_is_for_others() {
        let other = |holders, points, kudos| OtherAllowance { holders, points: Points(points), kudos };
        let north = || Holders::Team(Code::new("north").unwrap());
        let with = |allowances: Vec<OtherAllowance>, monthly_kudos| {
            let kudos = KudosPolicy { allowances, monthly_kudos, ..Organization::default().kudos };
            refused(&Organization { kudos, ..Organization::default() })
        };
        let most = [other(north(), MOST_POINTS, Some(MOST_KUDOS)), other(Holders::Role(Role::Lead), 0, Some(0))];
        assert_eq!(with(most.to_vec(), Some(0)), []);
        let wrong = vec![
            other(north(), -1, None),
            other(Holders::Role(Role::Lead), MOST_POINTS + 1, Some(MOST_KUDOS + 1)),
            other(north(), 5, None),
        ];
        let places = with(wrong, Some(u32::MAX)).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
        let allowance = |place: &str| format!("/kudos/allowances/{place}");
        let expected = [allowance("0/points"), allowance("1/points"), allowance("1/kudos"), allowance("2/team")];
        assert_eq!(places, [vec!["/kudos/monthly_kudos".to_owned()], expected.to_vec()].concat());
        let many = vec![other(north(), 0, None); MOST_ALLOWANCES + 1];
        assert_eq!(with(many, None), [("/kudos/allowances".to_owned(), ProblemCode::TooMany)]);
    }

    #[test]
    fn becoming_strict_loosens_nothing() {
        let hidden = Privacy { default_visibility: Visibility::Hidden, smallest_group: 20, ..Privacy::default() };
        let strict = Organization { privacy: hidden, ..Organization::default() }.under(Profile::Strict);
        assert_eq!(strict.privacy, Privacy { profile: Profile::Strict, ..hidden });
        assert_eq!(strict.clone().under(Profile::Strict), strict);
        let back = strict.under(Profile::Standard);
        assert_eq!((back.privacy, back.four_eyes), (Privacy::default(), true));
    }
}
