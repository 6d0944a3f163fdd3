//! The tools for reading a document: places in it, typed values, and the findings collected on the way.
//!
//! Knows JSON and pointers, no word of programmes. A value that is not taken leaves a finding; reading goes on beside it.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::Known;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::language::Localised;
use crate::domain::points::Points;
use crate::domain::problem::{Finding, ProblemCode, pointer_step};
use crate::domain::text;

/// The most findings that are kept.
pub(super) const MOST_FINDINGS: usize = 100;
/// The most entries of a list that has no narrower limit.
pub(super) const MOST_ENTRIES: usize = 200;
/// How deep conditions and points may nest.
const MOST_LEVELS: usize = 8;
/// How many parts a condition, or points, may have.
const MOST_PARTS: usize = 200;
/// Characters of a name.
const MOST_IN_LINE: usize = 120;
/// Characters of a description.
const MOST_IN_DESCRIPTION: usize = 1_000;

/// The proof that a finding was noted: only [`Reader::refuse`] makes one.
#[derive(Debug)]
pub(super) struct Refused(());

/// A value, or the proof that a finding says why there is none.
pub(super) type Taken<T> = Result<T, Refused>;

/// A value in the document and its place.
pub(super) struct Node<'a> {
    /// The value.
    pub value: &'a Value,
    /// Its JSON pointer.
    pub at: String,
}

impl<'a> Node<'a> {
    /// The entry of a list.
    pub fn entry(&self, index: usize, value: &'a Value) -> Self {
        Self { value, at: format!("{}/{index}", self.at) }
    }

    /// The field of an object.
    pub fn field(&self, name: &str, value: &'a Value) -> Self {
        Self { value, at: self.at.clone() + &pointer_step(name) }
    }

    /// Whether it is an empty list.
    pub fn is_empty_list(&self) -> bool {
        self.value.as_array().is_some_and(Vec::is_empty)
    }

    /// The field `code` of each entry that has one, with the entry's index.
    pub fn codes(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let entries = self.value.as_array().into_iter().flatten().enumerate();
        entries.filter_map(|(index, entry)| Some((index, entry.get("code")?.as_str()?)))
    }
}

/// An object and its place.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// Its JSON pointer.
    pub at: String,
}

impl<'a> Fields<'a> {
    /// The field, if it is there.
    pub fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.object.get(name)?;
        Some(Node { value, at: self.at.clone() + &pointer_step(name) })
    }

    /// The field, which must be there.
    pub fn need(&self, reader: &mut Reader, name: &str) -> Taken<Node<'a>> {
        self.get(name)
            .ok_or_else(|| reader.refuse(Finding::new(self.at.as_str(), ProblemCode::MissingField).with("field", name)))
    }
}

/// What is known of the world, and what was found wrong so far.
pub(super) struct Reader<'k> {
    pub known: &'k dyn Known,
    pub findings: Vec<Finding>,
}

impl Reader<'_> {
    /// Notes a finding.
    pub fn refuse(&mut self, finding: Finding) -> Refused {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
        Refused(())
    }

    /// Notes that the value at `node` is not taken.
    pub fn refuse_at(&mut self, node: &Node, code: ProblemCode) -> Refused {
        self.refuse(Finding::new(node.at.as_str(), code))
    }

    /// Notes that `field`, at `node`, goes only with something that is not there.
    pub fn refuse_alone(&mut self, node: &Node, field: &str, with: &str) -> Refused {
        let finding = Finding::new(node.at.as_str(), ProblemCode::GoesOnlyWith).with("field", field);
        self.refuse(finding.with("with", with))
    }

    /// Notes that not exactly one of `choices` is there.
    pub fn refuse_choice(&mut self, fields: &Fields, choices: &str) -> Refused {
        self.refuse(Finding::new(fields.at.as_str(), ProblemCode::ExactlyOne).with("choices", choices))
    }

    /// An object. Fields that are not `known` are refused.
    pub fn fields<'a>(&mut self, node: &Node<'a>, known: &[&str]) -> Taken<Fields<'a>> {
        let object = node.value.as_object().ok_or_else(|| self.refuse_at(node, ProblemCode::ExpectedObject))?;
        let fields = Fields { object, at: node.at.clone() };
        for (name, value) in object {
            if !known.contains(&name.as_str()) {
                let finding = Finding::new(node.field(name, value).at, ProblemCode::UnknownField);
                self.refuse(finding.with("field", shown(name)).with("known", known.join(", ")));
            }
        }
        Ok(fields)
    }

    /// A list of so many entries.
    pub fn list<'a, T>(
        &mut self,
        node: &Node<'a>,
        size: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Self, &Node<'a>) -> Taken<T>,
    ) -> Taken<Vec<T>> {
        let entries = node.value.as_array().ok_or_else(|| self.refuse_at(node, ProblemCode::ExpectedList))?;
        if entries.len() > *size.end() {
            let finding = Finding::new(node.at.as_str(), ProblemCode::TooMany);
            return Err(self.refuse(finding.with("limit", size.end())));
        }
        if entries.len() < *size.start() {
            return Err(self.refuse_at(node, ProblemCode::EmptyList));
        }
        let each = entries.iter().enumerate().map(|(index, value)| read(self, &node.entry(index, value)));
        // First all, so that each leaves its finding; then the first that was refused, if any.
        each.collect::<Vec<_>>().into_iter().collect()
    }

    /// A list of things that have a `code`, each its own.
    pub fn coded_list<'a, T>(
        &mut self,
        node: &Node<'a>,
        size: RangeInclusive<usize>,
        read: impl FnMut(&mut Self, &Node<'a>) -> Taken<T>,
    ) -> Taken<Vec<T>> {
        let taken = self.list(node, size, read)?;
        let mut seen = HashSet::new();
        for (index, code) in node.codes() {
            if !seen.insert(code) {
                let finding = Finding::new(format!("{}/{index}/code", node.at), ProblemCode::DuplicateCode);
                self.refuse(finding.with("code", shown(code)));
            }
        }
        Ok(taken)
    }

    /// Refuses what nests too deep or has too many parts, without recursion, so that reading it may recurse.
    pub fn within_bounds<'a>(&mut self, node: &Node<'a>, parts_of: fn(&'a Value) -> Vec<&'a Value>) -> Taken<()> {
        let mut waiting = vec![(node.value, 1)];
        let mut parts = 0;
        while let Some((value, level)) = waiting.pop() {
            parts += 1;
            if level > MOST_LEVELS || parts > MOST_PARTS {
                let finding = Finding::new(node.at.as_str(), ProblemCode::TooDeep);
                return Err(self.refuse(finding.with("depth", MOST_LEVELS).with("nodes", MOST_PARTS)));
            }
            waiting.extend(parts_of(value).into_iter().map(|part| (part, level + 1)));
        }
        Ok(())
    }

    /// A text without U+0000, as it stands.
    pub fn text<'a>(&mut self, node: &Node<'a>) -> Taken<&'a str> {
        let text = node.value.as_str().ok_or_else(|| self.refuse_at(node, ProblemCode::ExpectedText))?;
        if text.contains('\0') {
            return Err(self.refuse_at(node, ProblemCode::NulCharacter));
        }
        Ok(text)
    }

    /// A name on one line, cleaned.
    pub fn line(&mut self, node: &Node) -> Taken<String> {
        self.cleaned(node, MOST_IN_LINE, text::line)
    }

    /// A text of at most `limit` characters, cleaned by `clean`.
    pub fn cleaned(
        &mut self,
        node: &Node,
        limit: usize,
        clean: fn(&str, usize) -> Result<String, text::UnfitText>,
    ) -> Taken<String> {
        let text = self.text(node)?;
        // Counted before cleaning as well: the schema's `maxLength` sees the text as sent.
        let cleaned =
            if text.chars().count() > limit { Err(text::UnfitText::TooLong(limit)) } else { clean(text, limit) };
        cleaned.map_err(|unfit| self.refuse(unfit.finding(node.at.as_str())))
    }

    /// A name in every language.
    pub fn name(&mut self, node: &Node) -> Taken<Localised> {
        self.localised(node, Self::line)
    }

    /// A description in every language.
    pub fn description(&mut self, node: &Node) -> Taken<Localised> {
        self.localised(node, |reader, text| reader.cleaned(text, MOST_IN_DESCRIPTION, text::message))
    }

    fn localised(&mut self, node: &Node, read: fn(&mut Self, &Node) -> Taken<String>) -> Taken<Localised> {
        let fields = self.fields(node, &["en", "de"])?;
        let en = fields.need(self, "en").and_then(|text| read(self, &text));
        let de = fields.need(self, "de").and_then(|text| read(self, &text));
        Ok(Localised { en: en?, de: de? })
    }

    /// A code.
    pub fn code(&mut self, node: &Node) -> Taken<Code> {
        let text = self.text(node)?;
        Code::new(text).ok_or_else(|| self.refuse_at(node, ProblemCode::InvalidCode))
    }

    /// True or false.
    pub fn truth(&mut self, node: &Node) -> Taken<bool> {
        node.value.as_bool().ok_or_else(|| {
            self.refuse(Finding::new(node.at.as_str(), ProblemCode::InvalidValue).with("expected", "true, false"))
        })
    }

    /// A number, rounded to four places.
    pub fn number(&mut self, node: &Node) -> Taken<Decimal4> {
        let number = node.value.as_number().and_then(|number| Decimal4::parse(&number.to_string()).ok());
        number.ok_or_else(|| self.refuse_at(node, ProblemCode::ExpectedNumber))
    }

    /// A number that is not negative, not even before rounding.
    pub fn number_from_zero(&mut self, node: &Node) -> Taken<Decimal4> {
        let number = self.number(node)?;
        if node.value.as_f64().is_some_and(|exact| exact < 0.0) {
            return Err(self.refuse(Finding::new(node.at.as_str(), ProblemCode::InvalidNumber).with("expected", "≥ 0")));
        }
        Ok(number)
    }

    /// A whole number in `range`, written without a fraction.
    pub fn whole(&mut self, node: &Node, range: RangeInclusive<i64>) -> Taken<i64> {
        node.value.as_i64().filter(|number| range.contains(number)).ok_or_else(|| {
            let finding = Finding::new(node.at.as_str(), ProblemCode::ExpectedWhole);
            self.refuse(finding.with("least", range.start()).with("most", range.end()))
        })
    }

    /// Points from `least` to the most that one award may carry.
    pub fn points(&mut self, node: &Node, least: i64) -> Taken<Points> {
        self.whole(node, least..=Points::MAX_AWARD.0).map(Points)
    }

    /// One of the words of a table.
    pub fn one_of<T: Copy>(&mut self, node: &Node, table: &[(&str, T)]) -> Taken<T> {
        let text = node.value.as_str();
        let found = table.iter().find(|(word, _)| text == Some(word));
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<_> = table.iter().map(|(word, _)| *word).collect();
            self.refuse(Finding::new(node.at.as_str(), ProblemCode::InvalidValue).with("expected", words.join(", ")))
        })
    }
}

/// A text from the document as findings show it: short, and without control characters.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 64;
    let mut shown: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
