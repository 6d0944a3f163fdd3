//! How contests stand, in which periods, and who may look.

use super::*;

#[test]
fn ranks_are_shared_and_those_with_too_few_samples_stand_apart() {
    let app = server();
    november(&app);
    let anna = app.acting_as("anna");
    let seen = contest(&anna, "monthly", "");
    assert_eq!(placed(&seen), expected(&[(1, "anna", 170.0), (1, "ben", 170.0), (3, "cleo", 120.0)]));
    assert_eq!((&seen.body["total"], &seen.body["state"]), (&json!(3), &json!("running")));
    let short = |one: &Value| (who(&one["subject"]), one["samples"].clone(), one["missing"].clone());
    let short: Vec<_> = seen.body["not_qualified"].as_array().unwrap().iter().map(short).collect();
    assert_eq!(short, [("dora".to_owned(), json!(1), json!(1)), ("emil".to_owned(), json!(0), json!(2))]);
    assert_eq!(
        seen.body["me"],
        json!({ "state": "placed", "rank": 1, "score": 170, "samples": 2, "missing": null, "note": null })
    );
    let dora = contest(&app.acting_as("dora"), "monthly", "").body["me"].clone();
    assert_eq!((&dora["state"], &dora["rank"], &dora["missing"]), (&json!("not_qualified"), &Value::Null, &json!(1)));
    assert_eq!(
        seen.body["period"],
        json!({ "code": "2026-11", "season": "2026-Q4", "from": "2026-11-01", "until": "2026-12-01", "last_day": "2026-11-30" })
    );
    assert_eq!(seen.body["name"], json!({ "en": "Of the month", "de": "Of the month" }));
    assert_eq!(seen.body["qualify"], json!({ "samples": 2 }));
    assert_eq!(
        seen.body["prizes"],
        json!([{ "ranks": [1, 1], "badge": "gold", "reward": null }, { "ranks": [2, 3], "badge": null, "reward": "voucher" }])
    );
    assert_eq!((&seen.body["winners"], &seen.body["finalised_at"]), (&Value::Null, &Value::Null));
    assert_eq!(seen.body["decided_at"], NOVEMBER_IS_DECIDED);
    assert_eq!(contest(&anna, "monthly", "period=2026-10").body["items"], json!([]));
}

#[test]
fn only_the_days_of_a_contest_count_in_local_time() {
    let app = server();
    for agent in ["anna", "ben", "cleo", "dora"] {
        app.agent_in(agent, "north");
    }
    for (agent, at) in [
        ("anna", "2026-11-08T22:59:59Z"),
        ("ben", "2026-11-08T23:00:00Z"),
        ("cleo", "2026-11-15T22:59:59Z"),
        ("dora", "2026-11-15T23:00:00Z"),
    ] {
        earns(&app, agent, at, 50);
    }
    let seen = contest(&app.hr(), "sprint", "");
    assert_eq!(placed(&seen), expected(&[(1, "ben", 50.0), (1, "cleo", 50.0)]));
    assert_eq!((&seen.body["state"], &seen.body["period"]["code"]), (&json!("ended"), &json!("once")));
    assert_eq!(seen.body["me"], Value::Null);
}

#[test]
fn teams_compete_by_what_their_board_combines() {
    let app = server();
    november(&app);
    app.agent_in("frida", "north");
    let anna = app.acting_as("anna");
    let sums = contest(&anna, "teams", "");
    assert_eq!(placed(&sums), expected(&[(1, "north", 340.0), (2, "south", 220.0)]));
    assert_eq!((&sums.body["me"]["rank"], &sums.body["me"]["samples"]), (&json!(1), &json!(4)));
    assert_eq!(sums.body["not_qualified"], json!([]), "support has no members of its own");
    let means = contest(&anna, "means", "");
    let mean = |points: f64| (points / 3.0 * 10_000.0).round() / 10_000.0;
    assert_eq!(placed(&means), expected(&[(1, "north", mean(340.0)), (2, "south", mean(220.0))]));
}

#[test]
fn pages_put_together_are_the_contest() {
    let app = server();
    november(&app);
    let anna = app.acting_as("anna");
    let whole = contest(&anna, "monthly", "").body["items"].clone();
    let (mut found, mut query) = (Vec::new(), "limit=1".to_owned());
    loop {
        let page = contest(&anna, "monthly", &query);
        found.extend(page.body["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page.body["next"].as_str() else { break };
        query = format!("limit=1&after={next}");
    }
    assert_eq!(Value::Array(found), whole);
    anna.get(&format!("/contests/service/teams?{query}")).problem(400, "invalid_query");
    let first = anna.get("/contests/service/monthly").expect(200);
    let again = anna.with("if-none-match", first.header("etag").unwrap());
    assert_eq!(again.get("/contests/service/monthly").status, 304);
    earns(&app, "anna", "2026-11-11T09:00:00Z", 1);
    assert_eq!(again.get("/contests/service/monthly").status, 200);
}

#[test]
fn the_list_says_how_far_each_contest_is() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let cook = app.agent_in("cook", "kitchen");
    let list = |client: &Client| {
        let answer = client.get("/contests").expect(200);
        let items = answer.body["items"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        items.iter().map(|one| [&one["contest"], &one["period"]["code"], &one["state"]].map(text)).collect::<Vec<_>>()
    };
    let expected = [
        ["monthly", "2026-11", "running"],
        ["monthly", "2026-10", "ended"],
        ["sprint", "once", "ended"],
        ["advent", "once", "upcoming"],
        ["teams", "2026-11", "running"],
        ["teams", "2026-10", "ended"],
        ["means", "2026-11", "running"],
        ["means", "2026-10", "ended"],
    ];
    assert_eq!(list(&anna), expected);
    assert_eq!(list(&cook), [[""; 3]; 0]);
    finalise(&app.hr(), "monthly", &json!({})).expect(200);
    assert_eq!(list(&anna)[1], ["monthly", "2026-10", "finalised"]);
    let upcoming = contest(&anna, "advent", "");
    assert_eq!((&upcoming.body["state"], &upcoming.body["items"]), (&json!("upcoming"), &json!([])));
}

#[test]
fn what_there_is_not_is_refused() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    anna.get("/contests/service/nothing").problem(404, "not_found");
    anna.get("/contests/nothing/monthly").problem(404, "not_found");
    for (contest, period, example) in
        [("monthly", "2026-W46", "2026-11"), ("monthly", "once", "2026-11"), ("sprint", "2026-11", "once")]
    {
        let refused = anna.get(&format!("/contests/service/{contest}?period={period}")).problem(422, "invalid_period");
        assert!(refused.body["detail"].as_str().unwrap().contains(example), "{}", refused.text);
    }
    anna.get("/contests/service/monthly?period=2026-09").problem(404, "not_found");
    anna.get("/contests/service/monthly?periode=2026-11").problem(400, "invalid_query");
}

#[test]
fn outsiders_learn_nothing() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let cook = app.agent_in("cook", "kitchen");
    let lead = app.lead("boss", "north");
    for insider in [&anna, &lead, &app.hr(), &app.auditor()] {
        contest(insider, "monthly", "");
    }
    for outsider in [&cook, &app.source(&["qa"]), &app.admin()] {
        let nothing = outsider.get("/contests/service/nothing").problem(404, "not_found").text;
        assert_eq!(outsider.get("/contests/service/monthly").problem(404, "not_found").text, nothing);
        assert_eq!(finalise(outsider, "monthly", &json!({})).problem(404, "not_found").text, nothing);
    }
    for insider in [&anna, &lead, &app.auditor()] {
        finalise(insider, "monthly", &json!({})).problem(403, "forbidden");
        disqualify(insider, "monthly/disqualifications/anna", "Why").problem(403, "forbidden");
        insider.delete("/contests/service/monthly/disqualifications/anna").problem(403, "forbidden");
    }
    app.anonymous().get("/contests").problem(401, "unauthorized");
}

/// What is won follows the version that was in force when the contest began; its name follows the newest.
#[test]
fn a_version_on_the_way_does_not_change_what_is_won() {
    let app = server();
    november(&app);
    let mut changed = programme("quarter");
    changed["contests"][0]["prizes"] = json!([{ "ranks": [1, 1], "reward": "pen" }]);
    changed["contests"][0]["qualify"]["samples"] = json!(1);
    changed["contests"][0]["name"] = name("Best of the month");
    app.draft("service", &changed);
    app.activate("service", 2, "2026-11-20");
    let hr = app.hr();
    let now = contest(&hr, "monthly", "");
    assert_eq!(
        (&now.body["name"]["en"], &now.body["prizes"][0]["badge"]),
        (&json!("Best of the month"), &json!("gold"))
    );
    assert_eq!(now.body["qualify"]["samples"], 2);
    let next = contest(&hr, "monthly", "period=2026-12");
    assert_eq!((&next.body["prizes"][0]["reward"], &next.body["qualify"]["samples"]), (&json!("pen"), &json!(1)));
    // One that the newest version leaves out is still held to its end.
    changed["contests"].as_array_mut().unwrap().remove(0);
    app.draft("service", &changed);
    app.activate("service", 3, "2026-11-21");
    assert_eq!(placed(&contest(&hr, "monthly", "period=2026-11")).len(), 3);
    hr.get("/contests/service/monthly?period=2026-12").problem(404, "not_found");
}

/// A standing is kept while nothing changes; whatever does, is seen at once.
#[test]
fn whatever_changes_is_seen_at_once() {
    let app = server();
    november(&app);
    let anna = app.acting_as("anna");
    let ranks = || placed(&contest(&anna, "teams", ""));
    assert_eq!(ranks(), expected(&[(1, "north", 340.0), (2, "south", 220.0)]));
    earns(&app, "cleo", "2026-11-11T09:00:00Z", 100);
    assert_eq!(ranks()[1], (2, "south".to_owned(), 320.0));
    let mean = |app: &TestApp| contest(&app.acting_as("anna"), "means", "").body["items"][0]["score"].as_f64().unwrap();
    // Somebody joins for whom a membership was entered before: by time alone the mean falls.
    app.agent("frida");
    app.join("frida", "north", "2026-11-19T12:00:00Z");
    let before = mean(&app);
    app.clock.set("2026-11-18T22:59:59Z".parse().unwrap());
    assert_eq!(mean(&app).total_cmp(&before), std::cmp::Ordering::Equal, "not before her first day begins");
    app.clock.set("2026-11-18T23:00:00Z".parse().unwrap());
    assert!(mean(&app) < before, "{before} {}", mean(&app));
    let monthly = || contest(&app.acting_as("anna"), "monthly", "");
    assert!(!monthly().text.contains("frida"));
    app.clock.set("2026-11-19T12:00:00Z".parse().unwrap());
    assert!(monthly().text.contains("frida"));
}
