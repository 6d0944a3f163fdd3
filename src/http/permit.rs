//! Permission as an extractor: whoever is let in comes with the row that the permission was asked for.
//!
//! A handler takes a [`Permit`] of an action and a target. Without one it has neither caller nor state, so a handler that
//! forgets to ask cannot be written.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use diesel::QueryResult;
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode_str;

use super::callers::{Identified, identify, state};
use super::problem::ApiError;
use super::session::Session;
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::app::AppState;
use crate::catalogue::Catalogue;
use crate::domain::problem::ProblemCode;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::writer::Actor;

/// An action, as a type.
pub trait Permission: 'static {
    /// Which.
    const ACTION: Action;
}

macro_rules! permissions {
    ($($action:ident),+ $(,)?) => {$(
        #[doc = concat!("See [`Action::", stringify!($action), "`].")]
        pub struct $action;

        impl Permission for $action {
            const ACTION: Action = Action::$action;
        }
    )+};
}

permissions! {
    OwnCertificates, ReadKudosPatterns,
    ReadOwnIdentity, SearchPeople, ReadPerson, CreatePerson, ChangePerson, ErasePerson, ChangeRoles, ReadMemberships, ChangeMemberships,
    ReadAbsences, ChangeAbsences, BackTestProgramme, CloseSeason, DisqualifyFromContest, EndProgramme, FinaliseContest,
    ListContests, ReadContest, FollowOwnJobs, PrepareSeason,
    ReadStanding, ReadTransfers, ReadBadges, ReadPersonSignals, ReadTeams, ChangeTeams, ReadMeasures, ChangeMeasures,
    ReadOrganization, ChangeOrganization, WriteSignals, VoidSignals, ReadSignals, ReadProgrammeSchema, ValidateProgramme,
    ListProgrammes, ReadProgramme, WriteProgramme, ReadVersions, ActivateVersion, ListBoards, ReadBoard, SendKudos,
    GivePoints, ReadGrants, DecideGrants, CancelGrants, ReadBudgets, ChangeBudgets, ReadPayroll, ClosePayroll,
    ReadKudos, RetractKudos, ReactToKudos, ReplyToKudos, DeleteKudosReply, ReportKudos, ReadOwnKudosReport,
    ListKudosReports, ModerateKudos, TakeStreamTicket, ChangeVisibility, ReadVisibility,
    ReadRewards, ChangeRewards, RequestRedemption, ReadRedemptions, DecideRedemption, CancelRedemption, TakeRedemptionCode,
    ReadApprovals,
}

/// A request, as far as finding its target needs it.
#[derive(Clone)]
pub struct Asked {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// When.
    pub now: Instant,
    /// What is known.
    pub catalogue: Arc<Catalogue>,
    parameters: Vec<(String, String)>,
}

impl Asked {
    /// What `caller` may ask now of something that no path names.
    pub fn about(caller: Arc<Caller>, state: &AppState) -> Self {
        Self { caller, now: state.clock.now(), catalogue: state.catalogue(), parameters: Vec::new() }
    }

    /// What a request asks.
    pub fn of(state: &AppState, request: &HttpRequest, Identified { caller, now, .. }: &Identified) -> Self {
        Self { caller: caller.clone(), now: *now, catalogue: state.catalogue(), parameters: parameters(request) }
    }

    /// The same asked again, by whoever the caller is now.
    pub fn again(&self, caller: Arc<Caller>, state: &AppState) -> Self {
        Self { parameters: self.parameters.clone(), ..Self::about(caller, state) }
    }

    /// The path's parameter of that name; empty if the route has none.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// What a permission is asked for.
pub trait Target: Sized + Send + 'static {
    /// Finds it, and how the caller stands to it. None if it does not exist.
    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>>;

    /// The same for what is found without the database; then no connection is taken.
    fn at_once(_: &Asked) -> Option<(Self, Vec<Relation>)> {
        None
    }

    /// Who may know that it exists: they are told that an action is not permitted (403), others learn nothing (404).
    const SEEN_BY: Seen = Seen::ByWhoIsPermitted;
}

/// Who may know that a target exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Everybody.
    ByEverybody,
    /// Whoever may do this.
    ByWhoMay(Action),
    /// Whoever may do what is asked for.
    ByWhoIsPermitted,
}

/// No target: the action is on whatever there is.
pub struct Everything;

impl Target for Everything {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(_: &Asked) -> Option<(Self, Vec<Relation>)> {
        Some((Self, Vec::new()))
    }
}

/// Leave for the caller to do `P` on a target.
pub struct Permit<P, T = Everything> {
    /// Who was let in.
    pub caller: Arc<Caller>,
    /// What for.
    pub target: T,
    /// The server's state, as the caller must see it.
    pub state: Session,
    permission: PhantomData<P>,
}

impl<P, T> Permit<P, T> {
    /// The caller, as the writer wants it.
    pub fn actor(&self) -> Actor {
        Actor::Person(self.caller.person)
    }
}

impl<P: Permission, T: Target> FromRequest for Permit<P, T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = state(&request)?;
            let identified = identify(&state, &request).await?;
            let state = Session::new(state, &identified, request.method());
            let target = admit::<P, T>(&state, &request, &identified).await?;
            Ok(Self { caller: identified.caller, target, state, permission: PhantomData })
        })
    }
}

async fn admit<P: Permission, T: Target>(
    state: &Session,
    request: &HttpRequest,
    identified: &Identified,
) -> Result<T, ApiError> {
    let asked = Asked::of(state, request, identified);
    if let Some(found) = T::at_once(&asked) {
        return judge::<P, T>(&asked.caller, Some(found));
    }
    let caller = asked.caller.clone();
    let found = state.read(move |db| Ok(T::find(&asked, db)?)).await?;
    judge::<P, T>(&caller, found)
}

/// What is asked for, if the caller may do `P` on it; of targets that are found without the database.
pub fn admit_at_once<P: Permission, T: Target>(asked: &Asked) -> Result<T, ApiError> {
    judge::<P, T>(&asked.caller, T::at_once(asked))
}

fn judge<P: Permission, T: Target>(caller: &Caller, found: Option<(T, Vec<Relation>)>) -> Result<T, ApiError> {
    let (target, relations) = found.ok_or(ProblemCode::NotFound)?;
    if permits(P::ACTION, caller, &relations) {
        return Ok(target);
    }
    let hidden = match T::SEEN_BY {
        Seen::ByEverybody => false,
        Seen::ByWhoMay(action) => !permits(action, caller, &relations),
        Seen::ByWhoIsPermitted => true,
    };
    Err(if hidden { ProblemCode::NotFound } else { ProblemCode::Forbidden }.into())
}

/// The path's parameters, decoded. The router leaves `%25`, `%2F` and `%2B` encoded, so decoding here does so once.
fn parameters(request: &HttpRequest) -> Vec<(String, String)> {
    let decode = |value: &str| percent_decode_str(value).decode_utf8_lossy().into_owned();
    request.match_info().iter().map(|(name, value)| (name.to_owned(), decode(value))).collect()
}
