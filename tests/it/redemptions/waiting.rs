//! What waits for whom, and which redemptions are listed for whom.

use super::*;

fn kinds(client: &Client) -> Vec<String> {
    let items = client.get("/approvals").expect(200).body["items"].clone();
    items.as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_waits_is_for_those_who_may_decide() {
    let app = TestApp::start();
    app.team("north", None);
    let (anna, lea, hr) = (app.agent_in("anna", "north"), app.lead("lea", "north"), app.hr());
    for name in ["anna", "hr"] {
        give(&app, name, 300);
    }
    offer(&app, Reward { low_stock: Some(5), ..mug() }, Some(6));
    let first = asked(&anna);
    asked(&anna);
    assert_eq!(kinds(&hr), ["approve_redemption", "approve_redemption", "low_stock"]);
    asked(&hr);
    step(&hr, &first, "approve").expect(200);
    assert_eq!(kinds(&hr), ["approve_redemption", "fulfil_redemption", "low_stock"]);
    assert_eq!(kinds(&lea), Vec::<String>::new());
    settings(&app, |settings| settings.redemptions.leads_approve = true);
    assert_eq!(kinds(&lea), ["approve_redemption", "fulfil_redemption"]);
    anna.get("/approvals").problem(403, "forbidden");
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = hr.get(&format!("/approvals?limit=1{next}")).expect(200).body;
        seen.push(page["items"][0]["kind"].as_str().unwrap().to_owned());
        let Some(after) = page["next"].as_str() else { break };
        next = format!("&after={after}");
    }
    assert_eq!(seen, kinds(&hr));
    hr.get("/approvals?after=nonsense").problem(400, "invalid_query");
}

#[test]
fn redemptions_are_listed_for_whom_they_concern() {
    let app = TestApp::start();
    app.team("north", None);
    let (anna, lea, hr, ben) = (app.agent_in("anna", "north"), app.lead("lea", "north"), app.hr(), app.agent("ben"));
    for name in ["anna", "ben", "lea"] {
        give(&app, name, 300);
    }
    offer(&app, mug(), None);
    let annas = asked(&anna);
    asked(&ben);
    asked(&lea);
    let listed = |client: &Client, query: &str| -> Vec<String> {
        let items = client.get(&format!("/redemptions{query}")).expect(200).body["items"].clone();
        let receiver = |item: &Value| item["receiver"]["user_name"].as_str().unwrap().to_owned();
        items.as_array().unwrap().iter().map(receiver).collect()
    };
    assert_eq!(listed(&hr, ""), ["lea", "ben", "anna"]);
    assert_eq!(
        (listed(&lea, ""), listed(&ben, "")),
        (vec!["lea".to_owned(), "anna".to_owned()], vec!["ben".to_owned()])
    );
    assert_eq!(listed(&hr, "?receiver=anna&state=requested&reward=mug"), ["anna"]);
    assert_eq!(listed(&ben, "?receiver=anna"), Vec::<String>::new());
    assert_eq!(listed(&ben, "?receiver=nobody"), Vec::<String>::new());
    assert_eq!(listed(&hr, "?state=approved"), Vec::<String>::new());
    let page = hr.get("/redemptions?limit=2").expect(200).body;
    let after = page["next"].as_str().unwrap();
    assert_eq!(listed(&hr, &format!("?limit=2&after={after}")), ["anna"]);
    hr.get("/redemptions?state=lost").problem(400, "invalid_query");
    lea.get(&annas).expect(200);
    ben.get(&annas).problem(404, "not_found");
    let transfers = anna.get("/people/me/transfers").expect(200).body;
    let paid = &transfers["items"][1];
    assert_eq!((&paid["kind"], &paid["direction"]), (&json!("redemption"), &json!("out")));
    let id = paid["id"].as_str().unwrap();
    let explained = anna.get(&format!("/transfers/{id}/explanation")).expect(200).body;
    let said = |language: &str| explained["sentences"][language][0].as_str().unwrap().to_owned();
    assert!(said("en").contains("for the reward “Mug”") && said("de").contains("für die Prämie „Becher“"));
}
