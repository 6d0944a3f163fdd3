//! Having a certificate made of what one earned, and withdrawing it.

use super::{Actor, Command, Failure, Tx};
use crate::domain::certificate::{MOST_CERTIFICATES, Shown, Subject};
use crate::domain::ids::{CertificateId, PersonId};
use crate::domain::language::Language;
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::season::{Kind, Statement};
use crate::store::awards::{BadgeKey, last_badge_changes};
use crate::store::certificates::{self, CertificateRow};
use crate::store::head::ChangeKind;
use crate::store::{row, seasons};

/// Makes a certificate for whoever acts, of a badge that they hold or of the tier that they reached in a closed season.
pub struct MakeCertificate {
    /// What it certifies.
    pub subject: Subject,
    /// The language it is written in.
    pub language: Language,
    /// What of it is public.
    pub shown: Vec<Shown>,
    /// What it is verified by: nobody can guess it.
    pub code: String,
}

impl Command for MakeCertificate {
    type Output = CertificateRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<CertificateRow, Failure> {
        let Actor::Person(person) = tx.actor else {
            return Err(Failure::Defect("a certificate is made by whoever earned it".to_owned()));
        };
        if !self.is_earned(tx, person)? {
            return Err(ProblemCode::NothingToCertify.into());
        }
        let owner = person.to_string();
        if certificates::count_of(tx.db, &owner)? >= MOST_CERTIFICATES {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST_CERTIFICATES).into());
        }
        let Subject { programme, season, badge } = self.subject.clone();
        let certificate = CertificateRow {
            id: CertificateId::new(tx.now).into(),
            code: self.code.clone(),
            person: owner,
            programme,
            season,
            badge,
            language: self.language.tag().to_owned(),
            shown: row::to_json(&self.shown)?,
            created_at: row::stored(tx.now),
        };
        certificates::insert(tx.db, &certificate)?;
        tx.record(ChangeKind::Person, &certificate.person)?;
        Ok(certificate)
    }
}

impl MakeCertificate {
    fn is_earned(&self, tx: &mut Tx<'_>, person: PersonId) -> Result<bool, Failure> {
        let Subject { programme, season, badge } = self.subject.clone();
        let Some(badge) = badge else {
            let Some(statement) = seasons::statement(tx.db, &programme, &season)? else { return Ok(false) };
            return Ok(tier_in(&row::from_json(&statement)?, person).is_some());
        };
        let key = BadgeKey { programme, season, subject: person.to_string(), badge };
        let changes = last_badge_changes(tx.db, std::slice::from_ref(&key))?;
        Ok(changes.get(&key).is_some_and(|change| change == "granted"))
    }
}

/// The tier that a person reached by a statement.
pub fn tier_in(statement: &Statement, person: PersonId) -> Option<&str> {
    let line =
        statement.subjects.iter().find(|line| line.subject.kind == Kind::Person && line.subject.id == person.0)?;
    line.tier.as_deref()
}

/// Withdraws a certificate, for good: its code is unknown from now on.
pub struct WithdrawCertificate {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub certificate: CertificateId,
}

impl Command for WithdrawCertificate {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let person = self.person.to_string();
        if certificates::remove(tx.db, &person, &self.certificate.to_string())? > 0 {
            tx.record(ChangeKind::Person, &person)?;
        }
        Ok(())
    }
}
