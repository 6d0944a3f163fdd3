//! Why an award was taken back: what changed between it and its reversal.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::history::{Known, Past};
use crate::catalogue::Catalogue;
use crate::domain::points::Points;
use crate::engine::explain::Sentences;
use crate::engine::explain::words::{Teller, told as told_in};
use crate::http::problem::ApiError;
use crate::store::db::Db;
use crate::store::ledger::TransferRow;
use crate::store::row;
use crate::store::signals::{self, RevisionRow};

/// How many changes of evidence are tried.
const MOST_TRIED: i64 = 20;

/// What a reversal takes back, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenBack {
    /// The id of the transfer that it takes back.
    pub transfer: String,
    /// `signal_corrected`, `signal_voided`, `signal_added` (an earlier one came later), `rules`, `ended` (the programme),
    /// `facts` (teams, roles, days off, holidays), `retracted` (a kudos), or `unknown`.
    pub reason: &'static str,
    /// The change of evidence that did it.
    pub signal: Option<ChangedSignal>,
    /// The version of the programme that did it.
    pub version: Option<u32>,
    /// The points that the same cause was worth afterwards; null if nothing, or if that cannot be told.
    pub instead: Option<i64>,
}

/// A change of a signal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedSignal {
    /// Who delivered it.
    pub source: String,
    /// Its name there.
    pub key: String,
    /// The version delivered.
    pub version: i64,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What `back` takes back of `original`, and why; of an award as far as it could be explained.
pub(super) fn told(
    db: &mut Db,
    catalogue: &Catalogue,
    (original, back): (&TransferRow, &TransferRow),
    (past, known): (Option<&Past>, Option<&Known>),
) -> Result<(TakenBack, Sentences), ApiError> {
    let mut taken =
        TakenBack { transfer: original.id.clone(), reason: "unknown", signal: None, version: None, instead: None };
    match (past, known) {
        (Some(past), Some(known)) => explain_why(db, &mut taken, back, (past, known))?,
        // All evidence is kept: if a person's no longer gives the award by what is known of them now, that has changed.
        (Some(past), None) if past.facts.is_some() => taken.reason = "facts",
        (None, _) if original.kind == "kudos" => taken.reason = "retracted",
        _ => {}
    }
    let zone = past.and_then(|past| past.entry.newest()).map_or(&catalogue.zone, |newest| &newest.calendar.zone);
    let sentences = told_in(zone, |teller| said(teller, &taken, original));
    Ok((taken, sentences))
}

fn explain_why(
    db: &mut Db,
    taken: &mut TakenBack,
    back: &TransferRow,
    (past, known): (&Past, &Known),
) -> Result<(), ApiError> {
    let Some(facts) = &past.facts else { return Ok(()) };
    let mut ids: Vec<String> = known.explanation.evidence.iter().map(|one| one.id.to_string()).collect();
    ids.extend(known.others.iter().cloned());
    ids.sort_unstable();
    ids.dedup();
    let stood = |award: Option<_>| award.is_some_and(|award| past.is(&award));
    let after = past.awarded(db, &known.timeline, back.sequence, &ids)?;
    let recorded = row::instant(back.recorded_at);
    if !stood(after.clone()) {
        taken.instead = after.map(|award| award.content.points.0);
        let between = (past.sequence, back.sequence);
        for (revision, source, key) in signals::revisions_between(db, facts.person, &ids, between, MOST_TRIED)? {
            if stood(past.awarded(db, &known.timeline, revision.sequence, &ids)?) {
                taken.reason = reason(&revision);
                let (version, received_at) = (revision.version, row::instant(revision.received_at));
                taken.signal = Some(ChangedSignal { source, key, version, received_at });
                break;
            }
        }
        return Ok(());
    }
    let later = past.versions_by(recorded);
    let newest = later.versions.iter().map(|one| one.version).max();
    let after = past.awarded(db, &later, back.sequence, &ids)?;
    if later.versions.len() > known.timeline.versions.len() && !stood(after.clone()) {
        (taken.reason, taken.version) = ("rules", newest);
        taken.instead = after.map(|award| award.content.points.0);
    } else if past.entry.timeline.last_day != known.timeline.last_day {
        taken.reason = "ended";
    } else {
        taken.reason = "facts";
    }
    Ok(())
}

fn reason(revision: &RevisionRow) -> &'static str {
    match revision.status.as_str() {
        "voided" => "signal_voided",
        "accepted" => "signal_added",
        _ => "signal_corrected",
    }
}

fn said(teller: Teller<'_>, taken: &TakenBack, original: &TransferRow) -> Vec<String> {
    let (points, at) = (teller.speaker.points(Points(original.amount)), teller.moment(row::instant(original.at)));
    let signal = taken.signal.as_ref().map(|one| {
        let (name, version) = (format!("{}/{}", one.source, one.key), one.version);
        (name, version, teller.moment(one.received_at))
    });
    let why = match (taken.reason, signal) {
        ("signal_corrected", Some((name, version, at))) => teller.pick(
            format!("Signal {name} was corrected on {at} (version {version})."),
            format!("Signal {name} wurde am {at} berichtigt (Version {version})."),
        ),
        ("signal_voided", Some((name, _, at))) => teller.pick(
            format!("Signal {name} was withdrawn on {at}."),
            format!("Signal {name} wurde am {at} zurückgezogen."),
        ),
        ("signal_added", Some((name, _, at))) => {
            teller.pick(format!("Signal {name} came in on {at}."), format!("Signal {name} kam am {at} hinzu."))
        }
        ("rules", _) => {
            let version = taken.version.unwrap_or_default();
            teller.pick(
                format!("Version {version} of the programme was put in force."),
                format!("Version {version} des Programms wurde in Kraft gesetzt."),
            )
        }
        ("ended", _) => teller.pick("The programme was ended.", "Das Programm wurde beendet.").to_owned(),
        ("facts", _) => teller
            .pick(
                "Teams, roles, days off or holidays have changed.",
                "Teams, Rollen, freie Tage oder Feiertage haben sich geändert.",
            )
            .to_owned(),
        ("retracted", _) => teller.pick("The kudos was taken back.", "Das Kudos wurde zurückgenommen.").to_owned(),
        _ => teller
            .pick("What changed can no longer be told.", "Was sich geändert hat, lässt sich nicht mehr sagen.")
            .to_owned(),
    };
    let instead = taken.instead.map(|points| teller.speaker.points(Points(points)));
    let instead = instead
        .map(|points| teller.pick(format!("Since then it is worth {points}."), format!("Seither bringt es {points}.")));
    let opening = teller.pick(format!("It takes back {points} of {at}."), format!("Nimmt {points} vom {at} zurück."));
    let before = teller.pick("What it takes back:", "Was zurückgenommen wird:").to_owned();
    [Some(opening), Some(why), instead, Some(before)].into_iter().flatten().collect()
}
