//! Adding and changing measures.

use super::organization::Expected;
use super::{Command, Failure, Tx};
use crate::domain::measure::{Aggregation, Measure};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::head::ChangeKind;
use crate::store::measures::{self, MeasureRow};

/// Adds a measure.
pub struct AddMeasure {
    /// The measure.
    pub measure: Measure,
}

/// Replaces a measure; once it is used, only its name may differ (SEMANTICS S2).
pub struct ChangeMeasure {
    /// The measure as it shall be.
    pub measure: Measure,
    /// The revision the change was made on.
    pub expected: Expected,
}

impl Command for AddMeasure {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        check(&self.measure)?;
        let code = self.measure.code.as_str();
        if tx.catalogue()?.measures.contains_key(code) {
            return Err(Problem::new(ProblemCode::AlreadyExists).with("what", code).into());
        }
        let revision = tx.record(ChangeKind::Measure, code)?;
        Ok(measures::insert(tx.db, &MeasureRow::new(&self.measure, revision)?)?)
    }
}

impl Command for ChangeMeasure {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        check(&self.measure)?;
        let code = self.measure.code.as_str();
        let catalogue = tx.catalogue()?;
        let held = catalogue.measures.get(code).ok_or(ProblemCode::NotFound)?;
        self.expected.check(held.row.revision)?;
        if held.measure == self.measure {
            return Ok(());
        }
        if held.row.used {
            fixed(&held.measure, &self.measure)?;
        }
        let revision = tx.record(ChangeKind::Measure, code)?;
        let row = MeasureRow { used: held.row.used, ..MeasureRow::new(&self.measure, revision)? };
        Ok(measures::update(tx.db, &row)?)
    }
}

fn fixed(held: &Measure, wanted: &Measure) -> Result<(), Failure> {
    let fields = [
        ("scale_min", held.scale_min == wanted.scale_min),
        ("scale_max", held.scale_max == wanted.scale_max),
        ("direction", held.direction == wanted.direction),
        ("unit", held.unit == wanted.unit),
        ("aggregation", held.aggregation == wanted.aggregation),
        ("threshold", held.threshold == wanted.threshold),
    ];
    let changed = fields.into_iter().filter(|(_, same)| !same);
    let findings: Vec<Finding> =
        changed.map(|(field, _)| Finding::new(format!("/{field}"), ProblemCode::Fixed).with("field", field)).collect();
    if findings.is_empty() { Ok(()) } else { Err(Problem::invalid(findings).into()) }
}

fn check(measure: &Measure) -> Result<(), Failure> {
    let threshold_needed = measure.aggregation == Aggregation::ShareSatisfied;
    if measure.threshold.is_some() != threshold_needed {
        let finding = Finding::new("/threshold", ProblemCode::InvalidValue)
            .with("expected", "threshold with aggregation share_satisfied, and only with it");
        return Err(finding.into());
    }
    if measure.scale_max.is_some_and(|max| max <= measure.scale_min) {
        return Err(Finding::new("/scale_max", ProblemCode::InvalidInterval).into());
    }
    if measure.threshold.is_some_and(|threshold| !measure.admits(threshold)) {
        let finding = Finding::new("/threshold", ProblemCode::OutsideScale)
            .with("measure", &measure.code)
            .with("scale", measure.scale_text())
            .with("value", measure.threshold.unwrap_or_default());
        return Err(finding.into());
    }
    Ok(())
}
