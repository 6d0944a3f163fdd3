//! What a run found, as Markdown.

use std::fmt::Write;

/// A row of the report. What a row has nothing to say about is left empty.
#[derive(Debug, Default, Clone)]
pub struct Row {
    /// What was measured.
    pub path: String,
    /// What is wanted.
    pub goal: String,
    /// What the floor does.
    pub floor: String,
    /// What ours does.
    pub ours: String,
    /// Ours by the floor.
    pub ratio: String,
    /// Half of the answers came within, and 99 of 100.
    pub latency: String,
    /// Memory of the server afterwards.
    pub memory: String,
}

/// The rows of one subject, with what they rest on.
#[derive(Debug, Default)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What they rest on.
    pub notes: Vec<String>,
}

impl Section {
    /// Nothing yet.
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", self.title);
        text.push_str("| path | goal | floor | ours | ratio | p50 / p99 | memory |\n|---|---|---|---|---|---|---|\n");
        for row in &self.rows {
            let Row { path, goal, floor, ours, ratio, latency, memory } = row;
            let _ = writeln!(text, "| {path} | {goal} | {floor} | {ours} | {ratio} | {latency} | {memory} |");
        }
        text.push('\n');
        for note in &self.notes {
            let _ = writeln!(text, "* {note}");
        }
        text
    }
}

/// The middle of some values.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A rate, with thousands apart.
pub fn rate(per_second: f64) -> String {
    format!("{}/s", thousands(per_second))
}

/// A number without decimals, with thousands apart.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
