//! What keeps somebody from a reward, and what is no reward.

use super::*;

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn tier(programme: &str, tier: &str) -> TierRef {
    TierRef { programme: code(programme), tier: code(tier) }
}

fn mug() -> Reward {
    Reward {
        code: code("mug"),
        name: Localised { en: "Mug".to_owned(), de: "Becher".to_owned() },
        description: None,
        kind: RewardKind::Other,
        cost: Points(100),
        value: None,
        days_off: None,
        from: None,
        until: None,
        eligible: Eligible::default(),
        picture: None,
        low_stock: None,
        offered: true,
    }
}

fn rich() -> Asker {
    Asker { balance: Points(100), ..Asker::default() }
}

#[test]
fn every_hindrance_is_told_the_first_first() {
    let today = day("2026-11-18");
    let told = |reward: &Reward, asker: &Asker, stock| reward.hindrances(asker, today, stock);
    assert_eq!(told(&mug(), &rich(), None), []);
    assert_eq!(told(&mug(), &rich(), Some(1)), []);
    assert_eq!(told(&mug(), &rich(), Some(0)), [Hindrance::OutOfStock]);
    let poor = Asker { balance: Points(-5), ..rich() };
    assert_eq!(told(&mug(), &poor, None), [Hindrance::TooExpensive(Points(105))]);
    let withdrawn = Reward { offered: false, cost: Points::ZERO, ..mug() };
    assert_eq!(told(&withdrawn, &rich(), Some(0)), [Hindrance::NotOffered, Hindrance::OnlyWon, Hindrance::OutOfStock]);
    let dated = |from, until| Reward { from: Some(day(from)), until: Some(day(until)), ..mug() };
    assert_eq!(told(&dated("2026-11-18", "2026-11-19"), &rich(), None), []);
    assert_eq!(told(&dated("2026-11-19", "2026-12-01"), &rich(), None), [Hindrance::NotYet(day("2026-11-19"))]);
    assert_eq!(told(&dated("2026-11-01", "2026-11-18"), &rich(), None), [Hindrance::Over(day("2026-11-18"))]);
}

#[test]
fn each_of_what_is_named_is_to_be_met_by_one() {
    let eligible = Eligible {
        programmes: vec![code("p"), code("q")],
        teams: vec![code("support")],
        tiers: vec![tier("p", "gold"), tier("q", "gold")],
    };
    let reward = Reward { eligible, ..mug() };
    let asker = Asker {
        teams: vec![code("north"), code("support")],
        programmes: vec![code("q")],
        tiers: vec![tier("p", "bronze"), tier("q", "gold")],
        ..rich()
    };
    let lacks = |asker: &Asker| reward.eligible.lacks(asker);
    assert_eq!(lacks(&asker), None);
    assert_eq!(lacks(&Asker { programmes: vec![code("r")], ..asker.clone() }), Some(Dimension::Programmes));
    assert_eq!(lacks(&Asker { teams: vec![], ..asker.clone() }), Some(Dimension::Teams));
    assert_eq!(lacks(&Asker { tiers: vec![tier("p", "bronze")], ..asker.clone() }), Some(Dimension::Tiers));
}

#[test]
fn faults_name_their_place() {
    let places = |reward: &Reward| reward.faults().into_iter().map(|fault| fault.pointer).collect::<Vec<_>>();
    assert_eq!(places(&mug()), Vec::<String>::new());
    let wrong = Reward {
        cost: Points(-1),
        low_stock: Some(MOST_PIECES + 1),
        from: Some(day("2026-11-18")),
        until: Some(day("2026-11-18")),
        days_off: Some(0),
        kind: RewardKind::Bonus,
        eligible: Eligible { teams: vec![code("a"); MOST_NAMED + 1], ..Eligible::default() },
        ..mug()
    };
    let all = ["/cost", "/low_stock", "/until", "/days_off", "/days_off", "/value", "/eligible/teams"];
    assert_eq!(places(&wrong), all);
    assert_eq!(places(&Reward { kind: RewardKind::DayOff, ..mug() }), ["/days_off"]);
    assert_eq!(places(&Reward { kind: RewardKind::DayOff, days_off: Some(5_000), ..mug() }), Vec::<String>::new());
}

#[test]
fn few_are_left_below_the_threshold() {
    let reward = Reward { low_stock: Some(3), ..mug() };
    assert_eq!([None, Some(3), Some(2), Some(0)].map(|stock| reward.is_low(stock)), [false, false, true, true]);
    assert!(!mug().is_low(Some(0)));
}
