//! What must hold of every rating, and that each check would notice a rating of which it does not hold.

use proptest::prelude::*;

use super::*;
use crate::domain::ids::Code;
use crate::domain::language::Localised;

/// A value that few values are drawn towards, and how many it weighs.
type Prior = Option<(Decimal4, Decimal4)>;
/// A way to rate: what is ranked.
type Ranking = fn(&Measure, Prior, &Samples) -> i64;

fn decimal(text: &str) -> Decimal4 {
    text.parse().unwrap()
}

fn measure(aggregation: Aggregation, (min, max): (i64, i64), direction: Direction) -> Measure {
    let threshold = (aggregation == Aggregation::ShareSatisfied).then(|| Decimal4::from_raw((min + max) * 5_000));
    Measure {
        code: Code::new("one").unwrap(),
        name: Localised { en: String::new(), de: String::new() },
        scale_min: Decimal4::from_whole(min),
        scale_max: Some(Decimal4::from_whole(max)),
        direction,
        unit: String::new(),
        aggregation,
        threshold,
    }
}

const UP: Direction = Direction::HigherIsBetter;
const DOWN: Direction = Direction::LowerIsBetter;

/// Every kind of measure of which more values do not by themselves say more.
fn measures() -> Vec<Measure> {
    use Aggregation::{Mean, Nps, ShareSatisfied, Sum};
    let of = |direction| {
        [(ShareSatisfied, (1, 5)), (Mean, (0, 1)), (Mean, (0, 100)), (Mean, (-7, 3)), (Nps, (0, 10)), (Sum, (0, 60))]
            .map(|(aggregation, scale)| measure(aggregation, scale, direction))
    };
    [of(UP), of(DOWN)].concat()
}

/// The ends of the scale, the bad one first.
fn ends(measure: &Measure) -> (Decimal4, Decimal4) {
    let (min, max) = (measure.scale_min, measure.scale_max.unwrap());
    if measure.direction == UP || measure.aggregation == Aggregation::Nps { (min, max) } else { (max, min) }
}

fn samples(measure: &Measure, values: impl IntoIterator<Item = Decimal4>) -> Samples {
    let mut samples = Samples::new();
    values.into_iter().for_each(|value| samples.add(measure, value));
    samples
}

/// So many values at the good end, the rest of `all` at the bad one.
fn good_of(measure: &Measure, good: usize, all: usize) -> Samples {
    let ends = ends(measure);
    samples(measure, (0..all).map(|n| if n < good { ends.1 } else { ends.0 }))
}

fn key(measure: &Measure, prior: Prior, samples: &Samples) -> i64 {
    rate(measure, prior, samples).unwrap().key
}

/// What the values come to by themselves: what boards must not rank by.
fn naive(measure: &Measure, prior: Prior, samples: &Samples) -> i64 {
    let value = rate(measure, prior, samples).unwrap().value;
    if better(measure) == UP { value } else { -value }
}

/// The interval that is taught first (A. Wald), with the variance that the values show.
fn wald(_: &Measure, _: Prior, samples: &Samples) -> i64 {
    let count = f64::from(samples.count);
    let share = f64::from(samples.favourable) / count;
    rounded(share - Z * (share * (1.0 - share) / count).sqrt(), OF_ONE)
}

/// An NPS without the answers that are added.
fn nps_as_seen(_: &Measure, _: Prior, samples: &Samples) -> i64 {
    let count = f64::from(samples.count);
    let middle = (f64::from(samples.favourable) - f64::from(samples.adverse)) / count;
    let variance = f64::from(samples.favourable + samples.adverse) / count - middle * middle;
    rounded(middle - Z * (variance / count).sqrt(), OF_NPS)
}

fn few_never_win(ranking: Ranking, measure: &Measure) -> bool {
    ranking(measure, None, &good_of(measure, 5, 5)) < ranking(measure, None, &good_of(measure, 96, 100))
}

fn shares() -> Vec<Measure> {
    let is_like_one = |one: &Measure| {
        matches!(one.aggregation, Aggregation::ShareSatisfied | Aggregation::Nps)
            || one.aggregation == Aggregation::Mean && is_share(one)
    };
    measures().into_iter().filter(is_like_one).collect()
}

#[test]
fn five_of_five_never_outrank_96_of_100() {
    for measure in shares() {
        assert!(few_never_win(key, &measure), "{measure:?}");
        assert!(!few_never_win(naive, &measure), "the check would not notice it: {measure:?}");
    }
}

#[test]
fn no_prior_lifts_few_satisfied_answers_above_many() {
    let top = Some((decimal("5"), decimal("1000")));
    for measure in shares().into_iter().filter(|one| one.aggregation != Aggregation::Mean) {
        assert!(key(&measure, top, &good_of(&measure, 5, 5)) < key(&measure, top, &good_of(&measure, 96, 100)));
    }
}

/// The figures that are commonly published.
#[test]
fn wilson_bounds_are_those_of_the_books() {
    let csat = measure(Aggregation::ShareSatisfied, (1, 5), UP);
    for (good, all, thousandths) in [(5, 5, 566), (9, 10, 596), (45, 50, 786), (96, 100, 902), (900, 1000, 880)] {
        let rating = rate(&csat, None, &good_of(&csat, good, all)).unwrap();
        assert_eq!((rating.score + 500) / 1000, thousandths, "{good}/{all}");
        assert_eq!(rating.interval.unwrap().0, rating.score);
    }
    let none = rate(&csat, None, &good_of(&csat, 0, 8)).unwrap();
    assert_eq!((none.score, none.value, none.interval), (0, 0, Some((0, 324_408))));
    let all = rate(&csat, None, &good_of(&csat, 8, 8)).unwrap();
    assert_eq!((all.score, all.value, all.interval), (675_592, 1_000_000, Some((675_592, 1_000_000))));
}

#[test]
fn a_share_of_bad_is_ranked_by_the_most_it_may_be() {
    let repeats = measure(Aggregation::Mean, (0, 1), DOWN);
    let rating = rate(&repeats, None, &good_of(&repeats, 5, 5)).unwrap();
    assert_eq!((rating.score, rating.key, rating.value), (434_482, -434_482, 0));
}

#[test]
fn a_satisfied_value_is_on_the_good_side_of_its_threshold() {
    let seconds = measure(Aggregation::ShareSatisfied, (0, 60), DOWN);
    let rating = rate(&seconds, None, &samples(&seconds, ["30", "30.0001", "5", "60"].map(decimal))).unwrap();
    assert_eq!((rating.value, rating.key), (500_000, rating.score), "a larger share is better all the same");
}

#[test]
fn a_mean_is_drawn_towards_its_prior() {
    let quality = measure(Aggregation::Mean, (0, 100), UP);
    let values = samples(&quality, ["90", "95", "100"].map(decimal));
    let prior = Some((decimal("80"), decimal("10")));
    let rating = rate(&quality, prior, &values).unwrap();
    // (80 × 10 + 285) ÷ 13; the deviation of the values is 5.
    assert_eq!((rating.score, rating.key, rating.value), (83_461_538, 83_461_538, 95_000_000));
    assert_eq!(rating.interval, Some((89_342_071, 100_000_000)), "cut to the scale");
    assert_eq!(rate(&quality, None, &values).unwrap().score, 95_000_000);
    assert_eq!(rate(&quality, Some((decimal("80"), decimal("0"))), &values).unwrap().score, 95_000_000);
    let beyond = Some((decimal("180"), decimal("10")));
    assert_eq!(rate(&quality, beyond, &values).unwrap().score, 98_846_154, "as a prior of 100");
    let seconds = measure(Aggregation::Mean, (0, 1000), DOWN);
    let rating = rate(&seconds, None, &samples(&seconds, [decimal("30")])).unwrap();
    assert_eq!((rating.score, rating.key, rating.interval), (30_000_000, -30_000_000, None));
}

#[test]
fn an_nps_is_in_points() {
    let nps = measure(Aggregation::Nps, (0, 10), UP);
    let rating =
        rate(&nps, None, &samples(&nps, ["10", "9", "8", "7", "6", "9.5", "0", "8.9999"].map(decimal))).unwrap();
    assert_eq!(rating.value, 12_500_000, "three promoters, two detractors of eight");
    assert_eq!(rating.interval.unwrap().0, rating.score);
    let worst = rate(&nps, None, &samples(&nps, [decimal("0")])).unwrap();
    assert_eq!((worst.score, worst.value), (-100_000_000, -100_000_000));
}

#[test]
fn sums_and_counts_are_themselves() {
    let of = |aggregation| {
        let sold = measure(aggregation, (0, 1_000_000_000), DOWN);
        let rating = rate(&sold, Some((decimal("1"), decimal("1"))), &samples(&sold, ["1.5", "2.25"].map(decimal)));
        rating.map(|rating| (rating.score, rating.key, rating.value, rating.interval))
    };
    assert_eq!(of(Aggregation::Sum), Some((3_750_000, -3_750_000, 3_750_000, None)));
    assert_eq!(of(Aggregation::Count), Some((2_000_000, -2_000_000, 2_000_000, None)));
}

#[test]
fn nothing_comes_of_nothing_and_the_largest_stay_in_range() {
    for measure in measures() {
        assert_eq!(rate(&measure, Some((decimal("1"), decimal("1"))), &Samples::new()), None);
    }
    let most = Decimal4::from_whole(1_000_000_000_000);
    let large = measure(Aggregation::Sum, (0, 1_000_000_000_000), UP);
    let mut many = samples(&large, [most]);
    for _ in 0..40 {
        many.merge(&many.clone());
    }
    assert_eq!(many.count(), u32::MAX);
    assert_eq!(key(&large, None, &many), i64::MAX);
    let mean = measure(Aggregation::Mean, (0, 1_000_000_000_000), DOWN);
    assert_eq!(key(&mean, Some((most, most)), &samples(&mean, [most, most])), -1_000_000_000_000_000_000);
}

#[test]
fn they_are_small() {
    assert!(size_of::<Samples>() <= 56 && size_of::<Rating>() <= 56);
}

/// Whether one more value at the bad end never helps, and one more at the good end never harms.
fn is_monotone(ranking: Ranking, measure: &Measure, prior: Prior, values: &[Decimal4]) -> bool {
    let (bad, good) = ends(measure);
    let with = |more: &[Decimal4]| ranking(measure, prior, &samples(measure, values.iter().chain(more).copied()));
    with(&[bad]) <= with(&[]) && with(&[good]) >= with(&[])
}

/// Up to five answers, each of a few values across the scale.
fn few_answers(measure: &Measure) -> Vec<Vec<Decimal4>> {
    let (min, max) = (measure.scale_min.raw(), measure.scale_max.unwrap().raw());
    let across = |n: u32| Decimal4::from_raw(min + (max - min) * i64::from(n) / 4);
    let answers = |number: u32| (0..5).map(move |place| number / 6_u32.pow(place) % 6).filter(|one| *one < 5);
    (0..6_u32.pow(5))
        .map(|number| answers(number).map(across).collect::<Vec<_>>())
        .filter(|one| !one.is_empty())
        .collect()
}

#[test]
fn few_answers_are_rated_monotonously() {
    for measure in measures() {
        let prior = Some((measure.scale_min, decimal("2.5")));
        for values in few_answers(&measure) {
            assert!(is_monotone(key, &measure, None, &values), "{measure:?} {values:?}");
            assert!(is_monotone(key, &measure, prior, &values), "{measure:?} {values:?}");
        }
    }
}

#[test]
fn what_is_not_monotone_is_noticed() {
    let noticed = |ranking: Ranking, measure: &Measure| {
        few_answers(measure).iter().any(|values| !is_monotone(ranking, measure, None, values))
    };
    assert!(noticed(wald, &measure(Aggregation::ShareSatisfied, (1, 5), UP)));
    assert!(noticed(nps_as_seen, &measure(Aggregation::Nps, (0, 10), UP)));
    let turned: Ranking = |measure, prior, samples| -key(measure, prior, samples);
    for measure in measures() {
        assert!(noticed(turned, &measure), "{measure:?}");
    }
}

/// Whether values that came in another order come to the same: the later ones first, and all backwards.
fn is_orderless<T: PartialEq>(add_up: impl Fn(&[Decimal4]) -> T, values: &[Decimal4], at: usize) -> bool {
    let (mut turned, mut backwards) = (values.to_vec(), values.to_vec());
    turned.rotate_left(at);
    backwards.reverse();
    add_up(&turned) == add_up(values) && add_up(&backwards) == add_up(values)
}

#[test]
fn what_depends_on_the_order_is_noticed() {
    let smoothed = |values: &[Decimal4]| values.iter().fold(0.0, |sum, value| (sum + value.raw() as f64) / 2.0);
    assert!(!is_orderless(smoothed, &["0.1", "1000000", "7.7777", "3"].map(decimal), 1));
}

fn is_within(rating: Rating) -> bool {
    rating
        .interval
        .is_none_or(|(low, high)| low <= rating.value.min(rating.score) && rating.score.max(rating.value) <= high)
}

fn any_measure() -> impl Strategy<Value = Measure> {
    prop::sample::select(measures())
}

/// A measure, values on its scale, and a prior that may lie anywhere.
fn any_values() -> impl Strategy<Value = (Measure, Vec<Decimal4>, Prior)> {
    any_measure().prop_flat_map(|measure| {
        let (min, max) = (measure.scale_min.raw(), measure.scale_max.unwrap().raw());
        let value = prop_oneof![min..=max, Just(min), Just(max)].prop_map(Decimal4::from_raw);
        let prior = (-200_000..2_000_000_i64, 0..5_000_000_i64);
        let prior = prior.prop_map(|(prior, weight)| (Decimal4::from_raw(prior), Decimal4::from_raw(weight)));
        (Just(measure), prop::collection::vec(value, 1..120), prop::option::of(prior))
    })
}

proptest! {
    #[test]
    fn ratings_are_monotone((measure, values, prior) in any_values()) {
        prop_assert!(is_monotone(key, &measure, prior, &values));
    }

    #[test]
    fn the_order_makes_no_difference((measure, values, _) in any_values(), at in any::<prop::sample::Index>()) {
        let added = |values: &[Decimal4]| samples(&measure, values.iter().copied());
        prop_assert!(is_orderless(added, &values, at.index(values.len())));
        let (first, second) = values.split_at(at.index(values.len()));
        let mut merged = added(first);
        merged.merge(&added(second));
        prop_assert_eq!(added(&values), merged);
    }

    #[test]
    fn ratings_lie_within_their_intervals((measure, values, _) in any_values()) {
        let rating = rate(&measure, None, &samples(&measure, values)).unwrap();
        prop_assert!(is_within(rating), "{:?}", rating);
        let above = Rating { interval: Some((rating.value + 1, rating.value + 2)), ..rating };
        prop_assert!(!is_within(above));
        prop_assert_eq!(rating.key.abs(), rating.score.abs());
    }

    #[test]
    fn the_variance_is_that_of_the_definition(values in prop::collection::vec(-9_000_000_i64..9_000_000, 2..50)) {
        let quality = measure(Aggregation::Mean, (-900, 900), UP);
        let samples = samples(&quality, values.iter().copied().map(Decimal4::from_raw));
        let count = values.len() as f64;
        let mean = values.iter().sum::<i64>() as f64 / count;
        let spread: f64 = values.iter().map(|value| (*value as f64 - mean).powi(2)).sum();
        let expected = spread / (count - 1.0);
        let found = samples.variance().unwrap();
        prop_assert!((found - expected).abs() <= expected * 1e-9 + 1e-6, "{} {}", found, expected);
    }
}
