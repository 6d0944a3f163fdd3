//! What the checks are worth: servers that tell too much, each in its own way, are found out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::all;
use super::asking::{Ask, Reply, changes, differs, plainest};
use super::organization::{Event, History, Pick, Plan, Somebody, What, person_id};
use super::world::{World, boards, known_ids};

const OBSERVER: usize = 0;
const HIDDEN: usize = 3;

/// Ben and cleo in `t1` by name, and with them somebody hidden, who has 40 points in one history and 60 in the other.
fn plan() -> Plan {
    let somebody = |team: usize, choice| Somebody { home: Pick(team), moves: None, choice: Some(choice) };
    let people = vec![somebody(0, "named"), somebody(1, "named"), somebody(1, "named"), somebody(1, "hidden")];
    let event = |person, what, instead| Event { person: Pick(person), day: 35, what, instead };
    let events = vec![
        event(1, What::Evaluation(50), 0),
        event(2, What::Evaluation(30), 0),
        event(HIDDEN, What::Evaluation(40), 59 * 4 + 1),
        event(1, What::Kudos(2), 0),
        event(2, What::Evaluation(35), 0),
        event(2, What::Compliment, 0),
    ];
    Plan { smallest_group: 1, default: "named", above: vec![Pick(0)], people, events, observer: Pick(OBSERVER) }
}

/// What the hidden person has.
fn earned(plan: &Plan, history: History) -> i64 {
    let happens = plan.events.iter().flat_map(|event| plan.happens(event, history));
    happens
        .filter(|(person, _)| *person == HIDDEN)
        .map(|(_, what)| if let What::Evaluation(points) = what { i64::from(points) } else { 0 })
        .sum()
}

fn asked() -> Vec<Ask> {
    [plainest(), vec![Ask::entry("month", Pick(HIDDEN)), Ask::entry("month", Pick(2))]].concat()
}

fn read(plan: &Plan, history: History) -> (World, Vec<Reply>) {
    let mut world = World::new(plan);
    (0..2).for_each(|phase| world.reach(phase, history));
    let replies = all(&world, &asked());
    (world, replies)
}

/// What a server would have answered that tells too much, knowing what the hidden person has.
type Leak = fn(&mut Reply, i64);

fn body(reply: &mut Reply, board: &str, change: impl FnOnce(&mut Value)) {
    if reply.path.split(['?', ',']).next() == Some(&format!("/leaderboards/service/{board}")) {
        let mut body = reply.body();
        change(&mut body);
        reply.text = body.to_string();
    }
}

fn items(body: &mut Value) -> &mut Vec<Value> {
    body["items"].as_array_mut().unwrap()
}

const LEAKS: [(&str, Leak); 7] = [
    ("an entry too many", |reply, points| {
        body(reply, "month", |body| {
            items(body).push(json!({ "rank": 1, "subject": { "id": person_id(HIDDEN).to_string() }, "score": points }));
        });
    }),
    ("a rank with a gap", |reply, points| {
        body(reply, "month", |body| {
            for item in items(body) {
                let above = u64::from(item["score"].as_i64().unwrap() < points);
                item["rank"] = json!(item["rank"].as_u64().unwrap() + above);
            }
        });
    }),
    ("one's own rank among the hidden", |reply, points| {
        body(reply, "day", |body| {
            let own = body["me"]["rank"].as_u64().unwrap();
            body["me"]["rank"] = json!(own + u64::from(points > 50));
        });
    }),
    ("a count of those with more than 50", |reply, points| {
        body(reply, "season", |body| {
            body["total"] = json!(body["total"].as_u64().unwrap() + u64::from(points > 50));
        });
    }),
    ("a number of a team with one too many in it", |reply, points| {
        body(reply, "team-month", |body| {
            for item in items(body).iter_mut().filter(|item| item["subject"]["code"] == "t1") {
                item["score"] = json!(item["score"].as_i64().unwrap() + points);
            }
        });
    }),
    ("an order of teams by more than is shown", |reply, points| {
        body(reply, "team-mean", |body| {
            if points > 50 {
                items(body).reverse()
            }
        });
    }),
    ("a status", |reply, points| {
        if reply.path.ends_with("/entries/p3") && points > 50 {
            reply.status = 403;
        }
    }),
];

#[test]
fn each_server_that_tells_too_much_is_found_out() {
    let plan = plan();
    let ids = known_ids(&plan);
    let histories = [History::Planned, History::Other];
    assert_eq!(histories.map(|history| earned(&plan, history)), [40, 60]);
    let read = histories.map(|history| (read(&plan, history).1, earned(&plan, history)));
    assert_eq!(differs(&read[0].0, &read[1].0, &ids), [] as [String; 0], "as it is");
    for (name, leak) in LEAKS {
        let leaky = |(replies, points): &(Vec<Reply>, i64)| {
            let mut replies = replies.clone();
            replies.iter_mut().for_each(|reply| leak(reply, *points));
            replies
        };
        assert!(!differs(&leaky(&read[0]), &leaky(&read[1]), &ids).is_empty(), "{name}");
    }
}

#[test]
fn a_tag_that_moves_with_what_nobody_sees_is_found_out() {
    let (mut world, before) = read(&plan(), History::Planned);
    world.hidden_go_on(1);
    let mut after = all(&world, &asked());
    assert_eq!(changes(&before, &after), [] as [String; 0]);
    let moved = after.iter_mut().find(|reply| reply.path.starts_with("/leaderboards/service/month")).unwrap();
    moved.tag = Some("\"v99\"".to_owned());
    assert_eq!(changes(&before, &after).len(), 1);
}

/// What people do whom everybody sees shows on every board: the checks look at all of them.
#[test]
fn what_is_seen_is_found_on_every_board() {
    let seen = plan();
    let mut other = plan();
    other.events[0].what = What::Evaluation(51);
    other.events[3].what = What::Training;
    other.events[4].what = What::Evaluation(36);
    other.events[5].what = What::Training;
    let [one, other] = [seen.clone(), other].map(|plan| read(&plan, History::Planned).1);
    let found = differs(&one, &other, &known_ids(&seen));
    let board = |difference: &String| difference.split(['/', '?', ':', ',']).nth(3).map(str::to_owned);
    let found: BTreeSet<String> = found.iter().filter_map(board).collect();
    // What people have is for nobody else to see on a board that shows one's own.
    let expected = boards().into_iter().filter(|board| *board != "own").map(str::to_owned);
    assert_eq!(found.intersection(&expected.clone().collect()).cloned().collect::<BTreeSet<_>>(), expected.collect());
}
