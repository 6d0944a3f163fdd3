//! The clients, what they want, and what they are answered.

use std::sync::{Barrier, Mutex};

use applaus::domain::ids::Code;
use applaus::domain::points::Points;
use applaus::domain::reward::Reward;
use serde_json::{Value, json};

use crate::redemptions::{mug, offer, settings};
use crate::support::app::{TestApp, test_now};
use crate::support::client::Client;
use crate::support::database::{TestDatabase, postgres};

/// Clients at once.
pub const CLIENTS: usize = 32;
/// What the one allowance holds, and a kudos costs.
pub const ALLOWANCE: (i64, i64) = (100, 7);
/// Pieces of the one reward that has a stock.
pub const STOCK: i64 = 7;
/// What the one saver has, and a pin costs.
pub const SAVED: (i64, i64) = (730, 100);
/// Points that the budget lets be granted, and a grant.
pub const POINTS: (i64, i64) = (1_000, 90);
/// Cents that the budget lets be redeemed, and what a card is worth.
pub const CENTS: (i64, i64) = (23_000, 5_000);
/// What each client's own person has: enough for a mug and cards.
pub const OWN: i64 = 103;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Kudos from the one allowance.
    Thanks,
    /// The reward of which there are few.
    Mug,
    /// A reward for the one saver.
    Pin,
    /// A reward that is worth money of the one budget.
    Card,
    /// Points of the one budget.
    Grant,
}

const WANTS: [Want; 5] = [Want::Thanks, Want::Mug, Want::Pin, Want::Card, Want::Grant];

/// Something that was acknowledged.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub want: Want,
    /// Its id.
    pub id: String,
    /// The number of the client.
    pub client: usize,
}

/// The servers that they ask.
pub struct Race {
    servers: Vec<TestApp>,
}

impl Want {
    /// The request, who makes it, and what may refuse it.
    fn asked(self, client: usize) -> (String, &'static str, Value, &'static [&'static str]) {
        let own = format!("own{client}");
        let redeem = |reward: &str| json!({ "reward": reward });
        let (receiver, (_, price)) = (format!("own{}", (client + 1) % CLIENTS), ALLOWANCE);
        match self {
            Self::Thanks => {
                let thanks = json!({ "to": [receiver], "message": "thanks", "points": price });
                ("giver".to_owned(), "/kudos", thanks, &["allowance_exhausted"])
            }
            Self::Mug => (own, "/redemptions", redeem("mug"), &["out_of_stock", "too_few_points"]),
            Self::Pin => ("saver".to_owned(), "/redemptions", redeem("pin"), &["too_few_points"]),
            Self::Card => (own, "/redemptions", redeem("card"), &["budget_exhausted", "too_few_points"]),
            Self::Grant => {
                let grant = json!({ "to": "granted", "points": POINTS.1, "reason": "well done" });
                ("hr".to_owned(), "/grants", grant, &["budget_exhausted"])
            }
        }
    }
}

impl Race {
    /// A server, and on PostgreSQL another.
    pub fn on(database: TestDatabase) -> Self {
        let app = TestApp::start_on(database, test_now());
        let mut servers = vec![app];
        if postgres().is_some() {
            servers.push(servers[0].another());
        }
        let race = Self { servers };
        race.set_up();
        race
    }

    /// The first server.
    pub fn app(&self) -> &TestApp {
        &self.servers[0]
    }

    fn set_up(&self) {
        let app = self.app();
        settings(app, |settings| {
            settings.kudos.monthly_allowance = Points(ALLOWANCE.0);
            (settings.kudos.monthly_cap_per_pair, settings.kudos.monthly_cap_per_receiver) =
                (Points(1_000), Points(1_000));
            settings.grants.monthly_limit = Points(1_000_000);
            settings.grants.second_approval_above = Points(1_000_000);
        });
        app.team("rich", None);
        app.team("poor", None);
        for (name, team) in [("giver", "rich"), ("saver", "rich"), ("granted", "poor")] {
            app.agent_in(name, team);
        }
        for client in 0..CLIENTS {
            app.agent_in(&format!("own{client}"), "poor");
        }
        let hr = app.hr();
        let begins_with = |to: &str, points: i64| {
            hr.post("/grants", &json!({ "to": to, "points": points, "reason": "to begin with" })).expect(201);
        };
        (0..CLIENTS).for_each(|client| begins_with(&format!("own{client}"), OWN));
        begins_with("saver", SAVED.0);
        let coded = |code: &str, cost| Reward { code: Code::new(code).unwrap(), cost: Points(cost), ..mug() };
        let worth = serde_json::from_value(json!({ "amount": "50.00", "currency": "EUR" })).ok();
        offer(app, mug(), Some(STOCK));
        offer(app, coded("pin", SAVED.1), None);
        offer(app, Reward { value: worth, ..coded("card", 1) }, None);
        let money = json!({ "amount": "230.00", "currency": "EUR" });
        let budget = json!({ "team": "poor", "season": "2026-11", "points": POINTS.0, "money": money });
        hr.post("/budgets", &budget).expect(201);
    }

    /// Somebody at one of the servers, on a connection of their own.
    fn client(&self, user_name: &str, server: usize) -> Client {
        let token = self.app().token_of(user_name);
        Client::new(self.servers[server % self.servers.len()].address(), Some(token))
    }

    /// All want everything at once; what was acknowledged.
    pub fn run(&self) -> Vec<Accepted> {
        let (accepted, begin) = (Mutex::new(Vec::new()), Barrier::new(CLIENTS));
        std::thread::scope(|scope| {
            for number in 0..CLIENTS {
                let (accepted, begin) = (&accepted, &begin);
                scope.spawn(move || {
                    let mut random = fastrand::Rng::with_seed(number as u64);
                    let mut wants: Vec<Want> = WANTS.into_iter().chain(WANTS).collect();
                    random.shuffle(&mut wants);
                    begin.wait();
                    for (turn, want) in wants.into_iter().enumerate() {
                        let got = self.ask(want, number, turn);
                        accepted.lock().unwrap().extend(got.map(|id| Accepted { want, id, client: number }));
                    }
                });
            }
        });
        accepted.into_inner().unwrap()
    }

    /// Asks for something, and once more by the same key at the next server; its id if it was acknowledged.
    fn ask(&self, want: Want, number: usize, turn: usize) -> Option<String> {
        let (who, path, body, refusals) = want.asked(number);
        let key = format!("{number}-{turn}");
        let [first, second] = [0, 1].map(|more| {
            let client = self.client(&who, number + turn + more).with("Idempotency-Key", &key);
            client.post(path, &body)
        });
        for answer in [&first, &second] {
            let refused = answer.body["code"].as_str().is_some_and(|code| refusals.contains(&code));
            assert!(answer.status == 201 || refused, "{want:?}: {}", answer.text);
        }
        if first.status != 201 {
            // What was taken back meanwhile is there to be had: nothing is, here.
            assert_ne!(second.status, 201, "{want:?}: {}", second.text);
            return None;
        }
        assert_eq!((second.status, second.header("idempotency-replayed")), (201, Some("true")), "{}", second.text);
        assert_eq!(second.body["id"], first.body["id"]);
        Some(first.body["id"].as_str().unwrap().to_owned())
    }

    /// All take everything back at once, whoever may: receivers and HR, each several times.
    pub fn undo(&self, accepted: &[Accepted]) {
        let begin = Barrier::new(CLIENTS);
        std::thread::scope(|scope| {
            for number in 0..CLIENTS {
                let begin = &begin;
                scope.spawn(move || {
                    let mut mine: Vec<&Accepted> = accepted.iter().filter(|one| one.want != Want::Grant).collect();
                    fastrand::Rng::with_seed(number as u64).shuffle(&mut mine);
                    begin.wait();
                    for one in mine.into_iter().take(12) {
                        self.take_back(one, number);
                    }
                });
            }
        });
        // Whatever chance left out, and everything once more.
        accepted.iter().filter(|one| one.want != Want::Grant).for_each(|one| self.take_back(one, 0));
    }

    fn take_back(&self, Accepted { want, id, client }: &Accepted, number: usize) {
        let answer = match want {
            Want::Thanks => self.client("giver", number).delete(&format!("/kudos/{id}")),
            _ => {
                let receiver = if *want == Want::Pin { "saver".to_owned() } else { format!("own{client}") };
                let (who, body) = match number % 2 {
                    0 => (receiver, json!({})),
                    _ => ("hr".to_owned(), json!({ "note": "no" })),
                };
                self.client(&who, number).post(&format!("/redemptions/{id}/cancel"), &body)
            }
        };
        assert!((200..300).contains(&answer.status), "{want:?}: {}", answer.text);
    }
}
