//! Placings against a naive reading of the rules.

use proptest::prelude::*;

use super::*;

fn id(number: usize) -> Uuid {
    Uuid::from_u128(number as u128 + 1)
}

/// Competitors with few scores and samples, so that ties and missing samples are common.
fn competitors() -> impl Strategy<Value = Vec<Competitor>> {
    prop::collection::vec((0_i64..5, 0_i64..4), 0..14).prop_map(|drawn| {
        let one = |(number, (score, samples))| Competitor { subject: id(number), score, samples, is_withheld: false };
        drawn.into_iter().enumerate().map(one).collect()
    })
}

fn prizes() -> impl Strategy<Value = Vec<Prize>> {
    prop::collection::vec((0_u32..3, 0_u32..3), 0..4).prop_map(|drawn| {
        let mut last = 0;
        let mut prize = |(number, (gap, length)): (usize, (u32, u32))| {
            let first = last + 1 + gap;
            last = first + length;
            let code = |what: &str| Code::new(&format!("{what}-{number}"));
            let (badge, reward) = if number % 2 == 0 { (code("badge"), None) } else { (None, code("reward")) };
            Prize { first, last, reward, badge }
        };
        drawn.into_iter().enumerate().map(&mut prize).collect()
    })
}

fn disqualified() -> impl Strategy<Value = HashSet<Uuid>> {
    prop::collection::hash_set((0_usize..16).prop_map(id), 0..5)
}

/// What the rules say of one competitor, counted from all others.
fn naive_rank(of: &Competitor, all: &[Competitor], terms: Terms<'_>) -> Option<usize> {
    let is_in = |one: &Competitor| {
        one.samples >= i64::from(terms.qualify_samples) && !terms.disqualified.contains(&one.subject)
    };
    is_in(of).then(|| 1 + all.iter().filter(|other| is_in(other) && other.score > of.score).count())
}

proptest! {
    #[test]
    fn everybody_is_where_the_rules_put_them(all in competitors(), prizes in prizes(), out in disqualified(), needed in 1_u32..4) {
        let terms = Terms { qualify_samples: needed, prizes: &prizes, disqualified: &out };
        let outcome = Outcome::of(&all, terms);
        for one in &all {
            let placed = outcome.placed.iter().find(|placed| placed.subject == one.subject);
            prop_assert_eq!(placed.map(|placed| placed.rank), naive_rank(one, &all, terms));
            let short = outcome.unqualified.iter().find(|short| short.subject == one.subject);
            let is_out = out.contains(&one.subject);
            let missing = i64::from(needed) - one.samples;
            prop_assert_eq!(short.map(|short| short.missing), (!is_out && missing > 0).then_some(missing));
            prop_assert_eq!(outcome.disqualified.contains(&one.subject), is_out);
        }
        prop_assert_eq!(outcome.placed.len() + outcome.unqualified.len() + outcome.disqualified.len(), all.len());
        prop_assert!(outcome.placed.is_sorted_by_key(|placed| placed.rank));
        prop_assert!(outcome.unqualified.is_sorted_by_key(|short| short.missing));
    }

    #[test]
    fn a_prize_goes_to_everybody_of_its_ranks_and_to_nobody_else(all in competitors(), prizes in prizes(), out in disqualified()) {
        let terms = Terms { qualify_samples: 1, prizes: &prizes, disqualified: &out };
        let outcome = Outcome::of(&all, terms);
        let expected: Vec<_> = outcome.placed.iter().flat_map(|placed| {
            let rank = placed.rank as u32;
            let fits = prizes.iter().filter(move |prize| prize.first <= rank && rank <= prize.last);
            fits.map(|prize| Won { rank: placed.rank, subject: placed.subject, badge: prize.badge.clone(), reward: prize.reward.clone() })
        }).collect();
        prop_assert_eq!(&outcome.won, &expected);
        for placed in &outcome.placed {
            prop_assert_eq!(outcome.is_won_by(placed.subject), expected.iter().any(|won| won.subject == placed.subject));
        }
    }

    #[test]
    fn the_order_of_competitors_decides_nothing(
        (all, shuffled) in competitors().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        prizes in prizes(), out in disqualified(),
    ) {
        let terms = Terms { qualify_samples: 2, prizes: &prizes, disqualified: &out };
        let sorted = |all: &[Competitor]| {
            let mut outcome = Outcome::of(all, terms);
            outcome.placed.sort_by_key(|one| (one.rank, one.subject));
            outcome.unqualified.sort_by_key(|one| (one.missing, one.subject));
            outcome.disqualified.sort();
            outcome.won.sort_by_key(|one| (one.rank, one.subject));
            outcome
        };
        prop_assert_eq!(sorted(&all), sorted(&shuffled));
    }

    #[test]
    fn a_disqualification_only_moves_others_up(all in competitors(), out in disqualified(), further in 0_usize..14) {
        let prizes = [];
        let terms = Terms { qualify_samples: 1, prizes: &prizes, disqualified: &out };
        let before = Outcome::of(&all, terms);
        let mut more = out.clone();
        more.insert(id(further));
        let after = Outcome::of(&all, Terms { disqualified: &more, ..terms });
        for placed in before.placed.iter().filter(|placed| placed.subject != id(further)) {
            let then = after.placed.iter().find(|then| then.subject == placed.subject).unwrap();
            prop_assert!(then.rank <= placed.rank && placed.rank - then.rank <= 1);
        }
        prop_assert!(after.placed.iter().all(|placed| placed.subject != id(further)));
    }
}

#[test]
fn with_no_competitors_nothing_is_won() {
    let prizes = [Prize { first: 1, last: 3, reward: Code::new("voucher"), badge: None }];
    let terms = Terms { qualify_samples: 1, prizes: &prizes, disqualified: &HashSet::new() };
    assert_eq!(Outcome::of(&[], terms), Outcome::default());
}
