//! Data has owners: which feature reads and writes which table. Read from the source itself, whether
//! a statement is written with Diesel or in SQL. The owners stand in `docs/tables.md`.

#![expect(
    clippy::string_slice,
    reason = "the places were found in the same text"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::sources;

/// A feature may name a table of another feature only for a reason that stands here. The list is
/// exact: an exception that is no longer needed fails the test, too.
struct Exception {
    reason: &'static str,
    /// Each feature, and the tables of others that it names.
    tables: &'static [(&'static str, &'static [&'static str])],
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        reason: "Every transaction asks by one statement whether the session holds, and every request of a \
                 program whose key it brings, before any feature is at work.",
        tables: &[(
            "platform",
            &[
                "control.memberships",
                "control.patient_links",
                "control.practices",
                "control.service_account_keys",
                "control.service_accounts",
                "control.sessions",
                "control.users",
            ],
        )],
    },
    Exception {
        reason: "Names, time zones, hours and settings of the practice are read in the statement that \
                 reads the feature's own rows: a statement of their own would be a round trip more.",
        tables: &[
            ("procedures", &["control.memberships", "locations"]),
            ("stock", &["locations"]),
            (
                "scheduling",
                &[
                    "appointment_types",
                    "availability_templates",
                    "extra_hours",
                    "locations",
                    "providers",
                    "rooms",
                ],
            ),
            ("visits", &["locations", "providers"]),
            ("waitlist", &["appointment_types", "locations", "providers"]),
        ],
    },
    Exception {
        reason: "Who a patient is, and which records are of one person, is read in the statement that \
                 reads the feature's own rows.",
        tables: &[
            ("procedures", &["patients"]),
            ("scheduling", &["patients"]),
            ("visits", &["patients"]),
            ("waitlist", &["patients"]),
        ],
    },
    Exception {
        reason: "What was found or injected belongs to a visit. Its patient, place and day stand on the \
                 visit's row, which is locked so that nothing is added to a signed visit.",
        tables: &[("procedures", &["visits"])],
    },
    Exception {
        reason: "A payer asks for conservative care beside a procedure; the plan and the diary show it.",
        tables: &[("procedures", &["diary_entries", "treatment_plan_versions"])],
    },
    Exception {
        reason: "An adverse event is shown with the start of its procedure and the name of the patient.",
        tables: &[("adverse_events", &["patients", "procedures"])],
    },
    Exception {
        reason: "A backup that comes back checks every seal and every trail of every practice.",
        tables: &[("backup", &["control.practices", "visits"])],
    },
    Exception {
        reason: "A timeline, an export and a merge put the whole record together.",
        tables: &[(
            "record",
            &[
                "appointment_types",
                "appointments",
                "assessments",
                "diary_entries",
                "follow_ups",
                "locations",
                "outside_doses",
                "patients",
                "procedures",
                "visits",
                "waitlist_entries",
            ],
        )],
    },
    Exception {
        reason: "A calendar program asks often; one statement answers it and asks who may still read.",
        tables: &[(
            "calendar_feeds",
            &[
                "appointments",
                "control.memberships",
                "control.patient_links",
                "control.practices",
                "control.users",
                "follow_ups",
                "locations",
                "providers",
            ],
        )],
    },
    Exception {
        reason: "Outcomes and reports are counted in the database, from what all features recorded of a course.",
        tables: &[(
            "care",
            &[
                "appointments",
                "injections",
                "locations",
                "muscles",
                "palpations",
                "patients",
                "procedures",
                "providers",
                "solution_components",
                "visits",
            ],
        )],
    },
    Exception {
        reason: "The log of who read a record shows the audit trail, and names the users in it.",
        tables: &[("patients", &["audit_events", "control.users"])],
    },
    Exception {
        reason: "Scheduling and the waitlist hand over times that became free through the table of openings.",
        tables: &[
            ("scheduling", &["openings"]),
            ("waitlist", &["control.waitlist_calls", "openings"]),
        ],
    },
    Exception {
        reason: "What is left standing by a change of hours is written by the practice, in the transaction of \
                 the change, and worked through by scheduling.",
        tables: &[("scheduling", &["affected_appointments"])],
    },
    Exception {
        reason: "An appointment is shown with the visit and the follow-up that belong to it.",
        tables: &[("scheduling", &["follow_ups", "visits"])],
    },
    Exception {
        reason: "Changed hours, rooms and accounts must name the appointments and users that they concern, which are above.",
        tables: &[(
            "practice",
            &["appointments", "control.memberships", "control.practices"],
        )],
    },
    Exception {
        reason: "A safety check reads doses, findings and muscles of earlier days in one statement, with \
                 earlier harm, doses of elsewhere, the last word on consent, and the lots and vials that are drawn from.",
        tables: &[
            (
                "findings",
                &["injections", "solution_components", "solutions"],
            ),
            (
                "procedures",
                &[
                    "adverse_events",
                    "lots",
                    "muscles",
                    "outside_doses",
                    "palpations",
                    "patient_consents",
                    "vials",
                ],
            ),
            ("waitlist", &["appointments"]),
        ],
    },
];

/// The owner of each table.
fn owners() -> BTreeMap<String, String> {
    include_str!("../../docs/tables.md")
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
            let table = cells.next()?.trim_end_matches('`');
            Some((table.to_owned(), cells.next()?.to_owned()))
        })
        .collect()
}

/// The name at the beginning of a text.
fn leading_name(text: &str) -> &str {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    text.trim_start().split(ends).next().unwrap_or_default()
}

/// The first names of the branches of a `use` tree, or of a single path.
pub(crate) fn branches(tree: &str) -> Vec<&str> {
    if !tree.starts_with('{') {
        return vec![leading_name(tree)];
    }
    let (mut depth, mut begins, mut names) = (0, 1, Vec::new());
    for (at, character) in tree.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                names.push(leading_name(&tree[begins..]));
                begins = at + 1;
            }
            _ => {}
        }
        if depth == 0 {
            names.push(leading_name(&tree[begins..at]));
            break;
        }
    }
    names
}

/// The tables that are named through the declarations that Diesel generated.
fn tables_in_diesel(code: &str) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for (at, path) in code.match_indices("schema::") {
        let tree = &code[at + path.len()..];
        let (schema, tree) = tree
            .strip_prefix("control::")
            .map_or(("", tree), |tree| ("control.", tree));
        tables.extend(branches(tree).iter().map(|name| format!("{schema}{name}")));
    }
    tables
}

/// The tables that are named in SQL.
fn tables_in_sql(code: &str) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    let words = code
        .split_whitespace()
        .filter(|word| !matches!(*word, "\\" | "ONLY"));
    let mut is_table = false;
    for word in words {
        if is_table {
            let ends = |c: char| !(c.is_ascii_lowercase() || "_.".contains(c));
            tables.extend(word.split(ends).next().map(str::to_owned));
        }
        // `FROM one, another` goes on.
        is_table = is_table && word.ends_with(',')
            || matches!(
                word.trim_start_matches(|c: char| !c.is_ascii_uppercase()),
                "FROM" | "JOIN" | "INTO" | "UPDATE" | "USING" | "TABLE"
            );
    }
    tables
}

#[test]
fn a_feature_names_its_own_tables_and_others_only_for_a_reason() {
    let owners = owners();
    let mut found = BTreeSet::new();
    for source in sources() {
        let part = source.part();
        if ["demo", "schema"].contains(&part.as_str()) || source.path.ends_with("schema.rs") {
            continue;
        }
        let named = tables_in_diesel(&source.code);
        for table in named.union(&tables_in_sql(&source.code)) {
            if owners.get(table).is_some_and(|owner| *owner != part) {
                found.insert((part.clone(), table.clone()));
            }
        }
    }
    let mut allowed = BTreeSet::new();
    for exception in EXCEPTIONS {
        for (part, tables) in exception.tables {
            for table in *tables {
                let is_new = allowed.insert(((*part).to_owned(), (*table).to_owned()));
                assert!(
                    is_new,
                    "{table} of {part} has two reasons: {}",
                    exception.reason
                );
            }
        }
    }
    let without_reason: Vec<_> = found.difference(&allowed).collect();
    let no_longer_needed: Vec<_> = allowed.difference(&found).collect();
    assert!(
        without_reason.is_empty() && no_longer_needed.is_empty(),
        "without a reason: {without_reason:#?}\nno longer needed: {no_longer_needed:#?}"
    );
}

#[test]
fn tables_are_found_in_diesel_and_in_sql() {
    let code = r#"
        use crate::schema::{appointments, visits::{self, dsl}, holds};
        use crate::identity::schema::control::users;
        let x = "SELECT a.id FROM ONLY locations, rooms JOIN control.practices p ON true";
        #[diesel(table_name = crate::schema::lots)]
        let y = "WITH old AS (UPDATE openings SET x = 1) INSERT INTO \
            follow_ups SELECT 1";
    "#;
    let found = &tables_in_diesel(code) | &tables_in_sql(code);
    let expected = [
        "appointments",
        "control.practices",
        "control.users",
        "follow_ups",
        "holds",
        "locations",
        "lots",
        "openings",
        "rooms",
        "visits",
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}
