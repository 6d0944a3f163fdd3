//! The catalogue of measures over HTTP.

use actix_web::{HttpRequest, HttpResponse};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conditional::{MeantFor, answer, revision_tag, tagged};
use super::creating::{Creating, answering, changed, created, respond};
use super::fields::{Faults, Names, code, given};
use super::json::Json;
use super::page::{Page, Paging};
use super::permit::{Asked, ChangeMeasures, Permit, ReadMeasures, Seen, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use crate::access::policy::{Action, Relation};
use crate::catalogue::MeasureEntry;
use crate::domain::decimal::Decimal4;
use crate::domain::measure::{Aggregation, Direction, Measure};
use crate::domain::problem::{Finding, Problem};
use crate::domain::text::{self, UnfitText};
use crate::store::db::Db;
use crate::store::measures::MeasureRow;
use crate::writer::idempotent::Idempotent;
use crate::writer::measure::{AddMeasure, ChangeMeasure};
use crate::writer::organization::Expected;

const LIST: &str = "measures.1";
const MOST_UNIT_CHARS: usize = 40;

/// A new measure.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureIn {
    /// Fixed for life: 1 to 64 lower-case letters, digits, `-` and `_`.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// Which values there are.
    pub scale: Scale,
    /// Which end is good: `higher_is_better` or `lower_is_better`.
    #[schema(value_type = String, pattern = "^(higher|lower)_is_better$")]
    pub direction: Direction,
    /// What it is counted in, e.g. `seconds`.
    #[serde(default)]
    pub unit: String,
    /// How many values become one: `mean`, `share_satisfied`, `nps` (on a scale of 0 to 10), `sum` or `count`.
    #[schema(value_type = String, pattern = "^(mean|share_satisfied|nps|sum|count)$")]
    pub aggregation: Aggregation,
    /// From where on a value is satisfied; with `share_satisfied`, and only with it.
    #[schema(value_type = Option<f64>)]
    pub threshold: Option<Decimal4>,
}

/// The values of a measure.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The least.
    #[schema(value_type = f64)]
    pub min: Decimal4,
    /// The greatest; null if there is none.
    #[schema(value_type = Option<f64>)]
    pub max: Option<Decimal4>,
}

/// What shall be different about a measure; what is left out stays. Once evidence or a programme names it, only its name
/// may differ.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasurePatch {
    /// Its name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Names>, nullable = false)]
    pub name: Option<Names>,
    /// Which values there are.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Scale>, nullable = false)]
    pub scale: Option<Scale>,
    /// Which end is good.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub direction: Option<Direction>,
    /// What it is counted in.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub unit: Option<String>,
    /// How many values become one.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub aggregation: Option<Aggregation>,
    /// From where on a value is satisfied; null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    pub threshold: Option<Option<Decimal4>>,
}

/// A measure.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeasureOut {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Names,
    /// Which values there are.
    pub scale: Scale,
    /// Which end is good.
    #[schema(value_type = String)]
    pub direction: Direction,
    /// What it is counted in.
    pub unit: String,
    /// How many values become one.
    #[schema(value_type = String)]
    pub aggregation: Aggregation,
    /// From where on a value is satisfied.
    #[schema(value_type = Option<f64>)]
    pub threshold: Option<Decimal4>,
    /// Whether evidence or a programme has named it: then only its name may change.
    pub used: bool,
}

impl MeasureOut {
    fn new(row: &MeasureRow) -> QueryResult<Self> {
        let measure = row.measure()?;
        Ok(Self {
            code: measure.code.to_string(),
            name: measure.name.into(),
            scale: Scale { min: measure.scale_min, max: measure.scale_max },
            direction: measure.direction,
            unit: measure.unit,
            aggregation: measure.aggregation,
            threshold: measure.threshold,
            used: row.used,
        })
    }
}

/// A unit, which may be empty.
fn unit(text: &str) -> Result<String, Finding> {
    match text::line(text, MOST_UNIT_CHARS) {
        Err(UnfitText::Empty) => Ok(String::new()),
        other => other.map_err(|unfit| unfit.finding("/unit")),
    }
}

impl MeasureIn {
    fn measure(self) -> Result<Measure, Problem> {
        let mut faults = Faults::default();
        let code = faults.check(code("/code", &self.code));
        let name = self.name.checked("/name", &mut faults);
        let unit = faults.check(unit(&self.unit));
        let measure = || {
            Some(Measure {
                code: code?,
                name: name?,
                scale_min: self.scale.min,
                scale_max: self.scale.max,
                direction: self.direction,
                unit: unit?,
                aggregation: self.aggregation,
                threshold: self.threshold,
            })
        };
        faults.whole(measure())
    }
}

impl MeasurePatch {
    fn applied(self, held: Measure) -> Result<Measure, Problem> {
        let mut faults = Faults::default();
        let name = match &self.name {
            Some(name) => name.checked("/name", &mut faults),
            None => Some(held.name),
        };
        let unit = faults.check_given(self.unit.as_deref(), unit);
        let held_scale = Scale { min: held.scale_min, max: held.scale_max };
        let scale = self.scale.unwrap_or(held_scale);
        let measure = || {
            Some(Measure {
                code: held.code,
                name: name?,
                scale_min: scale.min,
                scale_max: scale.max,
                direction: self.direction.unwrap_or(held.direction),
                unit: unit?.unwrap_or(held.unit),
                aggregation: self.aggregation.unwrap_or(held.aggregation),
                threshold: self.threshold.unwrap_or(held.threshold),
            })
        };
        faults.whole(measure())
    }
}

/// The measure of `{measure}`.
pub struct MeasureTarget(pub MeasureEntry);

impl Target for MeasureTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadMeasures);

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let measure = asked.catalogue.measures.get(asked.parameter("measure"))?;
        Some((Self(measure.clone()), Vec::new()))
    }
}

/// List measures
///
/// All of them, by code.
#[utoipa::path(get, path = "/api/v1/measures", tag = "Measures", params(Paging),
    responses((status = 200, description = "A page of measures", body = Page<MeasureOut>)))]
pub async fn list(permit: Permit<ReadMeasures>, Query(paging): Query<Paging>) -> Result<HttpResponse, ApiError> {
    let catalogue = permit.state.catalogue();
    let page = paging.page(LIST, catalogue.measures.values(), |measure| measure.row.code.clone())?;
    let items = page.items.into_iter().map(|measure| MeasureOut::new(&measure.row));
    Ok(HttpResponse::Ok().json(Page { items: items.collect::<QueryResult<Vec<_>>>()?, next: page.next }))
}

/// Add a measure
#[utoipa::path(post, path = "/api/v1/measures", tag = "Measures", request_body = MeasureIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless")),
    responses(
        (status = 201, description = "The measure", body = MeasureOut, headers(("Location" = String, description = "Where it is"))),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 409, description = "The code is taken", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
    ))]
pub async fn create(permit: Permit<ChangeMeasures>, creating: Creating<MeasureIn>) -> Result<HttpResponse, ApiError> {
    let answer = answering(|row: MeasureRow| {
        let location = format!("/api/v1/measures/{}", row.code);
        created(&MeasureOut::new(&row)?, location)
    });
    let command = AddMeasure { measure: creating.body.measure()? };
    let command = Idempotent { command, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// Read a measure
#[utoipa::path(get, path = "/api/v1/measures/{measure}", tag = "Measures",
    params(("measure" = String, Path, description = "The code")),
    responses(
        (status = 200, description = "The measure", body = MeasureOut, headers(("ETag" = String, description = "Of this state"))),
        (status = 304, description = "The reader has it already"),
        (status = 404, description = "There is no such measure", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadMeasures, MeasureTarget>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let row = permit.target.0.row;
    Ok(answer(&request, revision_tag(row.revision), &MeasureOut::new(&row)?))
}

/// Change a measure
#[utoipa::path(patch, path = "/api/v1/measures/{measure}", tag = "Measures", request_body = MeasurePatch,
    params(
        ("measure" = String, Path, description = "The code"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "The measure as it is now", body = MeasureOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is no such measure", body = ProblemBody),
        (status = 412, description = "Changed in the meantime", body = ProblemBody),
        (status = 422, description = "Something is not taken, or fixed by use", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn change(
    permit: Permit<ChangeMeasures, MeasureTarget>,
    meant: MeantFor,
    Json(patch): Json<MeasurePatch>,
) -> Result<HttpResponse, ApiError> {
    let actor = permit.actor();
    let MeasureEntry { measure, row } = permit.target.0;
    meant.check(&revision_tag(row.revision))?;
    let command = ChangeMeasure { measure: patch.applied(measure)?, expected: Expected::Revision(row.revision) };
    let written = permit.state.write(actor, command).await?;
    let tag = revision_tag(written.output.revision);
    Ok(tagged(changed(written.sequence, &MeasureOut::new(&written.output)?), tag))
}
