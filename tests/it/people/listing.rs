//! Listing and searching people.

use std::collections::BTreeMap;

use super::*;

fn names(answer: &Answer) -> Vec<&str> {
    answer.body["items"].as_array().unwrap().iter().map(|item| item["user_name"].as_str().unwrap()).collect()
}

fn added(hr: &Client, user_name: &str, display_name: &str) {
    hr.post("/people", &json!({ "user_name": user_name, "display_name": display_name })).expect(201);
}

#[test]
fn page_by_page_everybody_comes_once() {
    let app = TestApp::start();
    let hr = app.hr();
    let mut expected: Vec<String> = vec!["hr".to_owned()];
    for index in 0..25 {
        // Capitals before small letters: user names are ordered by their bytes on either database.
        let name = format!("{}{index:02}", if index % 2 == 0 { "B" } else { "a" });
        added(&hr, &name, "x");
        expected.push(name);
    }
    expected.sort();
    for limit in [1, 2, 7, 26, 200] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = hr.get(&format!("/people?limit={limit}{after}")).expect(200);
            let listed = names(&page);
            assert!(!listed.is_empty() && listed.len() <= limit);
            seen.extend(listed.into_iter().map(str::to_owned));
            let Some(next) = page.body["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, expected, "{limit} a page");
    }
    hr.get("/people?limit=0").problem(400, "invalid_query");
    hr.get("/people?limit=201").problem(400, "invalid_query");
    hr.get("/people?after=x").problem(400, "invalid_query");
    hr.get("/people?colour=red").problem(400, "invalid_query");
    hr.get("/people?active=perhaps").problem(400, "invalid_query");
}

#[test]
fn a_search_finds_parts_of_names_as_they_are_written() {
    let app = TestApp::start();
    let hr = app.hr();
    for (user_name, display_name) in [
        ("anna", "Anna Öztürk"),
        ("olga", "OLGA ÄRGER"),
        ("p100", "100% Paul"),
        ("p_x", "Under_score"),
        ("pax", "Back\\slash"),
        ("quote", "O'Neill \"Q\""),
    ] {
        added(&hr, user_name, display_name);
    }
    for (search, found) in [
        ("anna", &["anna"][..]),
        ("ANNA", &["anna"]),
        ("%C3%96ZT%C3%9CRK", &["anna"]),
        ("%C3%B6zt", &["anna"]),
        ("o%CC%88zt", &["anna"]),
        ("%C3%A4rger", &["olga"]),
        ("olga+%C3%A4", &["olga"]),
        ("%25", &["p100"]),
        ("100%25+p", &["p100"]),
        ("_", &["p_x"]),
        ("p_x", &["p_x"]),
        ("%5C", &["pax"]),
        ("%5C%25", &[]),
        ("o'n", &["quote"]),
        ("%22q", &["quote"]),
        ("+Anna+", &["anna"]),
        ("nobody", &[]),
    ] {
        assert_eq!(names(&hr.get(&format!("/people?q={search}")).expect(200)), found, "{search}");
    }
    assert_eq!(names(&hr.get("/people?q=").expect(200)).len(), 7, "nothing asked for is no filter");
    hr.get("/people?q=a%00b").problem(400, "invalid_query");
    refused_at(hr.get("/people?q=a%07b"), "q", "unfit_character");
    refused_at(hr.get(&format!("/people?q={}", "x".repeat(201))), "q", "text_too_long");
}

#[test]
fn each_sees_as_much_of_others_as_they_may() {
    let app = TestApp::start();
    let (hr, admin) = (app.hr(), app.admin());
    for (code, parent) in [("site", None), ("blue", Some("site")), ("red", None)] {
        app.team(code, parent);
    }
    let anna = app.agent_in("anna", "blue");
    app.agent_in("otto", "red");
    app.person("gone");
    hr.with("if-match", "*").patch("/people/gone", &json!({ "active": false })).expect(200);
    let lead = app.lead("lea", "site");
    let seen = |client: &Client| -> BTreeMap<String, bool> {
        let page = client.get("/people").expect(200);
        let items = page.body["items"].as_array().unwrap().iter();
        let whole = items.map(|item| {
            let fields = item.as_object().unwrap().len();
            assert!(fields == 4 || fields == 11, "{item}");
            (item["user_name"].as_str().unwrap().to_owned(), fields == 11)
        });
        whole.collect()
    };
    let only = |whole: &[&str]| -> BTreeMap<String, bool> {
        ["admin", "anna", "hr", "lea", "otto"].map(|name| (name.to_owned(), whole.contains(&name))).into()
    };
    assert_eq!(seen(&anna), only(&["anna"]));
    assert_eq!(seen(&lead), only(&["anna", "lea"]));
    assert_eq!(seen(&app.narrowed("lea", &[applaus::domain::people::Role::Agent])), only(&["lea"]));
    for all in [&hr, &admin] {
        let seen = seen(all);
        assert_eq!((seen.len(), seen.values().all(|whole| *whole)), (6, true));
        assert_eq!(names(&all.get("/people?active=false").expect(200)), ["gone"]);
        assert_eq!(all.get("/people?active=true").expect(200).body["items"].as_array().unwrap().len(), 5);
    }
    for other in [&anna, &lead] {
        other.get("/people?active=false").problem(403, "forbidden");
        assert_eq!(names(&other.get("/people?active=true&q=gone").expect(200)), Vec::<&str>::new());
    }
    let shown = anna.get("/people?q=otto").expect(200).body["items"][0].clone();
    let id = app.person("otto").id;
    assert_eq!(
        shown,
        json!({ "id": id, "user_name": "otto", "display_name": "otto", "team": { "code": "red", "name": "red" } })
    );

    assert_eq!(names(&anna.get("/people?team=site").expect(200)), ["anna"]);
    assert_eq!(names(&anna.get("/people?team=red&q=ot").expect(200)), ["otto"]);
    refused_at(anna.get("/people?team=green"), "team", "unknown_team");
}
