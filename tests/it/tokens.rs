//! The built-in issuer's tokens: what is accepted, and the forgeries that are not.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use applaus::access::cache::VerifiedTokens;
use applaus::access::keys::{FILE_NAME, IssuerKey};
use applaus::access::tokens::{Issuer, MAX_LIFETIME, MintError, Verifier};
use applaus::domain::people::Role;
use applaus::domain::time::Instant;
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use crate::support::forge::{Forge, forged_tokens};

struct Server {
    key: IssuerKey,
    pem: String,
    now: Instant,
}

fn server() -> Server {
    let dir = tempfile::tempdir().unwrap();
    let key = IssuerKey::load_or_create(dir.path()).unwrap();
    let pem = fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    Server { key, pem, now: "2026-11-03T09:41:00.25Z".parse().unwrap() }
}

impl Server {
    fn forge(&self) -> Forge {
        Forge::new(&self.pem, self.key.kid(), self.now)
    }
}

#[test]
fn a_minted_token_says_whom_it_speaks_for() {
    let server = server();
    let (issuer, verifier) = (Issuer::new(&server.key), Verifier::new(&server.key));
    let token = issuer.mint("anna.schmidt", TimeDelta::minutes(15), &[], server.now).unwrap();
    let claims = verifier.verify(&token, server.now).unwrap();
    assert_eq!((claims.subject.as_str(), claims.scope), ("anna.schmidt", None));
    assert_eq!(claims.expires, "2026-11-03T09:56:00Z".parse::<Instant>().unwrap());

    let narrowed = issuer.mint("anna.schmidt", MAX_LIFETIME, &[Role::Agent, Role::Hr], server.now).unwrap();
    assert_eq!(verifier.verify(&narrowed, server.now).unwrap().scope, Some([Role::Agent, Role::Hr].into()));
}

#[test]
fn a_token_that_would_be_refused_is_not_minted() {
    let server = server();
    let issuer = Issuer::new(&server.key);
    for lifetime in [TimeDelta::zero(), TimeDelta::seconds(-1), MAX_LIFETIME + TimeDelta::milliseconds(1)] {
        assert!(matches!(issuer.mint("anna", lifetime, &[], server.now), Err(MintError::Lifetime)));
    }
    let name = "a".repeat(9000);
    assert!(matches!(issuer.mint(&name, MAX_LIFETIME, &[], server.now), Err(MintError::TooLong)));
}

/// The forgeries differ from these in the one thing that is wrong with them, so that nothing else refuses them.
#[test]
fn what_the_forge_makes_well_is_accepted() {
    let server = server();
    let (forge, verifier) = (server.forge(), Verifier::new(&server.key));
    let now = server.now.timestamp();
    for (what, token) in [
        ("as minted", forge.sign(&forge.header(), &forge.claims())),
        ("no typ", forge.with_header("typ", json!(null))),
        ("typ in small letters", forge.with_header("typ", json!("jwt"))),
        ("typ of an access token", forge.with_header("typ", json!("at+jwt"))),
        ("unknown header", forge.with_header("x", json!(1))),
        ("aud among others", forge.with_claim("aud", json!(["another", "applaus"]))),
        ("nbf past", forge.with_claim("nbf", json!(now - 10))),
        ("nbf within the leeway", forge.with_claim("nbf", json!(now + 59))),
        ("iat within the leeway", forge.with_claim("iat", json!(now + 59))),
        ("times with fractions", forge.with_claim("exp", json!(now as f64 + 900.5))),
        ("unknown claim", forge.with_claim("x", json!(null))),
    ] {
        assert!(verifier.verify(&token, server.now).is_ok(), "{what}: {:?}", verifier.verify(&token, server.now));
    }
}

#[test]
fn no_forgery_is_accepted_at_first_or_again() {
    let server = server();
    let verifier = Verifier::new(&server.key);
    let cached = VerifiedTokens::<()>::new(Arc::new([(server.key.kid().to_owned(), *server.key.public())].into()));
    let forged = forged_tokens(&server.pem, server.key.kid(), server.now);
    let names: BTreeSet<_> = forged.iter().map(|(what, _)| what).collect();
    assert_eq!(names.len(), forged.len());
    for (what, token) in &forged {
        assert!(verifier.verify(token, server.now).is_err(), "{what}");
        assert!(cached.verify(token, server.now).is_err(), "{what}, first");
        assert!(cached.verify(token, server.now).is_err(), "{what}, again");
    }
}

#[test]
fn a_scope_grants_only_roles_that_exist() {
    let server = server();
    let (forge, verifier) = (server.forge(), Verifier::new(&server.key));
    for (scope, roles) in [
        ("", vec![]),
        ("root  openid", vec![]),
        ("agent", vec![Role::Agent]),
        ("openid hr lead hr", vec![Role::Lead, Role::Hr]),
        ("Admin", vec![]),
        ("agent,hr", vec![]),
    ] {
        let token = forge.with_claim("scope", json!(scope));
        let claims = verifier.verify(&token, server.now).unwrap();
        assert_eq!(claims.scope, Some(roles.into_iter().collect()), "{scope}");
    }
}

#[test]
fn a_token_ends_with_its_last_second() {
    let server = server();
    let verifier = Verifier::new(&server.key);
    let token = Issuer::new(&server.key).mint("anna", TimeDelta::seconds(60), &[], server.now).unwrap();
    let end: Instant = "2026-11-03T09:42:00Z".parse().unwrap();
    assert!(verifier.verify(&token, end - TimeDelta::microseconds(1)).is_ok());
    assert!(verifier.verify(&token, end).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Any change of any character, and any text at all, is refused without a panic.
    #[test]
    fn nothing_near_a_token_is_one(position in 0_usize..1000, replacement in "[ -~]", text in "\\PC{0,200}") {
        let server = server();
        let verifier = Verifier::new(&server.key);
        let good = server.forge().sign(&server.forge().header(), &server.forge().claims());
        let position = position % good.len();
        let mut near = good.clone();
        near.replace_range(position..=position, &replacement);
        prop_assert_eq!(verifier.verify(&near, server.now).is_ok(), near == good);
        prop_assert!(verifier.verify(&text, server.now).is_err());
    }
}

/// Over HTTP: each forgery is refused as a problem that says nothing else.
#[test]
fn forged_tokens_are_refused_over_http() {
    let app = crate::support::app::TestApp::start();
    app.admin();
    let pem = fs::read_to_string(app.database.dir.path().join(FILE_NAME)).unwrap();
    let kid = IssuerKey::load_or_create(app.database.dir.path()).unwrap().kid().to_owned();
    let now = app.state.clock.now();
    let valid = app.acting_as("admin");
    valid.get("/people/me").expect(200);
    let refusal = app.anonymous().get("/people/me").problem(401, "unauthorized");
    let forged = forged_tokens(&pem, &kid, now);
    assert!(forged.len() > 50);
    for (forgery, token) in forged {
        // A header cannot carry a line break or anything beyond ASCII; such a token never leaves its sender.
        if !token.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            continue;
        }
        let answer = app.with_token(&token).get("/people/me");
        assert_eq!(answer.status, 401, "{forgery}: {}", answer.text);
        assert_eq!(answer.text, refusal.text, "{forgery} is told more than others");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{forgery}");
    }
    let twice = app.anonymous().with("authorization", "Bearer a").with("authorization", "Bearer b");
    twice.get("/people/me").problem(401, "unauthorized");
    valid.get("/people/me").expect(200);
}
