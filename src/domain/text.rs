//! Plain text from people, and identifiers from systems: what is taken, in which form.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::problem::{Finding, ProblemCode};

/// Why a text is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnfitText {
    /// It is empty, or white space only.
    Empty,
    /// It has more characters than the limit.
    TooLong(usize),
    /// It holds a control character other than a line break, or one that changes the writing direction.
    Control(char),
    /// It holds what a browser takes for mark-up, starting like this.
    MarkUp(String),
}

impl UnfitText {
    /// What to tell the sender of the text at `pointer`.
    pub fn finding(self, pointer: impl Into<String>) -> Finding {
        match self {
            Self::Empty => Finding::new(pointer, ProblemCode::EmptyText),
            Self::TooLong(limit) => Finding::new(pointer, ProblemCode::TextTooLong).with("limit", limit),
            Self::Control(found) => Finding::new(pointer, ProblemCode::UnfitCharacter)
                .with("character", format!("U+{:04X}", u32::from(found))),
            Self::MarkUp(found) => Finding::new(pointer, ProblemCode::MarkUp).with("found", found),
        }
    }
}

/// Characters that reorder what follows them (Unicode Standard Annex 9, section 2) or hide inside words.
fn reorders_or_hides(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn clean(text: &str, limit: usize, line_breaks: bool) -> Result<String, UnfitText> {
    let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
    if text.is_empty() {
        return Err(UnfitText::Empty);
    }
    if text.chars().count() > limit {
        return Err(UnfitText::TooLong(limit));
    }
    let unfit = |c: &char| (c.is_control() && !(line_breaks && *c == '\n')) || reorders_or_hides(*c);
    match text.chars().find(unfit) {
        Some(found) => Err(UnfitText::Control(found)),
        None => Ok(text),
    }
}

/// A name or title on one line: trimmed, NFC, without control or direction characters, at most `limit` characters.
pub fn line(text: &str, limit: usize) -> Result<String, UnfitText> {
    clean(text, limit, false)
}

/// A message, which may have line breaks; otherwise as [`line`].
pub fn message(text: &str, limit: usize) -> Result<String, UnfitText> {
    clean(text, limit, true)
}

/// What people write to each other: as [`message`], and without mark-up. Whoever shows it, shows it as it stands; what a
/// careless page would take for a tag is refused all the same, and told.
pub fn plain(text: &str, limit: usize) -> Result<String, UnfitText> {
    let text = message(text, limit)?;
    match mark_up(&text) {
        Some(found) => Err(UnfitText::MarkUp(found.to_owned())),
        None => Ok(text),
    }
}

/// The first beginning of a tag, comment or declaration, as browsers see it (WHATWG HTML section 13.2.5.6, "tag open
/// state"): `5 < 6` and `<3` are none.
fn mark_up(text: &str) -> Option<&str> {
    let begins = |at: &usize| {
        let mut next = text.get(at + 1..).unwrap_or_default().chars();
        match next.next() {
            Some('/') => next.next().is_some_and(|c| c.is_ascii_alphabetic()),
            Some(c) => c.is_ascii_alphabetic() || matches!(c, '!' | '?'),
            None => false,
        }
    };
    let at = text.match_indices('<').map(|(at, _)| at).find(begins)?;
    let end = text.char_indices().map(|(end, c)| end + c.len_utf8()).filter(|end| *end > at).nth(SHOWN - 1);
    text.get(at..end.unwrap_or(text.len()))
}

/// Characters of mark-up that are shown to whoever wrote it.
const SHOWN: usize = 12;

/// `text` as a cell of a table that is opened in a spreadsheet: what it would take for a formula is preceded by an apostrophe
/// (OWASP, "CSV Injection").
pub fn harmless_cell(text: &str) -> Cow<'_, str> {
    let computes = |c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if text.trim_start_matches(' ').starts_with(computes) { format!("'{text}").into() } else { text.into() }
}

/// Whether `text` is an identifier from a system: 1 to 200 visible ASCII characters (SEMANTICS S15).
pub fn is_identifier(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_normalised_and_bounded() {
        assert_eq!(line("  Zoe\u{308}  ", 10), Ok("Zoë".to_owned()));
        assert_eq!(line(" \t", 10), Err(UnfitText::Empty));
        assert_eq!(line("abc", 2), Err(UnfitText::TooLong(2)));
        assert_eq!(line("a\nb", 5), Err(UnfitText::Control('\n')));
        assert_eq!(message("a\r\nb", 5), Ok("a\nb".to_owned()));
        assert_eq!(message("a\u{202E}b", 5), Err(UnfitText::Control('\u{202E}')));
        assert_eq!(message("a\0b", 5), Err(UnfitText::Control('\0')));
    }

    #[test]
    fn what_a_browser_takes_for_mark_up_is_refused_and_nothing_else() {
        for (text, found) in [
            ("Thank you <b>all</b>", "<b>all</b>"),
            ("<script>alert(1)</script>", "<script>aler"),
            ("a</p>", "</p>"),
            ("<!-- x", "<!-- x"),
            ("<?xml", "<?xml"),
            ("5 <6, <Zoë", "<Zoë"),
        ] {
            assert_eq!(plain(text, 100), Err(UnfitText::MarkUp(found.to_owned())), "{text}");
        }
        for text in
            ["I <3 this", "</3", "5 < 6 > 4", "a <- b", "<", "&lt;b&gt;", "<ä>", "**all**", "[x](https://example.org)"]
        {
            assert_eq!(plain(text, 100), Ok(text.to_owned()));
        }
    }
}
