//! Small numbers in place of ids, so that boards of very many subjects stay small.
//!
//! Numbers are given in the order in which subjects come and mean something only within one process.

use std::collections::HashMap;

use uuid::Uuid;

/// A subject's number.
pub type Number = u32;

/// Subjects by number, and their numbers.
#[derive(Debug, Default)]
pub struct Numbers {
    ids: Vec<Uuid>,
    /// So many at the front ascend: they are found by halving.
    ascending: usize,
    /// The others.
    others: HashMap<Uuid, Number>,
}

impl Numbers {
    /// How many there are: the next number to be given.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// The number of a subject; given now if it is new. None if there are no more numbers.
    pub fn give(&mut self, id: Uuid) -> Option<Number> {
        if let Some(number) = self.of(id) {
            return Some(number);
        }
        let number = Number::try_from(self.ids.len()).ok().filter(|number| *number < Number::MAX)?;
        let last = self.ids.last().is_none_or(|last| *last < id);
        if last && self.ascending == self.ids.len() {
            self.ascending += 1;
        } else {
            self.others.insert(id, number);
        }
        self.ids.push(id);
        Some(number)
    }

    /// The number of a subject.
    pub fn of(&self, id: Uuid) -> Option<Number> {
        let front = self.ids.get(..self.ascending).unwrap_or_default();
        let found = front.binary_search(&id).ok().and_then(|at| Number::try_from(at).ok());
        found.or_else(|| self.others.get(&id).copied())
    }

    /// The subject of a number.
    pub fn id(&self, number: Number) -> Option<Uuid> {
        self.ids.get(usize::try_from(number).ok()?).copied()
    }

    /// Makes room for so many.
    pub fn reserve(&mut self, more: usize) {
        self.ids.reserve_exact(more);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_subject_has_one_number_of_its_own(ids in prop::collection::vec(0_u128..40, 0..60)) {
            let mut numbers = Numbers::default();
            let given: Vec<_> = ids.iter().map(|id| numbers.give(Uuid::from_u128(*id)).unwrap()).collect();
            let apart: HashSet<_> = given.iter().collect();
            prop_assert_eq!(apart.len(), ids.iter().collect::<HashSet<_>>().len());
            prop_assert_eq!(numbers.count(), apart.len());
            for (id, number) in ids.iter().zip(&given) {
                prop_assert_eq!(numbers.of(Uuid::from_u128(*id)), Some(*number));
                prop_assert_eq!(numbers.id(*number), Some(Uuid::from_u128(*id)));
            }
            prop_assert_eq!(numbers.of(Uuid::from_u128(99)), None);
            prop_assert_eq!(numbers.id(99), None);
        }
    }
}
