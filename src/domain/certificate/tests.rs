//! Whatever the names are, the page is well-formed, says them, and stays within its edges.

use proptest::prelude::*;

use super::*;

fn certificate(name: &str) -> Certificate {
    Certificate {
        organization: "Nord & Süd \"GmbH\"".to_owned(),
        name: name.to_owned(),
        achievement: "<Star>".to_owned(),
        kind: Kind::Badge,
        programme: "Service".to_owned(),
        season: "2026-Q4".to_owned(),
        date: NaiveDate::from_ymd_opt(2026, 3, 8).unwrap(),
        valid: true,
        language: Language::De,
        address: "https://applaus.example/certificates/abc".to_owned(),
    }
}

/// The texts of a document of this kind, if it is well-formed: a small reader of its own, stricter than XML.
fn texts(document: &str) -> Option<Vec<String>> {
    let mut rest = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    let (mut open, mut texts) = (Vec::new(), Vec::new());
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        if !text.trim().is_empty() {
            texts.push(unescaped(text)?);
        }
        let end = tag.find('>')?;
        let (tag, after) = (tag.get(1..end)?, tag.get(end + 1..)?);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            (open.pop()? == name).then_some(())?;
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        // Attributes: an even number of quotation marks, and no mark inside.
        (tag.matches('"').count() % 2 == 0 && !tag.contains('<')).then_some(())?;
        if !closed {
            open.push(tag.split(' ').next()?.to_owned());
        }
    }
    (open.is_empty() && rest.trim().is_empty()).then_some(texts)
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut parts = text.split('&');
    plain.push_str(parts.next()?);
    for part in parts {
        let (name, after) = part.split_once(';')?;
        plain.push_str(match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "#39" => "'",
            _ => return None,
        });
        plain.push_str(after);
    }
    Some(plain)
}

#[test]
fn a_page_says_what_is_certified() {
    let page = svg(&certificate("Zoë Müller"));
    let said = texts(&page).unwrap();
    let expected = [
        "Urkunde: Zoë Müller",
        "Urkunde",
        "Nord & Süd \"GmbH\"",
        "verleiht diese Urkunde an",
        "Zoë Müller",
        "für das Abzeichen",
        "<Star>",
        "Service · Saison 2026-Q4",
        "8. März 2026",
        "Zu prüfen unter: https://applaus.example/certificates/abc",
    ];
    assert_eq!(said, expected);
    assert!(page.contains("width=\"297mm\" height=\"210mm\" viewBox=\"0 0 297 210\""));
    for never in ["href", "url(", "<script", "<image", "<style", "@import", "<foreignObject", " on"] {
        assert!(!page.contains(never), "{never}");
    }
    assert_eq!(day_in_words(NaiveDate::from_ymd_opt(2026, 11, 18).unwrap(), Language::En), "18 November 2026");
}

#[test]
fn a_name_cannot_leave_its_line() {
    let page = svg(&certificate("\u{202E}</text><script>alert('x')</script>&lt;\u{0}\u{FFFE}]]>"));
    let said = texts(&page).unwrap();
    assert_eq!(said[4], "</text><script>alert('x')</script>&lt; ]]>");
    let long = svg(&certificate(&"W".repeat(5_000)));
    assert_eq!(texts(&long).unwrap()[4].chars().count(), 160);
    assert!(long.contains("font-size=\"2.73\""));
}

proptest! {
    #[test]
    fn every_name_gives_a_well_formed_page(name in any::<String>(), other in "[<>&'\"a-z\\u{0}-\\u{20}\\u{202a}-\\u{202e}]{0,40}") {
        let whole = format!("{name}{other}");
        let page = svg(&certificate(&whole));
        prop_assert!(texts(&page).is_some(), "{}", page);
        let taken = |c: char| c == '\n' || (c >= ' ' && !matches!(c, '\u{7f}'..='\u{9f}' | '\u{FFFE}' | '\u{FFFF}' | '\u{202A}'..='\u{202E}'));
        prop_assert!(page.chars().all(taken));
    }
}
