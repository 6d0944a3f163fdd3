//! Random documents of one programme: what is fixed for its life is the same in all of them.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Which rules a version has, and with which numbers.
#[derive(Debug, Clone)]
pub struct Draft {
    rules: Vec<Option<(i64, bool)>>,
    grace_days: u8,
    boosted: bool,
}

const RULES: usize = 8;

pub fn draft() -> impl Strategy<Value = Draft> {
    let rule = prop::option::weighted(0.7, (0i64..3, prop::bool::weighted(0.3)));
    (vec(rule, RULES), 0u8..4, any::<bool>()).prop_map(|(rules, grace_days, boosted)| Draft {
        rules,
        grace_days,
        boosted,
    })
}

impl Draft {
    pub fn document(&self) -> Value {
        let rules: Vec<Value> = self.rules.iter().enumerate().filter_map(|(n, one)| Some(rule(n, (*one)?))).collect();
        // Without any rule there would be no programme.
        let rules = if rules.is_empty() { vec![rule(0, (0, false))] } else { rules };
        let boosts: Vec<Value> = rules
            .iter()
            .filter(|rule| self.boosted && rule.get("goal").is_none())
            .map(|rule| {
                json!({ "code": format!("boost-{}", rule["code"].as_str().unwrap()), "name": name(), "from": "2026-10-28",
                    "until": "2026-11-05", "rules": [rule["code"]], "factor": 1.5 })
            })
            .collect();
        json!({ "language": 1, "code": "town", "name": name(), "time_zone": "Europe/Berlin", "season": "month",
            "grace_days": self.grace_days, "rules": rules, "boosts": boosts,
            "badges": [{ "code": "star", "name": name() }, { "code": "gold", "name": name() }],
            "tiers": [{ "code": "silver", "name": name(), "at": 40 },
                      { "code": "gold", "name": name(), "at": 120, "badge": "gold" }],
            "boards": BOARDS.map(|(code, subject, period)| json!({ "code": code, "name": name(), "rank": "points",
                "subject": subject, "period": period })) })
    }
}

/// Code, subject and period of each board.
pub const BOARDS: [(&str, &str, &str); 3] =
    [("season", "person", "season"), ("ever", "person", "all"), ("teams", "team", "month")];

fn name() -> Value {
    json!({ "en": "Name", "de": "Name" })
}

/// The rule of a number. `size` makes targets and points larger.
fn rule(number: usize, (size, guarded): (i64, bool)) -> Value {
    let happy = || json!({ "measure": "csat", "at_least": 3 });
    let (code, pattern, points) = match number {
        0 => (
            "each",
            json!({ "limits": [{ "per": "week", "points": 20 + 10 * size }, { "per": "case", "times": 2 }] }),
            json!(10 + size),
        ),
        1 => ("cooled", json!({ "when": happy(), "cooldown": "PT5H" }), json!({ "measure": "csat", "times": 1.5 })),
        2 => ("row", json!({ "streak": { "length": 2 + size, "of": happy() } }), json!(30)),
        3 => (
            "days",
            json!({ "streak": { "length": 2 + size, "unit": "day", "of": happy() }, "limits": [{ "per": "season", "times": 2 }] }),
            json!(40),
        ),
        4 => (
            "many",
            json!({ "goal": { "aggregate": "count", "at_least": 2 + size, "repeat": true, "per": "week" } }),
            json!(50),
        ),
        5 => (
            "mean",
            json!({ "goal": { "measure": "csat", "aggregate": "mean", "at_least": 2 + size, "samples": 2, "per": "month" } }),
            json!({ "measure": "goal", "times": 10 }),
        ),
        6 => (
            "team",
            json!({ "for": "team", "goal": { "aggregate": "count", "at_least": 3 + size, "per": "week" } }),
            json!(60),
        ),
        _ => (
            "members",
            json!({ "for": "team", "goal": { "measure": "csat", "aggregate": "mean", "at_least": 2 + size, "per": "week" } }),
            json!(70),
        ),
    };
    let mut rule =
        json!({ "code": code, "name": name(), "on": ["survey"], "award": { "points": points, "badge": "star" } });
    for (field, value) in pattern.as_object().unwrap() {
        rule[field] = value.clone();
    }
    if number == 7 {
        rule["award"]["to"] = json!("members");
        rule["award"]["min_days"] = json!(1 + 2 * size);
    }
    if guarded {
        let goal = json!({ "measure": "csat", "aggregate": "mean", "at_least": 3, "samples": 2,
            "per": if number.is_multiple_of(2) { "week" } else { "month" } });
        rule["guard"] = json!({ "on": ["evaluation"], "goal": goal });
    }
    rule
}
