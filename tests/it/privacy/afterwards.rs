//! Closed boards when people choose otherwise afterwards.

use applaus::domain::ids::Code;
use applaus::domain::visibility::Visibility;
use applaus::writer::Actor;
use applaus::writer::visibility::{ChooseVisibility, Wish};

use super::organization::{Event, History, Pick, Plan, Somebody, What, person_id};
use super::world::World;

/// October is closed: in `t1`, three who are hidden had 10, 20 and 40 points, and one shown by name had 80.
fn closed() -> World {
    let somebody = |team: usize, choice| Somebody { home: Pick(team), moves: None, choice: Some(choice) };
    let mut people = vec![somebody(0, "named")];
    people.extend(["hidden", "hidden", "hidden", "named"].map(|choice| somebody(1, choice)));
    let event = |(index, points)| Event { person: Pick(index + 1), day: 5, what: What::Evaluation(points), instead: 0 };
    let events = [10, 20, 40, 80].into_iter().enumerate().map(event).collect();
    let plan = Plan { smallest_group: 1, default: "named", above: vec![Pick(0)], people, events, observer: Pick(0) };
    let mut world = World::new(&plan);
    (0..2).for_each(|phase| world.reach(phase, History::Planned));
    world
}

fn choose(world: &World, person: usize, visibility: Visibility) {
    let (person, programme) = (person_id(person), Code::new("service").unwrap());
    let command = ChooseVisibility { person, programme, wish: Wish::Chosen(visibility) };
    world.app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

/// The number of the team, and the points of those shown in it.
fn october(world: &World, team_board: &str) -> (f64, Vec<f64>) {
    let scores = |path: &str| {
        let items = world.observer().get(path).expect(200).body["items"].clone();
        items.as_array().unwrap().iter().map(|item| item["score"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    let team = scores(&format!("/leaderboards/service/{team_board}?period=2026-10&team=t1"));
    (team[0], scores("/leaderboards/service/month?period=2026-10&team=t1"))
}

#[test]
fn who_shows_their_name_later_gives_nobody_away() {
    let world = closed();
    assert_eq!(october(&world, "team-month"), (150.0, vec![80.0]));
    // Three together are enough, two are not: what is left is what is listed.
    choose(&world, 3, Visibility::Named);
    assert_eq!(october(&world, "team-month"), (120.0, vec![80.0, 40.0]));
    assert_eq!(october(&world, "team-mean").0, 60.0, "of two");
    choose(&world, 2, Visibility::Named);
    assert_eq!(october(&world, "team-month"), (140.0, vec![80.0, 40.0, 20.0]));
    choose(&world, 1, Visibility::Named);
    assert_eq!(october(&world, "team-month"), (150.0, vec![80.0, 40.0, 20.0, 10.0]));
}

#[test]
fn who_hides_later_is_taken_out_of_closed_numbers_too() {
    let world = closed();
    for person in [1, 2, 3] {
        choose(&world, person, Visibility::Named);
    }
    choose(&world, 4, Visibility::Hidden);
    assert_eq!(october(&world, "team-month"), (70.0, vec![40.0, 20.0, 10.0]));
}
