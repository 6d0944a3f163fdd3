//! Ranks and pages: the same everywhere, and of one version whatever happens meanwhile.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;

const TODAY: &str = "2026-11-18T08:00:00Z";

fn with_scores(scores: &[(&str, u32)]) -> TestApp {
    let app = server();
    for (agent, points) in scores {
        app.agent_in(agent, "north");
        if *points > 0 {
            earns(&app, agent, TODAY, *points);
        }
    }
    app
}

#[test]
fn equal_scores_share_a_rank_everywhere() {
    let app = with_scores(&[("anna", 50), ("ben", 50), ("cleo", 30), ("dora", 0), ("emil", 0)]);
    let anna = app.acting_as("anna");
    let whole = board(&anna, "season", "");
    assert_eq!(
        sorted(&whole),
        expected(&[(1, "anna", 50.0), (1, "ben", 50.0), (3, "cleo", 30.0), (4, "dora", 0.0), (4, "emil", 0.0)])
    );
    assert_eq!((&whole.body["total"], &whole.body["next"]), (&json!(5), &Value::Null));
    assert_eq!(line(&whole.body["me"]), (1, "anna".to_owned(), 50.0));
    let order = lines(&whole);
    for limit in 1..=5 {
        let paged: Vec<_> = pages(&anna, "season", "", limit).iter().flat_map(lines).collect();
        assert_eq!(paged, order, "pages of {limit}");
    }
    for (position, one) in order.iter().enumerate() {
        let entry = anna.get(&format!("/leaderboards/service/season/entries/{}", one.1)).expect(200);
        assert_eq!(line(&entry.body), *one);
        assert_eq!(entry.body["version"], whole.body["version"]);
        let around = lines(&board(&anna, "season", &format!("around={}&limit=3", one.1)));
        let first = position.saturating_sub(1).min(2);
        assert_eq!(around, order[first..first + 3], "around {}", one.1);
    }
    let me = anna.get("/leaderboards/service/season/entries/me").expect(200);
    assert_eq!(line(&me.body).1, "anna");
    let id = app.person_id("ben");
    assert_eq!(line(&anna.get(&format!("/leaderboards/service/season/entries/{id}")).expect(200).body).1, "ben");
}

#[test]
fn a_page_around_somebody_goes_on_from_there() {
    let app = with_scores(&[("anna", 90), ("ben", 80), ("cleo", 70), ("dora", 60), ("emil", 50)]);
    let cleo = app.acting_as("cleo");
    let around = board(&cleo, "season", "around=me&limit=3");
    assert_eq!(lines(&around).iter().map(|one| one.1.as_str()).collect::<Vec<_>>(), ["ben", "cleo", "dora"]);
    let next = around.body["next"].as_str().unwrap();
    let rest = board(&cleo, "season", &format!("after={next}"));
    assert_eq!(lines(&rest), expected(&[(5, "emil", 50.0)]));
    assert_eq!(rest.body["next"], Value::Null);
    cleo.get("/leaderboards/service/season?around=nobody").problem(404, "not_found");
    app.hr().get("/leaderboards/service/season?around=me").problem(404, "not_found");
    cleo.get(&format!("/leaderboards/service/season?around=me&after={next}")).problem(400, "invalid_query");
    cleo.get("/leaderboards/service/season?limit=0").problem(400, "invalid_query");
    cleo.get("/leaderboards/service/season?limt=5").problem(400, "invalid_query");
}

#[test]
fn a_cursor_shows_everybody_once_while_scores_change() {
    let names = ["anna", "ben", "cleo", "dora", "emil", "finn", "gero"];
    let scores: Vec<(&str, u32)> = names.iter().zip([70, 60, 60, 40, 30, 0, 0]).map(|(name, n)| (*name, n)).collect();
    let app = with_scores(&scores);
    let anna = app.acting_as("anna");
    let first = board(&anna, "season", "limit=2");
    let (version, before) = (first.body["version"].clone(), lines(&board(&anna, "season", "")));
    let mut seen = lines(&first);
    let mut next = first.body["next"].as_str().map(str::to_owned);
    for climber in ["gero", "finn", "emil", "dora"] {
        let Some(cursor) = next else { break };
        earns(&app, climber, TODAY, 100);
        // Somebody reads the newest in between, which takes the changes in.
        board(&anna, "season", "");
        let page = board(&anna, "season", &format!("limit=2&after={cursor}"));
        assert_eq!((&page.body["version"], &page.body["total"]), (&version, &json!(7)));
        seen.extend(lines(&page));
        next = page.body["next"].as_str().map(str::to_owned);
    }
    assert_eq!(next, None);
    assert_eq!(seen, before);
    let after = board(&anna, "season", "");
    assert!(after.body["version"].as_i64() > version.as_i64());
    assert_eq!(lines(&after)[0].2, 130.0, "emil, who came last but two");
}

#[test]
fn a_cursor_is_good_only_for_what_can_still_be_read() {
    let app = with_scores(&[("anna", 50), ("ben", 40), ("cleo", 30)]);
    let anna = app.acting_as("anna");
    let next = board(&anna, "season", "limit=1").body["next"].as_str().unwrap().to_owned();
    let text = URL_SAFE_NO_PAD.decode(&next).unwrap();
    let mut forged: Value = serde_json::from_slice(&text).unwrap();
    forged[1]["version"] = json!(1);
    let forged = URL_SAFE_NO_PAD.encode(forged.to_string());
    anna.get(&format!("/leaderboards/service/season?after={forged}")).problem(410, "cursor_expired");
    anna.get(&format!("/leaderboards/service/month?after={next}")).problem(400, "invalid_query");
    anna.get(&format!("/leaderboards/service/season?after={next}&team=north")).problem(400, "invalid_query");
    anna.get("/leaderboards/service/season?after=nonsense").problem(400, "invalid_query");
    anna.get(&format!("/leaderboards/service/season?after={next}&period=season:2026-Q3")).problem(400, "invalid_query");
    board(&anna, "season", &format!("after={next}&period=season:2026-Q4"));

    // Time alone moves somebody in: a state that no number tells apart from the one before.
    app.agent("dora");
    app.join("dora", "south", "2026-11-19T00:00:00Z");
    let next = board(&anna, "season", "limit=1").body["next"].as_str().unwrap().to_owned();
    app.clock.advance(chrono::TimeDelta::days(2));
    let anna = app.acting_as("anna");
    assert_eq!(board(&anna, "season", "").body["total"], 4);
    anna.get(&format!("/leaderboards/service/season?after={next}")).problem(410, "cursor_expired");
}

#[test]
fn a_cursor_outlives_the_end_of_its_period() {
    let app = with_scores(&[("anna", 50), ("ben", 40), ("cleo", 30)]);
    let next = board(&app.acting_as("anna"), "day", "limit=2").body["next"].as_str().unwrap().to_owned();
    app.clock.advance(chrono::TimeDelta::days(1));
    let anna = app.acting_as("anna");
    assert_eq!(lines(&board(&anna, "day", &format!("after={next}"))), expected(&[(3, "cleo", 30.0)]));
    assert_eq!(lines(&board(&anna, "day", "limit=1"))[0].2, 0.0);
}

#[test]
fn the_tag_changes_with_what_is_shown_and_only_then() {
    let app = with_scores(&[("anna", 50), ("ben", 40)]);
    let anna = app.acting_as("anna");
    let tag = |path: &str| anna.get(path).expect(200).header("etag").unwrap().to_owned();
    for path in ["/leaderboards/service/season", "/leaderboards/service/season/entries/ben"] {
        let first = tag(path);
        let unchanged = anna.with("if-none-match", &first).get(path).expect(304);
        assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", Some(first.as_str())));
        app.admin();
        assert_eq!(tag(path), first, "somebody else entirely");
        earns(&app, "ben", TODAY, 1);
        let second = anna.with("if-none-match", &first).get(path).expect(200);
        assert_ne!(second.header("etag"), Some(first.as_str()));
    }
    let path = "/leaderboards/service/season";
    assert_ne!(app.acting_as("ben").get(path).header("etag"), Some(tag(path).as_str()), "another viewer");

    let (before, body) = (tag(path), anna.get(path).body);
    rename(&app, "ben", "Benjamin");
    let after = anna.with("if-none-match", &before).get(path).expect(200);
    assert!(after.body["version"].as_i64() > body["version"].as_i64());
    assert_eq!(after.body["items"][1]["subject"]["display_name"], "Benjamin");
}

fn rename(app: &TestApp, user_name: &str, display_name: &str) {
    use applaus::writer::Actor;
    use applaus::writer::organization::Expected;
    use applaus::writer::person::{ChangePerson, PersonChanges};
    let changes = PersonChanges { display_name: Some(display_name.to_owned()), ..PersonChanges::default() };
    let command = ChangePerson { person: app.person_id(user_name), changes, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

#[test]
fn a_reader_may_wait_for_a_version() {
    let app = with_scores(&[("anna", 50)]);
    let anna = app.acting_as("anna");
    let written = earns(&app, "anna", TODAY, 10).header("applaus-version").unwrap().to_owned();
    let read = board(&anna, "season", &format!("min_version={written}"));
    assert_eq!(lines(&read)[0].2, 60.0);
    let ahead = written.parse::<i64>().unwrap() + 1;
    let path = format!("/leaderboards/service/season?min_version={ahead}");
    let waiting = std::thread::spawn({
        let (anna, path) = (anna.clone(), path.clone());
        move || anna.get(&path)
    });
    std::thread::sleep(std::time::Duration::from_millis(300));
    earns(&app, "anna", TODAY, 5);
    assert_eq!(lines(&waiting.join().unwrap().expect(200))[0].2, 65.0);
    let never = format!("min_version={}", ahead + 1_000);
    for path in ["/leaderboards/service/season", "/leaderboards/service/season/entries/me", "/people/me/standing"] {
        let late = anna.get(&format!("{path}?{never}")).problem(503, "not_yet_visible");
        assert_eq!(late.header("retry-after"), Some("1"));
    }
}
