//! Kudos as somebody sees them: how they stand to each, and what of it they are shown.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::Catalogue;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::kudos::{State, Visibility};
use crate::domain::time::Instant;
use crate::http::targets::{lineage, relations_of};
use crate::store::db::Db;
use crate::store::kudos::{self, KudosRow, ReceiverRow};
use crate::store::people::PersonRow;
use crate::store::{memberships, people, row};

/// Thanks from one person to others.
#[derive(Debug, Serialize, ToSchema)]
pub struct KudosOut {
    id: Uuid,
    /// Who sent it.
    sender: PersonName,
    /// Who received it.
    receivers: Vec<ReceiverOut>,
    /// Why.
    message: String,
    /// The code of the company value it names.
    value: Option<String>,
    /// Points asked for, for each receiver. Only to those who see what a receiver got.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    /// `public`, `team` or `private`.
    visibility: String,
    /// `sent`, `withdrawn` or `removed`.
    state: String,
    sent_at: DateTime<Utc>,
    /// Until when its sender may withdraw it, exclusive. Only to the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawable_until: Option<DateTime<Utc>>,
}

/// Somebody who received a kudos.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiverOut {
    /// Who.
    person: PersonName,
    /// What it carried for them. Only to the sender, and to whoever may read this receiver's transfers: the receiver,
    /// their lead, HR and auditors.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
}

/// A person by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonName {
    id: Uuid,
    user_name: String,
    display_name: String,
}

impl PersonName {
    /// The name of a person.
    pub(in crate::http) fn of(row: &PersonRow) -> QueryResult<Self> {
        let (user_name, display_name) = (row.user_name.clone(), row.display_name.clone());
        Ok(Self { id: row.person_id()?.0, user_name, display_name })
    }
}

/// Some kudos' receivers, everybody's names, and where everybody is at home now, around one viewer.
pub(super) struct Surroundings<'a> {
    caller: &'a Caller,
    catalogue: &'a Catalogue,
    receivers: HashMap<String, Vec<ReceiverRow>>,
    names: HashMap<String, PersonRow>,
    homes: HashMap<String, TeamId>,
}

impl<'a> Surroundings<'a> {
    /// Loads what is around `kudos`.
    pub(super) fn load(
        db: &mut Db,
        catalogue: &'a Catalogue,
        caller: &'a Caller,
        now: Instant,
        kudos: &[KudosRow],
    ) -> QueryResult<Self> {
        let ids: Vec<String> = kudos.iter().map(|row| row.id.clone()).collect();
        let mut receivers: HashMap<String, Vec<ReceiverRow>> = HashMap::with_capacity(ids.len());
        let mut involved = BTreeSet::from([caller.person.to_string()]);
        involved.extend(kudos.iter().map(|row| row.sender.clone()));
        for receiver in kudos::receivers(db, &ids)? {
            involved.insert(receiver.receiver.clone());
            receivers.entry(receiver.kudos.clone()).or_default().push(receiver);
        }
        let involved: Vec<String> = involved.into_iter().collect();
        let names = people::by_ids(db, &involved)?.into_iter().map(|row| (row.id.clone(), row)).collect();
        let homes = memberships::home_teams(db, &involved, now)?;
        Ok(Self { caller, catalogue, receivers, names, homes })
    }

    fn receivers(&self, kudos: &KudosRow) -> &[ReceiverRow] {
        self.receivers.get(&kudos.id).map_or(&[], Vec::as_slice)
    }

    fn leads(&self, person: &str) -> bool {
        self.caller.leads(&lineage(self.catalogue, self.homes.get(person).copied()))
    }

    /// Whether the viewer is at home in somebody's home team, or leads it.
    fn peer_of(&self, person: &str) -> bool {
        let home = self.homes.get(person);
        let same = home.is_some() && home == self.homes.get(&self.caller.person.to_string());
        same || self.leads(person)
    }

    /// How the viewer stands to a kudos. Once it is taken back, it is published to nobody and received by nobody.
    pub(super) fn relations(&self, kudos: &KudosRow) -> QueryResult<Vec<Relation>> {
        let (receivers, me) = (self.receivers(kudos), self.caller.person.to_string());
        let (sent, received) = (kudos.sender == me, receivers.iter().any(|receiver| receiver.receiver == me));
        let stands = kudos.known_state()? == State::Sent;
        let for_me = match kudos.known_visibility()? {
            Visibility::Public => true,
            Visibility::Team => {
                self.peer_of(&kudos.sender) || receivers.iter().any(|receiver| self.peer_of(&receiver.receiver))
            }
            Visibility::Private => false,
        };
        let holds = [
            (Relation::Sender, sent),
            (Relation::Themselves, received && stands),
            (Relation::LeadOfThem, receivers.iter().any(|receiver| self.leads(&receiver.receiver))),
            (Relation::Audience, for_me && stands),
            (Relation::Uninvolved, !sent && !received),
        ];
        Ok(holds.into_iter().filter(|(_, holds)| *holds).map(|(relation, _)| relation).collect())
    }

    /// What the viewer is shown of a kudos.
    pub(super) fn show(&self, kudos: &KudosRow) -> QueryResult<KudosOut> {
        let sent = kudos.sender_id()? == self.caller.person;
        let receivers = self
            .receivers(kudos)
            .iter()
            .map(|receiver| {
                let person = self.name(&receiver.receiver)?;
                let seen = sent || self.sees_ledger_of(PersonId(person.id));
                Ok(ReceiverOut { person, points: seen.then_some(receiver.points) })
            })
            .collect::<QueryResult<Vec<_>>>()?;
        let seen = receivers.iter().any(|receiver| receiver.points.is_some());
        Ok(KudosOut {
            id: kudos.kudos_id()?.0,
            sender: self.name(&kudos.sender)?,
            receivers,
            message: kudos.message.clone(),
            value: kudos.value.clone(),
            points: seen.then_some(kudos.points),
            visibility: kudos.visibility.clone(),
            state: kudos.state.clone(),
            sent_at: row::instant(kudos.sent_at),
            withdrawable_until: sent.then(|| row::instant(kudos.withdrawable_until)),
        })
    }

    fn sees_ledger_of(&self, person: PersonId) -> bool {
        let home = self.homes.get(&person.to_string()).copied();
        permits(Action::ReadTransfers, self.caller, &relations_of(self.caller, self.catalogue, person, home))
    }

    fn name(&self, person: &str) -> QueryResult<PersonName> {
        PersonName::of(self.names.get(person).ok_or_else(|| row::corrupt("a kudos of nobody"))?)
    }
}
