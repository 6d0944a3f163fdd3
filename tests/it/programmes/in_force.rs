//! Activation: which version judges which day, and what can no longer be taken back.

use super::*;

const SECOND: &str = "/programmes/service-excellence/versions/2";

/// A second version, drafted: 30 points a survey in place of 20. Both limit them to 50 a month.
fn two_versions(world: &World) {
    let mut document = each();
    document["rules"][0]["limits"] = json!([{ "per": "month", "points": 50 }]);
    world.in_force(&document);
    document["rules"][0]["award"]["points"] = json!(30);
    document["rules"][0]["name"]["en"] = json!("Very happy customer");
    world.hr().post("/programmes/service-excellence/versions", &document).expect(201);
}

#[test]
fn evidence_from_before_the_activation_is_awarded_by_it() {
    let world = World::new();
    assert_eq!(world.survey("before-the-first-day", "2026-09-30T21:59:59Z"), []);
    assert_eq!(world.survey("first-day", "2026-09-30T22:00:00Z"), []);
    let calm = Signal {
        key: "calm",
        kind: "evaluation",
        at: "2026-11-02T10:00:00Z",
        measures: &[("quality", "95"), ("friendliness", "95")],
        attributes: &[("queue", "complaints")],
    };
    assert!(world.give(&calm).awards.is_empty());
    world.hr().post("/programmes", &each()).expect(201);
    assert_eq!(world.survey("first-day", "2026-09-30T22:00:00Z"), [], "a draft awards nothing");
    let activated = world.activate(1, "2026-10-01").expect(200);
    assert_eq!((&activated.body["state"], &activated.body["effective_from"]), (&json!("active"), &json!("2026-10-01")));
    assert_eq!(activated.body["activated_at"], "2026-11-18T12:00:00Z");
    assert_eq!(world.survey("before-the-first-day", "2026-09-30T21:59:59Z"), []);
    assert_eq!(world.survey("first-day", "2026-09-30T22:00:00Z"), [(20, 1)]);
    let mut awards: Vec<_> = world.give(&calm).awards.into_iter().map(|a| (a.rule, a.points, a.badge)).collect();
    awards.sort();
    let expected = [("calm", 15, Some("calm-voice".to_owned())), ("quality", 45, None)];
    assert_eq!(awards, expected.map(|(rule, points, badge)| (rule.to_owned(), points, badge)));
    world.activate(1, "2026-10-01").problem(409, "unfit_state");
    world.app.verify();
}

#[test]
fn each_day_follows_its_version_and_counters_run_on() {
    let world = World::new();
    two_versions(&world);
    for too_early in ["2026-11-18", "2026-10-01"] {
        let refused = world.activate(2, too_early).problem(422, "too_early");
        assert_eq!(places(&refused.body["errors"]), [("/effective_from", "too_early")]);
        assert_eq!(refused.body["detail"], "The earliest date is 2026-11-19.");
    }
    world.activate(2, "2026-11-19").expect(200);
    assert_eq!([world.state(1), world.state(2)], ["active", "scheduled"]);
    assert_eq!(world.survey("today", "2026-11-18T11:00:00Z"), [(20, 1)]);
    let tag = world.hr().get(SECOND).header("etag").unwrap().to_owned();
    world.app.clock.set("2026-11-19T12:00:00Z".parse().unwrap());
    assert_eq!([world.state(1), world.state(2)], ["superseded", "active"]);
    world.hr().with("if-none-match", &tag).get(SECOND).expect(200);
    assert_eq!(world.survey("tomorrow", "2026-11-18T23:00:00Z"), [(30, 2)]);
    assert_eq!(world.survey("used-up", "2026-11-19T10:00:00Z"), []);
    assert_eq!(world.survey("late", "2026-11-18T22:59:59Z"), [(20, 1)]);
    assert_eq!(world.survey("tomorrow", "2026-11-18T23:00:00Z"), [(10, 2)], "what the late one left");
    world.app.verify();
}

#[test]
fn a_programme_tells_what_holds_today() {
    let world = World::new();
    two_versions(&world);
    world.activate(2, "2026-11-19").expect(200);
    let path = "/programmes/service-excellence";
    let anna = world.anna();
    let today = anna.get(path).expect(200);
    insta::assert_json_snapshot!(json!([
        today.body["state"], today.body["name"], today.body["time_zone"], today.body["season"],
        today.body["version"]["rules"][0], today.body["version"]["badges"][0], today.body["version"]["tiers"][2],
        today.body["version"]["boards"][1],
    ]), @r#"
    [
      "active",
      {
        "de": "Servicequalität",
        "en": "Service Excellence"
      },
      "Europe/Berlin",
      {
        "code": "2026-Q4",
        "from": "2026-10-01",
        "last_day": "2026-12-31",
        "until": "2027-01-01"
      },
      {
        "code": "happy-customer",
        "description": null,
        "name": {
          "de": "Zufriedene Kundschaft",
          "en": "Very happy customer"
        },
        "sentence": {
          "de": "Für jede Umfrageantwort mit csat mindestens 4: 20 Punkte, höchstens 50 Punkte pro Monat.",
          "en": "For each survey with csat at least 4: 20 points, at most 50 points a month."
        }
      },
      {
        "code": "calm-voice",
        "description": null,
        "image": null,
        "name": {
          "de": "Ruhige Stimme",
          "en": "Calm voice"
        }
      },
      {
        "at": 4000,
        "badge": "gold",
        "code": "gold",
        "name": {
          "de": "Gold",
          "en": "Gold"
        }
      },
      {
        "code": "teams",
        "combine": "mean_per_member",
        "name": {
          "de": "Teams",
          "en": "Teams"
        },
        "period": "month",
        "subject": "team"
      }
    ]
    "#);
    assert_eq!(anna.with("if-none-match", today.header("etag").unwrap()).get(path).expect(304).text, "");
    world.app.clock.set("2026-11-18T23:00:00Z".parse().unwrap());
    let tomorrow = anna.with("if-none-match", today.header("etag").unwrap()).get(path).expect(200);
    assert_eq!(tomorrow.body["version"]["version"], 2);
    let sentence = tomorrow.body["version"]["rules"][0]["sentence"]["en"].as_str().unwrap();
    assert!(sentence.contains("30 points"), "{sentence}");
}

#[test]
fn a_scheduled_version_is_withdrawn_until_evidence_may_rest_on_it() {
    let world = World::new();
    two_versions(&world);
    world.activate(2, "2026-11-19").expect(200);
    world.hr().delete("/programmes/service-excellence/versions/1").problem(409, "unfit_state");
    let before = world.hr().get("/programmes/service-excellence").header("etag").unwrap().to_owned();
    world.hr().delete(SECOND).expect(204);
    assert_eq!([world.state(1), world.state(2)], ["active", "withdrawn"]);
    assert_ne!(world.hr().get("/programmes/service-excellence").header("etag"), Some(before.as_str()));
    world.activate(2, "2026-11-20").problem(409, "unfit_state");
    world.hr().delete(SECOND).problem(409, "unfit_state");

    world.hr().post("/programmes/service-excellence/versions", &each()).expect(201);
    world.activate(3, "2026-11-19").expect(200);
    world.app.clock.set("2026-11-18T22:55:00Z".parse().unwrap());
    assert_eq!(world.survey("ahead", "2026-11-18T23:00:00Z"), [(20, 3)]);
    world.hr().delete("/programmes/service-excellence/versions/3").problem(409, "unfit_state");
    world.app.clock.set("2026-11-19T12:00:00Z".parse().unwrap());
    assert_eq!([world.state(1), world.state(3)], ["superseded", "active"]);
    world.app.verify();
}

#[test]
fn a_programme_whose_only_version_is_withdrawn_may_start_on_any_day() {
    let world = World::new();
    world.hr().post("/programmes", &each()).expect(201);
    world.activate(1, "2026-12-01").expect(200);
    assert_eq!(world.hr().get("/programmes/service-excellence").body["state"], "scheduled");
    world.hr().delete("/programmes/service-excellence/versions/1").expect(204);
    assert_eq!(world.hr().get("/programmes/service-excellence").body["state"], "withdrawn");
    world.hr().post("/programmes/service-excellence/versions", &each()).expect(201);
    world.activate(2, "2026-10-01").expect(200);
    assert_eq!(world.hr().get("/programmes/service-excellence").body["state"], "active");
}

#[test]
fn a_version_that_would_never_be_in_force_is_not_activated() {
    let world = World::new();
    two_versions(&world);
    world.hr().post("/programmes/service-excellence/versions", &each()).expect(201);
    world.activate(3, "2026-11-25").expect(200);
    let refused = world.activate(2, "2026-11-25").problem(422, "never_in_force");
    assert_eq!(places(&refused.body["errors"]), [("/effective_from", "never_in_force")]);
    world.activate(2, "2026-11-24").expect(200);
    world.hr().post("/programmes/service-excellence/versions", &each()).expect(201);
    world.activate(4, "2026-11-20").expect(200);
    assert_eq!([2, 3, 4].map(|version| world.state(version)), ["superseded", "superseded", "scheduled"]);
}

#[test]
fn a_date_of_activation_is_checked() {
    let world = World::new();
    world.hr().post("/programmes", &each()).expect(201);
    let path = "/programmes/service-excellence/versions/1/activate";
    for date in ["", "2026-1-1", "2026-02-30", "1999-12-31", "3000-01-01", "+12026-01-01", "2026-10-01T00:00:00Z"] {
        let refused = world.hr().post(path, &json!({ "effective_from": date })).problem(422, "invalid_date");
        assert_eq!(places(&refused.body["errors"]), [("/effective_from", "invalid_date")]);
    }
    for body in [json!({}), json!({ "effective_from": 20261001 }), json!({ "effective_from": "2026-10-01", "x": 1 })] {
        world.hr().post(path, &body).problem(422, "invalid_request");
    }
    let body = json!({ "effective_from": "2026-10-01", "retroactive": false, "dry_run": false });
    world.hr().post(path, &body).expect(200);
}

#[test]
fn seasons_that_a_later_version_adds_earn() {
    let world = World::new();
    let season = |code: &str, from: &str, until: &str| json!({ "code": code, "from": from, "until": until });
    let autumn = season("autumn", "2026-10-01", "2026-12-01");
    let mut document = with("/season", json!({ "custom": [autumn] }));
    world.in_force(&document);
    assert_eq!(world.survey("autumn", "2026-11-18T11:00:00Z"), [(20, 1)]);
    document["season"]["custom"] = json!([autumn, season("winter", "2026-12-01", "2027-03-01")]);
    world.hr().post("/programmes/service-excellence/versions", &document).expect(201);
    world.activate(2, "2026-11-19").expect(200);
    world.app.clock.set("2026-12-02T12:00:00Z".parse().unwrap());
    assert_eq!(world.survey("winter", "2026-12-02T11:00:00Z"), [(20, 2)]);
    assert_eq!(world.survey("late", "2026-11-18T11:30:00Z"), [(20, 1)]);
    let shown = world.anna().get("/programmes/service-excellence").expect(200).body;
    let winter = json!({ "code": "winter", "from": "2026-12-01", "until": "2027-03-01", "last_day": "2027-02-28" });
    assert_eq!(shown["season"], winter);
    world.app.verify();
}

#[test]
fn a_season_keeps_the_tiers_of_the_first_version_that_has_some() {
    let world = World::new();
    let tiers = |shown: Value| {
        shown["version"]["tiers"].as_array().unwrap().iter().map(|t| t["at"].clone()).collect::<Vec<_>>()
    };
    let path = "/programmes/service-excellence";
    world.in_force(&with("/tiers", json!([])));
    assert!(tiers(world.hr().get(path).body).is_empty());
    world.hr().post(&format!("{path}/versions"), &each()).expect(201);
    world.activate(2, "2026-11-19").expect(200);
    let mut higher = with("/tiers/2/at", json!(5000));
    higher["tiers"][2]["name"]["en"] = json!("Real gold");
    world.hr().post(&format!("{path}/versions"), &higher).expect(201);
    world.activate(3, "2026-11-20").expect(200);
    world.app.clock.set("2026-11-21T12:00:00Z".parse().unwrap());
    let shown = world.hr().get(path).expect(200).body;
    assert_eq!(shown["version"]["tiers"][2]["name"]["en"], "Real gold");
    assert_eq!(tiers(shown), [500, 1500, 4000]);
    world.app.clock.set("2027-01-02T12:00:00Z".parse().unwrap());
    assert_eq!(tiers(world.hr().get(path).expect(200).body), [500, 1500, 5000]);
}

#[test]
fn a_holiday_that_comes_late_leaves_the_ledger_right() {
    let world = World::new();
    world.in_force(&each());
    assert_eq!(world.survey("one", "2026-11-02T10:00:00Z").len(), 1);
    let holidays = json!([{ "date": "2026-11-02", "name": { "en": "Day off", "de": "Frei" } }]);
    world.hr().with("if-match", "*").patch("/organization", &json!({ "holidays": holidays })).expect(200);
    assert_eq!(world.survey("one", "2026-11-02T10:00:00Z").len(), 1, "a signal counts on any day");
    world.app.verify();
}
