//! `applaus back-test`: the same answer from the command line, beside a running server.

use std::path::PathBuf;
use std::process::Output;

use applaus::store::db::DatabaseUrl;

use super::back_test::{state_of, with_evidence};
use super::*;

/// What the command says of a document.
fn run(world: &World, document: &str, arguments: &[&str]) -> Output {
    let path: PathBuf = world.app.database.dir.path().join("document.json");
    std::fs::write(&path, document).unwrap();
    let url = match &world.app.database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_applaus"));
    command.arg("back-test").arg(path).args(["--database-url", &url]).args(arguments).output().unwrap()
}

const DAYS: [&str; 4] = ["--from", "2026-10-01", "--until", "2026-11-01"];

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_command_answers_in_json_or_as_a_table_and_writes_nothing() {
    let world = with_evidence();
    world.in_force(&each());
    let before = state_of(&world);
    let document = with("/rules/0/award/points", json!(25)).to_string();
    let told = run(&world, &document, &DAYS);
    assert!(told.status.success(), "{told:?}");
    let result: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&result["totals"]["draft"]["points"], &result["changes"]["winners"]), (&json!(75), &json!(2)));
    let table = run(&world, &document, &[&DAYS[..], &["--csv"]].concat());
    let anna = world.app.person_id("anna");
    assert_eq!(text(&table.stdout).lines().nth(1).unwrap(), format!("{anna},anna,anna,support,50,40,10,1,1,0,0,,"));
    let new = with("/code", json!("another")).to_string();
    let result: Value = serde_json::from_slice(&run(&world, &new, &DAYS).stdout).unwrap();
    assert_eq!((&result["programme"], &result["totals"]["active"]["awards"]), (&json!("another"), &json!(0)));
    assert_eq!(state_of(&world), before);
}

#[test]
fn what_is_wrong_is_a_line_each_on_standard_error() {
    let world = with_evidence();
    let mut document = each();
    document["rules"][0]["when"]["measure"] = json!("csta");
    document["rules"][1]["on"] = json!([]);
    let told = run(&world, &document.to_string(), &DAYS);
    assert_eq!((told.status.code(), told.stdout.len()), (Some(1), 0));
    let lines: Vec<&str> = text(&told.stderr).lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("applaus: /rules/0/when/measure: There is no measure csta"), "{lines:?}");
    assert!(lines[1].starts_with("/rules/1/on: "), "{lines:?}");
    let refused = |document: &str, arguments: &[&str]| {
        let told = run(&world, document, arguments);
        assert!(!told.stderr.is_empty() && told.stdout.is_empty(), "{told:?}");
        told.status.code()
    };
    assert_eq!(refused("{", &DAYS), Some(1));
    let sound = each().to_string();
    assert_eq!(refused(&sound, &["--from", "2026-10-01", "--until", "2026-09-01"]), Some(1));
    assert_eq!(refused(&sound, &["--from", "2026-10-01"]), Some(2));
    assert_eq!(refused(&sound, &["--from", "October", "--until", "2026-11-01"]), Some(2));
}
