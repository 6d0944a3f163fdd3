//! Each server signs with a key of its own, and all of them know all.

use std::fs;

use applaus::access::keys::{FILE_NAME, IssuerKey};
use applaus::access::tokens::Issuer;
use chrono::TimeDelta;

use super::{two, within_a_second};
use crate::support::app::TestApp;

#[test]
fn a_token_of_one_server_is_known_to_all() {
    let (first, second) = two();
    for (app, there) in [(&first, &second), (&second, &first)] {
        let anna = app.acting_as("anna");
        within_a_second(|| there.as_well(&anna).get("/people/me").status == 200);
    }
    let third = first.another();
    let ben = third.acting_as("ben");
    within_a_second(|| first.as_well(&ben).get("/people/me").status == 200);
    within_a_second(|| second.as_well(&ben).get("/people/me").status == 200);
}

#[test]
fn a_key_that_nobody_registered_is_unknown() {
    let (first, second) = two();
    let stranger = Issuer::new(&IssuerKey::generate().unwrap());
    let token = stranger.mint("anna", TimeDelta::hours(1), &[], first.state.clock.now()).unwrap();
    for app in [&first, &second] {
        app.with_token(&token).get("/people/me").problem(401, "unauthorized");
    }
}

#[test]
fn a_key_is_registered_once() {
    let app = TestApp::start();
    let registered = app.state.writer.published().newest();
    let database = app.database.again();
    fs::copy(app.database.dir.path().join(FILE_NAME), database.dir.path().join(FILE_NAME)).unwrap();
    let again = TestApp::start_on(database, app.state.clock.now());
    assert_eq!(again.state.writer.published().newest(), registered, "starting anew takes no number of the sequence");
    assert_eq!(again.state.catalogue().issuer_keys.len(), 1);
    assert_eq!(app.another().state.writer.published().newest(), registered + 1);
}
