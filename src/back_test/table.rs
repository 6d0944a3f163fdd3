//! The people of a back-test as comma-separated values (RFC 4180), safe to open in a spreadsheet.

use super::view::{BackTestOut, BackTestPerson, BackTestTier};
use crate::domain::text::harmless_cell;

const HEADER: &str = "id,user_name,display_name,team,draft_points,active_points,difference,draft_rank,active_rank,\
                      draft_badges,active_badges,draft_tiers,active_tiers\r\n";

/// A line per person, who gains most first.
pub fn people(back_test: &BackTestOut) -> String {
    let mut table = HEADER.to_owned();
    for line in &back_test.people {
        table.push_str(&row(line));
        table.push_str("\r\n");
    }
    table
}

fn row(line: &BackTestPerson) -> String {
    let rank = |rank: Option<u64>| rank.map(|rank| rank.to_string()).unwrap_or_default();
    let tiers = |of: fn(&BackTestTier) -> &Option<String>| {
        let reached = line.tiers.iter().filter_map(|tier| Some(format!("{} {}", tier.season, of(tier).as_ref()?)));
        reached.collect::<Vec<_>>().join("; ")
    };
    [
        text(&line.person.id),
        text(&line.person.user_name),
        text(&line.person.display_name),
        text(line.team.as_ref().map_or("", |team| &team.code)),
        // Numbers are written as they are: a sign makes no formula of them.
        line.draft.points.to_string(),
        line.active.points.to_string(),
        line.difference.to_string(),
        rank(line.draft.rank),
        rank(line.active.rank),
        line.draft.badges.to_string(),
        line.active.badges.to_string(),
        text(&tiers(|tier| &tier.draft)),
        text(&tiers(|tier| &tier.active)),
    ]
    .join(",")
}

/// A cell of text. What a spreadsheet would take for a formula is preceded by an apostrophe.
fn text(text: &str) -> String {
    let safe = harmless_cell(text);
    let quoted = safe.contains(['"', ',', '\r', '\n', ';']);
    if quoted { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_text_is_a_formula() {
        for (given, expected) in [
            ("Anna Schmidt", "Anna Schmidt"),
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-x", "'-x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("Schmidt, \"Anna\"", "\"Schmidt, \"\"Anna\"\"\""),
            ("", ""),
        ] {
            assert_eq!(text(given), expected);
        }
    }
}
