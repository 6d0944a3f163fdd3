//! Patterns in kudos over HTTP: who may read them, of which period, and whom they name.

use applaus::domain::kudos::Visibility;
use applaus::domain::points::Points;
use applaus::writer::Actor;
use applaus::writer::kudos::receivers::Receiver;
use applaus::writer::kudos::{RetractKudos, SendKudos};
use serde_json::{Value, json};

use crate::support::app::TestApp;

/// Twelve people in each of two teams.
fn organisation() -> TestApp {
    let app = TestApp::start();
    for team in ["north", "south"] {
        app.team(team, None);
        for number in 0..12 {
            app.agent_in(&format!("{team}-{number}"), team);
        }
    }
    app
}

fn thank(app: &TestApp, from: &str, to: &str) -> applaus::domain::ids::KudosId {
    let command = SendKudos {
        to: vec![Receiver::Person(applaus::store::people::PersonRef::Id(app.person_id(to)))],
        message: "Thanks".to_owned(),
        value: None,
        points: Points(1),
        visibility: Visibility::Private,
    };
    let actor = Actor::Person(app.person_id(from));
    app.state.writer.run_blocking(actor, command).unwrap().output.kudos.kudos_id().unwrap()
}

/// Everybody thanks three others, each time others.
fn honest(app: &TestApp) {
    for (team, other) in [("north", "south"), ("south", "north")] {
        for number in 0..12 {
            let from = format!("{team}-{number}");
            thank(app, &from, &format!("{team}-{}", (number + 1) % 12));
            thank(app, &from, &format!("{team}-{}", (number + 5) % 12));
            thank(app, &from, &format!("{other}-{}", (number * 7 + 3) % 12));
        }
    }
}

const RING: [&str; 5] = ["north-0", "south-4", "north-7", "south-9", "south-2"];

fn names(finding: &Value) -> Vec<&str> {
    finding["people"].as_array().unwrap().iter().map(|person| person["user_name"].as_str().unwrap()).collect()
}

#[test]
fn hr_reads_of_a_ring_with_its_figures_and_why() {
    let app = organisation();
    honest(&app);
    let quiet = app.hr().get("/kudos/patterns").expect(200);
    assert_eq!(quiet.body["findings"], json!([]));
    for (place, from) in RING.iter().enumerate() {
        (0..6).for_each(|_| drop(thank(&app, from, RING[(place + 1) % 5])));
    }
    let report = app.hr().get("/kudos/patterns?period=2026-11").expect(200);
    let findings = report.body["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let ring = &findings[0];
    let mut people = names(ring);
    people.sort_unstable();
    let mut expected = RING;
    expected.sort_unstable();
    assert_eq!((ring["kind"].as_str(), people), (Some("ring"), expected.to_vec()));
    // Those six times five, and what these people gave each other before.
    let observed = ring["observed"].as_u64().unwrap();
    assert!((30..=34).contains(&observed) && ring["points"].as_u64() == Some(observed), "{ring}");
    assert!(ring["times_expected"].as_f64().unwrap() > 3.0 && ring["chance"].as_f64().unwrap() < 0.01, "{ring}");
    assert!(ring["why"]["de"].as_str().unwrap().contains(&observed.to_string()), "{ring}");
    for (name, value) in [
        ("period", json!("2026-11")),
        ("participants", json!(24)),
        ("kudos", json!(102)),
        ("complete", json!(true)),
        ("smallest_group", json!(5)),
        ("from", json!("2026-10-31T23:00:00Z")),
    ] {
        assert_eq!(report.body[name], value, "{name}");
    }
    app.verify();
}

#[test]
fn what_was_taken_back_is_in_no_pattern() {
    let app = organisation();
    honest(&app);
    let sent: Vec<_> = (0..20)
        .map(|number| if number % 2 == 0 { thank(&app, RING[0], RING[1]) } else { thank(&app, RING[1], RING[0]) })
        .collect();
    let kinds = || -> Vec<String> {
        let report = app.hr().get("/kudos/patterns").expect(200);
        let findings = report.body["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds()[0], "pair");
    for (number, kudos) in sent.into_iter().enumerate() {
        let actor = Actor::Person(app.person_id(RING[number % 2]));
        app.state.writer.run_blocking(actor, RetractKudos { kudos }).unwrap();
    }
    assert_eq!(kinds(), Vec::<String>::new());
}

#[test]
fn only_hr_reads_them_and_of_periods_that_there_are() {
    let app = organisation();
    for client in [app.acting_as("north-0"), app.lead("lea", "north"), app.auditor(), app.admin()] {
        client.get("/kudos/patterns").problem(403, "forbidden");
    }
    app.anonymous().get("/kudos/patterns").problem(401, "unauthorized");
    let hr = app.hr();
    for period in ["current", "previous", "2026-10", "2026-Q4", "2026-H2", "2026", "2031-05"] {
        let report = hr.get(&format!("/kudos/patterns?period={period}")).expect(200);
        assert_eq!(report.body["findings"], json!([]), "{period}");
    }
    for unfit in ["november", "2026-13", "2026-W46", "", "2026-Q5", "9999-01"] {
        hr.get(&format!("/kudos/patterns?period={unfit}")).problem(422, "invalid_period");
    }
    hr.get("/kudos/patterns?month=2026-11").problem(400, "invalid_query");
}

#[test]
fn the_never_thanked_are_named_in_teams_large_enough() {
    let app = organisation();
    app.team("tiny", None);
    for number in 0..4 {
        app.agent_in(&format!("tiny-{number}"), "tiny");
    }
    for number in 0..10 {
        thank(&app, "south-11", &format!("north-{number}"));
        thank(&app, &format!("north-{number}"), &format!("south-{number}"));
    }
    thank(&app, "tiny-1", "tiny-0");
    let report = app.hr().get("/kudos/patterns").expect(200);
    let findings = report.body["findings"].as_array().unwrap();
    let of = |team: &str| findings.iter().find(|finding| finding["kind"] == "unthanked" && finding["team"] == team);
    let north = of("north").unwrap();
    assert_eq!((names(north), &north["observed"], &north["of"]), (vec!["north-10", "north-11"], &json!(2), &json!(12)));
    assert!(of("tiny").is_none(), "{findings:#?}");
    assert!(!report.text.contains("tiny-2"));
    // Whoever has left is nobody to thank.
    let id = app.person_id("north-11");
    let hr = app.hr();
    let person = hr.get(&format!("/people/{id}")).expect(200);
    let change = hr.with("if-match", person.header("etag").unwrap());
    change.patch(&format!("/people/{id}"), &json!({ "active": false })).expect(200);
    let report = app.hr().get("/kudos/patterns").expect(200);
    assert!(!report.text.contains("north-11"), "{}", report.text);
}
