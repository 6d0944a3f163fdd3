//! A certificate as one page of A4, landscape, in millimetres: an SVG of rectangles and lines of text alone, with fonts that
//! every system has, nothing from elsewhere, and nothing that runs.

use std::fmt::Write;

use super::{Certificate, Kind, day_in_words, escaped};
use crate::domain::language::Language;

/// Characters of a line, of which longer ones are cut.
const LONGEST_LINE: usize = 160;
/// Millimetres that a line may take.
const WIDTH: f64 = 245.0;
/// A character's width as a part of its height, rather too wide than too narrow.
const CHARACTER: f64 = 0.56;

/// The page.
pub fn svg(certificate: &Certificate) -> String {
    let german = certificate.language == Language::De;
    let words = |en: &'static str, de: &'static str| if german { de } else { en };
    let title = words("Certificate", "Urkunde");
    let reason = match certificate.kind {
        Kind::Badge => words("for earning the badge", "für das Abzeichen"),
        Kind::Tier => words("for reaching the tier", "für das Erreichen der Stufe"),
    };
    let goes_to = words("awards this certificate to", "verleiht diese Urkunde an");
    let season = format!("{} · {} {}", certificate.programme, words("Season", "Saison"), certificate.season);
    let verify = format!("{}: {}", words("Verify at", "Zu prüfen unter"), certificate.address);
    let lines = [
        Line { y: 48.0, height: 17.0, ink: ACCENT, weight: "bold", text: title },
        Line { y: 68.0, height: 9.0, ink: INK, weight: "normal", text: &certificate.organization },
        Line { y: 80.0, height: 5.5, ink: GREY, weight: "normal", text: goes_to },
        Line { y: 101.0, height: 15.0, ink: INK, weight: "bold", text: &certificate.name },
        Line { y: 116.0, height: 5.5, ink: GREY, weight: "normal", text: reason },
        Line { y: 133.0, height: 12.0, ink: ACCENT, weight: "bold", text: &certificate.achievement },
        Line { y: 147.0, height: 6.0, ink: INK, weight: "normal", text: &season },
        Line {
            y: 163.0,
            height: 5.5,
            ink: INK,
            weight: "normal",
            text: &day_in_words(certificate.date, certificate.language),
        },
        Line { y: 189.0, height: 3.6, ink: GREY, weight: "normal", text: &verify },
    ];
    let mut page = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"297mm\" height=\"210mm\" viewBox=\"0 0 297 210\" xml:lang=\"{}\" role=\"img\">\n\
         <title>{}: {}</title>\n\
         <rect width=\"297\" height=\"210\" fill=\"#ffffff\"/>\n\
         <rect x=\"10\" y=\"10\" width=\"277\" height=\"190\" fill=\"none\" stroke=\"{ACCENT}\" stroke-width=\"1.2\"/>\n\
         <rect x=\"13\" y=\"13\" width=\"271\" height=\"184\" fill=\"none\" stroke=\"{ACCENT}\" stroke-width=\"0.3\"/>\n\
         <rect x=\"98.5\" y=\"170\" width=\"100\" height=\"0.3\" fill=\"{GREY}\"/>\n",
        certificate.language.tag(),
        escaped(title),
        escaped(&cut(&certificate.name)),
    );
    lines.iter().for_each(|line| line.draw(&mut page));
    page.push_str("</svg>\n");
    page
}

const INK: &str = "#1c2430";
const GREY: &str = "#5b6573";
const ACCENT: &str = "#0b5d6b";

/// A line of text in the middle of the page.
struct Line<'a> {
    /// Where it stands, from the top.
    y: f64,
    /// How high its letters are at most: long ones are smaller.
    height: f64,
    ink: &'a str,
    weight: &'a str,
    text: &'a str,
}

impl Line<'_> {
    fn draw(&self, page: &mut String) {
        let text = cut(self.text);
        let fits = WIDTH / (text.chars().count().max(1) as f64 * CHARACTER);
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "<text x=\"148.5\" y=\"{}\" text-anchor=\"middle\" font-family=\"Georgia, 'Times New Roman', serif\" \
             font-size=\"{:.2}\" font-weight=\"{}\" fill=\"{}\">{}</text>",
            self.y,
            self.height.min(fits),
            self.weight,
            self.ink,
            escaped(&text),
        );
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_LINE {
        return text.to_owned();
    }
    text.chars().take(LONGEST_LINE - 1).chain(['…']).collect()
}
