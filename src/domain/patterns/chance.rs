//! How rare a count is: tails of compound counts, as natural logarithms, since they get far smaller than a float.

/// How the counts of chance are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The square of the relative error of the expected count: 0 if it is known. First thanks are then Poisson; else they
    /// are negative binomial (Poisson of a gamma-distributed mean: Greenwood and Yule, 1920).
    pub uncertainty: f64,
    /// How probable it is that thanks are returned, these again, and so on: they count as well.
    pub returned: f64,
}

/// The natural logarithm of the probability of `observed` or more where `expected` are expected; 0 up to the expected.
///
/// Each first thanks brings a geometric number: the distribution of Pólya and Aeppli (Johnson, Kemp and Kotz, Univariate
/// Discrete Distributions, 2005, section 9.7), with an uncertain mean. Its terms follow by Panjer's recursion (ASTIN Bulletin
/// 12, 1981), all of them positive, so that nothing cancels out.
pub fn ln_tail(observed: u32, expected: f64, spread: Spread) -> f64 {
    let least = f64::from(observed);
    if least <= expected || observed == 0 {
        return 0.0;
    }
    if expected <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let returned = spread.returned.clamp(0.0, 0.99);
    let firsts = expected * (1.0 - returned);
    let (a, b, ln_none) = if spread.uncertainty < 1e-9 {
        (0.0, firsts, -firsts)
    } else {
        let (shape, odds) = (1.0 / spread.uncertainty, firsts * spread.uncertainty);
        let a = odds / (1.0 + odds);
        (a, (shape - 1.0) * a, -shape * odds.ln_1p())
    };
    // Of the terms below each number, the sums of those weighted by the geometric distribution, and by its numbers too; all
    // as parts of e^scale.
    let (mut last, mut weighted, mut by_number) = (1.0_f64, 0.0, 0.0);
    let (mut scale, mut sum, mut number) = (ln_none, 0.0, 0.0);
    while number < least + MOST_TERMS {
        number += 1.0;
        weighted = (1.0 - returned) * last + returned * weighted;
        by_number = weighted + returned * by_number;
        last = (a * weighted + b / number * by_number).max(0.0);
        if number >= least {
            sum += last;
            if last <= sum * 1e-12 {
                break;
            }
        } else if last > 1e200 || (last < 1e-200 && last > 0.0) {
            scale += last.ln();
            (weighted, by_number, last) = (weighted / last, by_number / last, 1.0);
        }
    }
    (sum.ln() + scale).min(0.0)
}

/// Terms of a tail that are added up at most; they fall off long before.
const MOST_TERMS: f64 = 20_000.0;

/// The natural logarithm of the probability that `observed` or more of `trials` hit which do so with `probability` each:
/// Chernoff's bound (Annals of Mathematical Statistics 23, 1952), which is never too small; 0 up to what is expected.
pub fn ln_share_tail(observed: u32, trials: u32, probability: f64) -> f64 {
    let (observed, trials) = (f64::from(observed), f64::from(trials));
    let share = observed / trials.max(1.0);
    if share <= probability || probability <= 0.0 {
        return 0.0;
    }
    let missed = if share >= 1.0 { 0.0 } else { (1.0 - share) * ((1.0 - share) / (1.0 - probability)).ln() };
    -trials * (share * (share / probability).ln() + missed)
}

/// How much more is observed than expected, as the natural logarithm of the ratio of likelihoods (Kulldorff,
/// Communications in Statistics 26, 1997); 0 if it is not more.
pub fn surprise(observed: u32, expected: f64) -> f64 {
    let observed = f64::from(observed);
    if observed <= expected || observed <= 0.0 {
        return 0.0;
    }
    observed * (observed / expected.max(1e-9)).ln() - (observed - expected)
}

/// The natural logarithm of the number of ways to choose `size` of `count`; no way is one.
pub fn ln_choices(count: u32, size: u32) -> f64 {
    (0..size).map(|taken| (f64::from(count.saturating_sub(taken)).max(1.0) / f64::from(size - taken)).ln()).sum::<f64>()
}

/// `ln(e^one + e^other)`.
pub fn ln_add(one: f64, other: f64) -> f64 {
    let (more, less) = if one > other { (one, other) } else { (other, one) };
    if more == f64::NEG_INFINITY { more } else { more + (less - more).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: Spread = Spread { uncertainty: 0.0, returned: 0.0 };

    #[test]
    fn tails_are_those_of_the_tables() {
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        // 1 - P(0) - P(1) - P(2) of a mean of 1.
        near(ln_tail(3, 1.0, PLAIN), (1.0 - 2.5 * (-1.0_f64).exp()).ln());
        // A shape of 1 is geometric: (mean / (1 + mean))^n.
        near(ln_tail(4, 1.0, Spread { uncertainty: 1.0, ..PLAIN }), 4.0 * 0.5_f64.ln());
        near(ln_choices(40, 5), 658_008_f64.ln());
        near(ln_add(2.0_f64.ln(), 3.0_f64.ln()), 5.0_f64.ln());
        // Far out, where a sum from below would be nothing but rounding.
        assert!((-170.0..-160.0).contains(&ln_tail(100, 8.0, PLAIN)), "{}", ln_tail(100, 8.0, PLAIN));
        assert!(ln_tail(3_000, 1_500.0, PLAIN) < -500.0);
        assert_eq!(ln_tail(8, 9.0, PLAIN), 0.0);
    }

    proptest! {
        /// Against the sum of products, term by term.
        #[test]
        fn a_tail_is_one_less_what_is_below_it(
            (observed, expected) in (1_u32..12, 0.05_f64..6.0),
            (uncertainty, returned) in (0.01_f64..2.0, 0.0_f64..0.9),
        ) {
            let found = ln_tail(observed, expected, Spread { uncertainty, returned }).exp();
            let shape = 1.0 / uncertainty;
            let hit = expected * (1.0 - returned) / (shape + expected * (1.0 - returned));
            let (mut of_firsts, mut below) = ((1.0 - hit).powf(shape), 0.0);
            for firsts in 0..observed {
                if firsts > 0 {
                    of_firsts *= (shape + f64::from(firsts) - 1.0) / f64::from(firsts) * hit;
                }
                // So many firsts and as many returned as are still below.
                for back in 0..observed - firsts {
                    let ways = if firsts == 0 { f64::from(back == 0) } else { ln_choices(firsts + back - 1, back).exp() };
                    below += of_firsts * ways * returned.powi(back as i32) * (1.0 - returned).powi(firsts as i32);
                }
            }
            if f64::from(observed) > expected {
                prop_assert!((found - (1.0 - below)).abs() < 1e-6, "{} {}", found, 1.0 - below);
            }
        }

        #[test]
        fn a_bound_of_shares_is_never_too_small(trials in 1_u32..30, hits in 0_u32..30, probability in 0.01_f64..0.99) {
            let hits = hits.min(trials);
            let exact: f64 = (hits..=trials)
                .map(|hit| (ln_choices(trials, hit) + f64::from(hit) * probability.ln() + f64::from(trials - hit) * (1.0 - probability).ln()).exp())
                .sum();
            prop_assert!(ln_share_tail(hits, trials, probability).exp() >= exact - 1e-9);
        }
    }
}
