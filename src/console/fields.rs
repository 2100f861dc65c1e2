//! The fields and buttons of forms, each with its label, its hint and what was wrong with it.

use maud::{Markup, Render, html};
use serde_json::Value;

use crate::platform::id;

use super::form::Form;
use super::texts;

/// A form that was sent and refused; empty when the page is shown for the first time.
#[derive(Debug, Default)]
pub(super) struct Tried {
    pub(super) form: Form,
    pub(super) problem: Value,
}

impl Tried {
    pub(super) const fn new(form: Form, problem: Value) -> Self {
        Self { form, problem }
    }

    fn is_first(&self) -> bool {
        self.problem.is_null()
    }

    fn errors(&self) -> impl Iterator<Item = (&str, &str)> {
        let errors = self.problem["errors"].as_array();
        errors.into_iter().flatten().map(|error| {
            let pointer = error["pointer"].as_str().unwrap_or_default();
            (pointer, error["detail"].as_str().unwrap_or_default())
        })
    }

    fn error(&self, name: &str) -> Option<&str> {
        let mut errors = self.errors();
        errors
            .find(|(pointer, _)| pointer.trim_start_matches('/') == name)
            .map(|(_, detail)| detail)
    }

    /// What the route said, above the form.
    pub(super) fn said(&self) -> Markup {
        if self.is_first() {
            return html! {};
        }
        let problem = &self.problem;
        let kind = problem["type"].as_str().unwrap_or_default();
        html! {
            div.problem role="alert" tabindex="-1" {
                p { strong { (texts::problem(kind).unwrap_or_else(|| problem["title"].as_str().unwrap_or("This was refused"))) } }
                @if let Some(detail) = problem["detail"].as_str().filter(|_| texts::problem(kind).is_none()) { p { (detail) } }
                @let missing = problem["explanations"].as_array();
                @if let Some(missing) = missing { ul { @for one in missing { li { (plain(&one["explanation"])) } } } }
                @if self.errors().next().is_some() {
                    ul {
                        @for (pointer, detail) in self.errors() {
                            @let name = pointer.trim_start_matches('/');
                            li { a href={ "#" (name) } { (texts::field(name)) } ": " (detail) }
                        }
                    }
                }
            }
        }
    }
}

/// One field of a form.
pub(super) struct Field<'f> {
    tried: &'f Tried,
    name: &'f str,
    label: &'f str,
    kind: &'f str,
    value: String,
    hint: Option<&'f str>,
    required: bool,
    complete: Option<&'f str>,
    choices: Vec<(String, String)>,
    first: bool,
}

impl<'f> Field<'f> {
    /// A line of text.
    pub(super) fn new(tried: &'f Tried, name: &'f str, label: &'f str) -> Self {
        Self {
            tried,
            name,
            label,
            kind: "text",
            value: String::new(),
            hint: None,
            required: false,
            complete: None,
            choices: Vec::new(),
            first: false,
        }
    }

    pub(super) const fn kind(mut self, kind: &'f str) -> Self {
        self.kind = kind;
        self
    }

    /// What stands in it at first.
    pub(super) fn value(mut self, value: &Value) -> Self {
        self.value = plain(value);
        self
    }

    pub(super) const fn hint(mut self, hint: &'f str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What a browser may fill in.
    pub(super) const fn complete(mut self, complete: &'f str) -> Self {
        self.complete = Some(complete);
        self
    }

    /// A choice of values with their words.
    pub(super) fn choices(mut self, choices: Vec<(String, String)>) -> Self {
        self.kind = "select";
        self.choices = choices;
        self
    }

    /// A choice of codes, whose words stand in the texts.
    pub(super) fn codes(self, codes: &[&str]) -> Self {
        let choices = codes
            .iter()
            .map(|code| ((*code).to_owned(), texts::code(code)));
        self.choices(choices.collect())
    }

    /// Where the typing begins.
    pub(super) const fn first(mut self) -> Self {
        self.first = true;
        self
    }

    fn now(&self) -> String {
        if self.tried.is_first() {
            return self.value.clone();
        }
        let typed = self.tried.form.get(self.name);
        typed.map_or_else(String::new, str::to_owned)
    }

    fn control(&self, described: Option<&str>, wrong: Option<&str>) -> Markup {
        let now = self.now();
        let name = self.name;
        match self.kind {
            "select" => html! {
                select id=(name) name=(name) required[self.required] aria-describedby=[described] aria-invalid=[wrong] autofocus[self.first] {
                    @if !self.required { option value="" { "–" } }
                    @for (value, words) in &self.choices {
                        option value=(value) selected[*value == now] { (words) }
                    }
                }
            },
            "textarea" => html! {
                textarea id=(name) name=(name) rows="3" required[self.required] aria-describedby=[described] aria-invalid=[wrong] autofocus[self.first] { (now) }
            },
            kind => html! {
                input id=(name) name=(name) type=(kind) value=[(kind != "password").then_some(now)] required[self.required]
                    inputmode=[(kind == "number").then_some("decimal")] step=[(kind == "number").then_some("any")]
                    autocomplete=(self.complete.unwrap_or("off")) aria-describedby=[described] aria-invalid=[wrong] autofocus[self.first];
            },
        }
    }
}

impl Render for Field<'_> {
    fn render(&self) -> Markup {
        let error = self.tried.error(self.name);
        let said = format!("{}-said", self.name);
        let described = (error.is_some() || self.hint.is_some()).then_some(said.as_str());
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                (self.control(described, error.map(|_| "true")))
                @if let Some(error) = error {
                    p.wrong id=(said) { (error) }
                } @else if let Some(hint) = self.hint {
                    p.hint id=(said) { (hint) }
                }
            }
        }
    }
}

/// A value as it stands in a field.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A box to tick.
pub(super) fn tick(name: &str, value: &str, label: &str, is_ticked: bool) -> Markup {
    html! {
        label.tick { input type="checkbox" name=(name) value=(value) checked[is_ticked]; " " (label) }
    }
}

/// Choices of which one holds, as large buttons.
pub(super) fn radios(name: &str, legend: &str, choices: &[(&str, &str)], chosen: &str) -> Markup {
    html! {
        fieldset.radios {
            legend { (legend) }
            @for (value, words) in choices {
                label { input type="radio" name=(name) value=(value) checked[*value == chosen]; span { (words) } }
            }
        }
    }
}

/// A hidden field.
pub(super) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// The same where several forms of a page carry it: a note that saves itself brings them all up to date.
pub(super) fn version_of(what: &str, of: &Value) -> Markup {
    html! { input type="hidden" name="version" value=(plain(&of["version"])) data-version=(what); }
}

/// The version that is shown; who saves another one is told.
pub(super) fn version(of: &Value) -> Markup {
    hidden("version", &plain(&of["version"]))
}

/// A key by which a form that creates something is known, so that a second click changes nothing.
pub(super) fn once(tried: &Tried) -> Markup {
    // A refused form gets a new one: what is sent next has other fields.
    let _ = tried;
    hidden("once", &id::random().to_string())
}

/// A form of one button.
pub(super) fn act(path: &str, label: &str, class: &str, hidden_fields: &[(&str, &str)]) -> Markup {
    html! {
        form.act method="post" action=(path) {
            @for (name, value) in hidden_fields { (hidden(name, value)) }
            button.(class) { (label) }
        }
    }
}

/// Items of a list as choices: id and name.
pub(super) fn named(items: &[Value]) -> Vec<(String, String)> {
    let choice = |item: &Value| (plain(&item["id"]), plain(&item["name"]));
    items.iter().map(choice).collect()
}

/// A table, with words in place of an empty one.
pub(super) fn table(heads: &[&str], rows: &[Vec<Markup>], empty: &str) -> Markup {
    html! {
        @if rows.is_empty() {
            p.empty { (empty) }
        } @else {
            div.wide tabindex="0" role="region" aria-label={ "Table: " (heads.join(", ")) } {
                table {
                    thead { tr { @for head in heads { th scope="col" { (head) } } } }
                    tbody {
                        @for row in rows { tr { @for cell in row { td { (cell) } } } }
                    }
                }
            }
        }
    }
}
