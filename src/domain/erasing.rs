//! Taking what names a person out of texts (SEMANTICS S33).
//!
//! What stands in place of a name is told apart wherever the name was: different texts stay different, and equal ones
//! equal. So whatever rules compare, count and select comes out as before. Knows texts only, neither tables nor people.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::signal::AttributeValue;

/// From how many characters on a name is looked for inside longer texts. A shorter one is in too many words by chance.
const DISTINCTIVE: usize = 3;
/// The same for what has no letter: a number is in many texts that are not about anybody.
const DISTINCTIVE_NUMBER: usize = 5;

/// A text in the form in which it is compared: decomposed, in lower case, whatever parts words as one space; each character
/// with where it came from.
struct Folded {
    chars: Vec<char>,
    /// Start and end of the character that each came from, in bytes.
    from: Vec<(usize, usize)>,
}

impl Folded {
    fn new(text: &str) -> Self {
        let (mut chars, mut from) = (Vec::with_capacity(text.len()), Vec::<(usize, usize)>::with_capacity(text.len()));
        for (start, c) in text.char_indices() {
            if parts_words(c) {
                match (chars.last(), from.last_mut()) {
                    (Some(' '), Some((_, end))) => *end = start + c.len_utf8(),
                    _ => {
                        chars.push(' ');
                        from.push((start, start + c.len_utf8()));
                    }
                }
                continue;
            }
            for folded in std::iter::once(c).nfd().flat_map(char::to_lowercase) {
                chars.push(folded);
                from.push((start, start + c.len_utf8()));
            }
        }
        Self { chars, from }
    }

    /// Whether a name stands at `start` as a word of its own.
    fn has(&self, name: &[char], start: usize) -> bool {
        let end = start + name.len();
        let apart = |before: Option<&char>, after: Option<&char>| match (before, after) {
            (Some(before), Some(after)) => !(in_word(*before) && in_word(*after)),
            _ => true,
        };
        self.chars.get(start..end) == Some(name)
            && apart(start.checked_sub(1).and_then(|before| self.chars.get(before)), name.first())
            && apart(name.last(), self.chars.get(end))
    }

    /// The bytes that some folded characters came from.
    fn bytes(&self, start: usize, length: usize) -> Option<(usize, usize)> {
        let (first, _) = self.from.get(start)?;
        let (_, end) = self.from.get((start + length).checked_sub(1)?)?;
        Some((*first, *end))
    }
}

/// Whether a character stands between the words of a name: `Anna  Roth`, `anna.roth`, `Roth, Anna`.
fn parts_words(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | ',' | '-' | '_' | '\u{2010}' | '\u{2011}')
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn is_distinctive(name: &str) -> bool {
    let least = if name.chars().any(char::is_alphabetic) { DISTINCTIVE } else { DISTINCTIVE_NUMBER };
    name.chars().count() >= least
}

/// A name that is looked for.
struct Name {
    folded: Vec<char>,
    /// Whether it is the person's; else somebody else's, which stays.
    own: bool,
}

/// A person's names and what stands in their place.
pub struct Pseudonyms {
    id: String,
    /// The person's, as they are written.
    own: BTreeSet<String>,
    /// Other people's, as they are written.
    others: HashSet<String>,
    /// Those looked for inside texts, the longest first.
    inside: Vec<Name>,
    /// Each way in which a name was found written, and what stands in its place.
    given: BTreeMap<String, String>,
}

impl Pseudonyms {
    /// For the person of `id`, who has these names.
    pub fn new<'a>(id: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        let own: BTreeSet<String> = names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let mut made =
            Self { id: id.to_owned(), own, others: HashSet::new(), inside: Vec::new(), given: BTreeMap::new() };
        let distinctive: Vec<String> = made.own.iter().filter(|name| is_distinctive(name)).cloned().collect();
        distinctive.iter().for_each(|name| made.look_for(name, true));
        made
    }

    /// Leaves alone what names somebody else in whose name the person's stands.
    pub fn spare(&mut self, other: &str) {
        if !self.own.contains(other) && self.first(&Folded::new(other), 0, other).is_some() {
            self.look_for(other, false);
            self.others.insert(other.to_owned());
        }
    }

    /// A name of the person's own also with its last word first.
    fn look_for(&mut self, name: &str, own: bool) {
        let folded: String = Folded::new(name).chars.into_iter().collect();
        let folded = folded.trim();
        if let Some((first, last)) = folded.rsplit_once(' ').filter(|_| own && !folded.contains('@')) {
            self.inside.push(Name { folded: format!("{last} {first}").chars().collect(), own });
        }
        self.inside.push(Name { folded: folded.chars().collect(), own });
        self.inside.sort_by_key(|name| (std::cmp::Reverse(name.folded.len()), !name.own));
    }

    /// For each name some letters and digits that stand in every text that holds it, in lower case; none if a name has
    /// none that are the same however it is written.
    pub fn hints(&self) -> Option<Vec<String>> {
        self.own.iter().map(|name| hint(name)).collect()
    }

    /// The longest name at a place of a text: its length, and whether it goes.
    fn at(&self, folded: &Folded, start: usize, text: &str) -> Option<(usize, bool)> {
        let found = self.inside.iter().find(|name| folded.has(&name.folded, start))?;
        let (from, until) = folded.bytes(start, found.folded.len())?;
        let written = text.get(from..until)?;
        let somebody_else = self.others.contains(written) && !self.own.contains(written);
        Some((found.folded.len(), found.own && !somebody_else))
    }

    /// The first place from `start` on where a name goes, and the name's length.
    fn first(&self, folded: &Folded, mut start: usize, text: &str) -> Option<(usize, usize)> {
        while start < folded.chars.len() {
            match self.at(folded, start, text) {
                Some((length, true)) => return Some((start, length)),
                Some((length, false)) => start += length,
                None => start += 1,
            }
        }
        None
    }

    /// What a text becomes in which the person may be named; none if they are not.
    pub fn text(&mut self, text: &str) -> Option<String> {
        let folded = Folded::new(text);
        let (mut made, mut done, mut start) = (String::new(), 0, 0);
        while let Some((found, length)) = self.first(&folded, start, text) {
            let (from, until) = folded.bytes(found, length)?;
            made.push_str(text.get(done..from)?);
            made.push_str(&self.instead_of(text.get(from..until)?));
            (done, start) = (until, found + length);
        }
        if done == 0 {
            return None;
        }
        made.push_str(text.get(done..)?);
        Some(made)
    }

    /// The same of a value that names something: here the shortest of names counts, if it is all there is.
    pub fn value(&mut self, value: &str) -> Option<String> {
        let folded = Folded::new(value.trim());
        let whole = self.own.iter().any(|name| Folded::new(name).chars == folded.chars);
        if whole && !self.others.contains(value) { Some(self.instead_of(value)) } else { self.text(value) }
    }

    fn instead_of(&mut self, written: &str) -> String {
        let number = self.given.len() + 1;
        let made = || format!("{}~{number}", self.id);
        self.given.entry(written.to_owned()).or_insert_with(made).clone()
    }

    /// Takes names out of what a signal bears. What no rule names goes if its own name names the person.
    /// Tells which attributes changed.
    pub fn attributes(
        &mut self,
        attributes: &mut BTreeMap<String, AttributeValue>,
        named_by_rules: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let names: Vec<String> = attributes.keys().cloned().collect();
        let mut changed = BTreeSet::new();
        for name in names {
            if !named_by_rules.contains(&name) && self.value(&name).is_some() {
                attributes.remove(&name);
                changed.insert(name);
                continue;
            }
            let Some(value) = attributes.get_mut(&name) else { continue };
            let made = match value {
                AttributeValue::Text(text) => self.value(text),
                // A number that rules compare with others stays one.
                AttributeValue::Number(number) if !named_by_rules.contains(&name) => self.number(&number.to_string()),
                AttributeValue::Number(_) | AttributeValue::Bool(_) => None,
            };
            if let Some(made) = made {
                *value = AttributeValue::Text(made);
                changed.insert(name);
            }
        }
        changed
    }

    fn number(&mut self, printed: &str) -> Option<String> {
        let named = printed.chars().count() >= DISTINCTIVE && self.own.contains(printed);
        named.then(|| self.instead_of(printed))
    }

    /// Takes names out of the values of a JSON text; tells whether there were any.
    pub fn json(&mut self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.value(text) {
                Some(made) => {
                    *text = made;
                    true
                }
                None => false,
            },
            Value::Array(items) => items.iter_mut().fold(false, |any, item| self.json(item) | any),
            Value::Object(fields) => fields.values_mut().fold(false, |any, field| self.json(field) | any),
            _ => false,
        }
    }

    /// Takes names out of the values that a programme's document compares attributes with; tells whether there were any.
    pub fn document(&mut self, document: &mut Value) -> bool {
        let mut any = false;
        match document {
            Value::Array(items) => items.iter_mut().for_each(|item| any |= self.document(item)),
            Value::Object(fields) => {
                if fields.contains_key("attribute") {
                    for test in ["in", "equals"] {
                        any |= fields.get_mut(test).is_some_and(|compared| self.json(compared));
                    }
                }
                if fields.get("by").is_some_and(|by| by.get("attribute").is_some())
                    && let Some(Value::Object(cases)) = fields.get_mut("cases")
                {
                    any |= self.keys(cases);
                }
                fields.values_mut().for_each(|field| any |= self.document(field));
            }
            _ => {}
        }
        any
    }

    fn keys(&mut self, cases: &mut serde_json::Map<String, Value>) -> bool {
        let names: Vec<(String, String)> = cases
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .into_iter()
            .filter_map(|key| Some((self.value(&key)?, key)))
            .collect();
        for (made, key) in &names {
            if let Some(case) = cases.remove(key) {
                cases.insert(made.clone(), case);
            }
        }
        !names.is_empty()
    }
}

/// Adds the attributes that a programme's document names.
pub fn named_attributes(document: &Value, names: &mut BTreeSet<String>) {
    match document {
        Value::Array(items) => items.iter().for_each(|item| named_attributes(item, names)),
        Value::Object(fields) => {
            if let Some(Value::String(name)) = fields.get("attribute") {
                names.insert(name.trim().nfc().collect());
                names.insert(name.clone());
            }
            fields.values().for_each(|field| named_attributes(field, names));
        }
        _ => {}
    }
}

/// The longest run of letters and digits that are written the same in every form, in lower case.
fn hint(name: &str) -> Option<String> {
    let composed: Vec<char> = name.nfc().collect();
    let runs = composed.split(|c| !c.is_ascii_alphanumeric());
    let longest = runs.max_by_key(|run| run.len()).filter(|run| !run.is_empty())?;
    Some(longest.iter().map(char::to_ascii_lowercase).collect())
}

#[cfg(test)]
mod tests;
