//! A payroll as comma-separated values (RFC 4180) that no spreadsheet takes for formulas: a line for each benefit.

use super::view::{InflowOut, PayrollOut, PayrollPerson};
use crate::domain::language::Language;
use crate::domain::text::harmless_cell;

/// Without it Excel reads UTF-8 as something else.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

type Line<T> = [T; 12];

const fn heads(language: Language) -> Line<&'static str> {
    match language {
        Language::En => [
            "Month",
            "User name",
            "External ID",
            "Name",
            "Redemption",
            "Reward",
            "Benefit",
            "Amount",
            "Currency",
            "Days off",
            "Inflow on",
            "Over benefit limit",
        ],
        Language::De => [
            "Monat",
            "Benutzername",
            "Personalnummer",
            "Name",
            "Einlösung",
            "Prämie",
            "Art",
            "Betrag",
            "Währung",
            "Freie Tage",
            "Zufluss am",
            "Über Freigrenze",
        ],
    }
}

/// The table, with heads in `language`. What is expected is not in it: it is no wage yet.
pub fn of(payroll: &PayrollOut, language: Language) -> Result<Vec<u8>, csv::Error> {
    let mut table =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    table.write_record(heads(language))?;
    for person in &payroll.people {
        for inflow in &person.inflows {
            table.write_record(line(&payroll.month, person, inflow).map(|cell| harmless_cell(&cell).into_owned()))?;
        }
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

fn line(month: &str, person: &PayrollPerson, inflow: &InflowOut) -> Line<String> {
    let value = inflow.value.as_ref();
    [
        month.to_owned(),
        person.person.user_name.clone(),
        person.person.external_id.clone().unwrap_or_default(),
        person.person.display_name.clone(),
        inflow.redemption.to_string(),
        inflow.reward.clone(),
        inflow.benefit.to_owned(),
        value.map(|value| value.amount.clone()).unwrap_or_default(),
        value.map(|value| value.currency.clone()).unwrap_or_default(),
        inflow.days_off.map(|days| days.to_string()).unwrap_or_default(),
        inflow.inflow_on.map(|day| day.to_string()).unwrap_or_default(),
        person.over_benefit_limit.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::decimal::Decimal4;
    use crate::http::fields::MoneyField;
    use crate::http::payroll::view::{PayrollName, PayrollSums};

    fn payroll(user_name: String, external_id: Option<String>, display_name: String, reward: String) -> PayrollOut {
        let sums = || PayrollSums { in_kind: Vec::new(), cash: Vec::new(), days_off: Decimal4::from_raw(0) };
        let day = "2026-11-18".parse().unwrap();
        let euros = MoneyField { amount: "50.00".to_owned(), currency: "EUR".to_owned() };
        let inflow = |value, days_off, benefit| InflowOut {
            redemption: Uuid::nil(),
            reward: reward.clone(),
            benefit,
            value,
            days_off,
            inflow_on: Some(day),
        };
        let person = PayrollPerson {
            person: PayrollName { id: Uuid::nil(), user_name, external_id, display_name },
            sums: sums(),
            over_benefit_limit: false,
            expected_over_benefit_limit: false,
            other_currencies: false,
            inflows: vec![
                inflow(Some(euros.clone()), None, "in_kind"),
                inflow(None, Some(Decimal4::from_raw(5_000)), "time_off"),
            ],
            expected: vec![inflow(Some(euros), None, "cash")],
        };
        PayrollOut {
            month: "2026-11".to_owned(),
            first_day: day,
            last_day: day,
            closed: false,
            closed_at: None,
            benefit_limit: None,
            people: vec![person],
            totals: sums(),
        }
    }

    fn read(table: &[u8]) -> Vec<Vec<String>> {
        let plain = table.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(plain);
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn it_is_the_table_that_was_agreed() {
        let one = payroll("anna".to_owned(), Some("4711".to_owned()), "Äna, \"Anna\"".to_owned(), "mug".to_owned());
        let told = String::from_utf8(of(&one, Language::En).unwrap()).unwrap();
        let id = Uuid::nil();
        let expected = format!(
            "\u{FEFF}Month,User name,External ID,Name,Redemption,Reward,Benefit,Amount,Currency,Days off,Inflow on,\
             Over benefit limit\r\n\
             2026-11,anna,4711,\"Äna, \"\"Anna\"\"\",{id},mug,in_kind,50.00,EUR,,2026-11-18,false\r\n\
             2026-11,anna,4711,\"Äna, \"\"Anna\"\"\",{id},mug,time_off,,,0.5,2026-11-18,false\r\n"
        );
        assert_eq!(told, expected);
        let german = String::from_utf8(of(&one, Language::De).unwrap()).unwrap();
        assert!(german.starts_with("\u{FEFF}Monat,Benutzername,Personalnummer,Name,Einlösung,Prämie,Art,Betrag,"));
    }

    /// What people might write to have a spreadsheet compute it.
    fn nasty() -> impl Strategy<Value = String> {
        let begun = prop_oneof![
            Just("="),
            Just("+"),
            Just("-"),
            Just("@"),
            Just("\t"),
            Just("\r"),
            Just("\n"),
            Just(" ="),
            Just("＝"),
            Just("\";=1+1;\""),
            Just("\",=1+1,\""),
            Just("'"),
            Just(""),
        ];
        (begun, "\\PC{0,12}").prop_map(|(begun, rest)| format!("{begun}{rest}"))
    }

    proptest! {
        /// Every field that somebody chose: read back as it was, but for the apostrophe, and never a formula.
        #[test]
        fn no_cell_is_a_formula(
            user_name in nasty(), external_id in nasty(), display_name in nasty(), reward in nasty(),
        ) {
            let one =
                payroll(user_name.clone(), Some(external_id.clone()), display_name.clone(), reward.clone());
            let lines = read(&of(&one, Language::De).unwrap());
            prop_assert_eq!(lines.len(), 3);
            for line in &lines[1..] {
                prop_assert_eq!(line.len(), 12);
                for (place, given) in [(1, &user_name), (2, &external_id), (3, &display_name), (5, &reward)] {
                    let cell = &line[place];
                    prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), given.strip_prefix('\'').unwrap_or(given));
                }
                for cell in line {
                    let first = cell.trim_start_matches(' ').chars().next();
                    prop_assert!(!first.is_some_and(|c| "=+-@\t\r\n＝＋－＠".contains(c)), "{}", cell);
                }
            }
        }
    }
}
