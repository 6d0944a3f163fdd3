//! Redemptions as a state machine: whatever people of every role do in whatever order, over HTTP, a naive model says who
//! may, what comes of it, and where every point and every piece of stock is. A model with a fault in it disagrees.

use std::collections::BTreeMap;

use applaus::domain::ids::TransferId;
use applaus::domain::people::Role;
use applaus::store::row;
use applaus::writer::role::{GrantRole, Reach};
use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

/// Everybody: an agent and a lead at home in north, two of HR, the lead of another team, an agent without a team.
const PEOPLE: [&str; 6] = ["anna", "lea", "hr1", "hr2", "max", "ben"];
/// Who asks for rewards.
const RECEIVERS: usize = 3;
const ACTS: [&str; 4] = ["approve", "reject", "fulfil", "cancel"];
const DAYS: i64 = 10;

#[derive(Debug, Clone)]
enum Op {
    Request(usize),
    Act(usize, usize, usize),
    Pass(i64),
    Stock(Option<i64>),
    Add(i64),
    Price(i64),
    Give(usize, i64),
    TakeBack(usize),
    Active(bool),
    Delegate(bool),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..RECEIVERS).prop_map(Op::Request),
        14 => (0..PEOPLE.len(), 0..8_usize, 0..ACTS.len()).prop_map(|(who, which, act)| Op::Act(who, which, act)),
        2 => (1..7_i64).prop_map(Op::Pass),
        1 => prop::option::of(0..4_i64).prop_map(Op::Stock),
        1 => (-2..3_i64).prop_map(Op::Add),
        1 => (1..200_i64).prop_map(Op::Price),
        3 => (0..RECEIVERS, 1..300_i64).prop_map(|(who, points)| Op::Give(who, points)),
        1 => (0..RECEIVERS).prop_map(Op::TakeBack),
        1 => any::<bool>().prop_map(Op::Active),
        1 => any::<bool>().prop_map(Op::Delegate),
    ]
}

/// What the model forgets, to show that it would be noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    NoRefund,
    NoStockBack,
    OwnApproval,
    RefundTwice,
}

#[derive(Debug, Clone)]
struct Redeemed {
    receiver: usize,
    cost: i64,
    state: &'static str,
    piece: bool,
    /// In days.
    expires: i64,
}

/// Everything there is, told naively.
struct Model {
    fault: Fault,
    wallets: [i64; RECEIVERS],
    given: [Vec<i64>; RECEIVERS],
    stock: Option<i64>,
    price: i64,
    all: Vec<Redeemed>,
    anna_active: bool,
    anna_at_home: bool,
    delegated: bool,
    day: i64,
}

impl Model {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            wallets: [0; RECEIVERS],
            given: Default::default(),
            stock: Some(3),
            price: 100,
            all: Vec::new(),
            anna_active: true,
            anna_at_home: true,
            delegated: false,
            day: 0,
        }
    }

    fn request(&mut self, who: usize) -> u16 {
        match () {
            () if who == 0 && !self.anna_active => 401,
            () if self.stock == Some(0) => 409,
            () if self.wallets[who] < self.price => 422,
            () => {
                self.wallets[who] -= self.price;
                let piece = self.stock.is_some();
                self.stock = self.stock.map(|stock| stock - 1);
                let (cost, expires) = (self.price, self.day + DAYS);
                self.all.push(Redeemed { receiver: who, cost, state: "requested", piece, expires });
                201
            }
        }
    }

    /// Who may do what: the table.
    fn may(&self, who: usize, receiver: usize, act: &str) -> Result<(), u16> {
        let leads = who == 1 && (receiver == 1 || (receiver == 0 && self.anna_at_home));
        let (is_hr, own) = (who == 2 || who == 3, who == receiver);
        if who == 0 && !self.anna_active {
            return Err(401);
        }
        if !(is_hr || own || leads) {
            return Err(404);
        }
        let others = !own && (is_hr || (leads && self.delegated));
        let faulty = self.fault == Fault::OwnApproval && is_hr;
        if others || faulty || (own && act == "cancel") { Ok(()) } else { Err(403) }
    }

    fn act(&mut self, who: usize, which: usize, act: &str) -> u16 {
        let Redeemed { receiver, state, piece, .. } = self.all[which];
        if let Err(status) = self.may(who, receiver, act) {
            return status;
        }
        match (act, state) {
            ("approve", "approved") | ("reject", "rejected") | ("fulfil", "fulfilled") | ("cancel", "cancelled") => 200,
            ("approve", "requested") if !piece && self.stock == Some(0) => 409,
            ("approve", "requested") => {
                self.all[which].state = "approved";
                if !piece && self.stock.is_some() {
                    self.stock = self.stock.map(|stock| stock - 1);
                    self.all[which].piece = true;
                }
                200
            }
            ("fulfil", "approved") => {
                self.all[which].state = "fulfilled";
                200
            }
            ("reject", "requested") => self.end(which, "rejected"),
            ("cancel", "requested") => self.end(which, "cancelled"),
            ("cancel", "approved") if who != receiver => self.end(which, "cancelled"),
            _ => 409,
        }
    }

    fn end(&mut self, which: usize, state: &'static str) -> u16 {
        let ended = &mut self.all[which];
        let times = match self.fault {
            Fault::NoRefund => 0,
            Fault::RefundTwice => 2,
            _ => 1,
        };
        self.wallets[ended.receiver] += times * ended.cost;
        if ended.piece && self.fault != Fault::NoStockBack {
            self.stock = self.stock.map(|stock| stock + 1);
        }
        (ended.state, ended.piece) = (state, false);
        200
    }

    fn end_where(&mut self, state: &'static str, meant: impl Fn(&Redeemed) -> bool) {
        for which in 0..self.all.len() {
            let one = &self.all[which];
            if ["requested", "approved"].contains(&one.state) && meant(one) {
                self.end(which, state);
            }
        }
    }
}

/// Takes the newest grant back that stands, as evidence that is withdrawn does: the wallet may go below zero.
struct TakeBack {
    from: PersonId,
    taken: usize,
}

impl Command for TakeBack {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let wallet = Account::Wallet(self.from);
        let lines = ledger::of_accounts(tx.db, &[wallet.to_string()], 0, 10_000)?;
        let grants: Vec<_> = lines.into_iter().filter(|line| line.kind == "grant").collect();
        let line = &grants[self.taken];
        let reversal = Transfer {
            id: TransferId::new(tx.now),
            kind: TransferKind::Reversal,
            payer: wallet,
            payee: Account::OrganizationIssuance,
            amount: Points(line.amount),
            reverses: Some(row::parsed(line.id.clone())?),
            origin: None,
            cause: line.cause.clone(),
            at: row::instant(line.at),
        };
        applaus::writer::ledger::post(tx, &[reversal])
    }
}

/// The server beside the model.
struct World {
    app: TestApp,
    ids: Vec<String>,
    taken: [usize; RECEIVERS],
}

impl World {
    fn new() -> Self {
        let app = TestApp::start();
        app.team("north", None);
        app.team("south", None);
        app.agent_in("anna", "north");
        app.lead("lea", "north");
        app.join("lea", "north", "2026-01-01T00:00:00Z");
        app.lead("max", "south");
        app.agent("ben");
        for name in ["hr1", "hr2"] {
            let command = GrantRole { person: app.person_id(name), role: Role::Hr, reach: Reach::Whole };
            app.state.writer.run_blocking(Actor::Operator, command).unwrap();
        }
        settings(&app, |settings| settings.redemptions.expires_after_days = DAYS as u32);
        offer(&app, mug(), Some(3));
        Self { app, ids: Vec::new(), taken: [0; RECEIVERS] }
    }

    fn hr(&self) -> Client {
        self.app.acting_as("hr2").with("If-Match", "*")
    }

    /// Does it here and in the model; says where they differ.
    fn both(&mut self, model: &mut Model, op: &Op) -> Result<(), String> {
        let statuses = match op {
            Op::Request(who) => {
                let answer = self.app.acting_as(PEOPLE[*who]).post("/redemptions", &json!({ "reward": "mug" }));
                if answer.status == 201 {
                    self.ids.push(answer.body["id"].as_str().unwrap().to_owned());
                }
                (answer.status, model.request(*who))
            }
            Op::Act(who, which, act) if !self.ids.is_empty() => {
                let (which, act) = (which % self.ids.len(), ACTS[*act]);
                let body = if act == "reject" { json!({ "note": "no" }) } else { json!({}) };
                let path = format!("/redemptions/{}/{act}", self.ids[which]);
                let answer = self.app.acting_as(PEOPLE[*who]).post(&path, &body);
                (answer.status, model.act(*who, which, act))
            }
            Op::Act(..) => (0, 0),
            Op::Pass(days) => {
                self.app.clock.advance(TimeDelta::days(*days));
                self.app.tick();
                model.day += days;
                let today = model.day;
                model.end_where("expired", |one| one.expires <= today);
                (0, 0)
            }
            Op::Stock(stock) => {
                model.stock = *stock;
                (self.hr().patch("/rewards/mug", &json!({ "stock": stock })).status, 200)
            }
            Op::Add(more) => {
                let fits = model.stock.is_some_and(|stock| stock + more >= 0);
                model.stock = model.stock.map(|stock| if fits { stock + more } else { stock });
                let expected = if fits { 200 } else { 422 };
                (self.hr().patch("/rewards/mug", &json!({ "add_stock": more })).status, expected)
            }
            Op::Price(price) => {
                model.price = *price;
                (self.hr().patch("/rewards/mug", &json!({ "cost": price })).status, 200)
            }
            Op::Give(who, points) => {
                give(&self.app, PEOPLE[*who], *points);
                model.wallets[*who] += points;
                model.given[*who].push(*points);
                (0, 0)
            }
            Op::TakeBack(who) => {
                if let Some(points) = model.given[*who].get(self.taken[*who]) {
                    model.wallets[*who] -= points;
                    let command = TakeBack { from: self.app.person_id(PEOPLE[*who]), taken: self.taken[*who] };
                    self.app.state.writer.run_blocking(Actor::Operator, command).unwrap();
                    self.taken[*who] += 1;
                }
                (0, 0)
            }
            Op::Active(active) => {
                let status = self.hr().patch("/people/anna", &json!({ "active": active })).status;
                if !active && model.anna_active {
                    model.anna_at_home = false;
                    model.end_where("cancelled", |one| one.receiver == 0);
                }
                model.anna_active = *active;
                (status, 200)
            }
            Op::Delegate(delegated) => {
                settings(&self.app, |settings| settings.redemptions.leads_approve = *delegated);
                model.delegated = *delegated;
                (0, 0)
            }
        };
        if statuses.0 == statuses.1 {
            Ok(())
        } else {
            Err(format!("{op:?} answers {}, not {}", statuses.0, statuses.1))
        }
    }

    /// Where points and pieces are, here and in the model.
    fn compare(&self, model: &Model) -> Result<(), String> {
        let hr = self.hr();
        let listed = hr.get("/redemptions?limit=200").expect(200).body;
        let states: BTreeMap<&str, &str> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["id"].as_str().unwrap(), one["state"].as_str().unwrap()))
            .collect();
        let found: Vec<&str> = self.ids.iter().map(|id| states[id.as_str()]).collect();
        let expected: Vec<&str> = model.all.iter().map(|one| one.state).collect();
        let wallets: Vec<i64> = PEOPLE.iter().take(RECEIVERS).map(|name| wallet(&self.app, name)).collect();
        let held = |meant: &dyn Fn(&Redeemed) -> bool| -> i64 {
            model.all.iter().filter(|one| meant(one)).map(|one| one.cost).sum()
        };
        let is_open = |one: &Redeemed| ["requested", "approved"].contains(&one.state);
        let paid = held(&|one| is_open(one) || one.state == "fulfilled");
        let reserved = held(&|one| is_open(one) && one.receiver == 2);
        let reserves = hr.get("/people/hr1/standing").expect(200).body["wallet"]["reserved"].clone();
        let here = (found, wallets, stock(&hr), balance(&self.app, &Account::Reward("mug".to_owned())), reserves);
        let there = (expected, model.wallets.to_vec(), json!(model.stock), paid, json!(reserved));
        if here == there { Ok(()) } else { Err(format!("here {here:?}, in the model {there:?}")) }
    }
}

fn run(ops: &[Op], fault: Fault) -> Result<(), String> {
    let (mut world, mut model) = (World::new(), Model::new(fault));
    for op in ops {
        world.both(&mut model, op)?;
    }
    world.compare(&model)?;
    world.app.verify();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_path_creates_loses_or_doubles_anything(ops in prop::collection::vec(op(), 30..90)) {
        let rich: Vec<Op> = (0..RECEIVERS).map(|who| Op::Give(who, 400)).chain(ops).collect();
        prop_assert_eq!(run(&rich, Fault::None), Ok(()));
    }
}

#[test]
fn every_act_by_everybody_in_every_state_is_in_the_table() {
    // Up to each state, then everybody tries every act on a redemption of each receiver.
    let ways: [&[usize]; 5] = [&[], &[0], &[0, 2], &[1], &[3]];
    for (receiver, delegated) in [(0, false), (0, true), (1, true), (2, false)] {
        for way in ways {
            let mut ops = vec![Op::Delegate(delegated), Op::Stock(None)];
            for who in 0..PEOPLE.len() {
                for act in 0..ACTS.len() {
                    let which = who * ACTS.len() + act;
                    ops.extend([Op::Give(receiver, 100), Op::Request(receiver)]);
                    ops.extend(way.iter().map(|act| Op::Act(3, which, *act)));
                    ops.push(Op::Act(who, which, act));
                }
            }
            assert_eq!(run(&ops, Fault::None), Ok(()));
        }
    }
}

#[test]
fn a_fault_in_the_model_is_noticed() {
    let ended = [Op::Give(2, 400), Op::Request(2), Op::Act(3, 0, 1)];
    let own = [Op::Give(2, 400), Op::Request(2), Op::Act(2, 0, 0)];
    assert_eq!(run(&ended, Fault::None), Ok(()));
    assert_eq!(run(&own, Fault::None), Ok(()));
    for (ops, fault) in [
        (&ended, Fault::NoRefund),
        (&ended, Fault::RefundTwice),
        (&ended, Fault::NoStockBack),
        (&own, Fault::OwnApproval),
    ] {
        assert!(run(ops, fault).is_err(), "{fault:?} goes unnoticed");
    }
}
