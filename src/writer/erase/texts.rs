//! Names out of what people wrote, and out of answers that are kept.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{ERASED_NOTE, Erasing};
use crate::catalogue::Catalogue;
use crate::domain::erasing::Pseudonyms;
use crate::store::erasing::{self, Column, Written};
use crate::store::row;
use crate::writer::{Failure, Tx};

/// What of the digests of requests' keys is in the digest.
const REQUEST: &str = "request";

/// What a text is.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Plain text.
    Plain,
    /// JSON.
    Json,
    /// An address of this server.
    Address,
    /// What a client calls a request.
    RequestKey,
}

/// The texts in which people may be named, besides evidence.
const COLUMNS: &[(Column, Form)] = &[
    (Column { table: "kudos", name: "message" }, Form::Plain),
    (Column { table: "contest_disqualifications", name: "note" }, Form::Plain),
    (Column { table: "kudos_replies", name: "message" }, Form::Plain),
    (Column { table: "kudos_reports", name: "reason" }, Form::Plain),
    (Column { table: "kudos_moderations", name: "reason" }, Form::Plain),
    (Column { table: "grants", name: "reason" }, Form::Plain),
    (Column { table: "grants", name: "note" }, Form::Plain),
    (Column { table: "redemptions", name: "note" }, Form::Plain),
    (Column { table: "idempotency", name: "body" }, Form::Json),
    (Column { table: "idempotency", name: "path" }, Form::Address),
    (Column { table: "idempotency", name: "location" }, Form::Address),
    (Column { table: "idempotency", name: "key" }, Form::RequestKey),
];

/// What people wrote, and the columns that say who did or whom it is about.
const WRITTEN: &[(Column, &[&str])] = &[
    (Column { table: "kudos_replies", name: "message" }, &["author"]),
    (Column { table: "kudos_reports", name: "reason" }, &["reporter"]),
    (Column { table: "kudos_moderations", name: "reason" }, &["moderator"]),
    (Column { table: "grants", name: "reason" }, &["granter", "receiver"]),
    (Column { table: "grants", name: "note" }, &["receiver", "decided_by"]),
    (Column { table: "redemptions", name: "note" }, &["receiver", "decided_by", "ended_by"]),
];

/// Deletes what the person wrote and what was written of them alone, and takes their names out of all else.
pub(super) fn rewrite(tx: &mut Tx<'_>, erasing: &mut Erasing) -> Result<(), Failure> {
    erasing::blank_kudos(tx.db, &erasing.id)?;
    let notes = Column { table: "contest_disqualifications", name: "note" };
    erasing::blank(tx.db, notes, "subject", &erasing.id, ERASED_NOTE)?;
    for (column, whose) in WRITTEN {
        for whose in *whose {
            erasing::blank(tx.db, *column, whose, &erasing.id, "")?;
        }
    }
    let catalogue = tx.catalogue()?;
    for (column, form) in COLUMNS {
        let mut after = erasing::first_place(tx.db);
        loop {
            let page = erasing::written_after(tx.db, *column, &erasing.hints, &after)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.place);
            for written in page {
                if let Some(text) = form.without_names(&written.text, &mut erasing.pseudonyms, &catalogue)? {
                    erasing::rewrite(tx.db, *column, &Written { text, ..written })?;
                }
            }
        }
    }
    Ok(())
}

impl Form {
    /// A text without the person's names; none if there are none in it.
    fn without_names(
        self,
        text: &str,
        pseudonyms: &mut Pseudonyms,
        catalogue: &Catalogue,
    ) -> Result<Option<String>, Failure> {
        Ok(match self {
            Self::Plain => pseudonyms.text(text),
            Self::Json => {
                let mut value: Value = row::from_json(text)?;
                if pseudonyms.json(&mut value) { Some(row::to_json(&value)?) } else { None }
            }
            Self::Address => address(text, pseudonyms),
            Self::RequestKey => pseudonyms.text(text).map(|_| request_digest(catalogue, text)),
        })
    }
}

fn address(path: &str, pseudonyms: &mut Pseudonyms) -> Option<String> {
    let (mut steps, mut any, mut names_somebody) = (Vec::new(), false, false);
    for step in path.split('/') {
        let named = names_somebody.then(|| pseudonyms.value(&percent_decode_str(step).decode_utf8_lossy())).flatten();
        any |= named.is_some();
        steps.push(named.unwrap_or_else(|| step.to_owned()));
        names_somebody = step == "people";
    }
    any.then(|| steps.join("/"))
}

/// What stands in place of a request's key in which somebody was named: a repetition of the request is known by it.
pub(in crate::writer) fn request_digest(catalogue: &Catalogue, key: &str) -> String {
    catalogue.digest(REQUEST, key)
}
