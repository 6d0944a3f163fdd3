//! What an agent may ask, what came back, and where two series of answers differ.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::organization::{Pick, Plan, person_id, pick, user_name};
use super::world::{boards, is_of_teams};
use crate::support::client::{Answer, Client};

/// Something to ask.
#[derive(Debug, Clone)]
pub enum Ask {
    /// A board, page by page.
    Pages(Of, usize),
    /// A page around somebody, or a team.
    Around(Of, Pick, usize),
    /// The entry of somebody, or of a team: by id or by name.
    Entry(Of, Pick, bool),
    /// About somebody.
    Person(Pick, &'static str),
    /// Anything else.
    Other(&'static str),
}

/// Which board.
#[derive(Debug, Clone)]
pub struct Of {
    board: &'static str,
    period: Option<&'static str>,
    team: Option<Pick>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What was asked.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// Its tag.
    pub tag: Option<String>,
    /// The body, byte for byte.
    pub text: String,
}

const OTHERS: [&str; 19] = [
    "/leaderboards",
    "/people",
    "/people/me/standing",
    "/people/me/outlook",
    "/people/me/transfers",
    "/people/me/badges",
    "/people/me/signals",
    "/people/me/visibility/service",
    "/transfers",
    "/kudos",
    "/programmes/service",
    "/programmes/service/seasons",
    "/programmes/service/seasons/2026-10",
    "/programmes/service/seasons/2026-11",
    "/contests",
    "/contests/service/race",
    "/contests/service/race?period=previous&limit=2",
    "/contests/service/race-of-teams",
    "/contests/service/race-of-teams?period=previous",
];
const OF_SOMEBODY: [&str; 8] =
    ["", "/standing", "/transfers", "/badges", "/signals", "/outlook", "/visibility/service", "/memberships"];
/// Current, before it, and closed ones.
const PERIODS: [&str; 6] = ["previous", "2026-10", "2026-11", "2026-11-10", "2026-W46", "season:2026-10"];

fn of() -> impl Strategy<Value = Of> {
    let period = prop_oneof![3 => Just(None), 2 => select(&PERIODS[..]).prop_map(Some)];
    let team = prop::option::weighted(0.4, pick());
    (select(boards()), period, team).prop_map(|(board, period, team)| Of { board, period, team })
}

/// Anything that an agent may ask.
pub fn asks() -> impl Strategy<Value = Ask> {
    prop_oneof![
        8 => (of(), 1..6_usize).prop_map(|(of, limit)| Ask::Pages(of, limit)),
        3 => (of(), pick(), 1..6_usize).prop_map(|(of, whom, limit)| Ask::Around(of, whom, limit)),
        6 => (of(), pick(), any::<bool>()).prop_map(|(of, whom, by_id)| Ask::Entry(of, whom, by_id)),
        2 => (pick(), select(&OF_SOMEBODY[..])).prop_map(|(whom, what)| Ask::Person(whom, what)),
        3 => select(&OTHERS[..]).prop_map(Ask::Other),
    ]
}

/// Every board whole, now and before, and what else there is: so that no run leaves out the plainest.
pub fn plainest() -> Vec<Ask> {
    let board = |board, period| Ask::Pages(Of { board, period, team: None }, 3);
    let mut asks: Vec<Ask> = boards().into_iter().map(|code| board(code, None)).collect();
    asks.extend(["month", "team-month", "team-mean"].map(|code| board(code, Some("previous"))));
    asks.extend(
        [
            "/people/me/standing",
            "/people/me/outlook",
            "/kudos",
            "/contests/service/race",
            "/contests/service/race-of-teams",
        ]
        .map(Ask::Other),
    );
    asks
}

impl Of {
    fn path(&self, plan: &Plan, rest: &str) -> String {
        let mut path = format!("/leaderboards/service/{}{rest}", self.board);
        let mut joiner = if rest.contains('?') { '&' } else { '?' };
        if let Some(period) = self.period {
            path = format!("{path}{joiner}period={period}");
            joiner = '&';
        }
        if let Some(team) = self.team {
            path = format!("{path}{joiner}team={}", plan.code(team.among(plan.teams())));
        }
        path
    }

    /// Somebody, or a team, that might stand there.
    fn whom(&self, plan: &Plan, whom: Pick, by_id: bool) -> String {
        if is_of_teams(self.board) {
            let team = whom.among(plan.teams() + 1);
            return if team == plan.teams() { "me".to_owned() } else { plan.code(team).to_string() };
        }
        let person = whom.among(plan.people.len() + 1);
        match person {
            person if person == plan.people.len() => "me".to_owned(),
            person if by_id => person_id(person).to_string(),
            person => user_name(person),
        }
    }
}

impl Ask {
    /// The entry of somebody on a board.
    pub fn entry(board: &'static str, whom: Pick) -> Self {
        Self::Entry(Of { board, period: None, team: None }, whom, false)
    }

    /// Asks, and reads on where there are further pages.
    pub fn of(&self, client: &Client, plan: &Plan) -> Vec<Reply> {
        let path = match self {
            Self::Pages(of, limit) => of.path(plan, &format!("?limit={limit}")),
            Self::Around(of, whom, limit) => {
                of.path(plan, &format!("?limit={limit}&around={}", of.whom(plan, *whom, false)))
            }
            Self::Entry(of, whom, by_id) => of.path(plan, &format!("/entries/{}", of.whom(plan, *whom, *by_id))),
            Self::Person(whom, what) => format!("/people/{}{what}", user_name(whom.among(plan.people.len()))),
            Self::Other(path) => (*path).to_owned(),
        };
        let first = client.get(&path);
        let mut replies = vec![Reply::new(&path, &first)];
        let mut next = first.body["next"].as_str().filter(|_| matches!(self, Self::Pages(..))).map(str::to_owned);
        while let Some(cursor) = next {
            let page = client.get(&format!("{path}&after={cursor}"));
            replies.push(Reply::new(&format!("{path}, page {}", replies.len() + 1), &page));
            next = page.body["next"].as_str().map(str::to_owned);
        }
        replies
    }
}

impl Reply {
    fn new(path: &str, answer: &Answer) -> Self {
        let tag = answer.header("etag").map(str::to_owned);
        Self { path: path.to_owned(), status: answer.status, tag, text: answer.text.clone() }
    }

    /// The body.
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// Where two series of answers in the same world differ, byte for byte and tag for tag.
pub fn changes(before: &[Reply], after: &[Reply]) -> Vec<String> {
    let facts = |reply: &Reply| format!("{} {} {:?} {}", reply.path, reply.status, reply.tag, reply.text);
    differences(before, after, &facts)
}

/// Where answers of two worlds differ in more than what time and other people's doings number: versions, tags, cursors,
/// and ids that are drawn anew.
pub fn differs(one: &[Reply], other: &[Reply], known_ids: &[String]) -> Vec<String> {
    let known: BTreeSet<&str> = known_ids.iter().map(String::as_str).collect();
    let facts = |reply: &Reply| {
        let mut body = reply.body();
        plain(&mut body, &known);
        if !reply.path.starts_with("/leaderboards/") && body.is_object() {
            // What happened at one instant is in the order of ids.
            in_any_order(&mut body["items"]);
        }
        format!("{} {} {body}", reply.path, reply.status)
    };
    differences(one, other, &facts)
}

fn differences(one: &[Reply], other: &[Reply], facts: &dyn Fn(&Reply) -> String) -> Vec<String> {
    let mut found = Vec::new();
    for at in 0..one.len().max(other.len()) {
        let facts = [one, other].map(|replies| replies.get(at).map(facts));
        let [one, other] = facts.map(Option::unwrap_or_default);
        if one != other {
            // From a little before where they part.
            let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
            let rest = |facts: &str| facts.chars().skip(same.saturating_sub(60)).take(160).collect::<String>();
            let path = one.split(' ').next().unwrap_or_default();
            found.push(format!("{path}:\n    …{}…\n    …{}…", rest(&one), rest(&other)));
        }
    }
    found
}

/// Takes out what may differ.
fn plain(value: &mut Value, known: &BTreeSet<&str>) {
    match value {
        Value::Object(fields) => {
            for name in ["version", "position", "sequence", "revision"] {
                fields.remove(name);
            }
            if let Some(next) = fields.get_mut("next").filter(|next| next.is_string() || next.is_i64()) {
                *next = Value::Bool(true);
            }
            fields.values_mut().for_each(|value| plain(value, known));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| plain(value, known)),
        Value::String(text) => {
            let is_drawn = |part: &str| uuid::Uuid::try_parse(part).is_ok() && !known.contains(part);
            let parts: Vec<&str> = text.split(':').map(|part| if is_drawn(part) { "#" } else { part }).collect();
            *text = parts.join(":");
        }
        _ => {}
    }
}

fn in_any_order(items: &mut Value) {
    if let Some(items) = items.as_array_mut() {
        items.sort_by_key(ToString::to_string);
    }
}
