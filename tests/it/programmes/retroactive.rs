//! Versions for days that have passed: told first, then done (SEMANTICS S28, S30).

use serde_json::{Value, json};

use super::{World, with};
use crate::support::client::Answer;

const SECOND: &str = "/programmes/service-excellence/versions/2/activate";

fn body(date: &str, dry_run: bool) -> Value {
    json!({ "effective_from": date, "retroactive": true, "dry_run": dry_run })
}

impl World {
    fn try_out(&self, date: &str) -> Answer {
        self.hr().with("prefer", "wait=10").post(SECOND, &body(date, true))
    }

    fn wallet(&self) -> i64 {
        let anna = self.anna().get("/people/me/standing").expect(200).body;
        anna["wallet"]["balance"].as_i64().unwrap()
    }
}

/// A survey on each of three days, worth 20 points, and a draft by which it is worth 30.
fn world() -> World {
    let world = World::new();
    world.in_force(&super::each());
    for (key, at) in [("a", "2026-10-05T10:00:00Z"), ("b", "2026-10-20T10:00:00Z"), ("c", "2026-11-05T10:00:00Z")] {
        assert_eq!(world.survey(key, at), [(20, 1)]);
    }
    world.app.draft("service-excellence", &with("/rules/0/award/points", json!(30)));
    world
}

#[test]
fn what_was_told_is_what_happens() {
    let world = world();
    world.hr().post(SECOND, &body("2026-10-20", false)).problem(409, "dry_run_needed");
    let told = world.try_out("2026-10-20").expect(200).body;
    assert_eq!((&told["changed"], &told["points"]), (&json!(1), &json!(20)));
    assert_eq!((&told["subjects"][0]["before"], &told["subjects"][0]["after"]), (&json!(60), &json!(80)));
    assert_eq!(world.wallet(), 60, "nothing has happened");
    world.hr().post(SECOND, &body("2026-10-19", false)).problem(409, "dry_run_needed");
    let activated = world.hr().post(SECOND, &body("2026-10-20", false)).expect(200).body;
    assert_eq!((&activated["state"], &activated["difference"]), (&json!("active"), &told));
    assert_eq!(world.wallet(), 80);
    world.hr().post(SECOND, &body("2026-10-20", false)).problem(409, "unfit_state");
    assert_eq!(world.survey("a", "2026-10-05T10:00:00Z"), [(20, 1)]);
    assert_eq!(world.survey("b", "2026-10-20T10:00:00Z"), [(30, 2)]);
    assert_eq!(world.survey("c", "2026-11-05T10:00:00Z"), [(30, 2)]);
    world.app.verify();
}

#[test]
fn what_was_told_before_something_else_happened_does_not_count() {
    let world = world();
    world.try_out("2026-10-20").expect(200);
    world.app.draft("service-excellence", &with("/rules/0/award/points", json!(40)));
    world.app.activate("service-excellence", 3, "2026-12-01");
    world.hr().post(SECOND, &body("2026-10-20", false)).problem(409, "dry_run_outdated");
    world.try_out("2026-10-20").expect(200);
    world.hr().post(SECOND, &body("2026-10-20", false)).expect(200);
    assert_eq!(world.wallet(), 80);
    world.app.verify();
}

#[test]
fn a_version_does_not_reach_before_the_first_season() {
    let world = world();
    for dry_run in [true, false] {
        let refused = world.hr().with("prefer", "wait=10").post(SECOND, &body("2019-12-31", dry_run));
        match dry_run {
            true => refused.problem(422, "too_early"),
            false => refused.problem(409, "dry_run_needed"),
        };
    }
    world.hr().post(SECOND, &json!({ "effective_from": "2026-10-20" })).problem(422, "too_early");
    world.app.agent("bela").post(SECOND, &body("2026-10-20", true)).problem(404, "not_found");
}

#[test]
fn the_first_version_can_be_tried_out_too() {
    let world = World::new();
    world.hr().post("/programmes", &super::each()).expect(201);
    assert_eq!(world.survey("a", "2026-10-05T10:00:00Z"), []);
    let path = "/programmes/service-excellence/versions/1/activate";
    let asked = json!({ "effective_from": "2026-10-01", "dry_run": true });
    let told = world.hr().with("prefer", "wait=10").post(path, &asked).expect(200).body;
    assert_eq!((&told["changed"], &told["points"]), (&json!(1), &json!(20)));
    assert_eq!(world.wallet(), 0);
}
