//! Fulfilment codes: encrypted at rest, shown once to the receiver, to nobody else.

use diesel::prelude::*;

use super::*;

#[derive(QueryableByName)]
struct Sealed {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    sealed_code: Option<String>,
}

fn sealed(app: &TestApp) -> Option<String> {
    let mut db = app.database.url.connect().unwrap();
    let row: Sealed = diesel::sql_query("SELECT sealed_code FROM redemptions").get_result(&mut db).unwrap();
    row.sealed_code
}

/// A redemption of anna's that was handed over with a code.
fn handed_over() -> (TestApp, [Client; 2], String) {
    let app = TestApp::start();
    let (anna, hr) = (app.agent("anna"), app.hr());
    give(&app, "anna", 100);
    offer(&app, mug(), None);
    let redemption = asked(&anna);
    step(&anna, &redemption, "code").problem(409, "no_code");
    step(&hr, &redemption, "approve").expect(200);
    let body = json!({ "code": "ABCD-1234" });
    let fulfilled = hr.post(&format!("{redemption}/fulfil"), &body).expect(200);
    assert_eq!(fulfilled.body["code"], "waiting");
    assert!(!fulfilled.text.contains("ABCD"));
    (app, [anna, hr], redemption)
}

#[test]
fn a_code_is_shown_once_to_its_receiver() {
    let (app, [anna, hr], redemption) = handed_over();
    let kept = sealed(&app).unwrap();
    assert!(!kept.contains("ABCD"));
    let fulfil = format!("{redemption}/fulfil");
    hr.post(&fulfil, &json!({ "code": "ABCD-1234" })).expect(200);
    hr.post(&fulfil, &json!({ "code": "other" })).problem(409, "fulfilled_otherwise");
    step(&hr, &redemption, "code").problem(403, "forbidden");
    step(&app.agent("ben"), &redemption, "code").problem(404, "not_found");
    let answer = anna.with("Idempotency-Key", "k").post(&format!("{redemption}/code"), &json!({})).expect(200);
    assert_eq!((&answer.body, answer.header("cache-control")), (&json!({ "code": "ABCD-1234" }), Some("no-store")));
    assert_eq!(sealed(&app), None);
    step(&anna, &redemption, "code").problem(409, "code_shown");
    hr.post(&fulfil, &json!({ "code": "ABCD-1234" })).problem(409, "fulfilled_otherwise");
    assert_eq!(anna.get(&redemption).body["code"], "shown");
    let mut db = app.database.url.connect().unwrap();
    let kept: Vec<Sealed> = diesel::sql_query("SELECT body AS sealed_code FROM idempotency").load(&mut db).unwrap();
    assert!(kept.iter().all(|answer| !answer.sealed_code.as_deref().unwrap_or_default().contains("ABCD")));
}

#[test]
fn without_the_right_key_nothing_is_shown_and_nothing_lost() {
    let (app, [anna, _], redemption) = handed_over();
    let other = app.another();
    let there = other.as_well(&anna);
    let refused = step(&there, &redemption, "code").problem(503, "sealed_elsewhere");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(step(&anna, &redemption, "code").expect(200).body, json!({ "code": "ABCD-1234" }));
    // Another redemption's code does not open here.
    let mut db = app.database.url.connect().unwrap();
    let moved = app.state.seal.seal("another redemption", "ABCD-1234").unwrap();
    let update = format!("UPDATE redemptions SET sealed_code = '{moved}', code_shown_at = NULL");
    assert_eq!(diesel::sql_query(update).execute(&mut db), Ok(1));
    step(&anna, &redemption, "code").expect(500);
}

#[test]
fn of_many_who_ask_at_once_one_is_shown_it() {
    let (_app, [anna, _], redemption) = handed_over();
    let shown: usize = std::thread::scope(|threads| {
        let ask = || {
            let answer = step(&anna, &redemption, "code");
            assert!(matches!(answer.status, 200 | 409), "{}", answer.text);
            usize::from(answer.status == 200)
        };
        let asking: Vec<_> = (0..8).map(|_| threads.spawn(ask)).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).sum()
    });
    assert_eq!(shown, 1);
}
