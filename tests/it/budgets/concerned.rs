//! Which budgets grants and redemptions are charged to, and what awards are to them.

use applaus::domain::ids::RedemptionId;
use chrono::{DateTime, TimeDelta, Utc};

use super::redeeming::{Next, Redeem};
use super::*;

#[test]
fn each_budget_that_applies_counts_and_any_of_them_refuses() {
    let app = server();
    generous(&app, 30);
    let hr = app.hr();
    let set = |body: Value| budget(&hr, &body);
    let support = set(json!({ "team": "support", "season": "2026", "points": 100 }));
    let north = set(json!({ "team": "north", "season": "2026-Q4", "points": 70 }));
    let month = set(json!({ "team": "north", "season": "2026-11", "points": 1_000 }));
    let elsewhere = [
        set(json!({ "team": "south", "season": "2026-Q4", "points": 5 })),
        set(json!({ "team": "north", "season": "2026-10", "points": 5 })),
        set(json!({ "team": "north", "season": "2027", "points": 5 })),
        set(json!({ "programme": "service", "season": "2026-11", "points": 5 })),
    ];
    hr.post("/grants", &grant("anna", 30)).expect(201);
    // Above the threshold it is reserved until somebody else approves it.
    let asked = hr.post("/grants", &grant("anna", 40)).expect(201).body;
    assert_eq!(asked["state"], "requested");
    assert_eq!(points_of(&hr, &north), [70, 30, 40, 0]);
    assert_eq!(points_of(&hr, &support), [100, 30, 40, 30]);
    assert_eq!(points_of(&hr, &month), [1_000, 30, 40, 930]);
    let refused = hr.post("/grants", &grant("anna", 1)).problem(422, "budget_exhausted");
    assert_eq!(refused.body["detail"], "The budget of north for 2026-Q4 does not reach for this. HR may raise it.");
    hr.post("/grants", &grant("ben", 6)).problem(422, "budget_exhausted");
    hr.post("/grants", &grant("cem", 30)).expect(201);
    hr.post("/grants", &grant("cem", 1)).problem(422, "budget_exhausted");
    assert_eq!(points_of(&hr, &support), [100, 60, 40, 0]);
    assert_eq!(points_of(&hr, &north), [70, 30, 40, 0], "one refusal changes nothing anywhere");
    for path in &elsewhere {
        assert_eq!(points_of(&hr, path), [5, 0, 0, 5]);
    }
    hr.post(&format!("/grants/{}/cancel", asked["id"].as_str().unwrap()), &json!({})).expect(200);
    assert_eq!((points_of(&hr, &north), points_of(&hr, &support)), ([70, 30, 0, 40], [100, 60, 0, 40]));
    app.verify();
}

#[test]
fn what_comes_back_returns_to_where_it_was_taken_from() {
    let app = server();
    let hr = app.hr();
    let euros = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let of = |team: &str| budget(&hr, &json!({ "team": team, "season": "2026-Q4", "money": euros("100") }));
    let [north, south, support] = ["north", "south", "support"].map(of);
    let anna = app.person_id("anna");
    let id: RedemptionId = run(&app, Redeem::euros(anna, "gift_card", 7_000)).unwrap();
    assert_eq!(run(&app, Redeem::euros(anna, "gift_card", 3_001)), Err(ProblemCode::BudgetExhausted));
    assert_eq!(money_of(&hr, &north), ["100.00", "0.00", "70.00", "30.00"]);
    app.clock.advance(TimeDelta::minutes(1));
    app.join("anna", "south", "2026-11-18T12:01:00Z");
    run(&app, Redeem::euros(anna, "gift_card", 3_000)).unwrap();
    assert_eq!(money_of(&hr, &support), ["100.00", "0.00", "100.00", "0.00"]);
    run(&app, Next::Approve(id)).unwrap();
    run(&app, Next::Reject(id)).unwrap();
    assert_eq!(money_of(&hr, &north), ["100.00", "0.00", "0.00", "100.00"]);
    assert_eq!(money_of(&hr, &south), ["100.00", "0.00", "30.00", "70.00"]);
    let id = run(&app, Redeem::euros(anna, "bonus", 100)).unwrap();
    run(&app, Next::Fulfil(id, "2026-11-18".parse().unwrap())).unwrap();
    assert_eq!(money_of(&hr, &support), ["100.00", "1.00", "30.00", "69.00"]);
    let dollars = Redeem { value: Some((1, "USD")), ..Redeem::euros(anna, "gift_card", 0) };
    assert_eq!(run(&app, dollars), Err(ProblemCode::BudgetCurrency));
    run(&app, Redeem { value: None, ..Redeem::euros(anna, "praise", 0) }).unwrap();
    app.verify();
}

#[test]
fn a_programmes_budget_is_of_its_season_and_awards_only_warn() {
    let app = server();
    generous(&app, 1_000);
    let hr = app.hr();
    let whole = budget(&hr, &json!({ "programme": "service", "season": "2026-11", "points": 100 }));
    let share = budget(&hr, &json!({ "programme": "service", "team": "south", "season": "2026-11", "points": 20 }));
    let quarter = budget(&hr, &json!({ "team": "north", "season": "2026-Q4", "points": 500 }));
    let for_it = |to: &str, points: i64| json!({ "to": to, "points": points, "reason": "x", "programme": "service" });
    hr.post("/grants", &for_it("anna", 60)).expect(201);
    hr.post("/grants", &grant("ben", 30)).expect(201);
    hr.post("/grants", &for_it("ben", 21)).problem(422, "budget_exhausted");
    hr.post("/grants", &for_it("ben", 20)).expect(201);
    assert_eq!((points_of(&hr, &whole), points_of(&hr, &share)), ([100, 80, 0, 20], [20, 20, 0, 0]));

    // 90 points by evidence, of anna alone: never withheld, and told.
    let signal = json!({ "source": "qa", "key": "k", "kind": "evaluation", "agent": "anna",
        "occurred_at": "2026-11-16T10:00:00Z", "measures": { "quality": 90 } });
    app.source(&["qa"]).post("/signals", &signal).expect(200);
    let told = |path: &str| {
        let points = &hr.get(path).expect(200).body["points"];
        (points["awarded"].as_i64().unwrap(), points["over"].as_bool().unwrap())
    };
    assert_eq!((told(&whole), told(&share), told(&quarter)), ((90, true), (0, false), (90, false)));
    hr.post("/grants", &for_it("anna", 20)).expect(201);
    hr.post("/grants", &for_it("anna", 1)).problem(422, "budget_exhausted");
    let season = hr.get("/programmes/service/seasons/2026-11").expect(200).body;
    assert_eq!(season["budgets"][0]["points"]["over"], true, "{season}");
    app.verify();
}

#[test]
fn a_team_budget_is_of_the_organisations_calendar() {
    let app = server();
    generous(&app, 1_000);
    let hr = app.hr();
    let november = budget(&hr, &json!({ "team": "north", "season": "2026-11", "points": 10 }));
    let december = budget(&hr, &json!({ "team": "north", "season": "2026-12", "points": 10 }));
    let last: DateTime<Utc> = "2026-11-30T22:59:59Z".parse().unwrap();
    app.clock.advance(last - app.state.clock.now());
    let hr = app.hr();
    hr.post("/grants", &grant("anna", 4)).expect(201);
    app.clock.advance(TimeDelta::seconds(1));
    let hr = app.hr();
    hr.post("/grants", &grant("anna", 7)).expect(201);
    assert_eq!((points_of(&hr, &november)[1], points_of(&hr, &december)[1]), (4, 7));
}

#[test]
fn sixteen_at_once_grant_no_more_than_there_is() {
    let app = server();
    generous(&app, 1_000);
    let hr = app.hr();
    let path = budget(&hr, &json!({ "team": "support", "season": "2026-11", "points": 100 }));
    let given: usize = std::thread::scope(|threads| {
        let give = |thread: usize| {
            let (hr, to) = (app.acting_as("hr"), ["anna", "ben", "cem"][thread % 3]);
            let statuses: Vec<u16> = (0..3).map(|_| hr.post("/grants", &grant(to, 7)).status).collect();
            assert!(statuses.iter().all(|status| [201, 422].contains(status)), "{statuses:?}");
            statuses.into_iter().filter(|status| *status == 201).count()
        };
        let handles: Vec<_> = (0..16).map(|thread| threads.spawn(move || give(thread))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    });
    assert_eq!((given, points_of(&hr, &path)), (14, [100, 98, 0, 2]));
    app.verify();
}

#[test]
fn the_schema_refuses_what_would_overdraw_and_verify_notices_the_rest() {
    use diesel::prelude::*;
    let app = server();
    generous(&app, 1_000);
    let hr = app.hr();
    budget(
        &hr,
        &json!({ "programme": "service", "season": "2026-11", "points": 10,
        "money": { "amount": "1.00", "currency": "EUR" } }),
    );
    let paid = json!({ "to": "anna", "points": 4, "reason": "x", "programme": "service" });
    hr.post("/grants", &paid).expect(201);
    let season = Some(("service", "2026-11".to_owned()));
    let id = run(&app, Redeem { season, ..Redeem::euros(app.person_id("anna"), "gift_card", 40) }).unwrap();
    run(&app, Next::Approve(id)).unwrap();
    app.verify();
    let mut db = app.database.url.connect().unwrap();
    for statement in [
        "UPDATE budgets SET points_taken = 11",
        "UPDATE budgets SET points_taken = -1",
        "UPDATE budgets SET points_limit = 3",
        "UPDATE budgets SET cents_taken = 101",
        "UPDATE budgets SET cents_limit = NULL",
        "UPDATE budgets SET currency = NULL",
        "UPDATE budgets SET programme = NULL",
        "UPDATE budget_charges SET points = -1 WHERE points > 0",
        "INSERT INTO budget_charges SELECT * FROM budget_charges",
    ] {
        assert!(diesel::sql_query(statement).execute(&mut db).is_err(), "{statement} is let through");
    }
    let faults = [
        ("UPDATE budgets SET points_taken = 5", "UPDATE budgets SET points_taken = 4"),
        (
            "UPDATE budget_charges SET points = 3 WHERE points = 4",
            "UPDATE budget_charges SET points = 4 WHERE points = 3",
        ),
        ("UPDATE redemptions SET value_cents = 39", "UPDATE redemptions SET value_cents = 40"),
        ("UPDATE grants SET points = 5", "UPDATE grants SET points = 4"),
        ("UPDATE grants SET season = '2026-10'", "UPDATE grants SET season = '2026-11'"),
    ];
    for (fault, mended) in faults {
        diesel::sql_query(fault).execute(&mut db).unwrap();
        let report = applaus::verify::verify(&mut db).unwrap();
        assert!(!report.is_clean(), "{fault} is not noticed");
        diesel::sql_query(mended).execute(&mut db).unwrap();
        app.verify();
    }
    let (charge, back) = ("DELETE FROM budget_charges WHERE cents > 0", "UPDATE budgets SET cents_taken = 0");
    for statement in [charge, back] {
        diesel::sql_query(statement).execute(&mut db).unwrap();
    }
    let report = applaus::verify::verify(&mut db).unwrap();
    assert!(report.to_string().contains("is not charged for redemption:"), "{report}");
}
