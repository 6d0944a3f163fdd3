//! Names out of evidence, its revisions and its keys, and out of what programmes compare attributes with.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::QueryResult;
use serde_json::Value;

use super::Erasing;
use crate::catalogue::Catalogue;
use crate::domain::signal::{AttributeValue, Content};
use crate::store::db::Db;
use crate::store::erasing;
use crate::store::head::ChangeKind;
use crate::store::signals::{RevisionRow, SignalRow};
use crate::store::{programmes, row};
use crate::writer::settle::Touched;
use crate::writer::{Failure, Tx};

/// What of the digests of keys is in the digest.
const KEY: &str = "key";

type Attributes = BTreeMap<String, AttributeValue>;

/// Replaces values that documents compare attributes with, wherever evidence has others for them now. Gives the
/// programmes with a version in force that changed, and their first days.
pub(super) fn rewrite_documents(tx: &mut Tx<'_>, erasing: &mut Erasing) -> Result<Vec<(String, NaiveDate)>, Failure> {
    let catalogue = tx.catalogue()?;
    let mut changed = Vec::new();
    for entry in catalogue.programmes.values() {
        let mut any = false;
        for version in &entry.versions {
            let mut document: Value = row::from_json(&version.row.document)?;
            if erasing.pseudonyms.document(&mut document) {
                let mut row = version.row.clone();
                row.document = row::to_json(&document)?;
                programmes::update_version(tx.db, &row)?;
                any = true;
            }
        }
        if any {
            let revision = tx.record(ChangeKind::Programme, entry.code.as_str())?;
            programmes::touch(tx.db, entry.code.as_str(), revision)?;
            let first = entry.timeline.versions.iter().map(|version| version.effective_from).min();
            changed.extend(first.map(|first| (entry.code.to_string(), first)));
        }
    }
    Ok(changed)
}

/// Rewrites signals and their revisions, and gives whose evidence is another for rules, and when it happened.
pub(super) fn rewrite(tx: &mut Tx<'_>, erasing: &mut Erasing) -> Result<Touched, Failure> {
    let (mut touched, mut named_in_key) = (Touched::new(), Vec::new());
    let mut after = String::new();
    loop {
        let page = erasing::signals_after(tx.db, &erasing.id, &erasing.hints, &after)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        let mut changed = Vec::new();
        for row in page {
            if erasing.pseudonyms.text(&row.key).is_some() {
                named_in_key.push(row.clone());
            }
            changed.extend(erasing.signal(row, &mut touched)?);
        }
        erasing::rewrite_signals(tx.db, &changed)?;
    }
    rewrite_keys(tx, erasing, named_in_key)?;
    let mut after = String::new();
    loop {
        let page = erasing::revisions_after(tx.db, &erasing.id, &erasing.hints, &after)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.signal);
        let mut changed = Vec::new();
        for row in page {
            changed.extend(erasing.revision(row)?);
        }
        erasing::rewrite_revisions(tx.db, &changed)?;
    }
    Ok(touched)
}

impl Erasing {
    /// A signal without names; none if there are none in it.
    fn signal(&mut self, row: SignalRow, touched: &mut Touched) -> Result<Option<SignalRow>, Failure> {
        let mut attributes: Attributes = row::from_json(&row.attributes)?;
        let case = row.case_ref.as_deref().and_then(|case| self.pseudonyms.text(case));
        let own = row.agent.as_ref() == Some(&self.id);
        let (any, read_by_rules) = self.attributes(&mut attributes, own);
        if case.is_none() && !any {
            return Ok(None);
        }
        if (case.is_some() || read_by_rules)
            && row.is_live()
            && let Some(content) = row.content()?
        {
            touched.insert((content.agent, content.occurred_at));
        }
        let attributes = row::to_json(&attributes)?;
        Ok(Some(SignalRow { case_ref: case.or(row.case_ref), attributes, ..row }))
    }

    /// A revision without names; none if there are none in it.
    fn revision(&mut self, row: RevisionRow) -> Result<Option<RevisionRow>, Failure> {
        let Some(content) = &row.content else { return Ok(None) };
        let mut content: Content = row::from_json(content)?;
        let case = content.case.as_deref().and_then(|case| self.pseudonyms.text(case));
        let own = content.agent == self.person;
        let (any, _) = self.attributes(&mut content.attributes, own);
        if case.is_none() && !any {
            return Ok(None);
        }
        content.case = case.or(content.case);
        Ok(Some(RevisionRow { content: Some(row::to_json(&content)?), ..row }))
    }

    /// Takes out of attributes what names the person, and of evidence about them all that no rule names. Tells whether
    /// anything changed, and whether rules read it.
    fn attributes(&mut self, attributes: &mut Attributes, own: bool) -> (bool, bool) {
        let before = attributes.len();
        if own {
            attributes.retain(|name, _| self.named.contains(name));
        }
        let gone = attributes.len() < before;
        let changed = self.pseudonyms.attributes(attributes, &self.named);
        (gone || !changed.is_empty(), changed.iter().any(|name| self.named.contains(name)))
    }
}

/// Gives signals other keys in whose keys the person is named. Their own stay known by digests, so that whoever delivers
/// them again finds them. A fold takes what happened at one instant in the order of its keys: all of an instant get new
/// ones, in the order of the old.
fn rewrite_keys(tx: &mut Tx<'_>, erasing: &Erasing, named: Vec<SignalRow>) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let mut all: BTreeMap<(Option<String>, Option<chrono::NaiveDateTime>, String, String), String> = BTreeMap::new();
    for row in erasing::at_the_same_time(tx.db, &named)?.into_iter().chain(named) {
        all.insert((row.agent, row.occurred_at, row.source, row.key), row.id);
    }
    let keys: Vec<(String, String, String)> = all
        .into_iter()
        .zip(1_u32..)
        .map(|(((_, _, source, key), signal), number)| {
            (signal, digest(&catalogue, &source, &key), format!("{}~{number:08}", erasing.id))
        })
        .collect();
    for chunk in keys.chunks(1_000) {
        erasing::replace_keys(tx.db, chunk)?;
    }
    Ok(())
}

/// The signals that are held under other keys than those they were delivered under, by these.
pub(in crate::writer) fn held_by_other_keys(
    db: &mut Db,
    catalogue: &Catalogue,
    identities: &[(String, String)],
) -> QueryResult<HashMap<(String, String), SignalRow>> {
    let digests: Vec<String> = identities.iter().map(|(source, key)| digest(catalogue, source, key)).collect();
    let found: HashMap<String, SignalRow> = erasing::by_replaced_keys(db, &digests)?.into_iter().collect();
    let held = |(identity, digest): (&(String, String), &String)| Some((identity.clone(), found.get(digest)?.clone()));
    Ok(identities.iter().zip(&digests).filter_map(held).collect())
}

/// Whether a signal is about somebody erased: whatever comes under its key later, it stays as it is.
pub(in crate::writer) fn is_final(catalogue: &Catalogue, row: &SignalRow) -> bool {
    let agent = row.agent.as_deref().and_then(|agent| agent.parse().ok());
    agent.is_some_and(|agent| catalogue.erased.contains_key(&agent))
}

/// Of a key that was replaced.
fn digest(catalogue: &Catalogue, source: &str, key: &str) -> String {
    catalogue.digest(KEY, &format!("{source} {key}"))
}
