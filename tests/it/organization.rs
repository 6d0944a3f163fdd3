//! The organisation's settings over HTTP.

use serde_json::json;

use crate::people::{meaning, places, refused_at};
use crate::support::app::TestApp;

const PATH: &str = "/organization";

#[test]
fn everybody_sees_the_public_part() {
    let app = TestApp::start();
    let (agent, hr) = (app.agent("anna"), app.hr());
    let public = agent.get(PATH).expect(200);
    let kudos = json!({ "monthly_allowance": 100, "monthly_kudos": null, "allowances": [], "monthly_cap_per_receiver": 200, "monthly_cap_per_pair": 40,
        "grace_seconds": 900, "most_receivers": 20 });
    let mut expected = json!({ "name": "Applaus", "time_zone": "Europe/Berlin", "language": "en", "values": [], "kudos": kudos, "holidays": [],
        "profile": "standard", "default_visibility": "named", "smallest_group": 1 });
    assert_eq!(public.body, expected);
    agent.with("if-none-match", public.header("etag").unwrap()).get(PATH).expect(304);
    let whole = hr.get(PATH).expect(200);
    (expected["acceptance_days"], expected["four_eyes"]) = (json!(400), json!(false));
    expected["grants"] = json!({ "monthly_limit": 1000, "second_approval_above": 250 });
    expected["redemptions"] = json!({ "leads_approve": false, "expires_after_days": 90 });
    expected["benefit_limit"] = json!(null);
    assert_eq!(whole.body, expected);
    assert_eq!(app.admin().get(PATH).expect(200).body, expected);
    assert_ne!(whole.header("etag"), public.header("etag"));
}

#[test]
fn a_part_is_changed_and_the_rest_stays() {
    let app = TestApp::start();
    let hr = app.hr();
    hr.patch(PATH, &json!({ "name": "Bank" })).problem(428, "precondition_required");
    let meant = meaning(&hr, PATH);
    let values = json!([{ "code": "helpful", "name": { "en": "Helpful", "de": "Hilfsbereit" } }]);
    let patch = json!({ "name": " Bank ", "language": "de", "values": values, "kudos": { "monthly_allowance": 0 } });
    let changed = meant.patch(PATH, &patch).expect(200);
    assert_eq!((&changed.body["name"], &changed.body["values"]), (&json!("Bank"), &values));
    assert_eq!(changed.body["kudos"]["monthly_allowance"], 0);
    assert_eq!(changed.body["kudos"]["monthly_cap_per_pair"], 40);
    assert_eq!(changed.body["acceptance_days"], 400);
    assert_eq!(hr.get(PATH).body, changed.body);
    meant.patch(PATH, &json!({ "name": "Other" })).problem(412, "precondition_failed");
    hr.with("if-match", changed.header("etag").unwrap()).patch(PATH, &json!({ "values": [] })).expect(200);
    let anna = app.agent("anna");
    assert_eq!(anna.get("/people/me").body["effective_language"], "de");
    app.admin().with("if-match", "*").patch(PATH, &json!({ "acceptance_days": 3650 })).expect(200);
}

#[test]
fn the_limit_of_benefits_is_set_taken_away_and_brought_by_the_german_profile() {
    let app = TestApp::start();
    let any = app.hr().with("if-match", "*");
    let limit = |patch: &serde_json::Value| any.patch(PATH, patch).expect(200).body["benefit_limit"].clone();
    let fifty = json!({ "amount": "50.00", "currency": "EUR" });
    assert_eq!(limit(&json!({ "benefit_limit": { "amount": "44", "currency": "EUR" } }))["amount"], "44.00");
    assert_eq!(limit(&json!({ "profile": "strict" }))["amount"], "44.00", "what is set already stays");
    assert_eq!(limit(&json!({ "benefit_limit": null })), json!(null));
    assert_eq!(limit(&json!({ "profile": "standard" })), json!(null));
    assert_eq!(limit(&json!({ "profile": "strict" })), fifty);
    assert_eq!(limit(&json!({ "grants": { "monthly_limit": 5 }, "redemptions": { "leads_approve": true } })), fifty);
    let whole = any.get(PATH).expect(200).body;
    assert_eq!(whole["grants"], json!({ "monthly_limit": 5, "second_approval_above": 250 }));
    assert_eq!(whole["redemptions"], json!({ "leads_approve": true, "expires_after_days": 90 }));
}

#[test]
fn what_is_not_taken_is_named() {
    let app = TestApp::start();
    let any = app.hr().with("if-match", "*");
    let value = |code: &str| json!({ "code": code, "name": { "en": "x", "de": "x" } });
    let holiday = |date: &str| json!({ "date": date, "name": { "en": "x", "de": "x" } });
    let many: Vec<_> = (0..51).map(|index| value(&format!("v{index}"))).collect();
    for (body, pointer, code) in [
        (json!({ "name": "" }), "/name", "empty_text"),
        (json!({ "benefit_limit": { "amount": "-5", "currency": "EUR" } }), "/benefit_limit/amount", "invalid_amount"),
        (
            json!({ "benefit_limit": { "amount": "5", "currency": "euro" } }),
            "/benefit_limit/currency",
            "invalid_currency",
        ),
        (json!({ "benefit_limit": { "amount": 5, "currency": "EUR" } }), "/benefit_limit/amount", "wrong_type"),
        (json!({ "grants": { "monthly_limit": -1 } }), "/grants/monthly_limit", "whole_number_expected"),
        (
            json!({ "redemptions": { "expires_after_days": 0 } }),
            "/redemptions/expires_after_days",
            "whole_number_expected",
        ),
        (json!({ "name": "a\u{0}" }), "/name", "nul_character"),
        (json!({ "name": null }), "/name", "wrong_type"),
        (json!({ "language": "fr" }), "/language", "invalid_value"),
        (json!({ "time_zone": "Europe/Bonn" }), "/time_zone", "invalid_time_zone"),
        (json!({ "time_zone": "" }), "/time_zone", "invalid_time_zone"),
        (json!({ "acceptance_days": 0 }), "/acceptance_days", "whole_number_expected"),
        (json!({ "acceptance_days": 3651 }), "/acceptance_days", "whole_number_expected"),
        (json!({ "acceptance_days": -1 }), "/acceptance_days", "invalid_number"),
        (json!({ "acceptance_days": 1.5 }), "/acceptance_days", "wrong_type"),
        (json!({ "kudos": { "monthly_allowance": -1 } }), "/kudos/monthly_allowance", "whole_number_expected"),
        (json!({ "kudos": { "monthly_allowance": 1_000_001 } }), "/kudos/monthly_allowance", "whole_number_expected"),
        (json!({ "kudos": { "monthly_cap_per_pair": -1 } }), "/kudos/monthly_cap_per_pair", "whole_number_expected"),
        (json!({ "kudos": { "grace_seconds": 604_801 } }), "/kudos/grace_seconds", "whole_number_expected"),
        (json!({ "kudos": { "most_receivers": 0 } }), "/kudos/most_receivers", "whole_number_expected"),
        (json!({ "kudos": { "most": 0 } }), "/kudos/most", "unknown_field"),
        (json!({ "kudos": null }), "/kudos", "wrong_type"),
        (json!({ "values": [value("a"), value("A")] }), "/values/1/code", "invalid_code"),
        (json!({ "values": [value("a"), value("a")] }), "/values/1/code", "duplicate_code"),
        (json!({ "values": [{ "code": "a", "name": { "en": "x", "de": " " } }] }), "/values/0/name/de", "empty_text"),
        (json!({ "values": many }), "/values", "too_many"),
        (json!({ "holidays": [holiday("2026-12-25"), holiday("2026-12-25")] }), "/holidays/1/date", "duplicate_date"),
        (json!({ "holidays": [holiday("25.12.2026")] }), "/holidays/0/date", "invalid_date"),
        (json!({ "holidays": [holiday("1999-12-25")] }), "/holidays/0/date", "invalid_date"),
        (json!({ "holidays": [{ "date": "2026-12-25" }] }), "/holidays/0/name", "missing_field"),
        (json!({ "holidays": vec![holiday("2026-12-25"); 1_001] }), "/holidays", "too_many"),
        (json!({ "holidays": null }), "/holidays", "wrong_type"),
        (json!({ "four_eyes": "yes" }), "/four_eyes", "wrong_type"),
        (json!({ "profile": "lax" }), "/profile", "invalid_value"),
        (json!({ "profile": null }), "/profile", "wrong_type"),
        (json!({ "default_visibility": "public" }), "/default_visibility", "invalid_value"),
        (json!({ "smallest_group": 0 }), "/smallest_group", "whole_number_expected"),
        (json!({ "smallest_group": 1_001 }), "/smallest_group", "whole_number_expected"),
        (json!({ "smallest_group": -1 }), "/smallest_group", "invalid_number"),
        (json!({ "profile": "strict", "smallest_group": 4 }), "/smallest_group", "strict_profile"),
        (json!({ "profile": "strict", "default_visibility": "named" }), "/default_visibility", "strict_profile"),
        (json!({ "profile": "strict", "four_eyes": false }), "/four_eyes", "strict_profile"),
        (json!({ "digest_key": "x" }), "/digest_key", "unknown_field"),
    ] {
        refused_at(any.patch(PATH, &body), pointer, code);
    }
    let several = json!({ "acceptance_days": 0, "kudos": { "most_receivers": 0 } });
    assert_eq!(places(&any.patch(PATH, &several).expect(422)).len(), 2);
    assert_eq!(any.get(PATH).expect(200).body["name"], "Applaus");
}

#[test]
fn holidays_are_kept_by_date_and_reach_the_folds() {
    let app = TestApp::start();
    let any = app.hr().with("if-match", "*");
    let holiday = |date: &str| json!({ "date": date, "name": { "en": "Christmas", "de": "Weihnachten" } });
    let given = json!([holiday("2026-12-26"), holiday("2026-12-25")]);
    let changed = any.patch(PATH, &json!({ "holidays": given, "four_eyes": true })).expect(200).body;
    let sorted = json!([holiday("2026-12-25"), holiday("2026-12-26")]);
    assert_eq!((&changed["holidays"], &changed["four_eyes"]), (&sorted, &json!(true)));
    let public = app.agent("anna").get(PATH).expect(200).body;
    assert_eq!((&public["holidays"], public.get("four_eyes")), (&sorted, None));
    let (person, catalogue) = (app.person_id("anna"), app.state.catalogue());
    let facts = app.state.read_here(|db| {
        Ok(applaus::writer::settle::facts_of(db, &catalogue, &[person].into())?.remove(&person).unwrap())
    });
    let facts = facts.unwrap();
    let off = ["2026-12-24", "2026-12-25", "2026-12-26"].map(|day| facts.is_off(day.parse().unwrap()));
    assert_eq!(off, [false, true, true]);
    assert_eq!(any.patch(PATH, &json!({ "name": "Bank" })).expect(200).body["holidays"], sorted);
    assert_eq!(any.patch(PATH, &json!({ "holidays": [] })).expect(200).body["holidays"], json!([]));
}

#[test]
fn the_strict_profile_is_shown_to_everybody_and_only_tightened() {
    let app = TestApp::start();
    let (agent, any) = (app.agent("anna"), app.hr().with("if-match", "*"));
    let shown = |body: &serde_json::Value| {
        ["profile", "default_visibility", "smallest_group"].map(|name| body[name].to_string().replace('"', ""))
    };
    let strict = any.patch(PATH, &json!({ "profile": "strict", "smallest_group": 8 })).expect(200).body;
    assert_eq!((shown(&strict), &strict["four_eyes"]), (["strict", "alias", "8"].map(str::to_owned), &json!(true)));
    assert_eq!(shown(&agent.get(PATH).expect(200).body), shown(&strict));
    let several = json!({ "four_eyes": false, "smallest_group": 4, "default_visibility": "named" });
    let refused = any.with("accept-language", "de").patch(PATH, &several).expect(422);
    let at = |place: &str| (place.to_owned(), "strict_profile".to_owned());
    assert_eq!(places(&refused), ["/default_visibility", "/smallest_group", "/four_eyes"].map(at));
    let detail = refused.body["errors"][1]["detail"].as_str().unwrap();
    assert!(detail.starts_with("Unter dem strengen Datenschutzprofil muss hier stehen: >= 5."), "{detail}");
    assert_eq!(any.get(PATH).expect(200).body, strict);
    let tighter = json!({ "profile": "strict", "default_visibility": "hidden", "smallest_group": 5 });
    let tighter = any.patch(PATH, &tighter).expect(200).body;
    assert_eq!(shown(&tighter), ["strict", "hidden", "5"]);
    let standard = any.patch(PATH, &json!({ "profile": "standard" })).expect(200).body;
    assert_eq!(
        (shown(&standard), &standard["four_eyes"]),
        (["standard", "named", "1"].map(str::to_owned), &json!(true))
    );
    any.patch(PATH, &several).expect(200);
}

#[test]
fn settings_kept_before_there_was_more_to_set_are_read() {
    use applaus::domain::organization::Organization;
    let mut kept = serde_json::to_value(Organization::default()).unwrap();
    let fields = kept.as_object_mut().unwrap();
    for later in ["holidays", "four_eyes", "privacy"] {
        assert!(fields.remove(later).is_some(), "{later}");
    }
    assert_eq!(serde_json::from_value::<Organization>(kept).unwrap(), Organization::default());
}

#[test]
fn the_zone_changes_within_a_month_only() {
    let app = TestApp::start_at("2026-11-30T20:00:00Z".parse().unwrap());
    let any = app.hr().with("if-match", "*");
    // In Tokyo it is December already.
    let refused = any.with("accept-language", "de").patch(PATH, &json!({ "time_zone": "Asia/Tokyo" })).expect(422);
    assert_eq!(places(&refused), [("/time_zone".to_owned(), "zone_in_other_month".to_owned())]);
    assert!(refused.body["detail"].as_str().unwrap().starts_with("In Asia/Tokyo ist gerade ein anderer Monat"));
    app.clock.advance(chrono::TimeDelta::hours(3));
    let changed = any.patch(PATH, &json!({ "time_zone": "asia/tokyo" })).expect(200).body;
    assert_eq!(changed["time_zone"], "Asia/Tokyo", "the name is the one of the database");
    app.team("blue", None);
    app.person("anna");
    let home = any.post("/people/anna/memberships", &json!({ "team": "blue", "from": "2026-11-01" })).expect(201).body;
    assert_eq!(home["from"], "2026-10-31T15:00:00Z");
}
