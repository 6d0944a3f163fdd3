//! What the values of a measure come to on a board: evidence, not luck.
//!
//! Few values say little, so a share is ranked by the end of its confidence interval that speaks against the subject, and
//! a mean is drawn towards a prior: 5 of 5 never outranks 96 of 100. Knows values and their measure, not whose they are.

use super::decimal::Decimal4;
use super::measure::{Aggregation, Direction, Measure};
use super::programme::goal::{DETRACTOR, PROMOTER};

#[cfg(test)]
mod tests;

/// The 97.5 % point of the standard normal distribution: of what is within 1.96 deviations, 95 % is.
const Z: f64 = 1.959_963_985;
/// Millionths in one, in a ten-thousandth, and in a whole NPS, which is 100 points.
const OF_ONE: f64 = 1_000_000.0;
const OF_RAW: f64 = 100.0;
const OF_NPS: f64 = 100.0 * OF_ONE;

/// Values of one measure, added up exactly: their order makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Samples {
    /// Their sum, in ten-thousandths.
    sum: i128,
    /// The sum of their squares, in ten-thousandths squared.
    squares: i128,
    /// How many there are.
    count: u32,
    /// Those that are satisfied or a promoter's.
    favourable: u32,
    /// Those that are a detractor's.
    adverse: u32,
}

/// What samples come to. All numbers are whole millionths; those of an NPS are millionths of its points, -100 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating {
    /// What is ranked: higher is better.
    pub key: i64,
    /// The same in the measure's own sense: seconds stay above zero.
    pub score: i64,
    /// What the values come to by themselves.
    pub value: i64,
    /// Where the true value lies with 95 % confidence; none where that cannot be said.
    pub interval: Option<(i64, i64)>,
}

/// A rating before it is rounded, without its direction.
struct Unrounded {
    score: f64,
    value: f64,
    interval: Option<(f64, f64)>,
}

impl Samples {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a value of `measure` in.
    pub fn add(&mut self, measure: &Measure, value: Decimal4) {
        let raw = i128::from(value.raw());
        let (favourable, adverse) = match measure.aggregation {
            Aggregation::ShareSatisfied => (is_satisfied(measure, value), false),
            Aggregation::Nps => (value.raw() >= PROMOTER, value.raw() <= DETRACTOR),
            Aggregation::Mean | Aggregation::Sum | Aggregation::Count => (false, false),
        };
        let one = Self {
            sum: raw,
            squares: raw.saturating_mul(raw),
            count: 1,
            favourable: favourable.into(),
            adverse: adverse.into(),
        };
        self.merge(&one);
    }

    /// Counts other values of the same measure in. What leaves its range stays at the end of it.
    pub fn merge(&mut self, other: &Self) {
        self.sum = self.sum.saturating_add(other.sum);
        self.squares = self.squares.saturating_add(other.squares);
        self.count = self.count.saturating_add(other.count);
        self.favourable = self.favourable.saturating_add(other.favourable);
        self.adverse = self.adverse.saturating_add(other.adverse);
    }

    /// How many values there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Their variance about their mean, in ten-thousandths squared, over one less than their number; none of fewer than two.
    ///
    /// Exact but for the last division: with a whole number `m` near the mean, `Σ(x - mean)² = Σ(x - m)² - r² ÷ n`, where
    /// `r` is what is left of the sum.
    fn variance(&self) -> Option<f64> {
        let count = i128::from(self.count);
        if count < 2 {
            return None;
        }
        let (near, left) = (self.sum / count, self.sum % count);
        let about_near = self.squares.saturating_sub(near.saturating_mul(self.sum.saturating_add(left)));
        let spread = about_near as f64 - (left.saturating_mul(left)) as f64 / count as f64;
        Some(spread.max(0.0) / (count - 1) as f64)
    }
}

/// Whether a value is satisfied: it reaches the threshold; where lower is better, it does not exceed it.
fn is_satisfied(measure: &Measure, value: Decimal4) -> bool {
    measure.threshold.is_some_and(|threshold| match measure.direction {
        Direction::HigherIsBetter => value >= threshold,
        Direction::LowerIsBetter => value <= threshold,
    })
}

/// What samples of a measure come to; nothing of none (SEMANTICS S45).
///
/// * The share of satisfied values is ranked by the lower end of its Wilson interval.
/// * A mean is ranked as `(prior × weight + sum) ÷ (weight + count)`; without a prior as it is. The mean of a measure from
///   0 to 1 is a share, and without a prior is ranked as one: by the end of its interval that is worse.
/// * An NPS is ranked by the lower end of its interval.
/// * Sums and counts are ranked as they are.
///
/// `prior` is a value of the measure and how many values it weighs. It is one of means: with any other aggregation it has
/// no effect, so that no prior lifts a few lucky answers above many good ones. Beyond the scale it is the end of the scale.
pub fn rate(measure: &Measure, prior: Option<(Decimal4, Decimal4)>, samples: &Samples) -> Option<Rating> {
    if samples.count == 0 {
        return None;
    }
    let prior = prior.filter(|(_, weight)| *weight > Decimal4::default());
    let count = f64::from(samples.count);
    let rated = match measure.aggregation {
        Aggregation::ShareSatisfied => {
            rated_share(f64::from(samples.favourable), count, Direction::HigherIsBetter).rounded(OF_ONE)
        }
        Aggregation::Mean if prior.is_none() && is_share(measure) => {
            rated_share(samples.sum as f64 / Decimal4::ONE as f64, count, measure.direction).rounded(OF_ONE)
        }
        Aggregation::Mean => rated_mean(measure, prior, samples).rounded(OF_RAW),
        Aggregation::Nps => rated_nps(f64::from(samples.favourable), f64::from(samples.adverse), count).rounded(OF_NPS),
        Aggregation::Sum => plain(samples.sum.saturating_mul(100)),
        Aggregation::Count => plain(i128::from(samples.count) * 1_000_000),
    };
    let key = match better(measure) {
        Direction::HigherIsBetter => rated.score,
        Direction::LowerIsBetter => -rated.score,
    };
    Some(Rating { key, ..rated })
}

/// Which ratings are better. More satisfied values or promoters are, whatever the direction of the values.
fn better(measure: &Measure) -> Direction {
    match measure.aggregation {
        Aggregation::ShareSatisfied | Aggregation::Nps => Direction::HigherIsBetter,
        Aggregation::Mean | Aggregation::Sum | Aggregation::Count => measure.direction,
    }
}

/// Whether its mean is a share: yes is 1, no is 0.
pub fn is_share(measure: &Measure) -> bool {
    measure.scale_min == Decimal4::from_whole(0) && measure.scale_max == Some(Decimal4::from_whole(1))
}

/// A share is ranked by the end of its interval that is worse.
fn rated_share(yes: f64, count: f64, direction: Direction) -> Unrounded {
    let (low, high) = wilson(yes, count);
    let score = match direction {
        Direction::HigherIsBetter => low,
        Direction::LowerIsBetter => high,
    };
    Unrounded { score, value: yes / count, interval: Some((low, high)) }
}

/// The score interval of a share (E. B. Wilson, Probable inference, the law of succession, and statistical inference,
/// Journal of the American Statistical Association 22, 1927).
fn wilson(yes: f64, count: f64) -> (f64, f64) {
    let square = Z * Z;
    let middle = yes + square / 2.0;
    let half = Z * (yes * (count - yes) / count + square / 4.0).sqrt();
    let all = count + square;
    (((middle - half) / all).max(0.0), ((middle + half) / all).min(1.0))
}

/// A mean in ten-thousandths, drawn towards its prior; its interval is that of the values alone, within the scale.
fn rated_mean(measure: &Measure, prior: Option<(Decimal4, Decimal4)>, samples: &Samples) -> Unrounded {
    let count = f64::from(samples.count);
    let value = samples.sum as f64 / count;
    let score = prior.map_or(value, |(prior, weight)| {
        let (prior, weight) = (i128::from(cut(measure, prior).raw()), i128::from(weight.raw()));
        let one = i128::from(Decimal4::ONE);
        let sum = prior.saturating_mul(weight).saturating_add(samples.sum.saturating_mul(one));
        sum as f64 / (weight + i128::from(samples.count) * one) as f64
    });
    let (min, max) = (measure.scale_min.raw() as f64, measure.scale_max.map_or(f64::INFINITY, |max| max.raw() as f64));
    let interval = samples.variance().map(|variance| {
        let half = Z * (variance / count).sqrt();
        ((value - half).max(min), (value + half).min(max))
    });
    Unrounded { score, value, interval }
}

/// The value of the scale that is nearest.
fn cut(measure: &Measure, value: Decimal4) -> Decimal4 {
    measure.scale_max.map_or(value, |max| value.min(max)).max(measure.scale_min)
}

/// A net promoter score, -1 to 1. Its interval has Z² answers more than there are, half of them promoters' and half
/// detractors' (A. Agresti and B. A. Coull, Approximate is better than "exact" for interval estimation of binomial
/// proportions, The American Statistician 52, 1998, carried over to three outcomes): without them the variance of a few
/// answers that agree would be 0. With them a further promoter never lowers the score and a further detractor never
/// raises it.
fn rated_nps(promoters: f64, detractors: f64, count: f64) -> Unrounded {
    let all = count + Z * Z;
    let middle = (promoters - detractors) / all;
    let variance = ((promoters + detractors + Z * Z) / all - middle * middle) / all;
    let half = Z * variance.max(0.0).sqrt();
    let (low, high) = ((middle - half).max(-1.0), (middle + half).min(1.0));
    Unrounded { score: low, value: (promoters - detractors) / count, interval: Some((low, high)) }
}

/// A number that is ranked as it is, in millionths.
fn plain(millionths: i128) -> Rating {
    let most = i128::from(i64::MAX);
    let number = i64::try_from(millionths.clamp(-most, most)).unwrap_or(i64::MAX);
    Rating { key: number, score: number, value: number, interval: None }
}

impl Unrounded {
    /// In millionths, of which there are so many in what it is counted in.
    fn rounded(self, millionths: f64) -> Rating {
        let round = |number| rounded(number, millionths);
        let score = round(self.score);
        let interval = self.interval.map(|(low, high)| (round(low), round(high)));
        Rating { key: score, score, value: round(self.value), interval }
    }
}

/// Half away from zero.
fn rounded(number: f64, millionths: f64) -> i64 {
    ((number * millionths).round() as i64).max(-i64::MAX)
}
