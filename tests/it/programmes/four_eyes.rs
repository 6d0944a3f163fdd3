//! Where the organisation wants a second person, nobody puts their own version in force.

use applaus::domain::people::Role;
use applaus::writer::role::{GrantRole, Reach};

use super::*;

const VERSION: &str = "/programmes/service-excellence/versions/1";

/// Two people from HR, and whether four eyes are wanted.
fn start(four_eyes: bool) -> (World, Client, Client) {
    let world = World::new();
    let grant = GrantRole { person: world.app.person_id("hanna"), role: Role::Hr, reach: Reach::Whole };
    world.app.state.writer.run_blocking(Actor::Operator, grant).unwrap();
    let (one, other) = (world.hr(), world.app.acting_as("hanna"));
    one.with("if-match", "*").patch("/organization", &json!({ "four_eyes": four_eyes })).expect(200);
    (world, one, other)
}

fn activate(client: &Client) -> Answer {
    client.post(&format!("{VERSION}/activate"), &json!({ "effective_from": "2026-10-01" }))
}

#[test]
fn the_author_needs_somebody_else() {
    let (_world, one, other) = start(true);
    one.post("/programmes", &each()).expect(201);
    let refused = activate(&one.with("accept-language", "de")).problem(403, "second_person_needed");
    assert_eq!(refused.body["title"], "Eine zweite Person ist nötig");
    assert_eq!(one.get(VERSION).body["state"], "draft");
    activate(&other).expect(200);
}

#[test]
fn whoever_changed_the_draft_is_an_author_too() {
    let (world, one, other) = start(true);
    one.post("/programmes", &each()).expect(201);
    assert_eq!(one.get(VERSION).body["changed_by"], Value::Null);
    other.with("if-match", "*").put(VERSION, &each()).expect(200);
    assert_eq!(one.get(VERSION).body["changed_by"], world.app.person("hanna").id);
    for author in [&one, &other] {
        activate(author).problem(403, "second_person_needed");
    }
    // The operator is nobody's colleague.
    world.app.activate("service-excellence", 1, "2026-10-01");
}

#[test]
fn unless_it_is_wanted_one_is_enough() {
    let (_world, one, _) = start(false);
    one.post("/programmes", &each()).expect(201);
    activate(&one).expect(200);
}
