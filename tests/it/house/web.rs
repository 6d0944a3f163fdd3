//! Routes, their descriptions and the committed OpenAPI document say the same.

use std::collections::BTreeSet;
use std::fs;

use applaus::http::routes;
use serde_json::Value;

use super::root;

fn described() -> Value {
    serde_json::to_value(routes::document()).unwrap()
}

#[test]
fn every_route_is_described_under_its_own_path() {
    let routed: BTreeSet<(String, String)> =
        routes::ALL.iter().map(|(path, method)| ((*path).to_owned(), (*method).to_owned())).collect();
    let document = described();
    let mut said = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            said.insert((path.clone(), method.clone()));
        }
    }
    assert_eq!(said, routed);
}

/// `applaus openapi > openapi.json` brings the committed document up to date.
#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let committed = fs::read_to_string(root().join("openapi.json")).unwrap();
    let served = routes::document().to_pretty_json().unwrap();
    assert!(committed.trim_end() == served.trim_end(), "run: cargo run -- openapi > openapi.json");
}

#[test]
fn every_operation_says_what_it_does_and_answers() {
    let document = described();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{place} has no summary");
            assert!(operation["tags"].is_array(), "{place} has no tag");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let words = response["description"].as_str().unwrap_or_default();
                assert!(!words.is_empty(), "{place} does not describe {status}");
            }
        }
    }
}
