//! Everybody as boards show and judge them now: names, home team, roles, and what they chose to show.
//!
//! One for all boards, so that a board needs no database for names and none to know who takes part. It is small: a few
//! dozen bytes a person. People are numbered; a number is never given to somebody else.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use diesel::QueryResult;
use hashbrown::HashTable;
use uuid::Uuid;

use super::numbers::{Identified, Number, Numbers};
use crate::domain::ids::Code;
use crate::domain::people::Role;
use crate::domain::time::Instant;
use crate::domain::visibility::Visibility;
use crate::store::db::Db;
use crate::store::directory::{self as rows, Named};
use crate::store::head::{self, ChangeKind};
use crate::store::visibility::{self, ChoiceRow};
use crate::store::{memberships, roles, row};

/// People that are read at once.
const PAGE: i64 = 10_000;
/// Up to so many changes of people are followed one by one; beyond it, everybody is read again.
const FOLLOWED: i64 = 2_000;
/// Parts the two names of a person; no name has it.
const BETWEEN: char = '\u{1f}';
/// Ends them.
const END: char = '\u{1e}';
/// Bytes of most people's two names.
const USUAL_NAMES: usize = 32;
/// The team of those without one.
pub const NO_TEAM: Number = Number::MAX;
/// Of what is held as flags: whether somebody is active. The bits above it are roles.
const ACTIVE: u8 = 1;

/// Everybody.
#[derive(Default)]
pub struct Directory {
    people: Numbers<Held>,
    /// Names one after another.
    text: String,
    by_user_name: HashTable<Number>,
    hasher: RandomState,
    teams: Numbers,
    /// Choices by programme.
    choices: HashMap<String, HashMap<Number, Visibility>>,
    followed: Option<Followed>,
}

/// What is held of a person, in one place: at a million people each look at another place is a wait for memory.
#[derive(Debug, Clone, Copy)]
struct Held {
    id: Uuid,
    /// Where their names begin.
    names: u32,
    /// Their home team and, in the upper byte, [`ACTIVE`] and roles.
    home_and_flags: u32,
}

/// The part of [`Held::home_and_flags`] that is the home team.
const HOME: u32 = 0x00ff_ffff;

impl Identified for Held {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Held {
    fn home(self) -> Number {
        let home = self.home_and_flags & HOME;
        if home == HOME { NO_TEAM } else { home }
    }

    fn flags(self) -> u8 {
        self.home_and_flags.to_be_bytes()[0]
    }
}

/// How far it has been followed.
#[derive(Debug, Clone, Copy)]
struct Followed {
    sequence: i64,
    at: Instant,
    /// When time alone changes it next.
    next: Option<Instant>,
}

/// Somebody, as they are now.
#[derive(Debug, Clone, Copy)]
pub struct Face<'a> {
    /// Their id.
    pub id: Uuid,
    /// Their name in tokens and addresses.
    pub user_name: &'a str,
    /// The name that others see.
    pub display_name: &'a str,
    /// Their home team's number, or [`NO_TEAM`].
    pub home: Number,
}

/// What was read of somebody.
struct Facts {
    named: Named,
    home: Option<String>,
    roles: u8,
}

/// What of a directory is out of date, as the database has it now; to be taken in by [`Directory::take_in`].
pub struct Fresh {
    facts: Vec<Facts>,
    choices: Option<Choices>,
    followed: Followed,
}

/// Choices, and of whom they are all.
struct Choices {
    of: Option<Vec<Uuid>>,
    chosen: Vec<(Uuid, String, Visibility)>,
}

fn flag(role: Role) -> u8 {
    let place = Role::ALL.iter().position(|other| *other == role).unwrap_or(0);
    ACTIVE << (place + 1)
}

/// The roles of an audience, as flags.
pub fn roles_mask(roles: &[Role]) -> u8 {
    roles.iter().fold(0, |mask, role| mask | flag(*role))
}

fn uuid(text: &str) -> QueryResult<Uuid> {
    Uuid::try_parse(text).map_err(row::corrupt)
}

impl Directory {
    /// Whether nothing up to `sequence` and `now` is missing.
    pub fn is_current(&self, sequence: i64, now: Instant) -> bool {
        self.followed.is_some_and(|followed| {
            followed.sequence >= sequence && followed.at <= now && followed.next.is_none_or(|next| now < next)
        })
    }

    /// Everything up to this number of the sequence is in it; -1 while it is empty.
    pub fn sequence(&self) -> i64 {
        self.followed.map_or(-1, |followed| followed.sequence)
    }

    /// When time alone changes it next.
    pub fn next_moment(&self) -> Option<Instant> {
        self.followed.and_then(|followed| followed.next)
    }

    /// How many people there are.
    pub fn count(&self) -> usize {
        self.people.count()
    }

    /// Everybody's number.
    pub fn numbers(&self) -> impl Iterator<Item = Number> + use<> {
        0..Number::try_from(self.people.count()).unwrap_or(Number::MAX)
    }

    /// The number of a person.
    pub fn number_of(&self, id: Uuid) -> Option<Number> {
        self.people.of(id)
    }

    /// The person of a number.
    pub fn id_of(&self, number: Number) -> Option<Uuid> {
        self.people.id(number)
    }

    /// The number of whoever has that user name now.
    pub fn number_of_user(&self, user_name: &str) -> Option<Number> {
        let hash = self.hasher.hash_one(user_name);
        let is_it = |number: &Number| self.face(*number).is_some_and(|face| face.user_name == user_name);
        self.by_user_name.find(hash, is_it).copied()
    }

    fn held(&self, number: Number) -> Option<Held> {
        self.people.get(number).copied()
    }

    /// Somebody's face.
    pub fn face(&self, number: Number) -> Option<Face<'_>> {
        let held = self.held(number)?;
        let (user_name, display_name) = names_at(&self.text, held.names)?;
        Some(Face { id: held.id, user_name, display_name, home: held.home() })
    }

    /// Somebody's home team, or [`NO_TEAM`].
    pub fn home(&self, number: Number) -> Number {
        self.held(number).map_or(NO_TEAM, Held::home)
    }

    /// Whether somebody is active.
    pub fn is_active(&self, number: Number) -> bool {
        self.flags_of(number) & ACTIVE != 0
    }

    /// Whether somebody has one of some roles (see [`roles_mask`]); everybody has, of none.
    pub fn has_any(&self, number: Number, roles: u8) -> bool {
        roles == 0 || self.flags_of(number) & roles != 0
    }

    fn flags_of(&self, number: Number) -> u8 {
        self.held(number).map_or(0, Held::flags)
    }

    /// What somebody chose in a programme, if they did.
    pub fn choice(&self, programme: &Code, number: Number) -> Option<Visibility> {
        self.choices.get(programme.as_str())?.get(&number).copied()
    }

    /// Whether anybody in a programme has chosen anything.
    pub fn has_choices(&self, programme: &Code) -> bool {
        self.choices.get(programme.as_str()).is_some_and(|chosen| !chosen.is_empty())
    }

    /// Team numbers.
    pub fn teams(&self) -> &Numbers {
        &self.teams
    }

    /// Reads, in one state of the data, what is out of date. `take_in` is given it in parts, the last of which makes
    /// everything current; none if nothing is.
    pub fn refresh(
        db: &mut Db,
        (sequence, at, next): (i64, Option<Instant>, Option<Instant>),
        now: Instant,
        take_in: &mut dyn FnMut(Fresh) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let head = head::read(db)?;
        let changes = head::changed_since(db, sequence, FOLLOWED)?;
        let many = i64::try_from(changes.len()).is_ok_and(|count| count >= FOLLOWED);
        // Facts are those of a moment: of an earlier one they cannot be had by following.
        let Some(at) = at.filter(|at| !many && *at <= now) else { return Self::read_all(db, (head, now), take_in) };
        let of_people = changes.iter().filter(|(_, kind, _)| kind == ChangeKind::Person.name());
        let mut concerned: Vec<String> = of_people.map(|(_, _, reference)| reference.clone()).collect();
        let by_time = next.is_some_and(|next| next <= now);
        if by_time {
            concerned.extend(rows::moved_between(db, at, now)?);
        }
        concerned.sort_unstable();
        concerned.dedup();
        let next = if by_time || !concerned.is_empty() { rows::next_boundary(db, now)? } else { next };
        let (mut facts, mut choices) = (Vec::new(), None);
        if !concerned.is_empty() {
            facts = facts_of(db, &concerned, now)?;
            let of = concerned.iter().map(|id| uuid(id)).collect::<QueryResult<_>>()?;
            choices = Some(Choices { of: Some(of), chosen: chosen(visibility::of_people(db, &concerned)?)? });
        }
        take_in(Fresh { facts, choices, followed: Followed { sequence: head, at: now, next } })
    }

    fn read_all(
        db: &mut Db,
        (sequence, now): (i64, Instant),
        take_in: &mut dyn FnMut(Fresh) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let mut last = String::new();
        loop {
            let page = rows::people_after(db, &last, PAGE)?;
            let Some(range) = page.first().zip(page.last()).map(|(a, b)| (a.id.clone(), b.id.clone())) else { break };
            let between = (range.0.as_str(), range.1.as_str());
            let facts = joined(page, rows::homes_between(db, between, now)?, rows::roles_between(db, between, now)?)?;
            // Not current before the last part: then it would be read from the start again.
            take_in(Fresh { facts, choices: None, followed: Followed { sequence: -1, at: now, next: None } })?;
            last = range.1;
        }
        let choices = Some(Choices { of: None, chosen: chosen(visibility::all(db)?)? });
        let next = rows::next_boundary(db, now)?;
        take_in(Fresh { facts: Vec::new(), choices, followed: Followed { sequence, at: now, next } })
    }

    /// How far it has been followed: what [`Self::refresh`] asks for.
    pub fn state(&self) -> (i64, Option<Instant>, Option<Instant>) {
        let at = self.followed.filter(|followed| followed.sequence >= 0).map(|followed| followed.at);
        (self.sequence(), at, self.next_moment())
    }

    /// Makes room for so many people.
    pub fn reserve(&mut self, people: usize) {
        let more = people.saturating_sub(self.people.count());
        self.people.reserve(more);
        self.text.reserve_exact(more.saturating_mul(USUAL_NAMES));
        let (text, people, hasher) = (&self.text, &self.people, &self.hasher);
        self.by_user_name.reserve(more, |number| hasher.hash_one(user_name_of(text, people, *number)));
    }

    /// Takes in what was read.
    pub fn take_in(&mut self, fresh: Fresh) -> QueryResult<()> {
        for facts in &fresh.facts {
            self.put(facts)?;
        }
        if let Some(choices) = fresh.choices {
            match choices.of {
                None => self.choices.clear(),
                Some(of) => {
                    let of: HashSet<Number> = of.into_iter().filter_map(|id| self.people.of(id)).collect();
                    self.choices.values_mut().for_each(|chosen| chosen.retain(|who, _| !of.contains(who)));
                }
            }
            for (person, programme, choice) in choices.chosen {
                if let Some(number) = self.people.of(person) {
                    self.choices.entry(programme).or_default().insert(number, choice);
                }
            }
        }
        self.followed = Some(fresh.followed);
        Ok(())
    }

    fn put(&mut self, facts: &Facts) -> QueryResult<()> {
        let Facts { named, home, roles } = facts;
        let too_many = || row::corrupt("more people than can be numbered");
        let home = match home {
            Some(team) => self.teams.put(uuid(team)?).filter(|team| *team < HOME).ok_or_else(too_many)?,
            None => NO_TEAM,
        };
        let flags = roles | if named.active { ACTIVE } else { 0 };
        let id = uuid(&named.id)?;
        let before = self.people.of(id).and_then(|number| Some((number, self.held(number)?)));
        let is_same = before.is_some_and(|(_, held)| {
            names_at(&self.text, held.names) == Some((named.user_name.as_str(), named.display_name.as_str()))
        });
        let names = match before.filter(|_| is_same) {
            Some((_, held)) => held.names,
            None => self.write(named)?,
        };
        if let Some((number, _)) = before.filter(|_| !is_same) {
            let hash = self.hasher.hash_one(user_name_of(&self.text, &self.people, number));
            if let Ok(entry) = self.by_user_name.find_entry(hash, |held| *held == number) {
                entry.remove();
            }
        }
        let home_and_flags = (u32::from(flags) << 24) | home.min(HOME);
        let number = self.people.put(Held { id, names, home_and_flags }).ok_or_else(too_many)?;
        if !is_same {
            let (text, people, hasher) = (&self.text, &self.people, &self.hasher);
            let hash_of = |number: &Number| hasher.hash_one(user_name_of(text, people, *number));
            self.by_user_name.insert_unique(hasher.hash_one(&named.user_name), number, hash_of);
        }
        Ok(())
    }

    /// Keeps names, and tells where.
    fn write(&mut self, named: &Named) -> QueryResult<u32> {
        let at = u32::try_from(self.text.len()).map_err(row::corrupt)?;
        self.text.push_str(&named.user_name);
        self.text.push(BETWEEN);
        self.text.push_str(&named.display_name);
        self.text.push(END);
        Ok(at)
    }
}

/// The names that begin at a place.
fn names_at(text: &str, at: u32) -> Option<(&str, &str)> {
    let (user_name, rest) = text.get(usize::try_from(at).ok()?..)?.split_once(BETWEEN)?;
    let (display_name, _) = rest.split_once(END)?;
    Some((user_name, display_name))
}

fn user_name_of<'a>(text: &'a str, people: &Numbers<Held>, number: Number) -> &'a str {
    let held = people.get(number);
    held.and_then(|held| names_at(text, held.names)).map_or("", |(user_name, _)| user_name)
}

fn facts_of(db: &mut Db, ids: &[String], now: Instant) -> QueryResult<Vec<Facts>> {
    let (mut homes, mut roles) = (Vec::new(), Vec::new());
    for (person, team) in memberships::home_teams(db, ids, now)? {
        homes.push((person, team.to_string()));
    }
    for grant in roles::of_people(db, ids)? {
        if grant.interval().contains(now) {
            roles.push((grant.person, grant.role));
        }
    }
    joined(rows::people_of(db, ids)?, homes, roles)
}

fn joined(people: Vec<Named>, homes: Vec<(String, String)>, roles: Vec<(String, String)>) -> QueryResult<Vec<Facts>> {
    let mut homes: HashMap<String, String> = homes.into_iter().collect();
    let mut held: HashMap<String, u8> = HashMap::new();
    for (person, role) in roles {
        let role = Role::of_name(&role).ok_or_else(|| row::corrupt(format!("no role {role}")))?;
        *held.entry(person).or_default() |= flag(role);
    }
    let facts = |named: Named| {
        let (home, roles) = (homes.remove(&named.id), held.get(&named.id).copied().unwrap_or(0));
        Facts { named, home, roles }
    };
    Ok(people.into_iter().map(facts).collect())
}

fn chosen(rows: Vec<ChoiceRow>) -> QueryResult<Vec<(Uuid, String, Visibility)>> {
    let choice = |row: ChoiceRow| Ok((row.person_id()?.0, row.programme.clone(), row.visibility()?));
    rows.into_iter().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    /// Of whom something is told: who, by which names, in which team, active or not.
    type Told = (u128, u8, u8, Option<u128>, bool);

    fn fresh((id, user_name, display_name, team, active): Told) -> Fresh {
        let named = Named {
            id: Uuid::from_u128(id).to_string(),
            user_name: format!("user-{user_name}-{id}"),
            display_name: format!("Person {display_name}"),
            active,
        };
        let home = team.map(|team| Uuid::from_u128(team).to_string());
        let facts = vec![Facts { named, home, roles: flag(Role::Agent) }];
        let followed = Followed { sequence: 1, at: DateTime::UNIX_EPOCH, next: None };
        Fresh { facts, choices: None, followed }
    }

    proptest! {
        #[test]
        fn it_shows_everybody_as_last_told(
            told in prop::collection::vec((0_u128..12, 0_u8..3, 0_u8..3, prop::option::of(50_u128..53), any::<bool>()), 0..40),
        ) {
            let (mut directory, mut last) = (Directory::default(), HashMap::new());
            for told in told {
                directory.take_in(fresh(told)).unwrap();
                last.insert(told.0, told);
            }
            prop_assert_eq!(directory.count(), last.len());
            for (id, user_name, display_name, team, active) in last.into_values() {
                let number = directory.number_of(Uuid::from_u128(id)).unwrap();
                let face = directory.face(number).unwrap();
                prop_assert_eq!(face.id, Uuid::from_u128(id));
                prop_assert_eq!(face.display_name, format!("Person {display_name}"));
                prop_assert_eq!(directory.teams().id(face.home), team.map(Uuid::from_u128));
                prop_assert_eq!(directory.is_active(number), active);
                prop_assert!(directory.has_any(number, roles_mask(&[Role::Hr, Role::Agent])));
                prop_assert!(!directory.has_any(number, roles_mask(&[Role::Hr])));
                for other in 0..3_u8 {
                    let found = directory.number_of_user(&format!("user-{other}-{id}"));
                    prop_assert_eq!(found, (other == user_name).then_some(number));
                }
            }
        }
    }
}
