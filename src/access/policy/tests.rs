//! Every action, against every role, scope and relation.

use std::fmt::Write;

use chrono::DateTime;

use super::*;
use crate::access::caller::{Dated, HeldRoles};
use crate::domain::ids::PersonId;

fn caller(held: &[Role], scope: Option<&[Role]>) -> Caller {
    Caller {
        person: PersonId::new(DateTime::UNIX_EPOCH),
        user_name: "anna".to_owned(),
        language: None,
        held: HeldRoles { roles: held.iter().copied().collect(), ..HeldRoles::default() },
        dated: Dated::default(),
        scope: scope.map(|roles| roles.iter().copied().collect()),
        until: DateTime::UNIX_EPOCH,
    }
}

fn subsets<T: Copy>(all: &[T]) -> Vec<Vec<T>> {
    (0..1_usize << all.len())
        .map(|mask| all.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, item)| *item).collect())
        .collect()
}

/// The smallest sets of relations that are enough.
fn smallest(enough: impl Fn(&[Relation]) -> bool) -> Vec<Vec<Relation>> {
    let sets: Vec<_> = subsets(&Relation::ALL).into_iter().filter(|set| enough(set)).collect();
    let inside =
        |set: &[Relation], other: &[Relation]| other.len() < set.len() && other.iter().all(|r| set.contains(r));
    sets.iter().filter(|set| !sets.iter().any(|other| inside(set, other))).cloned().collect()
}

fn show(acts: &mut String, who: &str, sets: &[Vec<Relation>]) {
    for set in sets {
        let relations: Vec<String> = set.iter().map(|relation| format!("{relation:?}")).collect();
        let separator = if relations.is_empty() { "" } else { ":" };
        write!(acts, " {who}{separator}{}", relations.join("+")).unwrap();
    }
}

#[test]
fn the_table_acts_as_reviewed() {
    let mut acts = String::new();
    for (action, _) in TABLE {
        write!(acts, "{action:?}:").unwrap();
        if permits(*action, &caller(&[], None), &[]) {
            acts.push_str(" nobody-in-particular");
        }
        let all = Role::ALL.map(|role| caller(&[role], None));
        let in_any = |set: &[Relation]| all.iter().all(|caller| permits(*action, caller, set));
        show(&mut acts, "any", &smallest(in_any));
        for (role, caller) in Role::ALL.iter().zip(&all) {
            let ways = smallest(|set| permits(*action, caller, set));
            show(&mut acts, role.name(), &ways.into_iter().filter(|set| !in_any(set)).collect::<Vec<_>>());
        }
        acts.push('\n');
    }
    let reviewed: String = REVIEWED.trim().lines().map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(acts, reviewed);
}

/// The whole table as it acts, a line for each action: who may, and in which relation.
///
/// This is the reviewed answer to "who may do what"; API.md says the same in its column "who".
const REVIEWED: &str = "
    ReadOwnIdentity: nobody-in-particular any
    SearchPeople: any
    ReadPerson: any:Themselves lead:LeadOfThem hr admin
    CreatePerson: hr admin
    ChangePerson: hr admin
    ErasePerson: hr:Uninvolved admin:Uninvolved
    ChangeRoles: admin
    ReadMemberships: any:Themselves lead:LeadOfThem hr
    ChangeMemberships: hr
    ReadAbsences: any:Themselves lead:LeadOfThem hr
    ChangeAbsences: lead:LeadOfThem hr
    ReadStanding: any:Themselves lead:LeadOfThem hr
    ReadAllowance: any:Themselves hr
    ReadTransfers: any:Themselves lead:LeadOfThem hr auditor
    ReadBadges: any:Themselves lead:LeadOfThem hr auditor
    ReadPersonSignals: any:Themselves lead:LeadOfThem hr auditor
    ReadTeams: any
    ChangeTeams: hr admin
    ReadMeasures: any
    ChangeMeasures: hr
    ReadOrganization: any
    ReadWholeOrganization: hr admin
    ChangeOrganization: hr admin
    WriteSignals: hr source:OwnSource
    VoidSignals: hr source:OwnSource
    ReadSignals: any:Themselves lead:LeadOfThem hr source:OwnSource
    ReadProgrammeSchema: any
    ValidateProgramme: hr
    ListProgrammes: any
    ReadProgramme: any:Audience hr auditor
    WriteProgramme: hr
    ReadVersions: hr auditor
    ActivateVersion: hr
    BackTestProgramme: hr
    EndProgramme: hr
    PrepareSeason: hr auditor
    CloseSeason: hr
    TakeStreamTicket: any
    ListBoards: any
    ReadBoard: any:Audience lead:LeadOfThem hr auditor
    ListContests: any
    ReadContest: any:Audience lead:LeadOfThem hr auditor
    ReadWholeContest: hr
    DisqualifyFromContest: hr
    FinaliseContest: hr
    ReadWholeStatement: hr auditor
    ReadVisibility: any:Themselves
    ChangeVisibility: any:Themselves
    OwnCertificates: any:Themselves
    FollowOwnJobs: any
    SendKudos: any
    ReadKudos: any:Themselves any:Audience any:Sender lead:LeadOfThem lead:LeadOfSender hr
    ReactToKudos: any:Themselves any:Audience any:Sender lead:LeadOfThem lead:LeadOfSender hr
    ReplyToKudos: any:Themselves any:Audience any:Sender lead:LeadOfThem lead:LeadOfSender hr
    DeleteKudosReply: any:Author lead:LeadOfThem+Uninvolved lead:LeadOfSender+Uninvolved hr:Uninvolved
    ReportKudos: any:Themselves any:Audience+Uninvolved lead:LeadOfThem+Uninvolved lead:LeadOfSender+Uninvolved hr:Uninvolved
    ReadOwnKudosReport: any:Author
    ListKudosReports: lead hr
    ModerateKudos: lead:LeadOfThem+Uninvolved lead:LeadOfSender+Uninvolved hr:Uninvolved
    RetractKudos: any:Sender lead:LeadOfThem+Uninvolved hr:Uninvolved
    ReadKudosPatterns: hr
    GivePoints: lead:LeadOfThem hr
    ReadGrants: any:Themselves any:Sender lead:LeadOfThem hr
    DecideGrants: hr:Uninvolved
    CancelGrants: any:Sender
    ReadBudgets: lead:LeadOfThem hr auditor
    ChangeBudgets: hr
    ReadPayroll: hr
    ClosePayroll: hr
    ReadRewards: any
    ReadWholeRewards: hr
    ChangeRewards: hr
    RequestRedemption: any
    ReadRedemptions: any:Themselves lead:LeadOfThem hr
    DecideRedemption: lead:LeadOfThem+Uninvolved+Delegated hr:Uninvolved
    CancelRedemption: any:Themselves lead:LeadOfThem+Uninvolved+Delegated hr:Uninvolved
    TakeRedemptionCode: any:Themselves
    ReadApprovals: lead hr
    ";

#[test]
fn a_permission_follows_from_the_roles_in_scope_alone() {
    let scopes = subsets(&Role::ALL);
    let relations = subsets(&Relation::ALL);
    for (action, _) in TABLE {
        for held in subsets(&Role::ALL) {
            for scope in &scopes {
                let both: Vec<Role> = held.iter().copied().filter(|role| scope.contains(role)).collect();
                let (narrowed, holding_less) = (caller(&held, Some(scope)), caller(&both, None));
                // The relations do not meet the scope, so two sets of them show it as well as all do.
                for set in [&relations[0], &relations[relations.len() - 1]] {
                    assert_eq!(permits(*action, &narrowed, set), permits(*action, &holding_less, set));
                }
            }
        }
    }
}

#[test]
fn several_roles_permit_what_one_of_them_permits() {
    for (action, _) in TABLE {
        for held in subsets(&Role::ALL).into_iter().filter(|held| !held.is_empty()) {
            for set in subsets(&Relation::ALL) {
                let one = held.iter().any(|role| permits(*action, &caller(&[*role], None), &set));
                assert_eq!(permits(*action, &caller(&held, None), &set), one, "{action:?} {held:?} {set:?}");
            }
        }
    }
}

#[test]
fn without_a_role_one_learns_who_one_is_and_nothing_else() {
    for nobody in
        [caller(&[], None), caller(&[Role::Admin, Role::Hr], Some(&[])), caller(&[Role::Hr], Some(&[Role::Admin]))]
    {
        for (action, _) in TABLE {
            assert_eq!(permits(*action, &nobody, &Relation::ALL), *action == Action::ReadOwnIdentity, "{action:?}");
        }
    }
}
