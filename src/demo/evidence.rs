//! What happens to the agents and what the systems tell of it: late, corrected and voided now and then, as in life.
//! Pure: from random numbers, without database or clock.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use fastrand::Rng;

use super::chance::{happens, one_of, whole};
use super::days::Days;
use super::organization::{Part, Person, Team};
use crate::domain::decimal::Decimal4;
use crate::domain::signal::AttributeValue;
use crate::domain::time::Instant;
use crate::store::people::PersonRef;
use crate::writer::ingest::Delivery;

/// Minutes that a team's contacts are spread over.
const OPEN_MINUTES: i64 = 10 * 60;
/// The courses of the academy.
const COURSES: [&str; 5] = ["tariffs", "data-protection", "de-escalation", "heat-pumps", "plain-language"];

/// What arrives on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// Evidence, in order.
    pub deliveries: Vec<Delivery>,
    /// Sources and keys of what is withdrawn after it.
    pub voids: Vec<(String, String)>,
}

/// What arrives on each day.
pub fn evidence(rng: &mut Rng, days: &Days, people: &[Person]) -> Vec<Arrivals> {
    let mut story =
        Story { rng, days, arrivals: days.numbers().map(|_| Arrivals::default()).collect(), number: 400_000 };
    for day in days.numbers() {
        for person in people.iter().filter(|person| person.part == Part::Agent && person.is_there(day)) {
            let Some(team) = person.home(day) else { continue };
            let open = team.works.get(days.weekday(day)) == Some(&true);
            if open && happens(story.rng, 0.92) {
                story.working_day(day, person, team);
            }
        }
    }
    story.arrivals
}

/// A contact with a customer.
struct Contact<'a> {
    agent: &'a Person,
    team: &'static Team,
    day: u32,
    at: Instant,
    channel: &'static str,
    case: String,
    segment: &'static str,
}

struct Story<'a> {
    rng: &'a mut Rng,
    days: &'a Days,
    arrivals: Vec<Arrivals>,
    number: u32,
}

impl Story<'_> {
    fn next_number(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    fn working_day(&mut self, day: u32, agent: &Person, team: &'static Team) {
        let pace = agent.skill.pace;
        for _ in 0..whole(self.rng, 3.0 + pace, 1.0, 1, 7) {
            let contact = self.contact(day, agent, team);
            self.metric(&contact);
            if happens(self.rng, 0.4) {
                self.survey(&contact);
            }
            if happens(self.rng, 0.13) {
                self.evaluation(&contact);
            }
            if happens(self.rng, 0.01 + 0.02 * agent.skill.warmth) {
                self.compliment(&contact);
            }
            if happens(self.rng, if team.queue == "complaints" { 0.06 } else { 0.012 }) {
                self.complaint(&contact);
            }
        }
        if happens(self.rng, 0.03) {
            self.training(day, agent, team);
        }
    }

    fn contact<'p>(&mut self, day: u32, agent: &'p Person, team: &'static Team) -> Contact<'p> {
        let business = team.queue == "business" || happens(self.rng, 0.1);
        Contact {
            agent,
            team,
            day,
            at: self.days.at(day, team.opens) + TimeDelta::seconds(self.rng.i64(0..OPEN_MINUTES * 60)),
            channel: one_of(self.rng, team.channels).copied().unwrap_or("phone"),
            case: format!("T-{}", 60_000 + self.next_number()),
            segment: if business { "business" } else { "private" },
        }
    }

    fn metric(&mut self, contact: &Contact) {
        let slow = 1.3 - 0.6 * contact.agent.skill.pace;
        let mut measures = vec![("handle_seconds", whole(self.rng, 480.0 * slow, 140.0, 60, 3_600))];
        if contact.channel == "phone" {
            measures.push(("answer_seconds", whole(self.rng, 26.0 * slow, 14.0, 1, 600)));
            measures.push(("hold_seconds", whole(self.rng, 40.0 * slow, 24.0, 0, 900)));
        } else {
            measures.push(("first_response_seconds", whole(self.rng, 2_400.0 * slow, 900.0, 30, 20_000)));
        }
        let solved = happens(self.rng, 0.5 + 0.4 * contact.agent.skill.knowledge);
        measures.push(("first_contact_resolved", i64::from(solved)));
        if happens(self.rng, 0.35) {
            measures.push(("promise_kept", i64::from(happens(self.rng, 0.75 + 0.2 * contact.agent.skill.pace))));
        }
        let delivery = self.delivery(("phone", "contact", "metric"), contact, &measures);
        // Now and then the platform hands in a contact a day late.
        let late = u32::from(happens(self.rng, 0.02));
        self.arrive(contact.day + late, delivery);
    }

    fn survey(&mut self, contact: &Contact) {
        let skill = contact.agent.skill;
        let good = 0.5 * skill.warmth + 0.3 * skill.knowledge + 0.2 * skill.pace;
        let mut measures = vec![("csat", whole(self.rng, 3.2 + 1.6 * good, 0.9, 1, 5))];
        if happens(self.rng, 0.7) {
            measures.push(("nps", whole(self.rng, 6.0 + 3.6 * good, 1.7, 0, 10)));
        }
        if happens(self.rng, 0.6) {
            measures.push(("ces", whole(self.rng, 4.0 + 2.4 * good, 1.1, 1, 7)));
        }
        let mut delivery = self.delivery(("survey", "answer", "survey"), contact, &measures);
        delivery.occurred_at += TimeDelta::minutes(self.rng.i64(5..90));
        let late = if happens(self.rng, 0.6) { 0 } else { self.rng.u32(1..6) };
        self.arrive(contact.day + late, delivery);
    }

    fn evaluation(&mut self, contact: &Contact) {
        let skill = contact.agent.skill;
        let quality = whole(self.rng, 72.0 + 18.0 * skill.knowledge + 6.0 * skill.warmth, 6.0, 40, 100);
        let near = |rng: &mut Rng, talent: f64| whole(rng, 0.6 * quality as f64 + 26.0 + 14.0 * talent, 4.0, 30, 100);
        let measures = [
            ("quality", quality),
            ("friendliness", near(self.rng, skill.warmth)),
            ("product_knowledge", near(self.rng, skill.knowledge)),
            ("solution_effectiveness", near(self.rng, skill.knowledge)),
            ("overall_experience", near(self.rng, skill.warmth)),
        ];
        let mut delivery = self.delivery(("qa", "eval", "evaluation"), contact, &measures);
        let difficulty = one_of(self.rng, &["easy", "normal", "normal", "hard"]).copied().unwrap_or("normal");
        delivery.attributes.insert("difficulty".to_owned(), text(difficulty));
        let late = if happens(self.rng, 0.7) { 0 } else { self.rng.u32(1..8) };
        let arrived = contact.day + late;
        self.arrive(arrived, delivery.clone());
        if happens(self.rng, 0.04) {
            let again = arrived + self.rng.u32(1..6);
            let second = reviewed(self.rng, delivery, quality);
            self.arrive(again, second);
        } else if happens(self.rng, 0.01) {
            let withdrawn = arrived + self.rng.u32(1..10);
            self.withdraw(withdrawn, &delivery);
        }
    }

    fn compliment(&mut self, contact: &Contact) {
        let mut delivery = self.delivery(("survey", "praise", "compliment"), contact, &[]);
        delivery.occurred_at += TimeDelta::minutes(self.rng.i64(5..90));
        self.arrive(contact.day, delivery);
    }

    /// Some complaints are turned into thanks a little later, often by whoever they were about.
    fn complaint(&mut self, contact: &Contact) {
        let severity = one_of(self.rng, &["low", "low", "medium", "medium", "high"]).copied().unwrap_or("low");
        let mut complaint = self.delivery(("qa", "complaint", "complaint"), contact, &[]);
        complaint.attributes.insert("severity".to_owned(), text(severity));
        let mut recovered = self.delivery(("qa", "recovered", "complaint_recovered"), contact, &[]);
        recovered.attributes.insert("severity".to_owned(), text(severity));
        recovered.occurred_at += TimeDelta::minutes(self.rng.i64(30..110));
        self.arrive(contact.day, complaint);
        if happens(self.rng, 0.35 + 0.5 * contact.agent.skill.warmth) {
            self.arrive(contact.day, recovered);
        }
    }

    fn training(&mut self, day: u32, agent: &Person, team: &'static Team) {
        let contact = self.contact(day, agent, team);
        let score = whole(self.rng, 68.0 + 24.0 * agent.skill.knowledge, 8.0, 20, 100);
        let delivery = self.delivery(("qa", "course", "training"), &contact, &[("training_score", score)]);
        let course = one_of(self.rng, &COURSES).copied().unwrap_or("tariffs");
        let level = AttributeValue::Number(Decimal4::from_whole(self.rng.i64(1..=3)));
        let attributes = BTreeMap::from([("course".to_owned(), text(course)), ("level".to_owned(), level)]);
        self.arrive(day, Delivery { channel: None, case: None, attributes, ..delivery });
    }

    /// A first delivery by `(source, what its keys begin with, kind)`.
    fn delivery(&mut self, what: (&str, &str, &str), contact: &Contact, measures: &[(&str, i64)]) -> Delivery {
        let (source, name, kind) = what;
        let measures = measures.iter().map(|(code, value)| ((*code).to_owned(), Decimal4::from_whole(*value)));
        Delivery {
            source: source.to_owned(),
            key: format!("{name}-{}", self.next_number()),
            version: 1,
            kind: kind.to_owned(),
            agent: PersonRef::UserName(contact.agent.user_name.clone()),
            occurred_at: contact.at,
            channel: Some(contact.channel.to_owned()),
            case: Some(contact.case.clone()),
            measures: measures.collect(),
            attributes: BTreeMap::from([
                ("queue".to_owned(), text(contact.team.queue)),
                ("segment".to_owned(), text(contact.segment)),
            ]),
        }
    }

    /// What would arrive after the last day, or has not happened by the end of it, is still on its way.
    fn arrive(&mut self, day: u32, delivery: Delivery) {
        let evening = self.days.evening(day);
        if let Some(arrivals) = self.arrivals.get_mut(day as usize)
            && delivery.occurred_at <= evening
        {
            arrivals.deliveries.push(delivery);
        }
    }

    fn withdraw(&mut self, day: u32, delivery: &Delivery) {
        if let Some(arrivals) = self.arrivals.get_mut(day as usize) {
            arrivals.voids.push((delivery.source.clone(), delivery.key.clone()));
        }
    }
}

/// The same evaluation after somebody looked at it again.
fn reviewed(rng: &mut Rng, first: Delivery, quality: i64) -> Delivery {
    let shift = one_of(rng, &[-8, -5, -3, 3, 5, 8]).copied().unwrap_or(5);
    let quality = if quality + shift > 100 { quality - shift } else { quality + shift };
    let mut second = Delivery { version: first.version + 1, ..first };
    second.measures.insert("quality".to_owned(), Decimal4::from_whole(quality));
    second
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::Text(value.to_owned())
}
