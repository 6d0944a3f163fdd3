//! Kudos as somebody sees them: how they stand to each, and what of it they are shown.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::Catalogue;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::kudos::{Reaction, State, Visibility};
use crate::domain::time::Instant;
use crate::http::fields::Names;
use crate::http::targets::{lineage, relations_of};
use crate::store::db::Db;
use crate::store::kudos::reports::{self, ModerationRow};
use crate::store::kudos::{self, KudosRow, ReceiverRow, reactions, replies};
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
    /// Why. Not to its receivers while it is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The code of the company value it names.
    value: Option<String>,
    /// The value's name; of one that is no longer among the organisation's values, as it was then.
    value_name: Option<Names>,
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
    /// How people reacted, by name of the reaction; empty while it is hidden, and once it is taken back.
    reactions: Vec<ReactionCount>,
    /// How many replies there are; none while it is hidden, and once it is taken back.
    replies: i64,
    /// That it is hidden, and why. Its sender, its receivers and those who moderate it see it all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<HiddenOut>,
    /// What became of the viewer's own report of it: `open`, `upheld`, `dismissed` or `withdrawn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    my_report: Option<String>,
}

/// How many reacted in one way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReactionCount {
    /// `applause`, `celebrate`, `heart`, `smile`, `star` or `thanks`.
    reaction: &'static str,
    /// How many people.
    count: i64,
    /// Whether the viewer is among them.
    mine: bool,
}

/// That a kudos is hidden.
#[derive(Debug, Serialize, ToSchema)]
pub struct HiddenOut {
    /// Why.
    reason: String,
    /// Since when.
    since: DateTime<Utc>,
    /// Who hid it. Only to those who may show it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<PersonName>,
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

/// People by id.
pub(super) fn names(db: &mut Db, ids: &[String]) -> QueryResult<HashMap<String, PersonName>> {
    people::by_ids(db, ids)?.into_iter().map(|row| Ok((row.id.clone(), PersonName::of(&row)?))).collect()
}

/// Some kudos' receivers, everybody's names, where everybody is at home now, and what came of them, around one viewer.
pub(super) struct Surroundings<'a> {
    caller: &'a Caller,
    catalogue: &'a Catalogue,
    receivers: HashMap<String, Vec<ReceiverRow>>,
    names: HashMap<String, PersonName>,
    homes: HashMap<String, TeamId>,
    reactions: HashMap<(String, String), i64>,
    own_reactions: HashSet<(String, String)>,
    replies: HashMap<String, i64>,
    moderations: HashMap<String, ModerationRow>,
    own_reports: HashMap<String, String>,
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
        let hidden: Vec<String> = kudos.iter().filter(|row| row.hidden).map(|row| row.id.clone()).collect();
        let moderations = reports::last_moderations(db, &hidden)?;
        involved.extend(moderations.values().map(|act| act.moderator.clone()));
        let (involved, me): (Vec<String>, _) = (involved.into_iter().collect(), caller.person.to_string());
        Ok(Self {
            caller,
            catalogue,
            receivers,
            names: names(db, &involved)?,
            homes: memberships::home_teams(db, &involved, now)?,
            reactions: reactions::counts(db, &ids)?,
            own_reactions: reactions::by_person(db, &ids, &me)?.into_iter().collect(),
            replies: replies::counts(db, &ids)?,
            moderations,
            own_reports: reports::by_reporter(db, &ids, &me)?,
        })
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

    /// How the viewer stands to a kudos. Once it is taken back, it is published to nobody and received by nobody; while it
    /// is hidden, it is published to nobody.
    pub(super) fn relations(&self, kudos: &KudosRow) -> QueryResult<Vec<Relation>> {
        let (receivers, me) = (self.receivers(kudos), self.caller.person.to_string());
        let (sent, received) = (kudos.sender == me, receivers.iter().any(|receiver| receiver.receiver == me));
        let stands = kudos.known_state()? == State::Sent;
        let visibility = kudos.known_visibility()?;
        let for_me = match visibility {
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
            (Relation::LeadOfSender, stands && visibility != Visibility::Private && self.leads(&kudos.sender)),
            (Relation::Audience, for_me && kudos.is_open()),
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
        let moderates = permits(Action::ModerateKudos, self.caller, &self.relations(kudos)?);
        let message = (!kudos.hidden || sent || moderates).then(|| kudos.message.clone());
        Ok(KudosOut {
            id: kudos.kudos_id()?.0,
            sender: self.name(&kudos.sender)?,
            receivers,
            message,
            value: kudos.value.clone(),
            value_name: self.value_name(kudos)?,
            points: seen.then_some(kudos.points),
            visibility: kudos.visibility.clone(),
            state: kudos.state.clone(),
            sent_at: row::instant(kudos.sent_at),
            withdrawable_until: sent.then(|| row::instant(kudos.withdrawable_until)),
            reactions: self.reactions(kudos),
            replies: self.replies.get(&kudos.id).copied().filter(|_| kudos.is_open()).unwrap_or(0),
            hidden: self.hidden(kudos, moderates)?,
            my_report: self.own_reports.get(&kudos.id).cloned(),
        })
    }

    fn value_name(&self, kudos: &KudosRow) -> QueryResult<Option<Names>> {
        let values = &self.catalogue.organization.values;
        let now = values.iter().find(|value| kudos.value.as_deref() == Some(value.code.as_str()));
        let name = match now {
            Some(value) => Some(value.name.clone()),
            None => kudos.named_value()?,
        };
        Ok(name.map(Names::from))
    }

    fn reactions(&self, kudos: &KudosRow) -> Vec<ReactionCount> {
        let count = |reaction: &'static str| {
            let key = (kudos.id.clone(), reaction.to_owned());
            let count = self.reactions.get(&key).copied()?;
            Some(ReactionCount { reaction, count, mine: self.own_reactions.contains(&key) })
        };
        let all = Reaction::ALL.into_iter().filter(|_| kudos.is_open());
        all.map(Reaction::name).filter_map(count).collect()
    }

    fn hidden(&self, kudos: &KudosRow, moderates: bool) -> QueryResult<Option<HiddenOut>> {
        let Some(act) = self.moderations.get(&kudos.id).filter(|_| kudos.hidden) else { return Ok(None) };
        let by = moderates.then(|| self.name(&act.moderator)).transpose()?;
        Ok(Some(HiddenOut { reason: act.reason.clone(), since: row::instant(act.moderated_at), by }))
    }

    fn sees_ledger_of(&self, person: PersonId) -> bool {
        let home = self.homes.get(&person.to_string()).copied();
        permits(Action::ReadTransfers, self.caller, &relations_of(self.caller, self.catalogue, person, home))
    }

    fn name(&self, person: &str) -> QueryResult<PersonName> {
        self.names.get(person).cloned().ok_or_else(|| row::corrupt("a kudos of nobody"))
    }
}
