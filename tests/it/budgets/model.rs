//! Budgets against a naive model, over random sequences of grants, redemptions, what ends them, moves between teams and new
//! limits; and that the comparison notices a model that counts otherwise.

use std::collections::BTreeMap;

use applaus::domain::ids::{BudgetId, Code, GrantId, RedemptionId};
use applaus::domain::money::{Currency, Money};
use applaus::domain::points::Points;
use applaus::store::budgets;
use applaus::writer::budget::{AddBudget, ChangeBudget};
use applaus::writer::grant::{CancelGrant, DecideGrant, Decision, GivePoints};
use chrono::TimeDelta;

use super::redeeming::{Next, Redeem};
use super::*;

const PEOPLE: [&str; 3] = ["anna", "ben", "cem"];
const TEAMS: [&str; 3] = ["north", "south", "support"];

/// Programme or not, team or not, points and cents that may be handed out.
type Set = (bool, Option<&'static str>, Option<i64>, Option<i64>);

const BUDGETS: [Set; 6] = [
    (false, Some("north"), Some(60), None),
    (false, Some("south"), Some(50), Some(700)),
    (false, Some("support"), Some(120), Some(1_500)),
    (true, None, Some(80), Some(900)),
    (true, Some("south"), Some(40), None),
    (true, Some("north"), None, Some(300)),
];

/// One step; people, budgets and things are named by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Grant { to: usize, points: i64, programme: bool },
    Redeem { to: usize, cents: i64, programme: bool },
    Undo { thing: usize },
    Settle { thing: usize },
    Move { who: usize, team: usize },
    Limit { budget: usize, points: i64, cents: i64 },
}

/// What a step came to: whether it was done, and what is taken of each budget then.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    done: bool,
    taken: Vec<(i64, i64)>,
}

/// What a model may get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// What comes back returns to the team of now.
    ReturnsToTheTeamOfNow,
    /// Teams above are not charged.
    ForgetsParents,
    /// What was handed over is no longer counted.
    ForgetsWhatIsSettled,
    /// The last unit cannot be taken.
    StopsShort,
    /// A programme's budget of a team counts everybody.
    ForgetsTeamsOfProgrammes,
}

/// A thing handed out: to whom, how much, and of which budgets it was taken.
#[derive(Debug, Clone)]
struct Thing {
    to: usize,
    amount: (i64, i64),
    programme: bool,
    of: Vec<usize>,
    settled: bool,
}

struct Model {
    fault: Fault,
    limits: Vec<(Option<i64>, Option<i64>)>,
    homes: [usize; 3],
    things: Vec<Option<Thing>>,
    /// What a faulty model never gives back.
    lost: Vec<Thing>,
}

impl Model {
    fn new(fault: Fault) -> Self {
        let limits = BUDGETS.iter().map(|(_, _, points, cents)| (*points, *cents)).collect();
        Self { fault, limits, homes: [0, 1, 2], things: Vec::new(), lost: Vec::new() }
    }

    fn applies(&self, to: usize, programme: bool) -> Vec<usize> {
        let home = TEAMS[self.homes[to]];
        let within = |team: &str| home == team || (team == "support" && self.fault != Fault::ForgetsParents);
        let fits = |(of_programme, team, ..): &Set| {
            let lax = *of_programme && self.fault == Fault::ForgetsTeamsOfProgrammes;
            (!of_programme || programme) && team.is_none_or(|team| lax || within(team))
        };
        (0..BUDGETS.len()).filter(|budget| fits(&BUDGETS[*budget])).collect()
    }

    fn taken(&self) -> Vec<(i64, i64)> {
        let counts = |thing: &&Thing| !(thing.settled && self.fault == Fault::ForgetsWhatIsSettled);
        let of = |budget: usize| {
            let charged = self
                .things
                .iter()
                .flatten()
                .chain(&self.lost)
                .filter(counts)
                .filter(move |thing| thing.of.contains(&budget));
            let (points, cents) = self.limits[budget];
            let sums = charged.fold((0, 0), |sum, thing| (sum.0 + thing.amount.0, sum.1 + thing.amount.1));
            (points.map_or(0, |_| sums.0), cents.map_or(0, |_| sums.1))
        };
        (0..BUDGETS.len()).map(of).collect()
    }

    fn hand_out(&mut self, to: usize, amount: (i64, i64), programme: bool) -> bool {
        let of = self.applies(to, programme);
        let slack = i64::from(self.fault == Fault::StopsShort);
        let (taken, limits) = (self.taken(), &self.limits);
        let reaches = of.iter().all(|budget| {
            let fits = |limit: Option<i64>, taken: i64, more: i64| {
                more == 0 || limit.is_none_or(|limit| taken + more + slack <= limit)
            };
            fits(limits[*budget].0, taken[*budget].0, amount.0) && fits(limits[*budget].1, taken[*budget].1, amount.1)
        });
        if reaches {
            self.things.push(Some(Thing { to, amount, programme, of, settled: false }));
        }
        reaches
    }

    fn step(&mut self, step: Step) -> Outcome {
        let done = match step {
            Step::Grant { to, points, programme } => self.hand_out(to, (points, 0), programme),
            Step::Redeem { to, cents, programme } => self.hand_out(to, (0, cents), programme),
            Step::Undo { thing } => {
                let gone = self.things[thing].take().unwrap();
                if self.fault == Fault::ReturnsToTheTeamOfNow {
                    // As if it had been taken where its receiver is at home now.
                    let now = self.applies(gone.to, gone.programme);
                    let of = gone.of.iter().filter(|budget| !now.contains(budget)).copied().collect();
                    self.lost.push(Thing { of, ..gone });
                }
                true
            }
            Step::Settle { thing } => {
                self.things[thing].as_mut().unwrap().settled = true;
                true
            }
            Step::Move { who, team } => {
                self.homes[who] = team;
                true
            }
            Step::Limit { budget, points, cents } => {
                let (taken, held) = (self.taken()[budget], self.limits[budget]);
                let wanted = (held.0.map(|_| points), held.1.map(|_| cents));
                let fits =
                    wanted.0.is_none_or(|limit| taken.0 <= limit) && wanted.1.is_none_or(|limit| taken.1 <= limit);
                if fits {
                    self.limits[budget] = wanted;
                }
                fits
            }
        };
        Outcome { done, taken: self.taken() }
    }
}

/// A thing by its id.
#[derive(Debug, Clone, Copy)]
enum Id {
    Grant(GrantId),
    Redemption(RedemptionId),
}

/// The real thing.
struct Real {
    app: TestApp,
    budgets: Vec<BudgetId>,
    ids: Vec<Id>,
    granters: [Actor; 2],
}

impl Real {
    fn new() -> Self {
        let app = server();
        generous(&app, 0);
        app.hr();
        let add = |(programme, team, points, cents): &Set| {
            let command = AddBudget {
                programme: programme.then(|| Code::new("service").unwrap()),
                team: team.and_then(Code::new),
                season: "2026-11".to_owned(),
                points: points.map(Points),
                money: cents.map(|cents| Money { cents, currency: Currency::EUR }),
            };
            run(&app, command).unwrap().id.parse().unwrap()
        };
        let budgets = BUDGETS.iter().map(add).collect();
        let granters = ["hr", "auditor"].map(|name| Actor::Person(app.person_id(name)));
        Self { app, budgets, ids: Vec::new(), granters }
    }

    fn acting<C: Command>(&self, actor: Actor, command: C) -> Result<C::Output, ProblemCode> {
        match self.app.state.writer.run_blocking(actor, command) {
            Ok(committed) => Ok(committed.output),
            Err(Failure::Refused(problem)) => Err(problem.code),
            Err(failure) => panic!("{failure}"),
        }
    }

    fn step(&mut self, step: Step) -> Outcome {
        self.app.clock.advance(TimeDelta::seconds(1));
        let season = |programme: bool| programme.then(|| ("service", "2026-11".to_owned()));
        let done = match step {
            Step::Grant { to, points, programme } => {
                let programme = programme.then(|| Code::new("service").unwrap());
                let (receiver, reason) = (self.app.person_id(PEOPLE[to]), "x".to_owned());
                let command = GivePoints { receiver, points: Points(points), reason, programme };
                self.acting(self.granters[0], command).map(|row| {
                    let id = Id::Grant(row.grant_id().unwrap());
                    self.ids.push(id);
                })
            }
            Step::Redeem { to, cents, programme } => {
                let receiver = self.app.person_id(PEOPLE[to]);
                let command = Redeem { season: season(programme), ..Redeem::euros(receiver, "gift_card", cents) };
                run(&self.app, command).map(|id| self.ids.push(Id::Redemption(id)))
            }
            Step::Undo { thing } => match self.ids[thing] {
                Id::Grant(grant) if thing % 2 == 0 => self.acting(self.granters[0], CancelGrant { grant }).map(drop),
                Id::Grant(grant) => {
                    let decision = Decision::Rejected { note: "no".to_owned() };
                    self.acting(self.granters[1], DecideGrant { grant, decision }).map(drop)
                }
                Id::Redemption(id) => run(&self.app, Next::Reject(id)),
            },
            Step::Settle { thing } => match self.ids[thing] {
                Id::Grant(grant) => {
                    self.acting(self.granters[1], DecideGrant { grant, decision: Decision::Approved }).map(drop)
                }
                Id::Redemption(id) => run(&self.app, Next::Fulfil(id, "2026-11-18".parse().unwrap())),
            },
            Step::Move { who, team } => {
                let now = self.app.state.clock.now().to_rfc3339();
                self.app.join(PEOPLE[who], TEAMS[team], &now);
                Ok(())
            }
            Step::Limit { budget, points, cents } => {
                let (_, _, of, worth) = BUDGETS[budget];
                let command = ChangeBudget {
                    budget: self.budgets[budget],
                    points: of.map(|_| Points(points)),
                    money: worth.map(|_| Money { cents, currency: Currency::EUR }),
                    expected: Expected::Any,
                };
                run(&self.app, command).map(drop)
            }
        };
        if let Err(code) = done {
            assert!(
                [ProblemCode::BudgetExhausted, ProblemCode::BudgetBelowTaken, ProblemCode::InvalidRequest]
                    .contains(&code),
                "{code:?}"
            );
        }
        let rows = self.app.state.read_here(|db| Ok(budgets::all(db)?)).unwrap();
        let taken = rows.iter().map(|row| (row.points_taken, row.cents_taken)).collect();
        Outcome { done: done.is_ok(), taken }
    }
}

/// A random step that can be asked of what `open` names: things that await something.
fn step(chance: &mut fastrand::Rng, homes: &mut [usize; 3], open: &[usize]) -> Step {
    let (to, programme) = (chance.usize(..3), chance.bool());
    match chance.u32(..100) {
        0..30 => Step::Grant { to, points: chance.i64(1..30), programme },
        30..55 => Step::Redeem { to, cents: chance.i64(1..300), programme },
        55..70 if !open.is_empty() => Step::Undo { thing: open[chance.usize(..open.len())] },
        70..82 if !open.is_empty() => Step::Settle { thing: open[chance.usize(..open.len())] },
        55..92 => {
            // To another team than before: else nothing would move.
            homes[to] = (homes[to] + chance.usize(1..3)) % 3;
            Step::Move { who: to, team: homes[to] }
        }
        _ => Step::Limit { budget: chance.usize(..6), points: chance.i64(20..150), cents: chance.i64(100..1_800) },
    }
}

/// A random sequence of steps and what each came to in reality.
fn lived(seed: u64, length: usize) -> Vec<(Step, Outcome)> {
    let (mut chance, mut real) = (fastrand::Rng::with_seed(seed), Real::new());
    let (mut trace, mut open, mut homes) = (Vec::new(), Vec::new(), [0, 1, 2]);
    for _ in 0..length {
        let step = step(&mut chance, &mut homes, &open);
        let outcome = real.step(step);
        match step {
            Step::Grant { .. } | Step::Redeem { .. } if outcome.done => open.push(real.ids.len() - 1),
            Step::Undo { thing } | Step::Settle { thing } => open.retain(|other| *other != thing),
            _ => {}
        }
        trace.push((step, outcome));
    }
    real.app.verify();
    trace
}

/// The first step at which a model says otherwise.
fn disagrees(trace: &[(Step, Outcome)], fault: Fault) -> Option<String> {
    let mut model = Model::new(fault);
    trace.iter().enumerate().find_map(|(place, (step, outcome))| {
        let said = model.step(*step);
        (said != *outcome).then(|| format!("step {place}, {step:?}: {outcome:?}, and the model says {said:?}"))
    })
}

#[test]
fn no_sequence_overdraws_a_budget_and_wrong_models_are_noticed() {
    let traces: BTreeMap<u64, _> = (0..6).map(|seed| (seed, lived(seed, 80))).collect();
    for (seed, trace) in &traces {
        assert_eq!(disagrees(trace, Fault::None), None, "seed {seed}");
        let refused = trace.iter().filter(|(_, outcome)| !outcome.done).count();
        assert!((5..60).contains(&refused), "seed {seed}: {refused} refused");
    }
    for fault in [
        Fault::ReturnsToTheTeamOfNow,
        Fault::ForgetsParents,
        Fault::ForgetsWhatIsSettled,
        Fault::StopsShort,
        Fault::ForgetsTeamsOfProgrammes,
    ] {
        assert!(traces.values().any(|trace| disagrees(trace, fault).is_some()), "{fault:?} is not noticed");
    }
}
