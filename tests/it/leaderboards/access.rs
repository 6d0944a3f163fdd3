//! Who may see boards, and which there are.

use serde_json::json;

use super::*;

#[test]
fn outsiders_learn_nothing() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let cook = app.agent_in("cook", "kitchen");
    app.agent("chef");
    let chef = app.lead("chef", "kitchen");
    let lead = app.lead("boss", "north");
    for path in ["", "/entries/anna"].map(|rest| format!("/leaderboards/service/month{rest}")) {
        for insider in [&anna, &lead, &app.hr(), &app.auditor()] {
            insider.get(&path).expect(200);
        }
        let nothing = cook.get("/leaderboards/service/nothing").problem(404, "not_found");
        for outsider in [&cook, &chef, &app.source(&["qa"]), &app.admin()] {
            assert_eq!(outsider.get(&path).problem(404, "not_found").text, nothing.text);
        }
        app.anonymous().get(&path).problem(401, "unauthorized");
    }
    anna.get("/leaderboards/nothing/month").problem(404, "not_found");
}

#[test]
fn the_list_names_the_boards_one_may_see() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let cook = app.agent_in("cook", "kitchen");
    let listed = anna.get("/leaderboards").expect(200);
    let items = listed.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 9);
    assert_eq!(
        items[0],
        json!({
            "programme": "service", "programme_name": { "en": "Service", "de": "Service" }, "board": "season",
            "name": { "en": "season", "de": "season" }, "subject": "person", "combine": null, "period": "season",
            "current": "season:2026-Q4", "previous": "season:2026-Q3"
        })
    );
    assert_eq!(items[4]["period"], "days:30");
    assert_eq!((&items[7]["subject"], &items[7]["combine"]), (&json!("team"), &json!("mean_per_member")));
    assert_eq!(cook.get("/leaderboards").expect(200).body["items"], json!([]));
    assert_eq!(app.hr().get("/leaderboards").expect(200).body["items"].as_array().unwrap().len(), 9);
}

#[test]
fn a_board_that_a_new_version_leaves_out_is_gone() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    board(&anna, "week", "");
    let mut narrower = programme();
    let boards = narrower["boards"].as_array_mut().unwrap();
    boards.retain(|board| board["code"] != "week");
    boards[1]["subject"] = json!("team");
    app.draft("service", &narrower);
    board(&anna, "month", "");
    app.activate("service", 2, "2026-11-19");
    anna.get("/leaderboards/service/week").problem(404, "not_found");
    assert_eq!(lines(&board(&anna, "month", "")), expected(&[(1, "north", 0.0)]), "boards follow the newest version");
}
