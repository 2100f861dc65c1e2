//! Makes a `pgbench` script of what the service sent.
//!
//! Parameters stay parameters, with the types the server gives them. In place of ids that the request made anew stand others
//! that no repetition shares, and in place of what a route varies stands what it varies with.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::capture::Sent;
use crate::routes::Variation;

/// `pgbench` takes so many arguments a statement at most.
const MOST_ARGUMENTS: usize = 200;

/// A script, and the variables it is run with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) definitions: Vec<(String, String)>,
}

/// Writes the script of these statements; ids made since `began` are new each time.
pub(crate) async fn write(
    database: &Client,
    sent: &[Sent],
    variation: &Variation,
    began: DateTime<Utc>,
) -> anyhow::Result<Script> {
    let mut writer = Writer {
        variation,
        began,
        fresh: BTreeMap::new(),
        script: Script::default(),
        are_literals: false,
    };
    let (mut statements, mut is_kept) = (Vec::new(), false);
    for one in sent {
        ensure!(!is_misread(&one.sql), "pgbench would misread {}", one.sql);
        let statement = writer.statement(database, one).await?;
        if !is_kept && statement.contains(KEPT) {
            is_kept = true;
            statements.push(
                "SELECT set_config('capacity.fresh', (:fresh::bigint)::text, true)".to_owned(),
            );
        }
        statements.push(statement);
    }
    let mut text = String::from("\\set k :base + :client_id + :turn * :clients\n");
    for set in &variation.sets {
        writeln!(text, "{set}")?;
    }
    writeln!(
        text,
        "\\set fresh :run * 17592186044416 + :turn * 262144 + :client_id * 1024"
    )?;
    for statement in statements {
        writeln!(text, "{statement};")?;
    }
    writeln!(text, "\\set turn :turn + 1")?;
    Ok(Script {
        text,
        ..writer.script
    })
}

/// The statement with its values written out, for looking at its plan.
pub(crate) async fn written_out(database: &Client, sent: &Sent) -> anyhow::Result<String> {
    let kinds = types(database, sent).await?;
    let values = kinds.iter().zip(&sent.parameters);
    let values: Vec<String> = values
        .map(|(kind, value)| match value {
            Some(value) => format!("{}::{}", literal(value), type_name(kind)),
            None => format!("NULL::{}", type_name(kind)),
        })
        .collect();
    Ok(put_in(&sent.sql, &values))
}

/// The types of the parameters. The service says them all; the server finds them again by what they are compared with, but for
/// instants, from which a span may be taken.
async fn types(database: &Client, sent: &Sent) -> anyhow::Result<Vec<Type>> {
    let known = sent
        .parameters
        .iter()
        .map(|value| match value.as_deref().and_then(instant) {
            Some(_) => Type::TIMESTAMPTZ,
            None => Type::UNKNOWN,
        });
    let known: Vec<Type> = known.collect();
    let prepared = database
        .prepare_typed(&sent.sql, &known)
        .await
        .with_context(|| sent.sql.clone())?;
    Ok(prepared.params().to_vec())
}

/// As the server writes one.
fn instant(value: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_str(value, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
    Some(at.to_utc())
}

struct Writer<'a> {
    variation: &'a Variation,
    began: DateTime<Utc>,
    /// Ids that the request made, and their numbers.
    fresh: BTreeMap<String, usize>,
    script: Script,
    /// Too many parameters to be any.
    are_literals: bool,
}

/// Where a statement with too many arguments finds what new ids are made of.
const KEPT: &str = "current_setting('capacity.fresh')::bigint";

impl Writer<'_> {
    async fn statement(&mut self, database: &Client, sent: &Sent) -> anyhow::Result<String> {
        if sent.parameters.is_empty() {
            return Ok(sent.sql.clone());
        }
        let kinds = types(database, sent).await?;
        self.are_literals = sent.parameters.len() > MOST_ARGUMENTS;
        let values = kinds.iter().zip(&sent.parameters);
        let values: Vec<String> = values
            .map(|(kind, value)| self.expression(value.as_deref(), &type_name(kind)))
            .collect();
        Ok(put_in(&sent.sql, &values))
    }

    fn expression(&mut self, value: Option<&str>, kind: &str) -> String {
        let Some(value) = value else {
            return format!("NULL::{kind}");
        };
        if let Some(special) = self.special(value, kind) {
            return special;
        }
        if let Some(element) = kind.strip_suffix("[]")
            && let Some(array) = self.array(value, element)
        {
            return array;
        }
        self.plain(value, kind)
    }

    /// Something else each time.
    fn special(&mut self, value: &str, kind: &str) -> Option<String> {
        if let Some((_, varied)) = self
            .variation
            .values
            .iter()
            .find(|(known, _)| known == value)
        {
            return Some(varied.clone());
        }
        if kind == "timestamptz"
            && let Some(from) = self.variation.from
            && let Some(at) = instant(value)
            && (at - from).abs() < TimeDelta::days(1)
        {
            let at = self.plain(value, kind);
            return Some(format!("({at} + :shift::int * interval '30 minutes')"));
        }
        let number = self.number_of_fresh(value, kind)?;
        let base = if self.are_literals {
            KEPT
        } else {
            ":fresh::bigint"
        };
        Some(fresh_id(&format!("{base} + {number}")))
    }

    fn number_of_fresh(&mut self, value: &str, kind: &str) -> Option<usize> {
        if kind != "uuid" || !is_made_since(value, self.began) {
            return None;
        }
        let next = self.fresh.len();
        Some(*self.fresh.entry(value.to_owned()).or_insert(next))
    }

    fn array(&mut self, value: &str, kind: &str) -> Option<String> {
        let elements: Vec<&str> = value
            .strip_prefix('{')?
            .strip_suffix('}')?
            .split(',')
            .map(|element| element.trim_matches('"'))
            .filter(|element| !element.is_empty())
            .collect();
        let numbers: Vec<String> = elements
            .iter()
            .filter_map(|element| self.number_of_fresh(element, kind))
            .map(|number| number.to_string())
            .collect();
        if !numbers.is_empty() && numbers.len() == elements.len() {
            // One argument, however many ids.
            return Some(format!(
                "(SELECT array_agg({} ORDER BY place) FROM unnest('{{{}}}'::bigint[]) WITH ORDINALITY made (number, place))",
                fresh_id(":fresh::bigint + number"),
                numbers.join(",")
            ));
        }
        let varies = elements
            .iter()
            .any(|element| self.special(element, kind).is_some());
        if !varies || elements.len() > MOST_ARGUMENTS {
            return None;
        }
        let elements: Vec<String> = elements
            .into_iter()
            .map(|element| self.expression(Some(element).filter(|it| *it != "NULL"), kind))
            .collect();
        Some(format!("ARRAY[{}]::{kind}[]", elements.join(", ")))
    }

    /// The same each time.
    fn plain(&mut self, value: &str, kind: &str) -> String {
        if self.are_literals {
            return format!("{}::{kind}", literal(value));
        }
        let known = self
            .script
            .definitions
            .iter()
            .find(|(_, known)| known == value);
        let name = if let Some((name, _)) = known {
            name.clone()
        } else {
            let name = format!("value{}", self.script.definitions.len());
            self.script
                .definitions
                .push((name.clone(), value.to_owned()));
            name
        };
        format!(":{name}::{kind}")
    }
}

/// Whether there is something in it that is no variable but looks like one.
fn is_misread(sql: &str) -> bool {
    let without_casts = sql.replace("::", "");
    let mut after_colons = without_casts.split(':').skip(1);
    sql.contains('\\')
        || after_colons
            .any(|after| after.starts_with(|next: char| next.is_alphabetic() || next == '_'))
}

fn fresh_id(number: &str) -> String {
    format!("('0199000000007000' || lpad(to_hex({number}), 16, '0'))::uuid")
}

/// Whether it is an id of version 7 made then or later.
fn is_made_since(value: &str, began: DateTime<Utc>) -> bool {
    let digits = value.replace('-', "");
    digits.len() == 32
        && digits.chars().nth(12) == Some('7')
        && digits
            .get(..12)
            .and_then(|digits| i64::from_str_radix(digits, 16).ok())
            .is_some_and(|milliseconds| milliseconds >= began.timestamp_millis())
}

/// Nothing in it is read as a variable.
fn literal(value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace('\'', "''")
        .replace(':', "\\x3a")
        .replace('\n', "\\n");
    format!("E'{escaped}'")
}

fn type_name(kind: &Type) -> String {
    match kind.name().strip_prefix('_') {
        Some(element) => format!("{element}[]"),
        None => kind.name().to_owned(),
    }
}

/// Puts values in the places of `$1`, `$2` and so on, outside of quoted text.
fn put_in(sql: &str, values: &[String]) -> String {
    let mut whole = String::new();
    for (position, part) in sql.split('\'').enumerate() {
        if position > 0 {
            whole.push('\'');
        }
        if position % 2 == 1 {
            whole.push_str(part);
            continue;
        }
        let mut pieces = part.split('$');
        whole.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.chars().take_while(char::is_ascii_digit).count();
            let (number, after) = piece.split_at(digits);
            let value = number
                .parse::<usize>()
                .ok()
                .and_then(|number| values.get(number.wrapping_sub(1)));
            if let Some(value) = value {
                whole.push_str(value);
            } else {
                whole.push('$');
                whole.push_str(number);
            }
            whole.push_str(after);
        }
    }
    whole
}
