//! Lives through a script: the same commands as for any client, on a clock that is moved from day to day.

mod desk;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use serde_json::Value;

use super::DemoError;
use super::kudos::Thanks;
use super::organization::{NAME, Part, Person, SITES, SOURCES, TEAMS, VALUES};
use super::rewards::{Recognition, Wished};
use super::script::{Change, Day, Script};
use crate::app::AppState;
use crate::boards::contest::{PREVIOUS, Which};
use crate::clock::ManualClock;
use crate::domain::ids::{Code, PersonId};
use crate::domain::language::Localised;
use crate::domain::organization::{CompanyValue, GERMAN_BENEFIT_LIMIT, Organization};
use crate::domain::people::Role;
use crate::domain::points::Points;
use crate::domain::time::Instant;
use crate::domain::visibility::Visibility;
use crate::store::memberships::MembershipRow;
use crate::store::people::PersonRef;
use crate::store::row;
use crate::writer::contest::{ContestRef, FinaliseContest};
use crate::writer::due::Tick;
use crate::writer::ingest::{Delivery, Ingest, Status};
use crate::writer::kudos::SendKudos;
use crate::writer::membership::{AddMembership, ChangeMembership};
use crate::writer::organization::{ChangeOrganization, Expected};
use crate::writer::person::{AddPerson, ChangePerson, PersonChanges, PersonDetails};
use crate::writer::programme::{ActivateVersion, CreateProgramme};
use crate::writer::role::{GrantRole, Reach, TakeRole};
use crate::writer::team::AddTeam;
use crate::writer::visibility::{ChooseVisibility, Wish};
use crate::writer::void::Void;
use crate::writer::{Actor, Command};

/// Code of the programme.
const PROGRAMME: &str = "service-excellence";
/// Deliveries of one batch.
const BATCH: usize = 1_000;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lived {
    /// Deliveries, by what became of them.
    pub deliveries: BTreeMap<Status, usize>,
    /// Kudos sent.
    pub kudos: usize,
    /// Signals voided.
    pub voided: usize,
    /// Rewards asked for.
    pub redemptions: usize,
    /// Points granted, so often.
    pub grants: usize,
}

impl Lived {
    /// The signals that there are: each was accepted once.
    pub fn signals(&self) -> usize {
        self.deliveries.get(&Status::Accepted).copied().unwrap_or(0)
    }
}

/// Lives through `script` with the programme of `document`, until its end or until `stop` says so. `tell` hears of each
/// day when it is over.
pub fn live(
    state: &AppState,
    clock: &ManualClock,
    script: &Script,
    document: &Value,
    stop: &AtomicBool,
    mut tell: impl FnMut(&Day, &Lived),
) -> Result<Lived, DemoError> {
    let mut life = Life { state, ids: HashMap::new(), memberships: HashMap::new(), lived: Lived::default() };
    let Some(first) = script.days.first() else { return Ok(life.lived) };
    clock.set(first.morning);
    life.found(script, first.morning)?;
    life.start_programme(document, first.morning)?;
    life.offer()?;
    life.choose(&script.people)?;
    for day in &script.days {
        if stop.load(Ordering::Relaxed) {
            return Err(DemoError::Stopped);
        }
        life.day(clock, day)?;
        tell(day, &life.lived);
    }
    Ok(life.lived)
}

/// What somebody does.
enum Deed<'a> {
    Thanks(&'a Thanks),
    Wished(&'a Wished),
    Grant(&'a Recognition),
}

struct Life<'a> {
    state: &'a AppState,
    ids: HashMap<String, PersonId>,
    memberships: HashMap<String, MembershipRow>,
    lived: Lived,
}

impl Life<'_> {
    fn run<C: Command>(&self, actor: Actor, command: C) -> Result<C::Output, DemoError> {
        let committed = self.state.writer.run_blocking(actor, command);
        committed.map(|committed| committed.output).map_err(|failure| DemoError::Refused(failure.to_string()))
    }

    fn id(&self, user_name: &str) -> Result<PersonId, DemoError> {
        self.ids.get(user_name).copied().ok_or_else(|| DemoError::Unknown(user_name.to_owned()))
    }

    fn acting(&self, user_name: &str) -> Result<Actor, DemoError> {
        self.id(user_name).map(Actor::Person)
    }

    /// The organisation: settings, teams, people, systems.
    fn found(&mut self, script: &Script, now: Instant) -> Result<(), DemoError> {
        self.run(Actor::Operator, ChangeOrganization { settings: settings()?, expected: Expected::Any })?;
        for (site, name) in SITES {
            self.run(Actor::Operator, AddTeam { code: code(site)?, name: name.to_owned(), parent: None })?;
        }
        for team in &TEAMS {
            let parent = Some(code(team.site)?);
            self.run(Actor::Operator, AddTeam { code: code(team.code)?, name: team.name.to_owned(), parent })?;
        }
        let start = now - TimeDelta::hours(6);
        for person in &script.people {
            self.employ(person, start)?;
        }
        for (source, name) in SOURCES {
            let details = PersonDetails {
                user_name: source.to_owned(),
                display_name: name.to_owned(),
                email: None,
                external_id: None,
                language: None,
            };
            let reach = Reach::Sources(vec![source.to_owned()]);
            self.add(details, Role::Source, reach)?;
        }
        Ok(())
    }

    fn employ(&mut self, person: &Person, start: Instant) -> Result<(), DemoError> {
        let home = person.homes.first().map(|(_, team)| team.code);
        let details = PersonDetails {
            user_name: person.user_name.clone(),
            display_name: person.display_name.to_owned(),
            email: Some(format!("{}@morgenwind.example", person.user_name)),
            external_id: None,
            language: Some(person.language),
        };
        let reach = match (person.part, home) {
            (Part::Lead, Some(team)) => Reach::Teams(vec![team.to_owned()]),
            _ => Reach::Whole,
        };
        self.add(details, role_of(person.part), reach)?;
        match home {
            Some(team) => self.join(&person.user_name, team, start),
            None => Ok(()),
        }
    }

    /// Adds somebody with one role and no other.
    fn add(&mut self, details: PersonDetails, role: Role, reach: Reach) -> Result<(), DemoError> {
        let user_name = details.user_name.clone();
        let row = self.run(Actor::Operator, AddPerson { details })?;
        let person = row.person_id().map_err(|error| DemoError::Refused(error.to_string()))?;
        self.ids.insert(user_name, person);
        if role != Role::Agent {
            self.run(Actor::Operator, GrantRole { person, role, reach })?;
            self.run(Actor::Operator, TakeRole { person, role: Role::Agent })?;
        }
        Ok(())
    }

    fn join(&mut self, user_name: &str, team: &str, from: Instant) -> Result<(), DemoError> {
        let person = self.id(user_name)?;
        let joined = self.run(Actor::Operator, AddMembership { person, team: team.to_owned(), from, until: None })?;
        self.memberships.insert(user_name.to_owned(), joined);
        Ok(())
    }

    /// The programme, in force from the first day on.
    fn start_programme(&self, document: &Value, now: Instant) -> Result<(), DemoError> {
        let hr = self.acting(super::HR)?;
        let drafted = self.run(hr, CreateProgramme { document: document.clone() })?;
        let effective_from = self.state.catalogue().zone.local(now).0;
        let activate = ActivateVersion { programme: drafted.programme, version: drafted.version, effective_from };
        self.run(hr, activate).map(drop)
    }

    /// How people want to be seen on boards.
    fn choose(&self, people: &[Person]) -> Result<(), DemoError> {
        for person in people.iter().filter(|person| person.seen != Visibility::Named) {
            let id = self.id(&person.user_name)?;
            let wish = Wish::Chosen(person.seen);
            self.run(Actor::Person(id), ChooseVisibility { person: id, programme: code(PROGRAMME)?, wish })?;
        }
        Ok(())
    }

    /// Contests of the month before, once all in them is settled.
    fn finalise(&self, contests: &[&str]) -> Result<(), DemoError> {
        let hr = self.acting(super::HR)?;
        while !contests.is_empty() && self.run(Actor::Operator, Tick)?.more {}
        for contest in contests {
            let which = Which { period: PREVIOUS.to_owned(), season: None };
            let contest = ContestRef { programme: PROGRAMME.to_owned(), contest: (*contest).to_owned(), which };
            self.run(hr, FinaliseContest { contest })?;
        }
        Ok(())
    }

    fn day(&mut self, clock: &ManualClock, day: &Day) -> Result<(), DemoError> {
        clock.set(day.morning);
        for change in &day.changes {
            self.enter(change, day.morning)?;
        }
        self.finalise(&day.finalises)?;
        self.work_at_desk(day)?;
        self.live_through(clock, day)?;
        clock.set(day.evening);
        for (source, _) in SOURCES {
            let from_it = day.arrivals.deliveries.iter().filter(|delivery| delivery.source == source);
            let deliveries: Vec<Delivery> = from_it.cloned().collect();
            for batch in deliveries.chunks(BATCH) {
                self.deliver(source, batch)?;
            }
        }
        for (source, key) in &day.arrivals.voids {
            self.run(self.acting(source)?, Void { source: source.clone(), key: key.clone() })?;
            self.lived.voided += 1;
        }
        Ok(())
    }

    /// What people do in the course of a day, in order of time.
    fn live_through(&mut self, clock: &ManualClock, day: &Day) -> Result<(), DemoError> {
        let kudos = day.kudos.iter().map(|thanks| (thanks.at, Deed::Thanks(thanks)));
        let wishes = day.wishes.iter().map(|wish| (wish.at, Deed::Wished(wish)));
        let grants = day.grants.iter().map(|given| (given.at, Deed::Grant(given)));
        let mut deeds: Vec<(Instant, Deed<'_>)> = kudos.chain(wishes).chain(grants).collect();
        deeds.sort_by_key(|(at, _)| *at);
        for (at, deed) in deeds {
            clock.set(at);
            match deed {
                Deed::Thanks(thanks) => self.thank(thanks)?,
                Deed::Wished(wish) => self.ask(wish)?,
                Deed::Grant(given) => self.grant(given)?,
            }
        }
        Ok(())
    }

    fn enter(&mut self, change: &Change, now: Instant) -> Result<(), DemoError> {
        let hr = self.acting(super::HR)?;
        match change {
            Change::Moves(user_name, team) => self.join(user_name, team, now),
            Change::Leaves(user_name, until) => {
                let held = self.memberships.get(user_name);
                let held = held.ok_or_else(|| DemoError::Unknown(user_name.clone()))?.id.clone();
                let membership = row::parsed(held).map_err(|error| DemoError::Refused(error.to_string()))?;
                let person = self.id(user_name)?;
                let ended = ChangeMembership { person, membership, team: None, from: None, until: Some(Some(*until)) };
                self.run(hr, ended).map(drop)
            }
            Change::IsGone(user_name) => {
                let changes = PersonChanges { active: Some(false), ..PersonChanges::default() };
                let gone = ChangePerson { person: self.id(user_name)?, changes, expected: Expected::Any };
                self.run(hr, gone).map(drop)
            }
        }
    }

    fn thank(&mut self, thanks: &Thanks) -> Result<(), DemoError> {
        let command = SendKudos {
            to: thanks.to.iter().cloned().map(|name| PersonRef::UserName(name).into()).collect(),
            message: thanks.message.to_owned(),
            value: Some(code(thanks.value)?),
            points: Points(thanks.points),
            visibility: thanks.visibility,
        };
        self.run(self.acting(&thanks.from)?, command)?;
        self.lived.kudos += 1;
        Ok(())
    }

    fn deliver(&mut self, source: &str, batch: &[Delivery]) -> Result<(), DemoError> {
        let outcomes = self.run(self.acting(source)?, Ingest { deliveries: batch.to_vec() })?;
        for (outcome, delivery) in outcomes.iter().zip(batch) {
            if let Some(problem) = &outcome.problem {
                return Err(DemoError::Refused(format!("{}: {problem:?}", delivery.key)));
            }
            *self.lived.deliveries.entry(outcome.status).or_default() += 1;
        }
        Ok(())
    }
}

fn settings() -> Result<Organization, DemoError> {
    let value = |(name, en, de): (&str, &str, &str)| {
        let name_of_it = Localised { en: en.to_owned(), de: de.to_owned() };
        Ok(CompanyValue { code: code(name)?, name: name_of_it })
    };
    Ok(Organization {
        name: NAME.to_owned(),
        time_zone: super::days::ZONE.to_owned(),
        values: VALUES.into_iter().map(value).collect::<Result<_, DemoError>>()?,
        benefit_limit: Some(GERMAN_BENEFIT_LIMIT),
        ..Organization::default()
    })
}

fn role_of(part: Part) -> Role {
    match part {
        Part::Agent => Role::Agent,
        Part::Lead => Role::Lead,
        Part::Hr => Role::Hr,
        Part::Auditor => Role::Auditor,
        Part::Admin => Role::Admin,
    }
}

fn code(text: &str) -> Result<Code, DemoError> {
    Code::new(text).ok_or_else(|| DemoError::Unknown(text.to_owned()))
}
