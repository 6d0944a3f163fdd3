//! Programmes over HTTP: from a draft to awards, and who may read and change what.

mod access;
mod back_test;
mod back_test_command;
mod drafts;
mod ending;
mod four_eyes;
mod in_force;
mod malicious;
mod retroactive;
mod versions;

use std::collections::BTreeMap;

use applaus::domain::decimal::Decimal4;
use applaus::domain::signal::AttributeValue;
use applaus::store::people::PersonRef;
use applaus::writer::Actor;
use applaus::writer::ingest::{Delivery, Ingest, Outcome};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

/// A server with the teams `support` and `sales`, and Anna, an agent of support.
struct World {
    app: TestApp,
}

/// A piece of evidence about Anna.
struct Signal<'a> {
    key: &'a str,
    kind: &'a str,
    at: &'a str,
    measures: &'a [(&'a str, &'a str)],
    attributes: &'a [(&'a str, &'a str)],
}

impl World {
    fn new() -> Self {
        let app = TestApp::start();
        app.team("support", None);
        app.team("sales", None);
        app.agent_in("anna", "support");
        app.hr();
        Self { app }
    }

    /// Somebody from HR, with a token that is good whatever the clock says.
    fn hr(&self) -> Client {
        self.app.acting_as("hr")
    }

    fn anna(&self) -> Client {
        self.app.acting_as("anna")
    }

    /// Delivers a signal, and tells what became of it.
    fn give(&self, signal: &Signal) -> Outcome {
        let pairs = |(name, value): &(&str, &str)| ((*name).to_owned(), Decimal4::parse(value).unwrap());
        let texts = |(name, value): &(&str, &str)| ((*name).to_owned(), AttributeValue::Text((*value).to_owned()));
        let delivery = Delivery {
            source: "qa".to_owned(),
            key: signal.key.to_owned(),
            version: 0,
            kind: signal.kind.to_owned(),
            agent: PersonRef::UserName("anna".to_owned()),
            occurred_at: signal.at.parse().unwrap(),
            channel: None,
            case: None,
            measures: signal.measures.iter().map(pairs).collect::<BTreeMap<_, _>>(),
            attributes: signal.attributes.iter().map(texts).collect::<BTreeMap<_, _>>(),
        };
        let command = Ingest { deliveries: vec![delivery] };
        self.app.state.writer.run_blocking(Actor::Operator, command).unwrap().output.pop().unwrap()
    }

    /// The points and versions by which a survey with full marks is awarded; delivered again, it tells so again.
    fn survey(&self, key: &str, at: &str) -> Vec<(i64, i32)> {
        let signal = Signal { key, kind: "survey", at, measures: &[("csat", "5")], attributes: &[] };
        let outcome = self.give(&signal);
        assert_eq!(outcome.problem, None);
        outcome.awards.iter().map(|award| (award.points, award.version)).collect()
    }

    fn activate(&self, version: u32, from: &str) -> Answer {
        let path = format!("/programmes/service-excellence/versions/{version}/activate");
        self.hr().post(&path, &json!({ "effective_from": from }))
    }

    /// Creates the programme and puts its first version in force on 1 October.
    fn in_force(&self, document: &Value) {
        self.hr().post("/programmes", document).expect(201);
        self.activate(1, "2026-10-01").expect(200);
    }

    fn state(&self, version: u32) -> Value {
        self.hr().get(&format!("/programmes/service-excellence/versions/{version}")).expect(200).body["state"].clone()
    }
}

/// What is built of the example.
fn each() -> Value {
    serde_json::from_str(include_str!("fixtures/service-excellence-each.json")).unwrap()
}

/// The same with one place changed.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = each();
    *document.pointer_mut(pointer).unwrap() = value;
    document
}

/// The places of a problem or of a validation, with their codes.
fn places(list: &Value) -> Vec<(&str, &str)> {
    let list = list.as_array().unwrap().iter();
    list.map(|place| (place["pointer"].as_str().unwrap(), place["code"].as_str().unwrap())).collect()
}
