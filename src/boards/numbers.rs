//! Small numbers in place of ids, so that boards of very many subjects stay small.
//!
//! Numbers are given in the order in which subjects come and mean something only within one process.

use std::collections::HashMap;

use uuid::Uuid;

/// A subject's number.
pub type Number = u32;

/// Something about one subject.
pub trait Identified {
    /// Which.
    fn id(&self) -> Uuid;
}

impl Identified for Uuid {
    fn id(&self) -> Uuid {
        *self
    }
}

/// Subjects by number, with what is held of each.
#[derive(Debug)]
pub struct Numbers<T = Uuid> {
    held: Vec<T>,
    /// So many at the front ascend by id: they are found by halving.
    ascending: usize,
    /// The others.
    others: HashMap<Uuid, Number>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self { held: Vec::new(), ascending: 0, others: HashMap::new() }
    }
}

impl<T: Identified> Numbers<T> {
    /// How many there are: the next number to be given.
    pub fn count(&self) -> usize {
        self.held.len()
    }

    /// Holds this of its subject in place of what was held before; gives it a number if it is new. None if there are no more
    /// numbers.
    pub fn put(&mut self, of: T) -> Option<Number> {
        let id = of.id();
        if let Some(number) = self.of(id) {
            *self.held.get_mut(usize::try_from(number).ok()?)? = of;
            return Some(number);
        }
        let number = Number::try_from(self.held.len()).ok().filter(|number| *number < Number::MAX)?;
        let is_last = self.held.last().is_none_or(|last| last.id() < id);
        if is_last && self.ascending == self.held.len() {
            self.ascending += 1;
        } else {
            self.others.insert(id, number);
        }
        self.held.push(of);
        Some(number)
    }

    /// The number of a subject.
    pub fn of(&self, id: Uuid) -> Option<Number> {
        let front = self.held.get(..self.ascending).unwrap_or_default();
        let found = front.binary_search_by_key(&id, Identified::id).ok().and_then(|at| Number::try_from(at).ok());
        found.or_else(|| self.others.get(&id).copied())
    }

    /// What is held of a number's subject.
    pub fn get(&self, number: Number) -> Option<&T> {
        self.held.get(usize::try_from(number).ok()?)
    }

    /// The subject of a number.
    pub fn id(&self, number: Number) -> Option<Uuid> {
        self.get(number).map(Identified::id)
    }

    /// Makes room for so many.
    pub fn reserve(&mut self, more: usize) {
        self.held.reserve_exact(more);
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
            let mut numbers = Numbers::<Uuid>::default();
            let given: Vec<_> = ids.iter().map(|id| numbers.put(Uuid::from_u128(*id)).unwrap()).collect();
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
