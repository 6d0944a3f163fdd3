//! How others see those who take part, by what they chose and what the contest's board shows; and contests on boards of
//! kudos and measures.

use applaus::domain::organization::Organization;
use applaus::writer::Actor;
use applaus::writer::organization::{ChangeOrganization, Expected};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

fn choose(app: &TestApp, who: &str, visibility: &str) {
    let path = "/people/me/visibility/service";
    app.acting_as(who).put(path, &json!({ "visibility": visibility })).expect(200);
}

fn settings(app: &TestApp, change: impl FnOnce(&mut Organization)) {
    let mut settings = app.state.catalogue().organization.clone();
    change(&mut settings);
    let command = ChangeOrganization { settings, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

#[test]
fn the_hidden_win_and_are_seen_by_hr_and_themselves_alone() {
    let app = server();
    november(&app);
    earns(&app, "anna", "2026-11-11T09:00:00Z", 50);
    choose(&app, "anna", "hidden");
    let (anna, ben, hr) = (app.acting_as("anna"), app.acting_as("ben"), app.hr());
    let seen = contest(&ben, "monthly", "");
    assert_eq!(placed(&seen), expected(&[(1, "ben", 170.0), (2, "cleo", 120.0)]), "ranks are among those seen");
    assert_eq!((&seen.body["total"], &seen.body["me"]["rank"]), (&json!(2), &json!(1)));
    assert!(!seen.text.contains("\"anna\""), "{}", seen.text);
    assert_eq!(contest(&anna, "monthly", "").body["me"]["rank"], 1);
    assert_eq!(placed(&contest(&hr, "monthly", ""))[0], (1, "anna".to_owned(), 220.0));
    time_is(&app, NOVEMBER_IS_DECIDED);
    let done = finalise(&app.hr(), "monthly", &json!({})).expect(200);
    assert_eq!(winners(&done.body)[0].1, "anna");
    let [anna, ben] = ["anna", "ben"].map(|who| contest(&app.acting_as(who), "monthly", "period=2026-11"));
    assert!(!ben.text.contains("\"anna\""), "{}", ben.text);
    assert_eq!(placed(&ben), expected(&[(1, "ben", 170.0), (2, "cleo", 120.0)]), "no rank is missing");
    let won = |contest: &Answer| winners(&contest.body).iter().map(|one| one.1.clone()).collect::<Vec<_>>();
    assert_eq!((won(&anna), won(&ben)), (vec!["anna".to_owned()], vec!["ben".to_owned()]), "each sees their own prize");
    assert_eq!((&anna.body["me"]["rank"], badges(&app, "anna")), (&json!(1), held(&[("gold", "2026-Q4")])));
    // By today's choice, not that of the day it was finalised.
    choose(&app, "anna", "named");
    let later = contest(&app.acting_as("ben"), "monthly", "period=2026-11");
    assert_eq!(winners(&later.body)[0].1, "anna");
}

#[test]
fn an_alias_is_shown_where_enough_others_have_one() {
    let app = server();
    november(&app);
    choose(&app, "anna", "alias");
    let alias = |app: &TestApp, query: &str| {
        let seen = contest(&app.acting_as("ben"), "monthly", query);
        assert!(
            !seen.text.contains("\"anna\"") && !seen.text.contains(&app.person_id("anna").to_string()),
            "{}",
            seen.text
        );
        let items = seen.body["items"].as_array().unwrap().clone();
        items.iter().find_map(|one| one["subject"]["alias"].as_str().map(str::to_owned))
    };
    assert!(alias(&app, "").is_some());
    assert_eq!(alias(&app, ""), alias(&app, ""));
    // Nor does a cursor say who it is after.
    for limit in 1..3 {
        let page = contest(&app.acting_as("ben"), "monthly", &format!("limit={limit}"));
        let cursor = URL_SAFE_NO_PAD.decode(page.body["next"].as_str().unwrap()).unwrap();
        let cursor = String::from_utf8(cursor).unwrap();
        assert!(!cursor.contains(&app.person_id("anna").to_string()), "{cursor}");
    }
    settings(&app, |settings| settings.privacy.smallest_group = 2);
    assert_eq!(alias(&app, ""), None, "one alone would be found out");
    choose(&app, "cleo", "alias");
    assert!(alias(&app, "").is_some());
}

#[test]
fn a_contest_shows_as_many_as_its_board() {
    let mut own = programme("quarter");
    own["boards"][0]["show"] = json!({ "top": 1 });
    own["boards"].as_array_mut().unwrap().push(json!({ "code": "quiet", "name": name("quiet"), "rank": "points",
        "subject": "person", "period": "month", "show": "own" }));
    own["contests"][1]["board"] = json!("quiet");
    let app = server_with(&own);
    november(&app);
    let cleo = app.acting_as("cleo");
    let top = contest(&cleo, "monthly", "");
    assert_eq!(placed(&top), expected(&[(1, "anna", 170.0), (1, "ben", 170.0)]));
    assert_eq!((&top.body["me"]["rank"], &top.body["not_qualified"]), (&json!(3), &json!([])));
    let quiet = contest(&cleo, "sprint", "");
    assert_eq!((placed(&quiet), &quiet.body["me"]["rank"]), (vec![], &json!(3)));
    assert_eq!(placed(&contest(&app.hr(), "sprint", "")).len(), 4);
}

/// Taking the members shown by name away from a team's number must not leave one person's.
#[test]
fn a_team_is_not_followed_by_what_would_uncover_a_member() {
    let app = server();
    november(&app);
    choose(&app, "ben", "hidden");
    let seen = contest(&app.acting_as("cleo"), "teams", "");
    let of = |answer: &Answer, team: &str| {
        let items = answer.body["items"].as_array().unwrap().clone();
        let item = items.into_iter().find(|one| one["subject"]["code"] == team).unwrap();
        (item["rank"].clone(), item["score"].clone(), item["samples"].clone())
    };
    // Neither the number nor the place that tells how it moves.
    assert_eq!(placed(&seen), expected(&[(1, "south", 220.0)]));
    assert_eq!(of(&seen, "south"), (json!(1), json!(220), json!(3)));
    assert_eq!(of(&contest(&app.hr(), "teams", ""), "north"), (json!(1), json!(340), json!(4)));
    // A member is not told either whether the team qualifies: that moves with what the hidden one does.
    let withheld =
        json!({ "state": "withheld", "rank": null, "score": null, "samples": null, "missing": null, "note": null });
    assert_eq!(contest(&app.acting_as("anna"), "teams", "").body["me"], withheld);
    settings(&app, |settings| settings.privacy.smallest_group = 3);
    assert_eq!(placed(&contest(&app.acting_as("cleo"), "teams", "")), expected(&[(1, "south", 220.0)]));
}

#[test]
fn contests_are_held_on_boards_of_measures_and_kudos_too() {
    let mut other = programme("quarter");
    let boards = other["boards"].as_array_mut().unwrap();
    boards.push(json!({ "code": "quality", "name": name("quality"), "subject": "person", "period": "month",
        "rank": { "measure": "quality" }, "min_samples": 2 }));
    boards.push(json!({ "code": "fast", "name": name("fast"), "subject": "person", "period": "month",
        "rank": { "measure": "handle_seconds" }, "min_samples": 1 }));
    boards.push(
        json!({ "code": "thanks", "name": name("thanks"), "rank": "kudos", "subject": "person", "period": "month" }),
    );
    let contests = other["contests"].as_array_mut().unwrap();
    contests.retain(|one| ["monthly", "sprint", "teams"].contains(&one["code"].as_str().unwrap()));
    for (index, board) in ["quality", "fast", "thanks"].into_iter().enumerate() {
        contests[index]["board"] = json!(board);
        contests[index]["qualify"] = json!({ "samples": 1 });
    }
    let app = server_with(&other);
    november(&app);
    for (agent, seconds) in [("anna", 300), ("ben", 200)] {
        let call = json!({ "source": "qa", "key": agent, "version": 1, "kind": "metric", "agent": agent,
            "occurred_at": "2026-11-10T09:00:00Z", "measures": { "handle_seconds": seconds } });
        app.hr().post("/signals", &call).expect(200);
    }
    for sender in ["ben", "cleo"] {
        let thanks = json!({ "to": ["anna"], "message": "Thanks!", "points": 0, "visibility": "public" });
        app.acting_as(sender).post("/kudos", &thanks).expect(201);
    }
    let quality = contest(&app.hr(), "monthly", "");
    assert_eq!(placed(&quality), expected(&[(1, "anna", 85.0), (1, "ben", 85.0), (3, "cleo", 60.0)]));
    assert_eq!(quality.body["qualify"]["samples"], 2, "no fewer than the board ranks");
    assert_eq!(quality.body["not_qualified"][0]["missing"], 1);
    assert_eq!(placed(&contest(&app.hr(), "sprint", "")), expected(&[(1, "ben", 200.0), (2, "anna", 300.0)]));
    assert_eq!(placed(&contest(&app.hr(), "teams", "")), expected(&[(1, "anna", 2.0)]));
    time_is(&app, NOVEMBER_IS_DECIDED);
    finalise(&app.hr(), "monthly", &json!({})).expect(200);
    let done = finalise(&app.hr(), "sprint", &json!({})).expect(200);
    assert_eq!(winners(&done.body)[0].1, "ben", "fewer seconds are better");
    assert_eq!(placed(&contest(&app.hr(), "sprint", "")), expected(&[(1, "ben", 200.0), (2, "anna", 300.0)]));
    assert_eq!(winners(&finalise(&app.hr(), "teams", &json!({})).expect(200).body)[0].1, "anna");
    app.verify();
}
