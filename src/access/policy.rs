//! The one table of who may do what. Whatever guards an operation asks [`permits`]; nothing else knows which role may.
//!
//! Knows no rows: whoever loads the row says how the caller stands to it, by [`Relation`]s. A relation that nobody
//! established does not hold, so forgetting one refuses.

use super::caller::Caller;
use crate::domain::people::Role;

/// How a caller stands to what an operation touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// It is the caller, or is about the caller; of a kudos: the caller received it.
    Themselves,
    /// The caller leads the person it is about; of a board or programme: somebody of its audience; of a budget:
    /// the team it is for.
    LeadOfThem,
    /// It is published to a group that the caller belongs to.
    Audience,
    /// The caller sent it.
    Sender,
    /// The caller leads whoever sent it; of a kudos that is not private and stands.
    LeadOfSender,
    /// The caller wrote it: a reply, a report.
    Author,
    /// The caller neither sent nor received it, nor is it about them.
    Uninvolved,
    /// It bears a source that the caller delivers.
    OwnSource,
    /// The organisation leaves deciding it to leads too.
    Delegated,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 9] = [
        Self::Themselves,
        Self::LeadOfThem,
        Self::Audience,
        Self::Sender,
        Self::LeadOfSender,
        Self::Author,
        Self::Uninvolved,
        Self::OwnSource,
        Self::Delegated,
    ];
}

/// Which caller a [`Grant`] is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever has a valid token, even one whose scope leaves no role.
    Anyone,
    /// Whoever acts in at least one role.
    InAnyRole,
    /// Whoever acts in this role.
    In(Role),
}

/// One way to be permitted: to be somebody, and to stand in each of these relations.
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    /// Who.
    pub who: Who,
    /// In which relations; none for an operation on whatever there is.
    pub relations: &'static [Relation],
}

macro_rules! who {
    (Anyone) => {
        Who::Anyone
    };
    (InAnyRole) => {
        Who::InAnyRole
    };
    ($role:ident) => {
        Who::In(Role::$role)
    };
}

macro_rules! table {
    ($($(#[$doc:meta])+ $action:ident: $($who:ident $(if $($relation:ident)&&+)?),+;)+) => {
        /// A guarded operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])+ $action),+
        }

        /// Who may do what, a row for each action.
        pub const TABLE: &[(Action, &[Grant])] = &[
            $((Action::$action, Action::$action.grants())),+
        ];

        impl Action {
            /// The ways to be permitted; one of them is enough.
            pub const fn grants(self) -> &'static [Grant] {
                match self {
                    $(Self::$action => &[
                        $(Grant { who: who!($who), relations: &[$($(Relation::$relation),+)?] }),+
                    ]),+
                }
            }
        }
    };
}

table! {
    // People
    /// Who one is, and what one may do.
    ReadOwnIdentity: Anyone;
    /// Names and teams, to find somebody.
    SearchPeople: InAnyRole;
    /// Everything about a person that the directory holds.
    ReadPerson: InAnyRole if Themselves, Lead if LeadOfThem, Hr, Admin;
    /// A new person.
    CreatePerson: Hr, Admin;
    /// Names, addresses, language, deactivation.
    ChangePerson: Hr, Admin;
    /// Erasing a person, for good; never oneself.
    ErasePerson: Hr if Uninvolved, Admin if Uninvolved;
    /// Giving and taking roles.
    ChangeRoles: Admin;
    /// Home teams, and since when.
    ReadMemberships: InAnyRole if Themselves, Lead if LeadOfThem, Hr;
    /// Moving somebody to another team.
    ChangeMemberships: Hr;

    /// Days off.
    ReadAbsences: InAnyRole if Themselves, Lead if LeadOfThem, Hr;
    /// Entering and removing days off.
    ChangeAbsences: Lead if LeadOfThem, Hr;

    // What a person earned
    /// The one screen of points, tiers, ranks, badges and wallet.
    ReadStanding: InAnyRole if Themselves, Lead if LeadOfThem, Hr;
    /// What is left of the month's kudos allowance.
    ReadAllowance: InAnyRole if Themselves, Hr;
    /// A person's lines of the ledger, one of them, and its explanation.
    ReadTransfers: InAnyRole if Themselves, Lead if LeadOfThem, Hr, Auditor;
    /// A person's badges.
    ReadBadges: InAnyRole if Themselves, Lead if LeadOfThem, Hr, Auditor;
    /// The evidence about a person.
    ReadPersonSignals: InAnyRole if Themselves, Lead if LeadOfThem, Hr, Auditor;

    // The organisation
    /// Teams.
    ReadTeams: InAnyRole;
    /// Creating and changing teams.
    ChangeTeams: Hr, Admin;
    /// The catalogue of measures.
    ReadMeasures: InAnyRole;
    /// Adding and changing measures.
    ChangeMeasures: Hr;
    /// The public part of the organisation's settings.
    ReadOrganization: InAnyRole;
    /// All of the organisation's settings.
    ReadWholeOrganization: Hr, Admin;
    /// Changing them.
    ChangeOrganization: Hr, Admin;

    // Evidence
    /// Delivering and correcting evidence.
    WriteSignals: Source if OwnSource, Hr;
    /// Withdrawing evidence for good.
    VoidSignals: Source if OwnSource, Hr;
    /// A signal and its revisions.
    ReadSignals: Source if OwnSource, InAnyRole if Themselves, Lead if LeadOfThem, Hr;

    // Programmes and boards
    /// The schema of the programme document.
    ReadProgrammeSchema: InAnyRole;
    /// Checking a document.
    ValidateProgramme: Hr;
    /// Which programmes there are for the caller.
    ListProgrammes: InAnyRole;
    /// What a programme says to those it is for.
    ReadProgramme: InAnyRole if Audience, Hr, Auditor;
    /// Drafts: creating, replacing, deleting.
    WriteProgramme: Hr;
    /// Every version of the rules, drafts included.
    ReadVersions: Hr, Auditor;
    /// Putting a version in force.
    ActivateVersion: Hr;
    /// Asking what a draft would have awarded.
    BackTestProgramme: Hr;
    /// Naming a programme's last day.
    EndProgramme: Hr;
    /// What stands in the way of closing a season, what closing would bring, and what moved after it.
    PrepareSeason: Hr, Auditor;
    /// Closing a season, for good.
    CloseSeason: Hr;
    /// Opening a stream from where no header can be sent.
    TakeStreamTicket: InAnyRole;
    /// Which boards there are for the caller.
    ListBoards: InAnyRole;
    /// A board, its entries and history.
    ReadBoard: InAnyRole if Audience, Lead if LeadOfThem, Hr, Auditor;
    /// Which contests there are for the caller.
    ListContests: InAnyRole;
    /// A contest and how it stands.
    ReadContest: InAnyRole if Audience, Lead if LeadOfThem, Hr, Auditor;
    /// Everybody in a contest by name, and why somebody was taken out.
    ReadWholeContest: Hr;
    /// Taking somebody out of a contest, and back in.
    DisqualifyFromContest: Hr;
    /// Finalising a contest, for good.
    FinaliseContest: Hr;
    /// Everybody's results in a closed season, those of hidden people too; else one's own.
    ReadWholeStatement: Hr, Auditor;
    /// How one is seen on the boards of a programme: nobody else learns what somebody chose.
    ReadVisibility: InAnyRole if Themselves;
    /// Choosing it.
    ChangeVisibility: InAnyRole if Themselves;

    // Certificates
    /// One's own certificates: having them made, reading and withdrawing them.
    OwnCertificates: InAnyRole if Themselves;

    // Long work
    /// Long work that one started oneself.
    FollowOwnJobs: InAnyRole;

    // Kudos
    /// Thanking others.
    SendKudos: InAnyRole;
    /// A kudos, or those in the feed.
    ReadKudos: InAnyRole if Audience, InAnyRole if Themselves, InAnyRole if Sender, Lead if LeadOfThem,
        Lead if LeadOfSender, Hr;
    /// Reacting to one, and taking that back.
    ReactToKudos: InAnyRole if Audience, InAnyRole if Themselves, InAnyRole if Sender, Lead if LeadOfThem,
        Lead if LeadOfSender, Hr;
    /// Replying to one.
    ReplyToKudos: InAnyRole if Audience, InAnyRole if Themselves, InAnyRole if Sender, Lead if LeadOfThem,
        Lead if LeadOfSender, Hr;
    /// Deleting a reply: one's own, or one to a kudos that one neither sent nor received.
    DeleteKudosReply: InAnyRole if Author, Lead if LeadOfThem && Uninvolved, Lead if LeadOfSender && Uninvolved,
        Hr if Uninvolved;
    /// Reporting one that somebody else sent.
    ReportKudos: InAnyRole if Themselves, InAnyRole if Audience && Uninvolved, Lead if LeadOfThem && Uninvolved,
        Lead if LeadOfSender && Uninvolved, Hr if Uninvolved;
    /// What became of a report: only for whoever made it.
    ReadOwnKudosReport: InAnyRole if Author;
    /// The open reports, as far as one may decide them.
    ListKudosReports: Lead, Hr;
    /// Hiding and showing again, never what one sent or received.
    ModerateKudos: Lead if LeadOfThem && Uninvolved, Lead if LeadOfSender && Uninvolved, Hr if Uninvolved;
    /// Withdrawing one's own, in the grace; removing somebody else's, never one that one received.
    RetractKudos: InAnyRole if Sender, Lead if LeadOfThem && Uninvolved, Hr if Uninvolved;
    /// Who thanks whom far above chance, and who is never thanked.
    ReadKudosPatterns: Hr;

    // Grants, budgets, payroll
    /// Granting points to somebody else.
    GivePoints: Lead if LeadOfThem, Hr;
    /// A grant: its granter, its receiver once it is granted, whoever leads the receiver.
    ReadGrants: InAnyRole if Themselves, InAnyRole if Sender, Lead if LeadOfThem, Hr;
    /// Approving and rejecting a grant, never one that one gave or receives.
    DecideGrants: Hr if Uninvolved;
    /// Taking back a grant that awaits approval.
    CancelGrants: InAnyRole if Sender;
    /// A budget and what of it is taken.
    ReadBudgets: Lead if LeadOfThem, Hr, Auditor;
    /// Setting budgets and changing their limits.
    ChangeBudgets: Hr;
    /// What people received in a month, for their wages.
    ReadPayroll: Hr;
    /// Closing a month, for good.
    ClosePayroll: Hr;

    // Rewards
    /// The catalogue of rewards, as far as it is offered.
    ReadRewards: InAnyRole;
    /// What is not offered too, and when HR wants to be told that few are left.
    ReadWholeRewards: Hr;
    /// Adding and changing rewards and their stock.
    ChangeRewards: Hr;
    /// Asking for a reward.
    RequestRedemption: InAnyRole;
    /// Redemptions.
    ReadRedemptions: InAnyRole if Themselves, Lead if LeadOfThem, Hr;
    /// Approving and rejecting what somebody else asked for or won, and handing it over.
    DecideRedemption: Lead if LeadOfThem && Uninvolved && Delegated, Hr if Uninvolved;
    /// Cancelling: one's own before it is decided, somebody else's before it is handed over.
    CancelRedemption: InAnyRole if Themselves, Lead if LeadOfThem && Uninvolved && Delegated, Hr if Uninvolved;
    /// Being shown the code that one's reward is claimed with, once.
    TakeRedemptionCode: InAnyRole if Themselves;
    /// What waits for one's approval.
    ReadApprovals: Lead, Hr;
}

/// Whether `caller` may do `action` on something to which they stand in exactly these `relations`.
pub fn permits(action: Action, caller: &Caller, relations: &[Relation]) -> bool {
    action.grants().iter().any(|grant| {
        let fits = match grant.who {
            Who::Anyone => true,
            Who::InAnyRole => caller.effective_roles().next().is_some(),
            Who::In(role) => caller.has(role),
        };
        fits && grant.relations.iter().all(|needed| relations.contains(needed))
    })
}

#[cfg(test)]
mod tests;
