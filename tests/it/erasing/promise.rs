//! The design's promise 8, in random towns; and that breaking it is noticed.

use std::time::{Duration, Instant};

use applaus::store::{awards, ledger};
use diesel::prelude::*;
use diesel::sql_types::Text;
use proptest::prelude::*;
use serde_json::Value;

use super::scan::{traces, traces_in_files};
use super::town::{OTHERS, Town};
use crate::support::app::TestApp;

/// Tables in which nothing may be another afterwards.
const UNMOVED: [&str; 8] = [
    "transfers",
    "accounts",
    "awards",
    "badge_events",
    "season_statements",
    "frozen_boards",
    "contest_results",
    "seasons",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of a table, as text.
fn rows(app: &TestApp, table: &str) -> Vec<String> {
    let mut db = app.database.url.connect().unwrap();
    let columns: Vec<Line> = match app.database.url.is_postgres() {
        true => diesel::sql_query(format!(
            "SELECT column_name::text AS line FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY 1"
        )),
        false => diesel::sql_query(format!("SELECT name AS line FROM pragma_table_info('{table}') ORDER BY 1")),
    }
    .load(&mut db)
    .unwrap();
    let columns: Vec<String> =
        columns.iter().map(|column| format!("coalesce(CAST(\"{}\" AS TEXT), '-')", column.line)).collect();
    let query = format!("SELECT {} AS line FROM {table} ORDER BY 1", columns.join(" || ' ' || "));
    let rows: Vec<Line> = diesel::sql_query(query).load(&mut db).unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

/// What is seen of boards and statements, without what names somebody.
fn seen(town: &Town) -> Vec<Value> {
    let auditor = town.app.auditor();
    let mut all = Vec::new();
    for path in [
        "/leaderboards/town/season?period=previous",
        "/leaderboards/town/season?period=current",
        "/leaderboards/town/ever",
        "/leaderboards/town/teams?period=previous",
        "/programmes/town/seasons/2026-10",
    ] {
        let mut body = auditor.get(path).expect(200).body;
        // What changes with every change of people, and what a name is.
        for gone in ["version", "me"] {
            body.as_object_mut().unwrap().remove(gone);
        }
        nameless(&mut body, &town.id);
        all.push(body);
    }
    for other in OTHERS {
        let client = town.app.acting_as(other);
        for path in ["/people/me/standing", "/people/me/badges", "/people/me/transfers?limit=200"] {
            let mut body = client.get(path).expect(200).body;
            nameless(&mut body, &town.id);
            all.push(body);
        }
    }
    all
}

/// Takes the names of one person out of an answer, and the keys of evidence, in which they may be.
fn nameless(value: &mut Value, id: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| nameless(item, id)),
        Value::Object(fields) => {
            if fields.get("id").is_some_and(|held| held == id) {
                fields.remove("user_name");
                fields.remove("display_name");
            }
            if fields.contains_key("source") {
                fields.remove("key");
            }
            fields.values_mut().for_each(|field| nameless(field, id));
        }
        _ => {}
    }
}

/// What HR is told, wherever it may look.
fn told_to_hr(town: &Town) -> String {
    let hr = town.hr();
    let id = &town.id;
    let mut all = String::new();
    for path in [
        "/people?limit=200".to_owned(),
        "/kudos?limit=200".to_owned(),
        "/signals?limit=200".to_owned(),
        format!("/people/{id}"),
        format!("/people/{id}/signals?limit=200"),
        format!("/people/{id}/transfers?limit=200"),
        format!("/people/{id}/standing"),
        format!("/people/{id}/badges"),
        format!("/people/{id}/memberships"),
        "/programmes/town/versions/1".to_owned(),
        "/programmes/town/seasons/2026-10".to_owned(),
        "/leaderboards/town/season?period=previous".to_owned(),
        "/leaderboards/town/ever".to_owned(),
        "/kudos/reports".to_owned(),
    ] {
        let answer = hr.get(&path);
        assert!(answer.status == 200, "{path}: {}", answer.text);
        all.push_str(&answer.text);
        all.push_str(&format!("{:?}", answer.headers));
    }
    all
}

fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.div_ceil(40), max_shrink_iters: 0, ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn promise_8_no_trace_is_left_and_nothing_has_moved(seed in any::<u64>()) {
        let town = Town::new(seed);
        let markers = town.markers();
        let there = traces(&town.app.database, &markers);
        for place in ["people.", "signals.key", "signals.case_ref", "signals.attributes", "signal_revisions.content", "kudos.message",
            "kudos_replies.message", "kudos_reports.reason", "grants.reason", "redemptions.note", "idempotency.body", "idempotency.path", "idempotency.key", "fold_days.", "programme_versions."] {
            prop_assert!(there.iter().any(|trace| trace.starts_with(place)), "nothing was planted in {place}");
        }
        town.app.verify();
        // Whoever leaves is not ranked any more; erasing does no more than leaving in that.
        let patch = town.hr().with("if-match", "*").patch(&format!("/people/{}", town.id), &serde_json::json!({ "active": false }));
        patch.expect(200);
        town.app.tick();
        let (before, shown) = (UNMOVED.map(|table| rows(&town.app, table)), seen(&town));

        town.erase();
        let left = traces(&town.app.database, &markers);
        prop_assert!(left.is_empty(), "{}", left.join("\n"));
        for (table, before) in UNMOVED.iter().zip(&before) {
            prop_assert_eq!(&rows(&town.app, table), before, "{}", table);
        }
        for (now, before) in seen(&town).iter().zip(&shown) {
            prop_assert_eq!(now, before);
        }
        let told = told_to_hr(&town).to_lowercase();
        for marker in &markers {
            prop_assert!(!told.contains(&marker.to_lowercase()), "HR is told {marker}");
        }
        town.app.verify();

        delivered_again(&town)?;
        let rebuilt = town.app.state.writer.run_blocking(applaus::writer::Actor::Operator, applaus::writer::rebuild::Rebuild);
        let rebuilt = rebuilt.unwrap().output;
        prop_assert_eq!((rebuilt.balances, rebuilt.awards, rebuilt.appended), (0, 0, 0));
        prop_assert_eq!(&rows(&town.app, "awards"), &before[2]);
        swept(&town, &markers);
    }
}

/// Whatever is delivered about them once more brings nothing back.
fn delivered_again(town: &Town) -> Result<(), TestCaseError> {
    let (awards_before, signals) = (rows(&town.app, "awards"), rows(&town.app, "signals"));
    for told in &town.delivered {
        let mut higher = told.clone();
        higher["version"] = 9.into();
        let mut of_somebody_else = higher.clone();
        of_somebody_else["agent"] = "carl".into();
        for again in [told, &higher, &of_somebody_else] {
            let answer = town.hr().post("/signals", &serde_json::json!([again])).expect(200);
            let status = answer.body["results"][0]["status"].as_str().unwrap();
            prop_assert!(["voided", "rejected"].contains(&status), "{} of {}", answer.text, again);
        }
        let key: String = told["key"].as_str().unwrap().bytes().map(|byte| format!("%{byte:02X}")).collect();
        town.hr().delete(&format!("/signals/qa/{key}"));
    }
    prop_assert_eq!(rows(&town.app, "awards"), awards_before);
    prop_assert_eq!(rows(&town.app, "signals"), signals);
    Ok(())
}

/// After a moment the files hold nothing of them either.
#[track_caller]
fn swept(town: &Town, markers: &[String]) {
    let begun = Instant::now();
    loop {
        let left = traces_in_files(&town.app.database, markers);
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{}", left.join("\n"));
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_trace_that_is_left_is_found() {
    let town = Town::new(8);
    town.erase();
    let markers = town.markers();
    assert_eq!(traces(&town.app.database, &markers), Vec::<String>::new());
    let mut db = town.app.database.unguarded();
    let planted = |sql: &str| sql.replace("{}", &town.user_name.to_uppercase());
    for (place, sql) in [
        ("teams.name", "UPDATE teams SET name = 'of {}'"),
        ("season_statements.body", "UPDATE season_statements SET body = body || '{}'"),
        ("signals.channel", "UPDATE signals SET channel = '{}'"),
    ] {
        diesel::sql_query(planted(sql)).execute(&mut db).unwrap();
        assert!(traces(&town.app.database, &markers)[0].starts_with(place), "{place}");
        let back = sql.split_once(" SET ").unwrap().0.to_owned();
        let column = place.split_once('.').unwrap().1;
        diesel::sql_query(format!("{back} SET {column} = 'x'")).execute(&mut db).unwrap();
    }
}

#[test]
fn a_total_that_moves_is_found() {
    let town = Town::new(9);
    let (before, shown) = (rows(&town.app, "transfers"), seen(&town));
    town.hr().post(
        "/signals",
        &serde_json::json!({ "source": "qa", "key": "one more", "version": 1, "kind": "evaluation",
        "agent": "berta", "occurred_at": "2026-11-18T11:00:00Z", "measures": { "csat": 5 } }),
    );
    let more = serde_json::json!({ "source": "qa", "key": "one-more", "version": 1, "kind": "evaluation",
        "agent": "berta", "occurred_at": "2026-11-18T11:00:00Z", "measures": { "csat": 5 } });
    town.hr().post("/signals", &more).expect(200);
    assert_ne!(rows(&town.app, "transfers"), before);
    assert_ne!(seen(&town), shown);
    let state = &town.app.state;
    assert!(!state.read_here(|db| Ok(awards::all(db)?)).unwrap().is_empty());
    assert_eq!(state.read_here(|db| Ok(ledger::sum_of_balances(db)?)).unwrap().0, 0);
}
