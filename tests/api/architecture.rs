//! The layering: which part of the source may know which. Read from the source itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The features, each of which may know those before it and none after.
const FEATURES: [&str; 11] = [
    "identity",
    "practice",
    "patients",
    "scheduling",
    "waitlist",
    "visits",
    "findings",
    "procedures",
    "care",
    "record",
    "calendar_feeds",
];

/// Table declarations written by the generator; they are nobody's secret.
const GENERATED: &str = "crate::identity::schema::";

struct Source {
    path: PathBuf,
    code: String,
}

impl Source {
    /// The part of the tree that it belongs to: a feature, `platform`, `demo`, or a file's own name.
    fn part(&self) -> String {
        let first = self.path.components().next().unwrap();
        first
            .as_os_str()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned()
    }

    fn is_in(&self, name: &str) -> bool {
        let within =
            |part: &std::ffi::OsStr| part.to_str().unwrap().trim_end_matches(".rs") == name;
        self.path.iter().any(within)
    }

    /// Every path below `crate` that the code names.
    fn named(&self) -> impl Iterator<Item = &str> {
        self.code.match_indices("crate::").map(|(at, _)| {
            let path = self.code.get(at..).unwrap_or_default();
            let ends = |c: char| !(c.is_alphanumeric() || "_:".contains(c));
            path.split(ends).next().unwrap_or_default()
        })
    }
}

fn collect(root: &Path, folder: &Path, into: &mut Vec<Source>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            into.push(Source {
                code: text.lines().filter(is_code).collect::<Vec<_>>().join("\n"),
                path: path.strip_prefix(root).unwrap().to_owned(),
            });
        }
    }
    Ok(())
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources).unwrap();
    sources
}

/// What breaks a rule: the file and the words.
fn broken(rule: impl Fn(&Source, &str) -> bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources() {
        for named in source.named() {
            if rule(&source, named) {
                found.insert(format!("{} names {named}", source.path.display()));
            }
        }
    }
    found
}

fn rank(name: &str) -> Option<usize> {
    FEATURES.iter().position(|feature| *feature == name)
}

#[test]
fn a_feature_knows_only_those_below_it() {
    let upward = broken(|source, named| {
        let (Some(own), Some(other)) = (
            rank(&source.part()),
            named.split("::").nth(1).and_then(rank),
        ) else {
            return false;
        };
        other > own
    });
    assert_eq!(upward, BTreeSet::new());
}

#[test]
fn a_feature_is_seen_through_its_mod_file_alone() {
    let inside = broken(|source, named| {
        let parts: Vec<&str> = named.split("::").collect();
        let is_module = |part: &&str| part.starts_with(char::is_lowercase);
        rank(parts[1]).is_some()
            && parts[1] != source.part()
            && parts.len() > 3
            && parts[2..parts.len() - 1].iter().all(is_module)
            && !named.starts_with(GENERATED)
    });
    assert_eq!(inside, BTreeSet::new());
}

#[test]
fn the_platform_knows_nothing_of_clinics() {
    let known = broken(|source, named| {
        let part = named.split("::").nth(1).unwrap_or_default();
        source.part() == "platform" && part != "platform" && part != "schema"
            || source.part() == "platform" && rank(part).is_some()
    });
    assert_eq!(known, BTreeSet::new());
}

#[test]
fn every_part_of_the_tree_has_its_place() {
    let known: BTreeSet<&str> = FEATURES
        .into_iter()
        .chain([
            "application",
            "demo",
            "lib",
            "main",
            "migrations",
            "openapi",
            "platform",
            "schema",
            "set_up",
            "settings",
        ])
        .collect();
    let parts: BTreeSet<String> = sources().iter().map(Source::part).collect();
    let new: Vec<&String> = parts
        .iter()
        .filter(|part| !known.contains(part.as_str()))
        .collect();
    assert_eq!(
        new,
        Vec::<&String>::new(),
        "where does it stand among {FEATURES:?}?"
    );
}

#[test]
fn only_stores_ask_the_database_and_only_routes_speak_http() {
    let mut found = BTreeSet::new();
    for source in sources() {
        if rank(&source.part()).is_none() {
            continue;
        }
        let asks = [
            "RunQueryDsl",
            "diesel::insert_into",
            "diesel::update",
            "diesel::sql_query",
        ];
        if !source.is_in("store") && asks.iter().any(|words| source.code.contains(words)) {
            found.insert(format!("{} asks the database", source.path.display()));
        }
        let speaks = [
            "HttpRequest",
            "HttpResponse",
            "#[get(",
            "#[post(",
            "#[put(",
            "#[patch(",
        ];
        if !source.is_in("routes") && speaks.iter().any(|words| source.code.contains(words)) {
            found.insert(format!("{} speaks HTTP", source.path.display()));
        }
    }
    assert_eq!(found, BTreeSet::new());
}
