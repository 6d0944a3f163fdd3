//! Who may read and change programmes, and what others learn: nothing.

use applaus::domain::people::Role;

use super::*;

const PROGRAMME: &str = "/programmes/service-excellence";

/// The status of each call by one client, in order of the table in API.md.
fn statuses(client: &Client) -> Vec<u16> {
    let version = format!("{PROGRAMME}/versions/1");
    let missing = format!("{PROGRAMME}/versions/9");
    let activation = json!({ "effective_from": "2026-11-18" });
    let any = client.with("if-match", "*");
    [
        client.get("/programmes/schema"),
        client.post("/programmes/validate", &each()),
        client.post("/programmes", &each()),
        client.get(PROGRAMME),
        client.get(&format!("{PROGRAMME}/versions")),
        client.post(&format!("{PROGRAMME}/versions"), &with("/code", json!("another"))),
        client.get(&version),
        client.get(&missing),
        any.put(&version, &each()),
        client.delete(&version),
        client.post(&format!("{version}/activate"), &activation),
        client.post(&format!("{missing}/activate"), &activation),
        client.post(&format!("{PROGRAMME}/end"), &json!({ "last_day": "2026-11-17" })),
    ]
    .map(|answer| answer.status)
    .to_vec()
}

#[test]
fn each_role_gets_what_the_table_says() {
    let world = World::new();
    world.in_force(&each());
    let anna = world.anna();
    let outsider = world.app.agent_in("otto", "sales");
    let lead = world.app.lead("lena", "support");
    let source = world.app.source(&["qa"]);
    let hr_as_agent = world.app.narrowed("hr", &[Role::Agent]);
    let expected: [(&str, &Client, [u16; 13]); 8] = [
        ("hr", &world.hr(), [200, 200, 409, 200, 200, 422, 200, 404, 409, 409, 409, 404, 422]),
        ("auditor", &world.app.auditor(), [200, 403, 403, 200, 200, 403, 200, 404, 403, 403, 403, 404, 403]),
        ("agent of the audience", &anna, [200, 403, 403, 200, 403, 403, 404, 404, 404, 404, 404, 404, 403]),
        ("agent of another team", &outsider, [200, 403, 403, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404]),
        ("lead", &lead, [200, 403, 403, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404]),
        ("source", &source, [200, 403, 403, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404]),
        ("hr narrowed to agent", &hr_as_agent, [200, 403, 403, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404]),
        ("nobody", &world.app.anonymous(), [401; 13]),
    ];
    for (who, client, expected) in expected {
        assert_eq!(statuses(client), expected, "{who}");
    }
}

#[test]
fn a_list_holds_what_its_reader_may_read() {
    let world = World::new();
    world.in_force(&each());
    let mut draft = with("/code", json!("for-sales"));
    draft["audience"] = json!({ "teams": ["sales"] });
    world.hr().post("/programmes", &draft).expect(201);
    let listed = |client: &Client| {
        let answer = client.get("/programmes").expect(200);
        assert_eq!(answer.body["next"], Value::Null);
        let items = answer.body["items"].as_array().unwrap().iter();
        items.map(|item| (text(item, "code"), text(item, "state"))).collect::<Vec<_>>()
    };
    fn text(item: &Value, name: &str) -> String {
        item[name].as_str().unwrap().to_owned()
    }
    let pair = |code: &str, state: &str| (code.to_owned(), state.to_owned());
    let (draft, active) = (pair("for-sales", "draft"), pair("service-excellence", "active"));
    let (anna, otto) = (world.anna(), world.app.agent_in("otto", "sales"));
    assert_eq!(listed(&world.hr()), [draft.clone(), active.clone()]);
    assert_eq!(listed(&world.app.auditor()), [draft, active.clone()]);
    assert_eq!((listed(&anna), listed(&otto)), (vec![active], vec![]));
    otto.get("/programmes/for-sales").problem(404, "not_found");
    world
        .hr()
        .post("/programmes/for-sales/versions/1/activate", &json!({ "effective_from": "2026-11-18" }))
        .expect(200);
    assert_eq!(listed(&otto), [pair("for-sales", "active")]);
    world.app.anonymous().get("/programmes").problem(401, "unauthorized");
    anna.get("/programmes?limit=0").problem(400, "invalid_query");
    anna.get("/programmes?after=x").problem(400, "invalid_query");
}

#[test]
fn what_is_not_seen_is_like_what_is_not_there() {
    let world = World::new();
    world.in_force(&each());
    let otto = world.app.agent_in("otto", "sales");
    let hidden = otto.get(PROGRAMME).problem(404, "not_found");
    assert_eq!(hidden.text, otto.get("/programmes/no-such").text);
    let anna = world.anna();
    assert!(anna.get(PROGRAMME).body.get("versions").is_none());
    let hidden = anna.get(&format!("{PROGRAMME}/versions/1")).problem(404, "not_found");
    assert_eq!(hidden.text, anna.get(&format!("{PROGRAMME}/versions/2")).text);
}

#[test]
fn the_audience_is_that_of_the_version_in_force() {
    let world = World::new();
    world.in_force(&each());
    let (anna, otto) = (world.anna(), world.app.agent_in("otto", "sales"));
    world.hr().post(&format!("{PROGRAMME}/versions"), &with("/audience/teams", json!(["sales"]))).expect(201);
    world.activate(2, "2026-11-19").expect(200);
    assert_eq!((anna.get(PROGRAMME).status, otto.get(PROGRAMME).status), (200, 404));
    world.app.clock.set("2026-11-18T23:00:00Z".parse().unwrap());
    assert_eq!((anna.get(PROGRAMME).status, otto.get(PROGRAMME).status), (404, 200));
}
