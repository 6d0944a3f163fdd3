//! Who is seen on boards, by which name, and when a number would give away somebody who is not.
//!
//! Pure. Knows no board and nobody's choice: whoever counts people says how many there are.

mod alias;
mod together;
mod views;

pub use alias::alias_of;
pub use together::fewest_at_once;
pub use views::{OpenViews, UnnamedIn, open_views};

use serde::{Deserialize, Serialize};

/// How a person is seen on the boards of a programme; the later, the more open. It costs no points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Not listed: nobody's rank counts them, and only they themselves see theirs.
    Hidden,
    /// Listed by an alias, where the group is large enough for it to hide them.
    Alias,
    /// Listed by name.
    Named,
}

impl Visibility {
    /// Every one, from the most closed to the most open.
    pub const ALL: [Self; 3] = [Self::Hidden, Self::Alias, Self::Named];

    /// Its name in addresses, documents and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Alias => "alias",
            Self::Named => "named",
        }
    }

    /// The one of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.name() == name)
    }
}

/// The fewest people that a group hides somebody in: as many as the organisation says, but one at least.
fn fewest(smallest_group: u32) -> usize {
    usize::try_from(smallest_group).unwrap_or(usize::MAX).max(1)
}

/// Whether those of a team that are not shown by name (`unnamed` of them at once, see [`fewest_at_once`]) count in its number
/// on a board of teams; if not, the number counts only members that are.
///
/// Readers know the scores of those shown by name, and so can take them away from a sum, or from a mean of which they
/// know the members: what is left is the sum of the others. For one it would be their score, and of two each could work
/// out the other's, so fewer than three never count, whatever the smallest group. The number is then that of the members
/// shown by name, from which nothing is left to take.
pub fn counts_unnamed(unnamed: usize, smallest_group: u32) -> bool {
    unnamed == 0 || unnamed >= fewest(smallest_group).max(3)
}

/// Whether a team with so many members in the period is listed on a board of teams.
///
/// The number of a small team is about its members, named or not: a team of one is a person.
pub fn shows_team(members: usize, smallest_group: u32) -> bool {
    members >= fewest(smallest_group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_documents_and_ascend_by_openness() {
        for visibility in Visibility::ALL {
            assert_eq!(Visibility::of_name(visibility.name()), Some(visibility));
            assert_eq!(serde_json::to_value(visibility).unwrap(), visibility.name());
        }
        assert_eq!(Visibility::of_name("Named"), None);
        assert!(Visibility::ALL.is_sorted());
    }

    /// Scores of a team's members; by the number and the named ones, what is left over for the others together.
    fn left_over(named: &[i64], unnamed: &[i64], smallest_group: u32) -> Option<(i64, usize)> {
        let counted = if counts_unnamed(unnamed.len(), smallest_group) { unnamed } else { &[] };
        let number: i64 = named.iter().chain(counted).sum();
        (number != named.iter().sum::<i64>()).then(|| (number - named.iter().sum::<i64>(), counted.len()))
    }

    #[test]
    fn no_number_of_a_team_is_about_fewer_than_the_smallest_group() {
        for smallest_group in 0..8 {
            for people in 0_i64..12 {
                let unnamed: Vec<i64> = (1..=people).collect();
                if let Some((_, counted)) = left_over(&[20, 30], &unnamed, smallest_group) {
                    assert!(counted >= 3 && counted >= smallest_group as usize, "{people} of {smallest_group}");
                    assert_eq!(counted, unnamed.len());
                }
            }
        }
        assert_eq!(left_over(&[20, 30], &[7], 1), None);
        assert_eq!(left_over(&[20, 30], &[7, 8], 1), None);
        assert_eq!(left_over(&[20, 30], &[7, 8, 9], 1), Some((24, 3)));
        assert_eq!(left_over(&[20, 30], &[7, 8, 9], 4), None);
        assert!(counts_unnamed(0, 5), "a team whose members all show their names has one number");
    }

    #[test]
    fn a_team_below_the_smallest_group_is_not_listed() {
        assert_eq!([0, 1].map(|members| shows_team(members, 1)), [false, true]);
        assert_eq!([4, 5].map(|members| shows_team(members, 5)), [false, true]);
        assert!(!shows_team(0, 0), "a team of nobody is no team");
    }
}
