//! Adding and changing measures.

use super::organization::Expected;
use super::{Command, Failure, Tx};
use crate::domain::decimal::Decimal4;
use crate::domain::measure::{Aggregation, Measure};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::head::ChangeKind;
use crate::store::measures::{self, MeasureRow};

/// Measures that the catalogue may have.
const MOST: usize = 1_000;

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
    type Output = MeasureRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<MeasureRow, Failure> {
        check(&self.measure)?;
        let code = self.measure.code.as_str();
        let catalogue = tx.catalogue()?;
        if catalogue.measures.contains_key(code) {
            return Err(Finding::new("/code", ProblemCode::AlreadyExists).with("what", code).into());
        }
        if catalogue.measures.len() >= MOST {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST).into());
        }
        let row = MeasureRow::new(&self.measure, tx.record(ChangeKind::Measure, code)?)?;
        measures::insert(tx.db, &row)?;
        Ok(row)
    }
}

impl Command for ChangeMeasure {
    type Output = MeasureRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<MeasureRow, Failure> {
        check(&self.measure)?;
        let code = self.measure.code.as_str();
        let catalogue = tx.catalogue()?;
        let held = catalogue.measures.get(code).ok_or(ProblemCode::NotFound)?;
        self.expected.check(held.row.revision)?;
        if held.measure == self.measure {
            return Ok(held.row.clone());
        }
        if held.row.used {
            fixed(&held.measure, &self.measure)?;
        }
        let revision = tx.record(ChangeKind::Measure, code)?;
        let row = MeasureRow { used: held.row.used, ..MeasureRow::new(&self.measure, revision)? };
        measures::update(tx.db, &row)?;
        Ok(row)
    }
}

fn fixed(held: &Measure, wanted: &Measure) -> Result<(), Failure> {
    let fields = [
        ("scale/min", held.scale_min == wanted.scale_min),
        ("scale/max", held.scale_max == wanted.scale_max),
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
    let fault = match (measure.aggregation, measure.threshold) {
        (Aggregation::ShareSatisfied, None) => {
            Some(Finding::new("/threshold", ProblemCode::MissingField).with("field", "threshold"))
        }
        (Aggregation::ShareSatisfied, Some(threshold)) if !measure.admits(threshold) => Some(
            Finding::new("/threshold", ProblemCode::OutsideScale)
                .with("measure", &measure.code)
                .with("scale", measure.scale_text())
                .with("value", threshold),
        ),
        (Aggregation::ShareSatisfied, Some(_)) | (_, None) => None,
        (_, Some(_)) => Some(Finding::new("/threshold", ProblemCode::InvalidValue).with("expected", "null")),
    };
    let upside_down = measure.scale_max.is_some_and(|max| max <= measure.scale_min);
    let nps_scale = (Decimal4::from_whole(0), Some(Decimal4::from_whole(10)));
    let not_of_nps = measure.aggregation == Aggregation::Nps && (measure.scale_min, measure.scale_max) != nps_scale;
    if upside_down {
        return Err(Finding::new("/scale/max", ProblemCode::InvalidInterval).into());
    }
    if not_of_nps {
        return Err(Finding::new("/scale", ProblemCode::InvalidValue).with("expected", "0 – 10").into());
    }
    fault.map_or(Ok(()), |fault| Err(fault.into()))
}
