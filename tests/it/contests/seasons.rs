//! Contests and seasons that close before or after they are finalised.

use super::*;

/// In Berlin, the end of November with two days of grace: then the clock closes its season.
fn close_november(app: &TestApp) {
    time_is(app, NOVEMBER_IS_DECIDED);
    let season = app.hr().get("/programmes/service/seasons/2026-11").expect(200);
    assert_eq!(season.body["closed"], true);
}

/// SEMANTICS S34: adjustments count nowhere.
#[test]
fn in_a_closed_season_what_was_published_counts() {
    let app = server_with(&programme("month"));
    november(&app);
    close_november(&app);
    let statement = app.hr().get("/programmes/service/seasons/2026-11").expect(200).text;
    let before = placed(&contest(&app.hr(), "monthly", "period=2026-11"));
    // Late evidence would let dora qualify and put cleo first.
    for (agent, points) in [("dora", 90), ("cleo", 100)] {
        earns(&app, agent, "2026-11-20T09:00:00Z", points);
    }
    assert_eq!(placed(&contest(&app.hr(), "monthly", "period=2026-11")), before);
    assert_eq!(
        placed(&contest(&app.hr(), "teams", "period=2026-11")),
        expected(&[(1, "north", 340.0), (2, "south", 220.0)])
    );
    finalise(&app.hr(), "monthly", &json!({})).expect(200);
    finalise(&app.hr(), "teams", &json!({})).expect(200);
    assert_eq!(badges(&app, "anna"), held(&[("gold", "2026-11")]));
    app.verify();
    assert_eq!(app.hr().get("/programmes/service/seasons/2026-11").expect(200).text, statement, "byte for byte");
}

#[test]
fn badges_won_before_the_closing_stand_in_the_statement() {
    let app = server_with(&programme("month"));
    november(&app);
    finalise(&app.hr(), "sprint", &json!({})).expect(200);
    close_november(&app);
    let statement = app.hr().get("/programmes/service/seasons/2026-11").expect(200);
    let of = |who: &str| {
        let id = app.person_id(who).to_string();
        let lines = statement.body["subjects"].as_array().unwrap().clone();
        lines.iter().find(|line| line["subject"]["id"] == id).unwrap()["badges"].clone()
    };
    assert_eq!((of("anna"), of("cleo")), (json!(["gold"]), json!([])));
    app.verify();
}

/// A week that the end of a season cuts in two is held twice, and each part is finalised by itself.
#[test]
fn a_week_across_two_seasons_is_two_contests() {
    let mut weekly = programme("month");
    weekly["contests"][0]["per"] = json!("week");
    weekly["contests"][0]["qualify"]["samples"] = json!(1);
    let app = server_with(&weekly);
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    app.clock.set("2026-12-02T12:00:00Z".parse().unwrap());
    earns(&app, "anna", "2026-11-30T09:00:00Z", 10);
    earns(&app, "ben", "2026-12-01T09:00:00Z", 20);
    app.clock.set("2026-12-12T12:00:00Z".parse().unwrap());
    let hr = app.hr();
    let part = |season: &str| placed(&contest(&hr, "monthly", &format!("period=2026-W49{season}")));
    assert_eq!(part(""), expected(&[(1, "ben", 20.0)]));
    assert_eq!(part("&season=2026-11"), expected(&[(1, "anna", 10.0)]));
    let of = |season: &str| json!({ "period": "2026-W49", "season": season });
    assert_eq!(winners(&finalise(&hr, "monthly", &of("2026-11")).expect(200).body)[0].1, "anna");
    assert_eq!(contest(&hr, "monthly", "period=2026-W49").body["state"], "ended");
    assert_eq!(winners(&finalise(&hr, "monthly", &of("2026-12")).expect(200).body)[0].1, "ben");
    assert_eq!(
        (badges(&app, "anna"), badges(&app, "ben")),
        (held(&[("gold", "2026-11")]), held(&[("gold", "2026-12")]))
    );
    app.verify();
}
