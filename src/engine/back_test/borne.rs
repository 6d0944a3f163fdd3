//! The names that a draft takes from evidence, less those that evidence bore.

use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{Place, Programme};
use crate::domain::signal::Content;

/// Names of a document that no evidence has borne so far, each where it stands.
#[derive(Debug)]
pub(super) struct Unseen {
    kinds: Vec<Place>,
    attributes: Vec<Place>,
    measures: Vec<Place>,
}

impl Unseen {
    pub fn new(draft: &Programme) -> Self {
        let (mut kinds, mut measures) = (Vec::new(), Vec::new());
        for (index, rule) in draft.rules.iter().enumerate() {
            let guard = rule.guard.iter().map(|guard| ("guard/on", &guard.on));
            for (part, names) in [("on", &rule.on)].into_iter().chain(guard) {
                let place = |(n, name): (usize, &String)| Place {
                    name: name.clone(),
                    pointer: format!("/rules/{index}/{part}/{n}"),
                };
                kinds.extend(names.iter().enumerate().map(place));
            }
            let named = rule.measures().into_iter();
            measures.extend(named.map(|name| Place { name, pointer: format!("/rules/{index}") }));
        }
        Self { kinds, attributes: draft.expects().attributes, measures }
    }

    /// Strikes out what a signal bears.
    pub fn see(&mut self, content: &Content) {
        self.kinds.retain(|place| place.name != content.kind);
        self.attributes.retain(|place| !content.attributes.contains_key(&place.name));
        self.measures.retain(|place| !content.measures.contains_key(&place.name));
    }

    /// What is left, with how to call it.
    pub fn findings(
        &self,
        (from, until): (impl std::fmt::Display + Copy, impl std::fmt::Display + Copy),
    ) -> Vec<Finding> {
        let lists = [("kind", &self.kinds), ("attribute", &self.attributes), ("measure", &self.measures)];
        let places = lists.iter().flat_map(|(what, places)| places.iter().map(move |place| (*what, place)));
        let finding = |(what, place): (&str, &Place)| {
            let finding = Finding::new(place.pointer.as_str(), ProblemCode::UnseenInRange);
            finding.with("what", what).with("name", &place.name).with("from", from).with("until", until)
        };
        places.map(finding).collect()
    }
}
