//! Promise 6: a closed season's statement is byte-identical whenever it is read; closed and adjustments are what the
//! evidence now says.

use proptest::prelude::*;
use serde_json::Value;

use crate::seasons::{NOVEMBER_CLOSES, close, evaluate, season, server, time_is};
use crate::support::app::TestApp;

const AGENTS: [&str; 3] = ["anna", "ben", "cleo"];

#[derive(Debug, Clone)]
enum Step {
    Evaluate { key: u8, agent: usize, day: u32, quality: u32 },
    Void { key: u8 },
    Rename { agent: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0_u8..8, 0_usize..3, 0_u32..45, 0_u32..10).prop_map(|(key, agent, day, tens)| Step::Evaluate {
            key, agent, day, quality: tens * 10
        }),
        1 => (0_u8..8).prop_map(|key| Step::Void { key }),
        1 => (0_usize..3).prop_map(|agent| Step::Rename { agent }),
    ]
}

fn perform(app: &TestApp, step: &Step, version: u64) {
    match step {
        Step::Evaluate { key, agent, day, quality } => {
            // Days of October and November, so that corrections move evidence between a closed season and another.
            let first: chrono::NaiveDate = "2026-10-04".parse().unwrap();
            let at = format!("{}T09:00:00Z", first + chrono::Days::new(u64::from(*day)));
            evaluate(app, &format!("k{key}"), version, AGENTS[*agent], &at, *quality);
        }
        Step::Void { key } => drop(app.hr().delete(&format!("/signals/qa/k{key}")).expect(200)),
        Step::Rename { agent } => {
            let name = serde_json::json!({ "display_name": format!("Name {version}") });
            app.hr().with("if-match", "*").patch(&format!("/people/{}", AGENTS[*agent]), &name).expect(200);
        }
    }
}

/// The points of each subject in a statement, with its adjustments.
fn adjusted(app: &TestApp, statement: &Value) -> std::collections::BTreeMap<String, i64> {
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let lines = statement["subjects"].as_array().unwrap().iter();
    let mut points: std::collections::BTreeMap<_, _> =
        lines.map(|line| (id(&line["subject"]["id"]), line["points"].as_i64().unwrap())).collect();
    let path = format!("/programmes/service/seasons/{}/adjustments?limit=200", statement["season"].as_str().unwrap());
    let moved = app.hr().get(&path).expect(200).body;
    for line in moved["items"].as_array().unwrap() {
        let amount = line["amount"].as_i64().unwrap();
        let sign = if line["kind"] == "reversal" { -1 } else { 1 };
        *points.entry(id(&line["owner"])).or_insert(0) += sign * amount;
    }
    points.retain(|_, points| *points != 0);
    points
}

/// The points of each subject by the live awards of a season.
fn live(app: &TestApp, season: &str) -> std::collections::BTreeMap<String, i64> {
    let mut points = std::collections::BTreeMap::new();
    for award in app.state.read_here(|db| Ok(applaus::store::awards::all(db)?)).unwrap() {
        if award.season == season && award.points > 0 {
            *points.entry(award.subject).or_insert(0) += award.points;
        }
    }
    points
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_statement_stays_and_with_its_adjustments_says_what_the_evidence_says(
        before in prop::collection::vec(step(), 4..10),
        between in prop::collection::vec(step(), 2..8),
        after in prop::collection::vec(step(), 2..8),
    ) {
        let app = server();
        for (who, team) in AGENTS.iter().zip(["north", "north", "south"]) {
            app.agent_in(who, team);
        }
        let mut version = 0;
        let mut all = |steps: &[Step]| {
            for step in steps {
                version += 1;
                perform(&app, step, version);
            }
        };
        all(&before);
        close(&app.hr(), "2026-10").expect(200);
        let october = season(&app.hr(), "2026-10");
        app.verify();
        all(&between);
        prop_assert_eq!(&season(&app.hr(), "2026-10").text, &october.text);
        time_is(&app, NOVEMBER_CLOSES);
        let november = season(&app.hr(), "2026-11");
        app.verify();
        all(&after);
        app.tick();
        for statement in [&october, &november] {
            let code = statement.body["season"].as_str().unwrap();
            prop_assert_eq!(&season(&app.hr(), code).text, &statement.text);
            prop_assert_eq!(adjusted(&app, &statement.body), live(&app, code), "{}", code);
        }
        app.verify();
    }
}
