//! Why something was found, in a sentence of each language. Names nobody: whoever shows it names the people beside it.

use super::LAST_DAYS;
use super::habits::{Burst, Share, Unthanked, Whose};
use super::judge::{LEAST_EXPECTED, Ring};
use crate::domain::language::Localised;

pub(super) fn of_ring(ring: &Ring) -> Localised {
    let Ring { observed, given, points, .. } = ring;
    let (size, times, expected) =
        (ring.people.len(), one_decimal(ring.times()), one_decimal(ring.expected.max(LEAST_EXPECTED)));
    let (what_en, what_de) = match (ring.round, size) {
        (_, 2) => ("These two thanked each other".to_owned(), "Diese beiden haben sich gegenseitig".to_owned()),
        (true, _) => (
            format!("Round these {size} people, each to the next, kudos went"),
            format!("Reihum gingen unter diesen {size} Personen, jede an die nächste,"),
        ),
        (false, _) => {
            (format!("These {size} people thanked each other"), format!("Diese {size} Personen haben sich gegenseitig"))
        }
    };
    let ending_de = if ring.round { "Kudos" } else { "mal gedankt" };
    Localised {
        en: format!(
            "{what_en} {observed} times ({points} points), {times} times as often as the {expected} that chance would \
             bring; they gave {given} kudos in all. {}",
            rarity_en(ring.ln_chance)
        ),
        de: format!(
            "{what_de} {observed} {ending_de} ({points} Punkte), {} mal so oft wie die {}, die der Zufall brächte; \
             insgesamt gaben sie {given} Kudos. {}",
            german(&times),
            german(&expected),
            rarity_de(ring.ln_chance)
        ),
    }
}

pub(super) fn of_share(share: &Share) -> Localised {
    let Share { observed, received, points, .. } = share;
    let (percent, expected) = (percent(*observed, *received), one_decimal(share.expected.max(LEAST_EXPECTED)));
    Localised {
        en: format!(
            "{observed} of the {received} kudos received ({percent} %) came from one giver ({points} points); chance would \
             bring {expected}. {}",
            rarity_en(share.ln_chance)
        ),
        de: format!(
            "{observed} der {received} erhaltenen Kudos ({percent} %) kamen von einer Person ({points} Punkte); der Zufall \
             brächte {}. {}",
            german(&expected),
            rarity_de(share.ln_chance)
        ),
    }
}

pub(super) fn of_burst(burst: &Burst) -> Localised {
    let Burst { observed, given, .. } = burst;
    let (percent, expected) = (percent(*observed, *given), one_decimal(burst.expected));
    let (usual_en, usual_de) = match burst.whose {
        Whose::Everybody => ("by the part of the time that these days are", "nach dem Anteil dieser Tage an der Zeit"),
        _ => ("by how the organisation gives", "nach dem, wie die Organisation gibt"),
    };
    Localised {
        en: format!(
            "{observed} of {given} kudos ({percent} %) were sent in the last {LAST_DAYS} days of a month, before the \
             allowance lapses; {usual_en} it would be {expected}. {}",
            rarity_en(burst.ln_chance)
        ),
        de: format!(
            "{observed} von {given} Kudos ({percent} %) wurden in den letzten {LAST_DAYS} Tagen eines Monats gesendet, \
             bevor das Budget verfällt; {usual_de} wären es {}. {}",
            german(&expected),
            rarity_de(burst.ln_chance)
        ),
    }
}

pub(super) fn of_unthanked(team: &Unthanked) -> Localised {
    let Unthanked { people, never, .. } = team;
    let (where_en, where_de) = match team.team {
        Some(_) => ("this team", "diesem Team"),
        None => ("teams too small to be named", "Teams, die zu klein sind, um genannt zu werden"),
    };
    Localised {
        en: format!("{never} of the {people} people in {where_en} received no kudos, while others there did."),
        de: format!("{never} der {people} Personen in {where_de} erhielten keine Kudos, andere dort schon."),
    }
}
fn one_decimal(number: f64) -> String {
    format!("{number:.1}")
}

fn german(number: &str) -> String {
    number.replace('.', ",")
}

fn percent(part: u32, whole: u32) -> u64 {
    (200 * u64::from(part) + u64::from(whole)) / (2 * u64::from(whole.max(1)))
}

/// One in so many periods, as a power of ten from a hundred to a million.
fn one_in(ln_chance: f64) -> u32 {
    let digits = (-ln_chance / std::f64::consts::LN_10).floor().clamp(2.0, 6.0);
    10_u32.pow(digits as u32)
}

fn rarity_en(ln_chance: f64) -> String {
    format!(
        "Among people who thank by chance, fewer than 1 of {} such periods would show anything like it.",
        one_in(ln_chance)
    )
}

fn rarity_de(ln_chance: f64) -> String {
    let one_in = one_in(ln_chance);
    format!(
        "Unter Menschen, die nach Zufall danken, zeigte weniger als 1 von {one_in} solchen Zeiträumen etwas dergleichen."
    )
}
