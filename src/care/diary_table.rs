//! A diary as a table, such as an app exports it: a line of names, then a line for each day.
//!
//! The columns have the names of the fields of an entry. Several words in one cell are divided by
//! semicolons; a medicine is `name:class` or `name:class:doses`. An empty cell is a field that is left out.
//! What is in a cell is judged as the field is, so that a line in a table and an entry in JSON are refused for
//! the same reasons.

use csv::{ByteRecord, ReaderBuilder, Trim};
use serde_json::{Map, Number, Value, json};

use crate::platform::problem::FieldError;

/// The most days that one table brings.
const MOST_LINES: usize = 800;

/// A line of the table as an entry in JSON, or what keeps it from being one.
pub(super) struct TableLine {
    /// Counted as a text editor does: the names are line 1.
    pub(super) number: u64,
    pub(super) entry: Result<Value, Vec<FieldError>>,
}

/// What a cell holds.
#[derive(Clone, Copy)]
enum Cell {
    Text,
    YesOrNo,
    Number,
    Words,
    Medicines,
}

const COLUMNS: [(&str, Cell); 11] = [
    ("entry_date", Cell::Text),
    ("headache", Cell::YesOrNo),
    ("migraine", Cell::YesOrNo),
    ("features", Cell::Words),
    ("peak_pain_nrs", Cell::Number),
    ("duration_minutes", Cell::Number),
    ("medications", Cell::Medicines),
    ("triggers", Cell::Words),
    ("sleep_hours", Cell::Text),
    ("stress_nrs", Cell::Number),
    ("note", Cell::Text),
];

/// Reads a table. What is wrong with the table as a whole keeps all of it back.
pub(super) fn read_table(bytes: &[u8]) -> Result<Vec<TableLine>, Vec<FieldError>> {
    let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let delimiter = delimiter_of(without_mark);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(without_mark);
    let unreadable = |_: csv::Error| vec![FieldError::new("", "is no table in CSV")];
    let names = reader.byte_headers().map_err(unreadable)?.clone();
    let columns = columns(&names)?;
    let mut lines = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(unreadable)?;
        let number = line_at(without_mark, record.position());
        lines.push(TableLine {
            number,
            entry: entry(&columns, &record),
        });
        if lines.len() > MOST_LINES {
            let detail = format!("must have at most {MOST_LINES} lines");
            return Err(vec![FieldError::new("", detail)]);
        }
    }
    if lines.is_empty() {
        return Err(vec![FieldError::new(
            "",
            "has no day below the names of its columns",
        )]);
    }
    Ok(lines)
}

/// The line at a position, which may still stand before the end of the line above.
fn line_at(bytes: &[u8], position: Option<&csv::Position>) -> u64 {
    let start = position.and_then(|position| usize::try_from(position.byte()).ok());
    let (before, after) = bytes.split_at(start.unwrap_or(0).min(bytes.len()));
    let above = after.iter().take_while(|byte| byte.is_ascii_whitespace());
    let ended = before.iter().chain(above).filter(|byte| **byte == b'\n');
    1 + ended.map(|_end| 1_u64).sum::<u64>()
}

/// Where a comma is the decimal mark, programs divide cells by semicolons.
fn delimiter_of(bytes: &[u8]) -> u8 {
    let names = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let cells = |mark| names.split(|byte| *byte == mark).count();
    if cells(b';') > cells(b',') {
        b';'
    } else {
        b','
    }
}

/// The columns of a table, by the line of names.
fn columns(names: &ByteRecord) -> Result<Vec<(&'static str, Cell)>, Vec<FieldError>> {
    let mut columns: Vec<(&'static str, Cell)> = Vec::new();
    let mut errors = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let at = format!("/columns/{index}");
        match COLUMNS.iter().find(|(known, _)| *known == name) {
            None => {
                let known: Vec<&str> = COLUMNS.iter().map(|(known, _)| *known).collect();
                let detail = format!("is no column here; there are {}", known.join(", "));
                errors.push(FieldError::new(at, detail));
            }
            Some((known, _)) if columns.iter().any(|(there, _)| there == known) => {
                errors.push(FieldError::new(at, format!("{known} stands twice")));
            }
            Some(column) => columns.push(*column),
        }
    }
    for required in ["entry_date", "headache"] {
        if !columns.iter().any(|(name, _)| *name == required) {
            errors.push(FieldError::new(
                "/columns",
                format!("{required} is missing"),
            ));
        }
    }
    if errors.is_empty() {
        Ok(columns)
    } else {
        Err(errors)
    }
}

fn entry(columns: &[(&'static str, Cell)], record: &ByteRecord) -> Result<Value, Vec<FieldError>> {
    let mut fields = Map::new();
    let mut errors = Vec::new();
    if record.len() != columns.len() {
        let detail = format!("has {} cells for {} columns", record.len(), columns.len());
        return Err(vec![FieldError::new("", detail)]);
    }
    for ((name, cell), bytes) in columns.iter().zip(record) {
        let Ok(text) = str::from_utf8(bytes) else {
            errors.push(FieldError::new(format!("/{name}"), "is not UTF-8"));
            continue;
        };
        if text.is_empty() {
            continue;
        }
        match value(*cell, text) {
            Ok(value) => {
                fields.insert((*name).to_owned(), value);
            }
            Err(detail) => errors.push(FieldError::new(format!("/{name}"), detail)),
        }
    }
    if errors.is_empty() {
        Ok(Value::Object(fields))
    } else {
        Err(errors)
    }
}

fn value(cell: Cell, text: &str) -> Result<Value, &'static str> {
    Ok(match cell {
        Cell::Text => json!(text),
        Cell::YesOrNo => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => json!(true),
            "no" | "false" | "0" => json!(false),
            _ => return Err("must be yes or no"),
        },
        Cell::Number => {
            let number: Number = text.parse().map_err(|_unreadable| "must be a number")?;
            Value::Number(number)
        }
        Cell::Words => words(text).map(|word| json!(word)).collect(),
        Cell::Medicines => {
            let medicines: Result<Vec<Value>, &'static str> = words(text).map(medicine).collect();
            Value::Array(medicines?)
        }
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '|'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

fn medicine(text: &str) -> Result<Value, &'static str> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    match parts.as_slice() {
        [name, class] => Ok(json!({ "name": name, "class": class })),
        [name, class, doses] => {
            let doses: u8 = doses
                .parse()
                .map_err(|_unreadable| "must end in a number of doses")?;
            Ok(json!({ "name": name, "class": class, "doses": doses }))
        }
        _ => Err("must be name:class or name:class:doses, divided by semicolons"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Result<Value, Vec<String>>)> {
        let lines = read_table(text.as_bytes()).unwrap();
        let shown = |error: FieldError| format!("{} {}", error.pointer, error.detail);
        lines
            .into_iter()
            .map(|line| {
                let entry = line.entry;
                let entry = entry.map_err(|errors| errors.into_iter().map(shown).collect());
                (line.number, entry)
            })
            .collect()
    }

    #[test]
    fn a_line_becomes_the_entry_that_it_says() {
        let text = "\u{feff}entry_date,headache,features,medications,sleep_hours,note\r\n\
            2026-02-01,yes,pulsating; photophobia,sumatriptan:triptan:2; ibuprofen:simple_analgesic,7.5,\"slept, then\nbetter\"\r\n\
            2026-02-02,no,,,,\r\n";
        let full = json!({
            "entry_date": "2026-02-01", "headache": true, "features": ["pulsating", "photophobia"],
            "medications": [
                { "name": "sumatriptan", "class": "triptan", "doses": 2 },
                { "name": "ibuprofen", "class": "simple_analgesic" },
            ],
            "sleep_hours": "7.5", "note": "slept, then\nbetter",
        });
        let empty = json!({ "entry_date": "2026-02-02", "headache": false });
        assert_eq!(read(text), [(2, Ok(full)), (4, Ok(empty))]);
        let semicolons = "entry_date;headache;features\n2026-02-01;1;pulsating|aura\n";
        let day = json!({ "entry_date": "2026-02-01", "headache": true, "features": ["pulsating", "aura"] });
        assert_eq!(read(semicolons), [(2, Ok(day))]);
    }

    #[test]
    fn each_faulty_cell_is_named() {
        let text = "entry_date,headache,peak_pain_nrs,medications\n\
            2026-02-01,perhaps,six,sumatriptan\n2026-02-02,yes\n";
        let found = read(text);
        let cells = [
            "/headache must be yes or no",
            "/peak_pain_nrs must be a number",
            "/medications must be name:class or name:class:doses, divided by semicolons",
        ];
        assert_eq!(found[0], (2, Err(cells.map(str::to_owned).to_vec())));
        let short = vec![" has 2 cells for 4 columns".to_owned()];
        assert_eq!(found[1], (3, Err(short)));
    }

    #[test]
    fn a_table_that_cannot_be_a_diary_is_refused_as_a_whole() {
        for (text, pointers) in [
            ("", vec!["/columns", "/columns"]),
            ("entry_date,headache\n", vec![""]),
            (
                "entry_date,pain\n2026-02-01,5\n",
                vec!["/columns/1", "/columns"],
            ),
            (
                "entry_date,headache,headache\n2026-02-01,yes,yes\n",
                vec!["/columns/2"],
            ),
        ] {
            let errors = read_table(text.as_bytes()).err().unwrap();
            let found: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{text}");
        }
        let many = format!("entry_date,headache\n{}", "2026-02-01,no\n".repeat(801));
        assert!(read_table(many.as_bytes()).is_err());
    }
}
