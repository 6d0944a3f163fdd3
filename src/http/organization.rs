//! The organisation's settings over HTTP.

mod policies;

use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::policies::{GrantsOut, GrantsPatch, RedemptionsOut, RedemptionsPatch};
use super::conditional::{MeantFor, answer, revision_tag, tagged};
use super::creating::changed;
use super::fields::{Faults, MOST_NAME_CHARS, MoneyField, Names, code, given, line};
use super::json::Json;
use super::permit::{ChangeOrganization, Permit, ReadOrganization};
use super::problem::{ApiError, ProblemBody};
use crate::access::policy::{Action, permits};
use crate::domain::language::Language;
use crate::domain::organization::{
    CompanyValue, Holders, Holiday, KudosPolicy, MOST_ALLOWANCES, MOST_HOLIDAYS, MOST_VALUES, Organization,
    OtherAllowance, Privacy, Profile,
};
use crate::domain::people::Role;
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::programme::local_date;
use crate::domain::visibility::Visibility;
use crate::writer::organization::{ChangeOrganization as Change, Expected};

/// The settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationOut {
    /// The organisation's name.
    pub name: String,
    /// The zone of its months, and of dates without a programme; an IANA name.
    pub time_zone: String,
    /// The language of people who have not chosen one: `en` or `de`.
    pub language: &'static str,
    /// The company values that kudos may name.
    pub values: Vec<ValueOut>,
    /// How kudos work.
    pub kudos: KudosOut,
    /// Days on which nobody need work, ascending.
    pub holidays: Vec<HolidayOut>,
    /// How far the settings may go in showing people: `standard`, or `strict` (as far as a German works agreement
    /// commonly lets them).
    pub profile: &'static str,
    /// How people are seen on boards who have not chosen: `named`, `alias` or `hidden`.
    pub default_visibility: &'static str,
    /// The fewest people that a group hides somebody in: where fewer would stand under an alias, or fewer are in a
    /// team, boards do not show them.
    pub smallest_group: u32,
    /// For how many days evidence is accepted. Shown to HR and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptance_days: Option<u32>,
    /// Whether somebody else than its author puts a programme's version in force. Shown to HR and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub four_eyes: Option<bool>,
    /// How points are granted. Shown to HR and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<GrantsOut>,
    /// How rewards are handed over. Shown to HR and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemptions: Option<RedemptionsOut>,
    /// What benefits in kind of one person may be worth in a month before HR is warned; null without a warning. Shown to
    /// HR and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefit_limit: Option<Option<MoneyField>>,
}

/// A day on which nobody need work.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayOut {
    /// Which, by the local calendar.
    #[schema(format = Date, example = "2026-12-25")]
    pub date: String,
    /// Its name.
    pub name: Names,
}

/// A company value.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueOut {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Names,
}

/// How kudos work.
#[derive(Debug, Serialize, ToSchema)]
pub struct KudosOut {
    /// Points that each person may give a month, unless one of `allowances` is for them.
    pub monthly_allowance: i64,
    /// Kudos that each person may send a month, unless one of `allowances` is for them; null for as many as they like.
    pub monthly_kudos: Option<u32>,
    /// Other allowances, for some: that of the nearest team counts, else the first listed of one's roles.
    pub allowances: Vec<OtherAllowanceOut>,
    /// Points that one person may receive a month; beyond it kudos carry none.
    pub monthly_cap_per_receiver: i64,
    /// Points that one person may give one other a month; beyond it kudos carry none.
    pub monthly_cap_per_pair: i64,
    /// For how long a sender may withdraw, in seconds.
    pub grace_seconds: u32,
    /// People that one kudos may go to.
    pub most_receivers: u32,
}

/// What some people may give a month instead of what everybody may.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherAllowanceOut {
    /// The code of a team: whoever is at home in it or below it. Either this or `role`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub team: Option<String>,
    /// A role: whoever holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^(agent|lead|hr|source|auditor|admin)$")]
    pub role: Option<Role>,
    /// Points: 0 to 1000000.
    pub points: i64,
    /// Kudos: 0 to 10000; null for as many as one likes.
    pub kudos: Option<u32>,
}

/// What shall be different; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationPatch {
    /// The organisation's name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub name: Option<String>,
    /// An IANA name. Not in the hours when it is another month there: allowances are per month.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub time_zone: Option<String>,
    /// `en` or `de`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^(en|de)$")]
    pub language: Option<Language>,
    /// 1 to 3650.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, nullable = false)]
    pub acceptance_days: Option<u32>,
    /// How kudos work.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<KudosPatch>, nullable = false)]
    pub kudos: Option<KudosPatch>,
    /// All company values, at most 50.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<ValueOut>>, nullable = false)]
    pub values: Option<Vec<ValueOut>>,
    /// All holidays, at most 1000, in any order. What depends on them is awarded anew.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<HolidayOut>>, nullable = false)]
    pub holidays: Option<Vec<HolidayOut>>,
    /// Whether somebody else than its author must put a programme's version in force.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>, nullable = false)]
    pub four_eyes: Option<bool>,
    /// `standard` or `strict`. Another than before sets its values, to which the rest of this request is applied.
    /// Standard: by name, groups of 1. Strict: by alias, groups of 5, and `four_eyes`, unless that is tighter already;
    /// while it holds, these may be tightened and not loosened.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^(standard|strict)$")]
    pub profile: Option<Profile>,
    /// `named`, `alias` or `hidden`: how people are seen on boards who have not chosen.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^(hidden|alias|named)$")]
    pub default_visibility: Option<Visibility>,
    /// 1 to 1000: the fewest people that a group hides somebody in.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, nullable = false)]
    pub smallest_group: Option<u32>,
    /// How points are granted.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<GrantsPatch>, nullable = false)]
    pub grants: Option<GrantsPatch>,
    /// How rewards are handed over.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<RedemptionsPatch>, nullable = false)]
    pub redemptions: Option<RedemptionsPatch>,
    /// What benefits in kind of one person may be worth in a month before HR is warned; null for no warning. The strict
    /// profile sets 50.00 EUR where there is none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<MoneyField>)]
    pub benefit_limit: Option<Option<MoneyField>>,
}

/// What shall be different about kudos; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KudosPatch {
    /// 0 to 1000000. Holds for allowances that are not yet in use.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    pub monthly_allowance: Option<i64>,
    /// 0 to 10000, or null for as many as one likes. Holds at once.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub monthly_kudos: Option<Option<u32>>,
    /// All other allowances, at most 100. Their points hold for allowances that are not yet in use.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<OtherAllowanceOut>>, nullable = false)]
    pub allowances: Option<Vec<OtherAllowanceOut>>,
    /// 0 to 1000000.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    pub monthly_cap_per_receiver: Option<i64>,
    /// 0 to 1000000.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    pub monthly_cap_per_pair: Option<i64>,
    /// 0 to 604800.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, nullable = false)]
    pub grace_seconds: Option<u32>,
    /// 1 to 100.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, nullable = false)]
    pub most_receivers: Option<u32>,
}

impl OrganizationOut {
    fn public(settings: &Organization) -> Self {
        let kudos = &settings.kudos;
        let value = |value: &CompanyValue| ValueOut { code: value.code.to_string(), name: value.name.clone().into() };
        Self {
            name: settings.name.clone(),
            time_zone: settings.time_zone.clone(),
            language: settings.language.tag(),
            values: settings.values.iter().map(value).collect(),
            kudos: KudosOut {
                monthly_allowance: kudos.monthly_allowance.0,
                monthly_kudos: kudos.monthly_kudos,
                allowances: kudos.allowances.iter().map(OtherAllowanceOut::new).collect(),
                monthly_cap_per_receiver: kudos.monthly_cap_per_receiver.0,
                monthly_cap_per_pair: kudos.monthly_cap_per_pair.0,
                grace_seconds: kudos.grace_seconds,
                most_receivers: kudos.most_receivers,
            },
            holidays: settings.holidays.iter().map(HolidayOut::new).collect(),
            profile: settings.privacy.profile.name(),
            default_visibility: settings.privacy.default_visibility.name(),
            smallest_group: settings.privacy.smallest_group,
            acceptance_days: None,
            four_eyes: None,
            grants: None,
            redemptions: None,
            benefit_limit: None,
        }
    }

    fn whole(settings: &Organization) -> Self {
        Self {
            acceptance_days: Some(settings.acceptance_days),
            four_eyes: Some(settings.four_eyes),
            grants: Some(settings.grants.into()),
            redemptions: Some(settings.redemptions.into()),
            benefit_limit: Some(settings.benefit_limit.map(Into::into)),
            ..Self::public(settings)
        }
    }
}

impl HolidayOut {
    fn new(holiday: &Holiday) -> Self {
        Self { date: holiday.date.to_string(), name: holiday.name.clone().into() }
    }
}

impl OtherAllowanceOut {
    fn new(other: &OtherAllowance) -> Self {
        let (team, role) = match &other.holders {
            Holders::Team(code) => (Some(code.to_string()), None),
            Holders::Role(role) => (None, Some(*role)),
        };
        Self { team, role, points: other.points.0, kudos: other.kudos }
    }

    fn read(&self, index: usize) -> Result<OtherAllowance, Finding> {
        let pointer = format!("/kudos/allowances/{index}");
        let holders = match (&self.team, self.role) {
            (Some(team), None) => Holders::Team(code(&format!("{pointer}/team"), team)?),
            (None, Some(role)) => Holders::Role(role),
            _ => return Err(Finding::new(pointer, ProblemCode::EitherOne).with("fields", "team, role")),
        };
        Ok(OtherAllowance { holders, points: Points(self.points), kudos: self.kudos })
    }
}

/// All of them are looked at, so that every fault is told.
fn allowances(given: &[OtherAllowanceOut], faults: &mut Faults) -> Option<Vec<OtherAllowance>> {
    if given.len() > MOST_ALLOWANCES {
        let finding = Finding::new("/kudos/allowances", ProblemCode::TooMany).with("limit", MOST_ALLOWANCES);
        return faults.check(Err(finding));
    }
    let read = given.iter().enumerate().map(|(index, other)| faults.check(other.read(index)));
    read.collect::<Vec<_>>().into_iter().collect()
}

impl KudosPatch {
    fn applied(self, held: KudosPolicy, faults: &mut Faults) -> Option<KudosPolicy> {
        let points = |wanted: Option<i64>, held| wanted.map_or(held, Points);
        let allowances = match &self.allowances {
            Some(given) => allowances(given, faults)?,
            None => held.allowances,
        };
        Some(KudosPolicy {
            monthly_allowance: points(self.monthly_allowance, held.monthly_allowance),
            monthly_kudos: self.monthly_kudos.unwrap_or(held.monthly_kudos),
            allowances,
            monthly_cap_per_receiver: points(self.monthly_cap_per_receiver, held.monthly_cap_per_receiver),
            monthly_cap_per_pair: points(self.monthly_cap_per_pair, held.monthly_cap_per_pair),
            grace_seconds: self.grace_seconds.unwrap_or(held.grace_seconds),
            most_receivers: self.most_receivers.unwrap_or(held.most_receivers),
        })
    }
}

fn values(given: &[ValueOut], faults: &mut Faults) -> Option<Vec<CompanyValue>> {
    if given.len() > MOST_VALUES {
        let finding = Finding::new("/values", ProblemCode::TooMany).with("limit", MOST_VALUES);
        return faults.check(Err(finding));
    }
    let read = given.iter().enumerate().map(|(index, value)| {
        let code = faults.check(code(&format!("/values/{index}/code"), &value.code));
        let name = value.name.checked(&format!("/values/{index}/name"), faults);
        Some(CompanyValue { code: code?, name: name? })
    });
    // All of them are looked at, so that every fault is told.
    read.collect::<Vec<_>>().into_iter().collect()
}

fn holidays(given: &[HolidayOut], faults: &mut Faults) -> Option<Vec<Holiday>> {
    if given.len() > MOST_HOLIDAYS {
        let finding = Finding::new("/holidays", ProblemCode::TooMany).with("limit", MOST_HOLIDAYS);
        return faults.check(Err(finding));
    }
    let read = given.iter().enumerate().map(|(index, holiday)| {
        let date = faults.check(local_date(&format!("/holidays/{index}/date"), &holiday.date));
        let name = holiday.name.checked(&format!("/holidays/{index}/name"), faults);
        Some(Holiday { date: date?, name: name? })
    });
    read.collect::<Vec<_>>().into_iter().collect()
}

impl OrganizationPatch {
    fn applied(self, held: Organization) -> Result<Organization, Problem> {
        let held = match self.profile {
            Some(profile) => held.under(profile),
            None => held,
        };
        let mut faults = Faults::default();
        let name = faults.check_given(self.name, |name| line("/name", &name, MOST_NAME_CHARS));
        let values = match &self.values {
            Some(given) => values(given, &mut faults),
            None => Some(held.values.clone()),
        };
        let holidays = match &self.holidays {
            Some(given) => holidays(given, &mut faults),
            None => Some(held.holidays.clone()),
        };
        let kudos = match self.kudos {
            Some(kudos) => kudos.applied(held.kudos.clone(), &mut faults),
            None => Some(held.kudos.clone()),
        };
        let benefit_limit = match &self.benefit_limit {
            Some(Some(limit)) => faults.check(limit.checked("/benefit_limit")).map(Some),
            Some(None) => Some(None),
            None => Some(held.benefit_limit),
        };
        let settings = || {
            Some(Organization {
                name: name?.unwrap_or_else(|| held.name.clone()),
                time_zone: self.time_zone.unwrap_or_else(|| held.time_zone.clone()),
                language: self.language.unwrap_or(held.language),
                acceptance_days: self.acceptance_days.unwrap_or(held.acceptance_days),
                kudos: kudos?,
                values: values?,
                holidays: holidays?,
                four_eyes: self.four_eyes.unwrap_or(held.four_eyes),
                privacy: Privacy {
                    profile: held.privacy.profile,
                    default_visibility: self.default_visibility.unwrap_or(held.privacy.default_visibility),
                    smallest_group: self.smallest_group.unwrap_or(held.privacy.smallest_group),
                },
                grants: self.grants.map_or(held.grants, |grants| grants.applied(held.grants)),
                redemptions: self.redemptions.map_or(held.redemptions, |policy| policy.applied(held.redemptions)),
                benefit_limit: benefit_limit?,
            })
        };
        faults.whole(settings())
    }
}

/// Read the settings
///
/// Everybody sees the public part; HR and administrators see all.
#[utoipa::path(get, path = "/api/v1/organization", tag = "Organisation",
    responses(
        (status = 200, description = "The settings", body = OrganizationOut, headers(("ETag" = String, description = "Of this state"))),
        (status = 304, description = "The reader has it already"),
    ))]
pub async fn read(permit: Permit<ReadOrganization>, request: HttpRequest) -> HttpResponse {
    let catalogue = permit.state.catalogue();
    let (settings, revision) = (&catalogue.organization, catalogue.organization_revision);
    if permits(Action::ReadWholeOrganization, &permit.caller, &[]) {
        return answer(&request, revision_tag(revision), &OrganizationOut::whole(settings));
    }
    let tag = EntityTag::new_strong(format!("r{revision}-public"));
    answer(&request, tag, &OrganizationOut::public(settings))
}

/// Change the settings
#[utoipa::path(patch, path = "/api/v1/organization", tag = "Organisation", request_body = OrganizationPatch,
    params(("If-Match" = String, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The settings as they are now", body = OrganizationOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 412, description = "Changed in the meantime", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn change(
    permit: Permit<ChangeOrganization>,
    meant: MeantFor,
    Json(patch): Json<OrganizationPatch>,
) -> Result<HttpResponse, ApiError> {
    let catalogue = permit.state.catalogue();
    let revision = catalogue.organization_revision;
    meant.check(&revision_tag(revision))?;
    let settings = patch.applied(catalogue.organization.clone())?;
    let command = Change { settings, expected: Expected::Revision(revision) };
    let written = permit.state.write(permit.actor(), command).await?;
    let tag = revision_tag(written.output.revision);
    Ok(tagged(changed(written.sequence, &OrganizationOut::whole(&written.output.settings()?)), tag))
}
