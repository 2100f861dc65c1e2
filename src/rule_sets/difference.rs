//! The difference of two sets of rules, figure by figure, for who is to confirm one.

use serde_json::Value;

/// Something that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// JSON pointer into the rules.
    pub(super) pointer: String,
    /// Nothing where it is added.
    pub(super) before: Option<Value>,
    /// Nothing where it is taken away.
    pub(super) after: Option<Value>,
}

/// All differences, in the order of the rules.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", (Some(before), Some(after)), &mut found);
    found
}

fn compare(pointer: &str, values: (Option<&Value>, Option<&Value>), found: &mut Vec<Difference>) {
    match values {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let added = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                let name_in_pointer = name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{pointer}/{name_in_pointer}");
                compare(&pointer, (before.get(name), after.get(name)), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                let pointer = format!("{pointer}/{index}");
                compare(&pointer, (before.get(index), after.get(index)), found);
            }
        }
        (before, after) if before != after => found.push(Difference {
            pointer: pointer.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_names_the_figure_and_both_its_values() {
        let before = json!({ "limits": [{ "mg": "4.5" }, { "mg": "7" }], "gone": 1, "same": true });
        let after = json!({ "limits": [{ "mg": "450" }], "new/er": 2, "same": true });
        let found = differences(&before, &after);
        let found: Vec<(&str, Option<Value>, Option<Value>)> = found
            .iter()
            .map(|one| (one.pointer.as_str(), one.before.clone(), one.after.clone()))
            .collect();
        assert_eq!(
            found,
            [
                ("/gone", Some(json!(1)), None),
                ("/limits/0/mg", Some(json!("4.5")), Some(json!("450"))),
                ("/limits/1", Some(json!({ "mg": "7" })), None),
                ("/new~1er", None, Some(json!(2))),
            ]
        );
        assert_eq!(differences(&before, &before), []);
    }
}
