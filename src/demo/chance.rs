//! Chance that repeats: what is drawn depends on the seed alone.

use fastrand::Rng;

/// Whether something of that likelihood happens.
pub fn happens(rng: &mut Rng, likelihood: f64) -> bool {
    rng.f64() < likelihood
}

/// A whole number from `least` to `most` around `mean`, rarely further from it than twice the `spread`.
pub fn whole(rng: &mut Rng, mean: f64, spread: f64, least: i64, most: i64) -> i64 {
    let sum = rng.f64() + rng.f64() + rng.f64();
    let value = mean + spread * 2.0 * (sum - 1.5);
    (value.round() as i64).clamp(least, most)
}

/// One of some.
pub fn one_of<'a, T>(rng: &mut Rng, some: &'a [T]) -> Option<&'a T> {
    // A generator has no number to draw below zero.
    if some.is_empty() { None } else { some.get(rng.usize(..some.len())) }
}
