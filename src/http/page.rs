//! Lists, a page at a time: how many, from where, and how to go on.
//!
//! A cursor is opaque to clients: the key after which the next page starts, with the name of the list it belongs to, so
//! that neither another list's cursor nor one of an older form is taken for it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::ApiError;
use crate::domain::problem::{Problem, ProblemCode};

const MAX_CURSOR_BYTES: usize = 1024;

/// How many items a page may have: 1 to 200, or 50 if the reader does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// The largest page.
    pub const MAX: u16 = 200;

    /// How many.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// How many rows to ask for: one more, which tells whether there is a next page.
    pub fn rows(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = || D::Error::custom("limit is a whole number from 1 to 200");
        let limit = u16::deserialize(deserializer).map_err(|_| refused())?;
        if (1..=Self::MAX).contains(&limit) { Ok(Self(limit)) } else { Err(refused()) }
    }
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Cursor(String);

impl Cursor {
    /// The cursor after `key` in the list named `list`; the name also tells the form of the key, such as `people.1`.
    pub fn after(list: &str, key: &impl Serialize) -> Result<Self, ApiError> {
        let text = serde_json::to_vec(&(list, key)).map_err(ApiError::internal)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(text)))
    }

    /// The key, if this is a cursor of the list named `list`.
    pub fn key<K: DeserializeOwned>(&self, list: &str) -> Result<K, ApiError> {
        self.decode(list).ok_or_else(|| {
            let reason = "`after` takes the value of `next` from the same list, unchanged";
            Problem::new(ProblemCode::InvalidQuery).with("reason", reason).into()
        })
    }

    fn decode<K: DeserializeOwned>(&self, list: &str) -> Option<K> {
        if self.0.len() > MAX_CURSOR_BYTES {
            return None;
        }
        let text = URL_SAFE_NO_PAD.decode(&self.0).ok()?;
        let (name, key): (String, K) = serde_json::from_slice(&text).ok()?;
        (name == list).then_some(key)
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Give it as `after` for the next page; null on the last one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The page of `rows`, of which [`Limit::rows`] were asked for; `key` is what the list is ordered by.
    pub fn cut<K: Serialize>(
        mut rows: Vec<T>,
        limit: Limit,
        list: &str,
        key: impl Fn(&T) -> K,
    ) -> Result<Self, ApiError> {
        let more = rows.len() > limit.get();
        rows.truncate(limit.get());
        let last = rows.last().filter(|_| more);
        let next = last.map(|last| Cursor::after(list, &key(last))).transpose()?;
        Ok(Self { items: rows, next })
    }

    /// The same page with each item shown as something else.
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), next: self.next }
    }
}

/// Which part of a list that is held whole.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many: 1 to 200, 50 without.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    pub limit: Limit,
    /// `next` of the page before.
    pub after: Option<Cursor>,
}

impl Paging {
    /// The page of `all`, which ascend by `key`.
    pub fn page<T, K: PartialOrd + Serialize + DeserializeOwned>(
        &self,
        list: &str,
        all: impl Iterator<Item = T>,
        key: impl Fn(&T) -> K,
    ) -> Result<Page<T>, ApiError> {
        let after: Option<K> = self.after.as_ref().map(|after| after.key(list)).transpose()?;
        let rows = all.filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
        Page::cut(rows.take(self.limit.get() + 1).collect(), self.limit, list, &key)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pages_put_together_are_the_list(items in proptest::collection::btree_set(any::<i64>(), 0..40), limit in 1_u16..12) {
            let list: Vec<i64> = items.into_iter().collect();
            let limit = Limit(limit);
            let mut seen = Vec::new();
            let mut after: Option<i64> = None;
            loop {
                let rows: Vec<i64> = list.iter().copied().filter(|row| after.is_none_or(|key| *row > key)).take(limit.get() + 1).collect();
                let page = Page::cut(rows, limit, "numbers.1", |row| *row).unwrap();
                prop_assert!(page.items.len() <= limit.get());
                seen.extend(page.items);
                let Some(next) = page.next else { break };
                after = Some(next.key("numbers.1").unwrap());
            }
            prop_assert_eq!(seen, list);
        }

        #[test]
        fn no_text_is_a_cursor_by_accident(text in "\\PC{0,60}") {
            prop_assert!(Cursor(text).key::<i64>("numbers.1").is_err());
        }
    }

    #[test]
    fn a_cursor_of_another_list_or_size_is_refused() {
        let cursor = Cursor::after("people.1", &("Schmidt", 7)).unwrap();
        assert_eq!(cursor.key::<(String, i64)>("people.1").unwrap(), ("Schmidt".to_owned(), 7));
        assert!(cursor.key::<(String, i64)>("people.2").is_err());
        assert!(cursor.key::<i64>("people.1").is_err());
        let large = Cursor::after("people.1", &"x".repeat(2000)).unwrap();
        assert!(large.key::<String>("people.1").is_err());
    }
}
