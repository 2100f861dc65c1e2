//! The layering: which part of the source may know which. Read from the source itself.

#![expect(
    clippy::string_slice,
    reason = "the places were found in the same text"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::owners::branches;

/// The features, each of which may know those before it and none after.
const FEATURES: [&str; 15] = [
    "identity",
    "practice",
    "patients",
    "scheduling",
    "waitlist",
    "visits",
    "findings",
    "rule_sets",
    "outside_doses",
    "stock",
    "procedures",
    "adverse_events",
    "care",
    "record",
    "calendar_feeds",
];

/// Table declarations written by the generator; they are nobody's secret.
const GENERATED: &str = "crate::identity::schema::";

/// A file of the source, without its comments.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) code: String,
}

impl Source {
    /// The part of the tree that it belongs to: a feature, `platform`, `demo`, or a file's own name.
    pub(crate) fn part(&self) -> String {
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

pub(crate) fn sources() -> Vec<Source> {
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
            "backup",
            "console",
            "demo",
            "lib",
            "main",
            "manners",
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

/// Only this file sends statements together, so that their order is stated in one way.
const PIPELINE: &str = "platform/pipeline.rs";

#[test]
fn statements_go_out_together_in_one_way() {
    let joining = |source: &Source| source.code.contains("join!");
    let found: Vec<PathBuf> = sources()
        .into_iter()
        .filter(joining)
        .map(|source| source.path)
        .collect();
    assert_eq!(found, [Path::new(PIPELINE)], "use pipelined! instead");
}

/// The names of a module, from the root of the source.
type Module = Vec<String>;

impl Source {
    /// Where the file stands in the tree. A file that only declares modules stands for its folder.
    fn module(&self) -> Module {
        let path = self.path.with_extension("");
        let mut names: Module = path
            .iter()
            .map(|name| name.to_str().unwrap().to_owned())
            .collect();
        if self.declares_modules() {
            names.pop();
        }
        names
    }

    fn declares_modules(&self) -> bool {
        ["mod.rs", "lib.rs", "main.rs"]
            .iter()
            .any(|name| self.path.ends_with(name))
    }

    fn without_tests(&self) -> &str {
        self.code.split("#[cfg(test)]").next().unwrap_or_default()
    }

    /// Every path that begins with one of these words, and what is named of it.
    fn paths(&self, starts: &[&str]) -> Vec<Module> {
        let code = self.without_tests();
        let mut paths = Vec::new();
        for (at, _) in starts.iter().flat_map(|start| code.match_indices(start)) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || "_:$".contains(c)) {
                continue;
            }
            let ends = |c: char| !(c.is_alphanumeric() || "_:".contains(c));
            let path = code[at..].split(ends).next().unwrap_or_default();
            let names = path.split("::").filter(|name| !name.is_empty());
            let names: Module = names.map(str::to_owned).collect();
            for branch in branches(&code[at + path.len()..]) {
                let mut path = names.clone();
                path.push(branch.to_owned());
                paths.push(path);
            }
        }
        paths
    }

    /// Every path that the code names, from the root of the source.
    fn imports(&self, folders: &BTreeSet<Module>) -> BTreeSet<Module> {
        let own = self.module();
        let from_root = |path: Module| {
            let mut module = match path[0].as_str() {
                "crate" => Vec::new(),
                _ => own.clone(),
            };
            for name in path {
                match name.as_str() {
                    "super" => drop(module.pop()),
                    "crate" | "self" | "" => {}
                    _ => module.push(name),
                }
            }
            module
        };
        let paths = self.paths(&["crate::", "super::"]).into_iter();
        let mut imports: BTreeSet<Module> = paths.map(from_root).collect();
        // A folder that is imported by its name counts for what is used of it.
        let by_name: Vec<Module> = imports.intersection(folders).cloned().collect();
        for folder in by_name {
            let Some(name) = folder.last() else {
                continue;
            };
            let start = format!("{name}::");
            for path in self.paths(&[&start]) {
                imports.insert([folder.as_slice(), &path[1..]].concat());
            }
        }
        imports
    }
}

/// The file behind each name that a folder passes on.
fn passed_on(folders: &[&Source]) -> BTreeMap<Module, Module> {
    let mut passed_on = BTreeMap::new();
    for folder in folders {
        let own = folder.module();
        for (at, _) in folder.without_tests().match_indices("use ") {
            let path = &folder.code[at + "use ".len()..];
            if let Some((child, rest)) = path.split_once("::") {
                for name in branches(rest) {
                    let name = [own.as_slice(), &[name.to_owned()]].concat();
                    passed_on.insert(name, [own.as_slice(), &[child.to_owned()]].concat());
                }
            }
        }
    }
    passed_on
}

/// The files that each file reaches by its imports, directly or through others.
fn reached() -> BTreeMap<Module, BTreeSet<Module>> {
    let sources = sources();
    let is_test = |source: &&Source| {
        source
            .path
            .iter()
            .any(|name| name == "tests.rs" || name == "tests")
    };
    let (folders, files): (Vec<&Source>, Vec<&Source>) = sources
        .iter()
        .filter(|source| !is_test(source))
        .partition(|source| source.declares_modules());
    let passed_on = passed_on(&folders);
    let folders: BTreeSet<Module> = folders.iter().map(|folder| folder.module()).collect();
    let names: BTreeSet<Module> = files.iter().map(|file| file.module()).collect();
    let file_of = |path: Module| {
        (1..=path.len()).rev().find_map(|length| {
            let path = path[..length].to_vec();
            let behind = passed_on.get(&path).cloned().unwrap_or(path);
            names.contains(&behind).then_some(behind)
        })
    };
    let named: BTreeMap<Module, BTreeSet<Module>> = files
        .iter()
        .map(|file| {
            let own = file.module();
            let others = file.imports(&folders).into_iter().filter_map(file_of);
            let others = others.filter(|other| *other != own).collect();
            (own, others)
        })
        .collect();
    let reached_from = |own: &Module| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&Module> = named[own].iter().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module.clone()) {
                next.extend(&named[module]);
            }
        }
        seen
    };
    named
        .keys()
        .map(|own| (own.clone(), reached_from(own)))
        .collect()
}

/// Files that import each other in a circle. Nothing is added here: what a store and a use case both
/// need becomes a file of its own. The list is exact, so that it can only shrink.
const IN_CIRCLES: &[&str] = &[
    "findings/body_chart/difference",
    "findings/body_chart/legend",
    "findings/body_chart/marks",
    "findings/body_chart/panel",
];

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    let found: BTreeSet<String> = reached()
        .into_iter()
        .filter(|(own, reached)| reached.contains(own))
        .map(|(own, _)| own.join("/"))
        .collect();
    let known = IN_CIRCLES.iter().map(|file| (*file).to_owned()).collect();
    let new: Vec<_> = found.difference(&known).collect();
    let no_longer: Vec<_> = known.difference(&found).collect();
    assert!(
        new.is_empty() && no_longer.is_empty(),
        "in a circle: {new:#?}\nno longer in a circle: {no_longer:#?}"
    );
}
