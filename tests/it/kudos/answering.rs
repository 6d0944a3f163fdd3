//! Reactions and replies: whose, to what, how many, and that they go out of sight with the kudos.

use serde_json::{Value, json};

use super::*;

fn items(answer: &Value) -> &[Value] {
    answer["items"].as_array().unwrap()
}

#[test]
fn each_reacts_once_in_each_way() {
    let app = TestApp::start();
    let (anna, berta, carl) = (app.agent("anna"), app.agent("berta"), app.agent("carl"));
    let path = format!("/kudos/{}", sent(&anna, &to("berta", 0)));
    for _ in 0..2 {
        assert!(carl.put_empty(&format!("{path}/reactions/heart")).expect(204).header("applaus-version").is_some());
    }
    for (client, reaction) in [(&berta, "thanks"), (&berta, "heart"), (&anna, "celebrate")] {
        client.put_empty(&format!("{path}/reactions/{reaction}")).expect(204);
    }
    let count = |reaction: &str, count: u32, mine: bool| json!({ "reaction": reaction, "count": count, "mine": mine });
    let seen = carl.get(&path).expect(200).body;
    assert_eq!(
        seen["reactions"],
        json!([count("celebrate", 1, false), count("heart", 2, true), count("thanks", 1, false)])
    );
    assert_eq!(carl.get("/kudos").expect(200).body["items"][0]["reactions"], seen["reactions"]);
    for _ in 0..2 {
        berta.delete(&format!("{path}/reactions/heart")).expect(204);
    }
    assert_eq!(berta.get(&path).expect(200).body["reactions"][1], count("heart", 1, false));
    let listed = carl.get(&format!("{path}/reactions?limit=2")).expect(200).body;
    let who = |answer: &Value| -> Vec<(String, String)> {
        let one = |item: &Value| {
            (item["person"]["user_name"].as_str().unwrap().to_owned(), item["reaction"].as_str().unwrap().to_owned())
        };
        items(answer).iter().map(one).collect()
    };
    assert_eq!(
        who(&listed),
        [("carl", "heart"), ("berta", "thanks")].map(|(who, how)| (who.to_owned(), how.to_owned()))
    );
    let next = listed["next"].as_str().unwrap();
    let rest = carl.get(&format!("{path}/reactions?limit=2&after={next}")).expect(200).body;
    assert_eq!((who(&rest), &rest["next"]), (vec![("anna".to_owned(), "celebrate".to_owned())], &Value::Null));
    let refused = carl.put_empty(&format!("{path}/reactions/yawn")).problem(422, "invalid_value");
    assert_eq!(refused.body["detail"], "This should be one of: applause, celebrate, heart, smile, star, thanks.");
    carl.put_empty("/kudos/01900000-0000-7000-8000-000000000000/reactions/heart").problem(404, "not_found");
}

#[test]
fn whoever_sees_it_replies_and_authors_delete() {
    let app = TestApp::start();
    let (anna, berta, carl) = (app.agent("anna"), app.agent("berta"), app.agent("carl"));
    let path = format!("/kudos/{}", sent(&anna, &to("berta", 0)));
    let replies = format!("{path}/replies");
    let reply = |client: &Client, text: &str| client.post(&replies, &json!({ "message": text }));
    let thanks = reply(&berta, " You are\r\nwelcome ").expect(201);
    let id = thanks.body["id"].as_str().unwrap();
    assert_eq!(thanks.header("location"), Some(format!("/api/v1{replies}/{id}").as_str()));
    let author = json!({ "id": app.person_id("berta").to_string(), "user_name": "berta", "display_name": "berta" });
    let expected =
        json!({ "id": id, "author": author, "message": "You are\nwelcome", "replied_at": "2026-11-18T12:00:00Z" });
    assert_eq!(thanks.body, expected);
    let again = berta.with("Idempotency-Key", "r1");
    let first = again.post(&replies, &json!({ "message": "Twice?" })).expect(201);
    assert_eq!(again.post(&replies, &json!({ "message": "Twice?" })).expect(201).body, first.body);
    reply(&carl, "Well done!").expect(201);
    for (text, code) in [(" ", "empty_text"), ("<i>so</i>", "mark_up"), ("a\u{202E}b", "unfit_character")] {
        assert_eq!(reply(&carl, text).problem(422, code).body["errors"][0]["pointer"], "/message");
    }
    reply(&carl, &"x".repeat(501)).problem(422, "text_too_long");
    assert_eq!(anna.get(&path).expect(200).body["replies"], 3);

    // A page stands while others write and delete.
    let page = anna.get(&format!("{replies}?limit=1")).expect(200).body;
    assert_eq!(items(&page), [expected]);
    berta.delete(&format!("{replies}/{id}")).expect(204);
    berta.delete(&format!("{replies}/{id}")).problem(404, "not_found");
    let rest = anna.get(&format!("{replies}?after={}", page["next"].as_str().unwrap())).expect(200).body;
    let said: Vec<&str> = items(&rest).iter().map(|item| item["message"].as_str().unwrap()).collect();
    assert_eq!(said, ["Twice?", "Well done!"]);

    // Others do not delete; HR does, unless it is about them.
    let of_carl = format!("{replies}/{}", items(&rest)[1]["id"].as_str().unwrap());
    for client in [&anna, &berta, &app.auditor()] {
        client.delete(&of_carl).problem(403, "forbidden");
    }
    let other = sent(&anna, &to("carl", 0));
    app.hr().delete(&of_carl.replace(&path, &format!("/kudos/{other}"))).problem(404, "not_found");
    app.hr().delete(&of_carl).expect(204);
    let to_hr = format!("/kudos/{}/replies", sent(&anna, &to("hr", 0)));
    let unkind = carl.post(&to_hr, &json!({ "message": "Why?" })).expect(201).body["id"].as_str().unwrap().to_owned();
    app.hr().delete(&format!("{to_hr}/{unkind}")).problem(403, "forbidden");
}

#[test]
fn replies_are_bounded() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.agent("berta");
    let replies = format!("/kudos/{}/replies", sent(&anna, &to("berta", 0)));
    let reply = json!({ "message": "Thanks" });
    for _ in 0..100 {
        anna.post(&replies, &reply).expect(201);
    }
    anna.post(&replies, &reply).problem(422, "too_many");
}

#[test]
fn what_is_hidden_or_taken_back_takes_its_answers_out_of_sight() {
    let app = TestApp::start();
    let (anna, berta, hr) = (app.agent("anna"), app.agent("berta"), app.hr());
    let path = format!("/kudos/{}", sent(&anna, &to("berta", 0)));
    let heart = format!("{path}/reactions/heart");
    berta.put_empty(&heart).expect(204);
    let said = berta.post(&format!("{path}/replies"), &json!({ "message": "Oh!" })).expect(201).body;
    let nothing_left = |client: &Client| {
        let seen = client.get(&path).expect(200).body;
        assert_eq!((&seen["reactions"], &seen["replies"]), (&json!([]), &json!(0)));
        for list in ["reactions", "replies"] {
            assert_eq!(client.get(&format!("{path}/{list}")).expect(200).body, json!({ "items": [], "next": null }));
        }
        client.put_empty(&heart).problem(409, "unfit_state");
        client.post(&format!("{path}/replies"), &json!({ "message": "And?" })).problem(409, "unfit_state");
    };
    let why = json!({ "reason": "Not for everybody" });
    hr.post(&format!("{path}/hide"), &why).expect(204);
    [&anna, &berta, &hr].into_iter().for_each(nothing_left);
    hr.post(&format!("{path}/restore"), &why).expect(204);
    let seen = anna.get(&path).expect(200).body;
    assert_eq!((&seen["reactions"][0]["count"], &seen["replies"]), (&json!(1), &json!(1)));
    anna.delete(&path).expect(204);
    [&anna, &hr].into_iter().for_each(nothing_left);
    // Nobody else sees it; what one wrote oneself can be deleted all the same.
    berta.put_empty(&heart).problem(404, "not_found");
    berta.delete(&format!("{path}/replies/{}", said["id"].as_str().unwrap())).expect(204);
}
