//! One piece of evidence as it is sent: from JSON to a delivery, or to what is wrong with it and where.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, FixedOffset, Utc};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::problem::{Finding, Problem, ProblemCode, pointer_step};
use crate::domain::signal::AttributeValue;
use crate::domain::text::{is_identifier, line};
use crate::http::json;
use crate::http::person_ref::PersonRefIn;
use crate::writer::ingest::Delivery;

/// Measures, and attributes, of one signal.
const MOST_VALUES: usize = 50;
/// Characters of a case, and of an attribute's text.
const TEXT: usize = 200;
/// Characters of an attribute's name.
const NAME: usize = 120;
/// Characters of a channel.
const CHANNEL: usize = 64;

/// One piece of evidence about one person at one time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalIn {
    /// The system that delivers it, 1 to 200 visible ASCII characters.
    #[schema(example = "qa")]
    pub source: String,
    /// Its name in that system; together with `source` it identifies the signal for ever.
    #[schema(example = "eval-20931")]
    pub key: String,
    /// Its version; a higher one corrects what was sent before. 0 if not given.
    #[serde(default)]
    pub version: u64,
    /// What kind it is: evaluation, survey, metric, compliment, complaint, complaint_recovered, training, or another.
    #[schema(example = "evaluation")]
    pub kind: String,
    /// Whom it is about.
    pub agent: PersonRefIn,
    /// When it happened (RFC 3339).
    pub occurred_at: DateTime<FixedOffset>,
    /// Over which channel; folded to lower case.
    #[schema(example = "phone")]
    pub channel: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Values by measure.
    #[serde(default, deserialize_with = "each_once")]
    #[schema(value_type = BTreeMap<String, f64>)]
    pub measures: BTreeMap<String, Decimal4>,
    /// Values by attribute: texts, numbers, true or false.
    #[serde(default, deserialize_with = "each_once")]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// A CloudEvent (specification 1.0.2); its extension attributes are passed over.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CloudEventIn {
    /// `1.0`.
    pub specversion: String,
    /// The event's id; the signal's key if `data.key` is not there.
    pub id: String,
    /// The signal's source.
    pub source: String,
    /// The signal's kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whom it is about: a user name.
    pub subject: String,
    /// When it happened.
    pub time: DateTime<FixedOffset>,
    /// The rest of the signal.
    #[serde(default)]
    pub data: CloudEventData,
}

/// The part of a signal that a CloudEvent carries as its data.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CloudEventData {
    /// The signal's key.
    pub key: Option<String>,
    /// The signal's version.
    pub version: u64,
    /// Over which channel.
    pub channel: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Values by measure.
    #[serde(deserialize_with = "each_once")]
    #[schema(value_type = BTreeMap<String, f64>)]
    pub measures: BTreeMap<String, Decimal4>,
    /// Values by attribute.
    #[serde(deserialize_with = "each_once")]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// A map in which each name stands once: of two values for one name neither is the right one.
fn each_once<'de, D: Deserializer<'de>, V: Deserialize<'de>>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error> {
    struct Once<V>(PhantomData<V>);

    impl<'de, V: Deserialize<'de>> Visitor<'de> for Once<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut entries: M) -> Result<Self::Value, M::Error> {
            let mut map = BTreeMap::new();
            while let Some((name, value)) = entries.next_entry::<String, V>()? {
                if map.insert(name.clone(), value).is_some() {
                    return Err(M::Error::custom(format!("duplicate field `{name}`")));
                }
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Once(PhantomData))
}

/// How an item is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a signal.
    Signal,
    /// As a CloudEvent.
    CloudEvent,
}

/// The two parts of an identity, as far as an unreadable item shows them.
#[derive(Debug, Default, Deserialize)]
pub struct Identity {
    /// The source.
    pub source: Option<String>,
    /// The key.
    pub key: Option<String>,
}

/// An item that could be read, or what is wrong with it.
#[derive(Debug)]
pub enum Item {
    /// A delivery.
    Good(Box<Delivery>),
    /// What is wrong.
    Bad(Identity, Problem),
}

impl Form {
    /// Reads one item.
    pub fn read(self, text: &[u8]) -> Item {
        let delivery = match self {
            Self::Signal => json::parse_object::<SignalIn>(text).and_then(delivery),
            Self::CloudEvent => json::parse_object::<CloudEventIn>(text).and_then(of_cloud_event),
        };
        match delivery {
            Ok(delivery) => Item::Good(Box::new(delivery)),
            Err(problem) => {
                let identity = serde_json::from_slice(text).unwrap_or_default();
                Item::Bad(identity, self.place(problem))
            }
        }
    }

    /// A problem of a signal with its places as the sender wrote them.
    pub fn place(self, mut problem: Problem) -> Problem {
        if self == Self::CloudEvent {
            for finding in &mut problem.findings {
                finding.pointer = in_cloud_event(&finding.pointer);
            }
        }
        problem
    }
}

fn in_cloud_event(pointer: &str) -> String {
    match pointer {
        "/kind" => "/type".to_owned(),
        "/agent" => "/subject".to_owned(),
        "/occurred_at" => "/time".to_owned(),
        "/version" | "/key" | "/channel" | "/case" => format!("/data{pointer}"),
        inner if inner.starts_with("/measures") || inner.starts_with("/attributes") => format!("/data{inner}"),
        other => other.to_owned(),
    }
}

fn of_cloud_event(event: CloudEventIn) -> Result<Delivery, Problem> {
    if event.specversion != "1.0" {
        let finding = Finding::new("/specversion", ProblemCode::InvalidValue).with("expected", "1.0");
        return Err(Problem::invalid(vec![finding]));
    }
    delivery(SignalIn {
        source: event.source,
        key: event.data.key.unwrap_or(event.id),
        version: event.data.version,
        kind: event.kind,
        agent: PersonRefIn(crate::store::people::PersonRef::UserName(event.subject)),
        occurred_at: event.time,
        channel: event.data.channel,
        case: event.data.case,
        measures: event.data.measures,
        attributes: event.data.attributes,
    })
}

/// Checks the form of everything and brings it into the form that is compared and kept (SEMANTICS S15).
fn delivery(signal: SignalIn) -> Result<Delivery, Problem> {
    let mut findings = Vec::new();
    for (pointer, text) in [("/source", &signal.source), ("/key", &signal.key)] {
        if !is_identifier(text) {
            findings.push(Finding::new(pointer, ProblemCode::InvalidIdentifier));
        }
    }
    if Code::new(&signal.kind).is_none() {
        findings.push(Finding::new("/kind", ProblemCode::InvalidCode));
    }
    let version = i64::try_from(signal.version).unwrap_or_else(|_| {
        findings
            .push(Finding::new("/version", ProblemCode::InvalidNumber).with("expected", format!("0 … {}", i64::MAX)));
        0
    });
    let channel = signal.channel.map(|channel| cleaned("/channel", &channel, CHANNEL, &mut findings).to_lowercase());
    let case = signal.case.map(|case| cleaned("/case", &case, TEXT, &mut findings));
    for (pointer, count) in [("/measures", signal.measures.len()), ("/attributes", signal.attributes.len())] {
        if count > MOST_VALUES {
            findings.push(Finding::new(pointer, ProblemCode::TooMany).with("limit", MOST_VALUES));
        }
    }
    let attributes = attributes(signal.attributes, &mut findings);
    if !findings.is_empty() {
        return Err(Problem::invalid(findings));
    }
    Ok(Delivery {
        source: signal.source,
        key: signal.key,
        version,
        kind: signal.kind,
        agent: signal.agent.0,
        occurred_at: signal.occurred_at.with_timezone(&Utc),
        channel,
        case,
        measures: signal.measures,
        attributes,
    })
}

/// `text` as it is kept; what is wrong with it goes to `findings`.
fn cleaned(pointer: &str, text: &str, limit: usize, findings: &mut Vec<Finding>) -> String {
    line(text, limit).unwrap_or_else(|unfit| {
        findings.push(unfit.finding(pointer));
        String::new()
    })
}

fn attributes(
    given: BTreeMap<String, AttributeValue>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, AttributeValue> {
    let mut kept = BTreeMap::new();
    for (name, value) in given.into_iter().take(MOST_VALUES) {
        let pointer = format!("/attributes{}", pointer_step(&name.chars().take(NAME).collect::<String>()));
        let value = match value {
            AttributeValue::Text(text) => AttributeValue::Text(cleaned(&pointer, &text, TEXT, findings)),
            other => other,
        };
        kept.insert(cleaned(&pointer, &name, NAME, findings), value);
    }
    kept
}
