//! The payroll of a month over HTTP: what it holds, who is over the limit, its table, and that closing is for good.

use std::collections::BTreeMap;

use applaus::domain::ids::RedemptionId;
use applaus::domain::money::{Currency, Money};
use applaus::domain::problem::ProblemCode;
use applaus::store::redemptions;
use applaus::writer::Actor;
use applaus::writer::organization::Expected;
use applaus::writer::payroll::benefit_warning;
use applaus::writer::person::{ChangePerson, PersonChanges};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::budgets::redeeming::{Next, Redeem};
use crate::budgets::{run, settings};
use crate::support::app::TestApp;
use crate::support::client::Client;

fn server() -> TestApp {
    let app = TestApp::start();
    for name in ["anna", "ben"] {
        app.agent(name);
    }
    limit(&app, Some(5_000));
    app
}

fn limit(app: &TestApp, cents: Option<i64>) {
    let limit = cents.map(|cents| Money { cents, currency: Currency::EUR });
    settings(app, |settings| settings.benefit_limit = limit);
}

fn euros(app: &TestApp, name: &str, kind: &'static str, cents: i64) -> Redeem {
    Redeem::euros(app.person_id(name), kind, cents)
}

/// Hands something over on a day.
fn handed(app: &TestApp, what: Redeem, day: &str) -> RedemptionId {
    let id = run(app, what).unwrap();
    run(app, Next::Fulfil(id, day.parse().unwrap())).unwrap();
    id
}

fn person<'a>(payroll: &'a Value, name: &str) -> &'a Value {
    let people = payroll["people"].as_array().unwrap();
    people.iter().find(|one| one["person"]["user_name"] == name).unwrap_or_else(|| panic!("{payroll}"))
}

fn at(app: &TestApp, instant: &str) -> Client {
    let instant: DateTime<Utc> = instant.parse().unwrap();
    app.clock.advance(instant - app.state.clock.now());
    app.acting_as("hr")
}

#[test]
fn a_month_holds_what_flowed_in_and_what_is_expected() {
    let app = server();
    let hr = app.hr();
    let card = handed(&app, euros(&app, "anna", "gift_card", 4_000), "2026-11-02");
    handed(&app, euros(&app, "anna", "other", 1_000), "2026-11-30");
    handed(&app, euros(&app, "anna", "bonus", 12_345), "2026-11-03");
    let day = Redeem { value: None, days_off: Some(5_000), ..euros(&app, "anna", "day_off", 0) };
    handed(&app, day, "2026-11-04");
    let dollars = Redeem { value: Some((100, "USD")), ..euros(&app, "ben", "gift_card", 0) };
    handed(&app, dollars, "2026-11-05");
    handed(&app, Redeem { value: None, ..euros(&app, "ben", "certificate", 0) }, "2026-11-05");
    handed(&app, euros(&app, "ben", "praise", 100), "2026-11-05");
    handed(&app, euros(&app, "ben", "gift_card", 100), "2026-10-31");
    let expected = run(&app, euros(&app, "anna", "gift_card", 1)).unwrap();
    run(&app, Next::Approve(expected)).unwrap();
    run(&app, euros(&app, "ben", "gift_card", 9_900)).unwrap();

    let told = hr.get("/payroll/2026-11").expect(200).body;
    let money = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    let head = ["month", "first_day", "last_day", "closed", "closed_at"].map(|name| told[name].clone());
    assert_eq!(head, [json!("2026-11"), json!("2026-11-01"), json!("2026-11-30"), json!(false), json!(null)]);
    assert_eq!(told["benefit_limit"], money("50.00", "EUR"));
    let anna = person(&told, "anna");
    assert_eq!((&anna["in_kind"], &anna["cash"]), (&json!([money("50.00", "EUR")]), &json!([money("123.45", "EUR")])));
    assert_eq!((&anna["days_off"], &anna["over_benefit_limit"]), (&json!(0.5), &json!(false)));
    assert_eq!(anna["expected_over_benefit_limit"], true, "a cent more is approved");
    assert_eq!(anna["inflows"].as_array().unwrap().len(), 4);
    let first = json!({ "redemption": card.to_string(), "reward": "thing", "benefit": "in_kind",
        "value": money("40.00", "EUR"), "days_off": null, "inflow_on": "2026-11-02" });
    assert_eq!(anna["inflows"][0], first);
    assert_eq!(
        (&anna["expected"][0]["redemption"], &anna["expected"][0]["inflow_on"]),
        (&json!(expected.to_string()), &json!(null))
    );
    let ben = person(&told, "ben");
    assert_eq!((&ben["in_kind"], &ben["other_currencies"]), (&json!([money("1.00", "USD")]), &json!(true)));
    assert_eq!((ben["inflows"].as_array().unwrap().len(), &ben["expected"]), (1, &json!([])));
    let totals = json!({ "in_kind": [money("50.00", "EUR"), money("1.00", "USD")],
        "cash": [money("123.45", "EUR")], "days_off": 0.5 });
    assert_eq!(told["totals"], totals);
    run(&app, Next::Fulfil(expected, "2026-11-30".parse().unwrap())).unwrap();
    assert_eq!(person(&hr.get("/payroll/2026-11").expect(200).body, "anna")["over_benefit_limit"], true);
    let october = hr.get("/payroll/2026-10").expect(200).body;
    assert_eq!(
        (person(&october, "ben")["in_kind"].clone(), october["people"].as_array().unwrap().len()),
        (json!([money("1.00", "EUR")]), 1)
    );
}

#[test]
fn it_is_for_hr_and_of_months_alone() {
    let app = server();
    let hr = app.hr();
    app.team("north", None);
    for client in [app.acting_as("anna"), app.lead("lea", "north"), app.auditor(), app.admin()] {
        client.get("/payroll/2026-11").problem(403, "forbidden");
        client.post("/payroll/2026-10/close", &json!({})).problem(403, "forbidden");
    }
    for month in ["2026", "2026-Q4", "2026-13", "2026-1", "current", "2026-11-01", "1969-12", "x", "%F0%9F%8E%81"] {
        hr.get(&format!("/payroll/{month}")).problem(422, "unknown_month");
        hr.post(&format!("/payroll/{month}/close"), &json!({})).problem(422, "unknown_month");
    }
    hr.get("/payroll/2026-11?format=xml").problem(400, "invalid_query");
    hr.get("/payroll/2026-11?month=2026-10").problem(400, "invalid_query");
    assert_eq!(hr.get("/payroll/2030-01").expect(200).body["people"], json!([]));
}

#[test]
fn closing_is_once_and_for_good() {
    let app = server();
    let hr = app.hr();
    handed(&app, euros(&app, "anna", "gift_card", 5_001), "2026-11-18");
    let waits = run(&app, euros(&app, "ben", "gift_card", 100)).unwrap();
    let refused = hr.post("/payroll/2026-11/close", &json!({})).problem(409, "month_not_over");
    assert_eq!(refused.body["detail"], "The payroll of 2026-11 can be closed from 2026-11-30T23:00:00+00:00 on.");
    at(&app, "2026-11-30T22:59:59Z").post("/payroll/2026-11/close", &json!({})).problem(409, "month_not_over");
    let hr = at(&app, "2026-11-30T23:00:00Z");
    let closed = hr.post("/payroll/2026-11/close", &json!({})).expect(200);
    assert_eq!((&closed.body["closed"], &closed.body["closed_at"]), (&json!(true), &json!("2026-11-30T23:00:00Z")));
    assert_eq!(person(&closed.body, "anna")["over_benefit_limit"], true);
    app.verify();

    let hr = at(&app, "2026-12-05T10:00:00Z");
    for day in ["2026-11-01", "2026-11-30"] {
        assert_eq!(run(&app, Next::Fulfil(waits, day.parse().unwrap())), Err(ProblemCode::PayrollClosed));
    }
    run(&app, Next::Fulfil(waits, "2026-12-01".parse().unwrap())).unwrap();
    limit(&app, Some(9_900));
    assert_eq!(hr.post("/payroll/2026-11/close", &json!({})).expect(200).text, closed.text);
    assert_eq!(hr.get("/payroll/2026-11").expect(200).text, closed.text);
    // Names are those of today, and nowhere in what is kept.
    let changes = PersonChanges { display_name: Some("Anna Amsel".to_owned()), ..PersonChanges::default() };
    let command = ChangePerson { person: app.person_id("anna"), changes, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
    let renamed = hr.get("/payroll/2026-11").expect(200);
    assert_eq!(renamed.text, closed.text.replace("\"display_name\":\"anna\"", "\"display_name\":\"Anna Amsel\""));
    let kept = app.state.read_here(|db| Ok(applaus::store::payroll::closed(db, "2026-11")?)).unwrap().unwrap();
    assert!(!kept.body.contains("anna") && !kept.body.contains("Anna"), "{}", kept.body);
    app.verify();

    use diesel::prelude::*;
    let mut db = app.database.url.connect().unwrap();
    for statement in ["UPDATE payrolls SET body = '{}'", "DELETE FROM payrolls"] {
        assert!(diesel::sql_query(statement).execute(&mut db).is_err(), "{statement} is let through");
    }
    diesel::sql_query("UPDATE redemptions SET inflow_on = '2026-12-02' WHERE inflow_on = '2026-11-18'")
        .execute(&mut db)
        .unwrap();
    assert!(!applaus::verify::verify(&mut db).unwrap().is_clean());
}

#[test]
fn the_table_is_asked_for_by_accept_or_by_name() {
    let app = server();
    let hr = app.hr();
    let changes = PersonChanges {
        display_name: Some("=HYPERLINK(\"x\")".to_owned()),
        external_id: Some(Some("+4711".to_owned())),
        ..PersonChanges::default()
    };
    let command = ChangePerson { person: app.person_id("anna"), changes, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
    let id = handed(&app, euros(&app, "anna", "gift_card", 4_000), "2026-11-02");
    let table = hr.get("/payroll/2026-11?format=csv").expect(200);
    let expected = format!(
        "\u{FEFF}Month,User name,External ID,Name,Redemption,Reward,Benefit,Amount,Currency,Days off,Inflow on,Over benefit limit\r\n\
         2026-11,anna,'+4711,\"'=HYPERLINK(\"\"x\"\")\",{id},thing,in_kind,40.00,EUR,,2026-11-02,false\r\n"
    );
    assert_eq!(table.text.trim_start_matches('\u{FEFF}'), expected.trim_start_matches('\u{FEFF}'));
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(table.header("content-disposition"), Some("attachment; filename=\"payroll-2026-11.csv\""));
    let csv = hr.with("accept", "text/csv");
    assert_eq!(csv.get("/payroll/2026-11").expect(200).text, table.text);
    assert_eq!(csv.get("/payroll/2026-11?format=json").expect(200).body["month"], "2026-11");
    let german = csv.with("accept-language", "de").get("/payroll/2026-11").expect(200).text;
    assert!(german.contains("Monat,Benutzername,Personalnummer,Name,Einlösung,Prämie,Art,Betrag"), "{german}");
}

#[test]
fn the_limit_is_told_of_before_it_is_crossed() {
    let app = server();
    app.hr();
    let warned = |id: RedemptionId, month: &str| {
        let told = app.state.read_here(|db| {
            let row = redemptions::find(db, &id.to_string())?.unwrap();
            Ok(benefit_warning(db, &row, month)?)
        });
        told.unwrap().map(|warning| warning.cents)
    };
    handed(&app, euros(&app, "anna", "gift_card", 2_000), "2026-11-02");
    handed(&app, euros(&app, "ben", "gift_card", 5_000), "2026-11-02");
    let approved = run(&app, euros(&app, "anna", "gift_card", 2_000)).unwrap();
    run(&app, Next::Approve(approved)).unwrap();
    assert_eq!(warned(approved, "2026-11"), None, "it counts once");
    let fits = run(&app, euros(&app, "anna", "other", 1_000)).unwrap();
    let crosses = run(&app, euros(&app, "anna", "other", 1_001)).unwrap();
    assert_eq!((warned(fits, "2026-11"), warned(crosses, "2026-11")), (None, Some(5_001)));
    assert_eq!(warned(crosses, "2026-12"), None, "another month, and what is approved still fits");
    let bonus = run(&app, euros(&app, "anna", "bonus", 90_000)).unwrap();
    assert_eq!(warned(bonus, "2026-11"), None);
    run(&app, Next::Fulfil(crosses, "2026-11-18".parse().unwrap())).unwrap();
    assert_eq!(warned(crosses, "2026-11"), Some(5_001), "and when it is handed over");
    limit(&app, None);
    assert_eq!(warned(crosses, "2026-11"), None);
}

/// Random redemptions: each person's sums and the totals are those of what was handed over in the month, before and after it is
/// closed, and the table has the same lines.
#[test]
fn totals_equal_the_redemptions() {
    let app = server();
    app.hr();
    let mut chance = fastrand::Rng::with_seed(7);
    let mut expected: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    let (mut days, mut lines) = (0, 0);
    for _ in 0..200 {
        let name = ["anna", "ben"][chance.usize(..2)];
        let (kind, sort) = [
            ("gift_card", "in_kind"),
            ("other", "in_kind"),
            ("bonus", "cash"),
            ("day_off", "time_off"),
            ("praise", ""),
        ][chance.usize(..5)];
        let (cents, currency) = (chance.i64(0..9_999), ["EUR", "USD", "CHF"][chance.usize(..3)]);
        let off = (kind == "day_off").then(|| chance.i64(1..20_000));
        let what = Redeem { value: Some((cents, currency)), days_off: off, ..euros(&app, name, kind, 0) };
        let id = run(&app, what).unwrap();
        match chance.u32(..6) {
            0 => run(&app, Next::Reject(id)).unwrap(),
            1 => run(&app, Next::Approve(id)).unwrap(),
            2 => {}
            _ => {
                let day = format!("2026-{:02}-{:02}", chance.u32(10..12), chance.u32(1..31));
                run(&app, Next::Fulfil(id, day.parse().unwrap())).unwrap();
                let counts = day.starts_with("2026-11") && !sort.is_empty();
                lines += i64::from(counts && (sort == "time_off" || cents > 0));
                match off {
                    Some(off) if counts => days += off,
                    _ if counts && cents > 0 => *expected.entry((name, sort, currency)).or_default() += cents,
                    _ => {}
                }
            }
        }
    }
    let hr = at(&app, "2026-12-01T10:00:00Z");
    let open = hr.get("/payroll/2026-11").expect(200).body;
    let closed = hr.post("/payroll/2026-11/close", &json!({})).expect(200).body;
    assert_eq!((&open["people"], &open["totals"]), (&closed["people"], &closed["totals"]));
    let mut found: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    let cents = |money: &Value| money["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    for one in closed["people"].as_array().unwrap() {
        for sort in ["in_kind", "cash"] {
            for sum in one[sort].as_array().unwrap() {
                let name = one["person"]["user_name"].as_str().unwrap();
                found.insert((name, sort, sum["currency"].as_str().unwrap()), cents(sum));
            }
        }
    }
    assert_eq!(found, expected);
    for sort in ["in_kind", "cash"] {
        for total in closed["totals"][sort].as_array().unwrap() {
            let of = |(_, of, currency): &(&str, &str, &str)| *of == sort && total["currency"] == *currency;
            let sum: i64 = expected.iter().filter(|(key, _)| of(key)).map(|(_, cents)| cents).sum();
            assert_eq!(cents(total), sum);
        }
    }
    assert_eq!((closed["totals"]["days_off"].as_f64().unwrap() * 10_000.0).round() as i64, days);
    let table = hr.get("/payroll/2026-11?format=csv").expect(200).text;
    assert_eq!(i64::try_from(table.lines().count()).unwrap(), lines + 1);
    assert!(lines > 20, "{lines}");
    app.verify();
}
