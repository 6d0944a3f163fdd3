//! Which views of a board may show aliases.
//!
//! A board can be read whole, or narrowed to a team. An alias alone says nothing, but it is the same in every view: who
//! compares a view with a narrower one learns which aliases belong to the difference, and if that is three people of
//! whom two show their names, the alias is as good as a name. So views are opened only together with what can be told
//! apart by them.

use std::collections::{BTreeMap, BTreeSet};

use super::fewest;

/// How many people are at home directly in a team and not shown by name: by an alias, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnnamedIn<T> {
    /// The team; given once.
    pub team: T,
    /// The team above it.
    pub parent: Option<T>,
    /// The people.
    pub unnamed: usize,
}

/// The views that may show aliases. In every other only people shown by name are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenViews<T> {
    /// Whether the whole board may.
    pub whole: bool,
    /// The teams to which the board may be narrowed and still show them.
    pub teams: BTreeSet<T>,
}

impl<T: Ord> OpenViews<T> {
    /// Whether aliases may be shown on the board narrowed to `team`; without one, on the whole board.
    pub fn may_show_aliases(&self, team: Option<T>) -> bool {
        team.map_or(self.whole, |team| self.teams.contains(&team))
    }
}

/// Which views of a board may show aliases, for its unnamed people by home team and those without one.
///
/// The whole board may if it has as many unnamed people as the smallest group. Of the teams directly below a view that
/// may, those with as many in them and below are candidates. They all may if the view has nobody unnamed besides them,
/// or again as many; else none of them. Nothing below a view that may not, may.
///
/// What readers can tell apart are the parts of open views outside the open ones below them, and whatever is made of
/// such parts. Each part has nobody unnamed, or at least the smallest group: by the rule if the teams below the view are
/// open, and else because the view itself has.
///
/// A team whose parents do not lead up to the whole board (there is none) is never open; its people count in the whole.
pub fn open_views<T: Copy + Ord>(teams: &[UnnamedIn<T>], without_team: usize, smallest_group: u32) -> OpenViews<T> {
    let fewest = fewest(smallest_group);
    let mut below: BTreeMap<Option<T>, Vec<&UnnamedIn<T>>> = BTreeMap::new();
    for team in teams {
        below.entry(team.parent).or_default().push(team);
    }
    let totals = totals(&below);
    let all = teams.iter().map(|team| team.unnamed).sum::<usize>() + without_team;
    let mut open = OpenViews { whole: all >= fewest, teams: BTreeSet::new() };
    let mut views = Vec::from_iter(open.whole.then_some((None, all)));
    while let Some((view, unnamed)) = views.pop() {
        let within = below.get(&view).into_iter().flatten().map(|team| team.team);
        let within = within.map(|team| (team, totals.get(&team).copied().unwrap_or(0)));
        let candidates: Vec<(T, usize)> = within.filter(|(_, unnamed)| *unnamed >= fewest).collect();
        let rest = unnamed - candidates.iter().map(|(_, unnamed)| unnamed).sum::<usize>();
        if rest == 0 || rest >= fewest {
            open.teams.extend(candidates.iter().map(|(team, _)| *team));
            views.extend(candidates.into_iter().map(|(team, unnamed)| (Some(team), unnamed)));
        }
    }
    open
}

/// The unnamed people in and below each team that the whole board leads to.
fn totals<T: Copy + Ord>(below: &BTreeMap<Option<T>, Vec<&UnnamedIn<T>>>) -> BTreeMap<T, usize> {
    let mut downwards: Vec<&UnnamedIn<T>> = Vec::new();
    let mut views = vec![None];
    while let Some(view) = views.pop() {
        for team in below.get(&view).into_iter().flatten() {
            downwards.push(team);
            views.push(Some(team.team));
        }
    }
    let mut totals: BTreeMap<T, usize> = BTreeMap::new();
    for team in downwards.into_iter().rev() {
        let total = totals.entry(team.team).or_default();
        *total += team.unnamed;
        let total = *total;
        if let Some(parent) = team.parent {
            *totals.entry(parent).or_default() += total;
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A team above which the others of the list may stand.
    type Team = UnnamedIn<usize>;

    fn team(team: usize, parent: Option<usize>, unnamed: usize) -> Team {
        UnnamedIn { team, parent, unnamed }
    }

    fn trees() -> impl Strategy<Value = Vec<Team>> {
        let counts = prop_oneof![3 => Just(0_usize), 5 => 1..8_usize, 1 => 8..40_usize];
        let places = prop::collection::vec((any::<prop::sample::Index>(), counts), 0..14);
        places.prop_map(|places| {
            let place = |(index, (above, unnamed)): (usize, (prop::sample::Index, usize))| {
                // One more place than there are teams before: that of a team without a parent.
                let above = above.index(index + 1);
                team(index, (above < index).then_some(above), unnamed)
            };
            places.into_iter().enumerate().map(place).collect()
        })
    }

    /// The team and all above it.
    fn climb(teams: &[Team], from: usize) -> Vec<usize> {
        std::iter::successors(Some(from), |at| teams[*at].parent).collect()
    }

    fn everybody(teams: &[Team], without_team: usize) -> usize {
        teams.iter().map(|team| team.unnamed).sum::<usize>() + without_team
    }

    /// Person by person: in which open views they stand. Whoever stands in the same cannot be told apart, so these are
    /// the smallest sets that comparing views makes out. Gives their sizes.
    fn made_out(teams: &[Team], without_team: usize, open: &OpenViews<usize>) -> Vec<usize> {
        let mut sets: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        if open.whole {
            sets.insert(Vec::new(), without_team);
        }
        for team in teams {
            let views: Vec<usize> = climb(teams, team.team).into_iter().filter(|at| open.teams.contains(at)).collect();
            if open.whole || !views.is_empty() {
                *sets.entry(views).or_default() += team.unnamed;
            }
        }
        sets.into_values().collect()
    }

    /// All differences and intersections of two open views, counted person by person.
    fn compared(teams: &[Team], without_team: usize, open: &OpenViews<usize>) -> Vec<usize> {
        let views: Vec<Option<usize>> =
            open.whole.then_some(None).into_iter().chain(open.teams.iter().map(|team| Some(*team))).collect();
        let is_in = |home: Option<usize>, view: Option<usize>| match (home, view) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(home), Some(view)) => climb(teams, home).contains(&view),
        };
        let homes: Vec<(Option<usize>, usize)> =
            teams.iter().map(|team| (Some(team.team), team.unnamed)).chain([(None, without_team)]).collect();
        let mut sizes = Vec::new();
        for one in &views {
            for other in &views {
                let count = |wanted: bool| {
                    let within = homes.iter().filter(|(home, _)| is_in(*home, *one) && is_in(*home, *other) == wanted);
                    within.map(|(_, unnamed)| *unnamed).sum::<usize>()
                };
                sizes.extend([count(true), count(false)]);
            }
        }
        sizes
    }

    fn gives_nobody_away(sizes: &[usize], smallest_group: u32) -> bool {
        sizes.iter().all(|size| *size == 0 || *size >= smallest_group as usize)
    }

    /// The rule without its look at who is left: every team that is large enough by itself.
    fn careless(teams: &[Team], without_team: usize, smallest_group: u32) -> OpenViews<usize> {
        let below = |at: usize| teams.iter().filter(move |team| climb(teams, team.team).contains(&at));
        let large = |at: usize| below(at).map(|team| team.unnamed).sum::<usize>() >= smallest_group as usize;
        OpenViews {
            whole: everybody(teams, without_team) >= smallest_group as usize,
            teams: (0..teams.len()).filter(|at| large(*at)).collect(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn comparing_open_views_makes_out_nobody_or_a_group(
            teams in trees(), without_team in 0..9_usize, smallest_group in 1..9_u32,
        ) {
            let open = open_views(&teams, without_team, smallest_group);
            let sizes = made_out(&teams, without_team, &open);
            prop_assert!(gives_nobody_away(&sizes, smallest_group), "{sizes:?} of {open:?}");
            let sizes = compared(&teams, without_team, &open);
            prop_assert!(gives_nobody_away(&sizes, smallest_group), "{sizes:?} of {open:?}");
        }

        /// No more is closed than the rule says: what is closed would, opened with its siblings, give somebody away.
        #[test]
        fn what_is_closed_would_give_somebody_away(
            teams in trees(), without_team in 0..9_usize, smallest_group in 1..9_u32,
        ) {
            let open = open_views(&teams, without_team, smallest_group);
            prop_assert_eq!(open.whole, everybody(&teams, without_team) >= smallest_group as usize);
            let careless = careless(&teams, without_team, smallest_group);
            prop_assert!(open.teams.is_subset(&careless.teams));
            for view in open.whole.then_some(None).into_iter().chain(open.teams.iter().map(|team| Some(*team))) {
                let siblings = teams.iter().filter(|team| team.parent == view).map(|team| team.team);
                let candidates: BTreeSet<usize> = siblings.filter(|team| careless.teams.contains(team)).collect();
                if open.teams.is_disjoint(&candidates) && !candidates.is_empty() {
                    let teams_then = open.teams.union(&candidates).copied().collect();
                    let then = OpenViews { whole: true, teams: teams_then };
                    let sizes = made_out(&teams, without_team, &then);
                    prop_assert!(!gives_nobody_away(&sizes, smallest_group), "{candidates:?} might be open");
                } else {
                    prop_assert!(candidates.is_subset(&open.teams), "all of them or none");
                }
            }
        }
    }

    #[test]
    fn without_the_look_at_who_is_left_somebody_is_given_away() {
        let teams = [team(0, None, 8), team(1, None, 2)];
        let open = careless(&teams, 0, 5);
        assert!(!gives_nobody_away(&made_out(&teams, 0, &open), 5));
        assert!(!gives_nobody_away(&compared(&teams, 0, &open), 5));
        assert_eq!(open_views(&teams, 0, 5), OpenViews { whole: true, teams: BTreeSet::new() });
    }

    #[test]
    fn views_open_from_above() {
        // A site of two teams, and a team of four beside it.
        let site = [team(0, None, 0), team(1, Some(0), 6), team(2, Some(0), 5), team(3, None, 4)];
        let teams = |open: &OpenViews<usize>| open.teams.iter().copied().collect::<Vec<_>>();
        assert_eq!(teams(&open_views(&site, 1, 5)), [0, 1, 2], "the four and the one without a team are five");
        assert_eq!(teams(&open_views(&site, 0, 5)), [] as [usize; 0], "the four would stand out");
        assert_eq!(teams(&open_views(&site, 0, 1)), [0, 1, 2, 3]);
        let few = open_views(&[team(0, None, 4)], 0, 5);
        assert_eq!((few.may_show_aliases(None), few.may_show_aliases(Some(0))), (false, false));
    }

    #[test]
    fn a_team_that_no_view_leads_to_stays_closed_and_counts() {
        let teams =
            [team(0, Some(1), 3), team(1, Some(0), 3), team(2, Some(2), 3), team(3, Some(9), 3), team(4, None, 5)];
        let open = open_views(&teams, 0, 5);
        assert_eq!((open.whole, open.teams.into_iter().collect::<Vec<_>>()), (true, vec![4]));
        assert!(!open_views(&teams[..1], 1, 5).whole);
    }
}
