//! How somebody has stood, period by period and day by day.

use super::*;

fn history(client: &Client, board: &str, query: &str) -> Value {
    client.get(&format!("/leaderboards/service/{board}/history?{query}")).expect(200).body
}

/// Code, rank and score of each period.
fn stood(history: &Value) -> Vec<(String, Option<u64>, Option<f64>)> {
    let of = |past: &Value| {
        let code = past["period"]["code"].as_str().unwrap().to_owned();
        (code, past["rank"].as_u64(), past["score"].as_f64())
    };
    history["periods"].as_array().unwrap().iter().map(of).collect()
}

/// Days on which something was earned, and the sum of all.
fn earned(history: &Value, of: &str) -> (Vec<(String, i64)>, f64) {
    let days = history["days"].as_array().unwrap().iter();
    let days: Vec<_> = days.map(|day| (day["day"].as_str().unwrap().to_owned(), day[of].as_i64().unwrap())).collect();
    let sum = days.iter().map(|(_, points)| *points).sum::<i64>() as f64;
    (days.into_iter().filter(|(_, points)| *points != 0).collect(), sum)
}

fn time_is(app: &TestApp, at: &str) {
    app.clock.set(at.parse().unwrap());
    app.tick();
}

fn two() -> TestApp {
    let app = server();
    for agent in ["anna", "ben"] {
        app.agent_in(agent, "north");
    }
    // Midnight in Berlin parts the seasons at 22:00 in UTC.
    earns(&app, "anna", "2026-09-30T21:59:59Z", 10);
    earns(&app, "ben", "2026-09-30T21:00:00Z", 20);
    earns(&app, "anna", "2026-09-30T22:00:00Z", 30);
    earns(&app, "ben", "2026-11-01T12:00:00Z", 5);
    earns(&app, "anna", "2026-11-17T23:00:00Z", 2);
    app
}

#[test]
fn each_period_is_what_its_board_shows() {
    let app = two();
    let anna = app.acting_as("anna");
    let seasons = history(&anna, "season", "");
    let line = |code: &str, rank, score| (code.to_owned(), Some(rank), Some(score));
    assert_eq!(stood(&seasons), [line("season:2026-Q4", 1, 32.0), line("season:2026-Q3", 2, 10.0)]);
    assert_eq!(seasons["best"], json!({ "rank": 1, "period": "season:2026-Q4" }));
    assert_eq!(seasons["subject"]["user_name"], "anna");
    assert_eq!((&seasons["programme"], &seasons["board"]), (&json!("service"), &json!("season")));
    for (board_code, query) in [("season", ""), ("month", "periods=24")] {
        for past in history(&anna, board_code, query)["periods"].as_array().unwrap() {
            let period = past["period"]["code"].as_str().unwrap();
            let path = format!("/leaderboards/service/{board_code}/entries/me?period={period}");
            let entry = anna.get(&path).expect(200).body;
            for field in ["rank", "score", "total", "period", "tier"] {
                assert_eq!(past[field], entry[field], "{field} of {period}");
            }
        }
    }
    let months = history(&anna, "month", "subject=ben");
    let codes: Vec<String> = stood(&months).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["2026-11", "2026-10", "2026-09", "2026-08", "2026-07"], "back to the programme's beginning");
    assert_eq!(months["best"], json!({ "rank": 1, "period": "2026-11" }), "the latest of equal ranks");
    assert_eq!(stood(&history(&anna, "month", "periods=2")).len(), 2);
    for wrong in ["periods=0", "periods=25", "periods=x", "period=2026-10"] {
        anna.get(&format!("/leaderboards/service/month/history?{wrong}")).problem(400, "invalid_query");
    }
}

#[test]
fn days_add_up_to_the_period() {
    let app = two();
    let anna = app.acting_as("anna");
    let day = |day: &str, points| (day.to_owned(), points);
    let season = history(&anna, "season", "");
    assert_eq!(earned(&season, "points"), (vec![day("2026-10-01", 30), day("2026-11-18", 2)], 32.0));
    let days = season["days"].as_array().unwrap();
    assert_eq!((days.len(), &days[0]["day"], &days[48]["day"]), (49, &json!("2026-10-01"), &json!("2026-11-18")));
    assert_eq!(earned(&history(&anna, "month", "subject=ben"), "points"), (vec![day("2026-11-01", 5)], 5.0));
    let ever = history(&anna, "ever", "");
    assert_eq!(ever["days"].as_array().unwrap().len(), 92);
    assert_eq!(
        earned(&ever, "points"),
        (vec![day("2026-09-30", 10), day("2026-10-01", 30), day("2026-11-18", 2)], 42.0)
    );
    assert_eq!(history(&anna, "own", "subject=north").get("days"), None);
}

#[test]
fn a_closed_season_stays_as_it_was_published() {
    let app = two();
    time_is(&app, "2027-02-01T08:00:00Z");
    let anna = app.acting_as("anna");
    let before = history(&anna, "season", "");
    let closed = |history: &Value| history["periods"][1].clone();
    assert_eq!((&closed(&before)["period"]["closed"], &closed(&before)["score"]), (&json!(true), &json!(32)));
    assert_eq!(before["periods"][0]["period"]["closed"], false);
    earns(&app, "ben", "2026-12-01T12:00:00Z", 100);
    earns(&app, "anna", "2026-12-01T12:00:00Z", 7);
    earns(&app, "anna", "2027-01-02T12:00:00Z", 1);
    let after = history(&anna, "season", "");
    assert_eq!(closed(&after), closed(&before));
    assert_eq!(stood(&after)[0].2, Some(1.0));
    // A board across seasons adds what was published, on each of its days too.
    let ever = history(&anna, "ever", "");
    assert_eq!(stood(&ever), [("all".to_owned(), Some(1), Some(43.0))]);
    let (days, _) = earned(&ever, "points");
    assert_eq!(days, [("2026-11-18".to_owned(), 2), ("2027-01-02".to_owned(), 1)], "not what came too late");
}

#[test]
fn a_past_period_of_an_open_season_follows_the_evidence() {
    let app = two();
    let ben = app.acting_as("ben");
    assert_eq!(stood(&history(&ben, "month", ""))[1], ("2026-10".to_owned(), Some(2), Some(0.0)));
    earns(&app, "ben", "2026-10-15T12:00:00Z", 50);
    let after = history(&ben, "month", "");
    assert_eq!(stood(&after)[1], ("2026-10".to_owned(), Some(1), Some(50.0)));
    assert_eq!(after["periods"][1]["period"]["closed"], false);
}

#[test]
fn who_is_not_seen_by_name_has_no_history_but_for_themselves() {
    let app = two();
    let anna = app.acting_as("anna");
    let ben = app.acting_as("ben");
    let of_ben = "/leaderboards/service/season/history?subject=ben";
    let first = anna.get(of_ben).expect(200);
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(anna.with("if-none-match", &etag).get(of_ben).status, 304);
    for choice in ["hidden", "alias"] {
        ben.put("/people/me/visibility/service", &json!({ "visibility": choice })).expect(200);
        let unseen = anna.with("if-none-match", &etag).get(of_ben).problem(404, "not_found");
        let nobody = anna.get("/leaderboards/service/season/history?subject=nobody").problem(404, "not_found");
        assert_eq!(unseen.body["detail"], nobody.body["detail"]);
        let own = history(&ben, "season", "");
        assert_eq!(stood(&own)[0], ("season:2026-Q4".to_owned(), Some(2), Some(5.0)));
        assert_eq!(own["subject"]["user_name"], "ben");
        assert_eq!(earned(&own, "points").1, 5.0);
        assert_eq!(history(&ben, "season", "subject=ben"), own);
    }
    app.agent_in("kim", "kitchen").get("/leaderboards/service/season/history?subject=anna").problem(404, "not_found");
}

#[test]
fn a_board_of_few_ranks_tells_no_more_of_the_past() {
    let app = two();
    let mut document = programme();
    for (code, show) in [("first", json!({ "top": 1 })), ("mine", json!("own"))] {
        let mut board = document["boards"][1].clone();
        (board["code"], board["show"]) = (json!(code), show);
        document["boards"].as_array_mut().unwrap().push(board);
    }
    let kudos =
        json!({ "code": "kudos", "name": name("Kudos"), "rank": "kudos", "subject": "person", "period": "month" });
    document["boards"].as_array_mut().unwrap().push(kudos);
    app.draft("service", &document);
    app.activate("service", 2, "2026-11-19");
    let [anna, ben] = ["anna", "ben"].map(|who| app.acting_as(who));
    // In November Ben is first, in October Anna was.
    let of_anna = history(&ben, "first", "subject=anna");
    assert_eq!(stood(&of_anna)[0], ("2026-11".to_owned(), None, None));
    assert_eq!(stood(&of_anna)[1], ("2026-10".to_owned(), Some(1), Some(30.0)));
    assert_eq!(of_anna.get("days"), None, "what is not shown of this month is not shown by day");
    assert!(history(&anna, "first", "subject=ben")["days"].is_array());
    anna.get("/leaderboards/service/mine/history?subject=ben").problem(404, "not_found");
    assert_eq!(stood(&history(&anna, "mine", ""))[0].2, Some(2.0));

    let sent = json!({ "to": ["ben"], "message": "Thanks", "visibility": "public" });
    anna.post("/kudos", &sent).expect(201);
    let kudos = history(&anna, "kudos", "subject=ben");
    assert_eq!(earned(&kudos, "kudos"), (vec![("2026-11-18".to_owned(), 1)], 1.0));
    assert_eq!(stood(&kudos)[0], ("2026-11".to_owned(), Some(1), Some(1.0)));
}
