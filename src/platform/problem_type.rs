//! What kinds of problem there are, and how the document describes each of them.
//!
//! A kind says its members where it is declared, so that a client can read `conflicts` or `missing`
//! without guessing. The tests hold every answer to what is declared here.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase as _;
use utoipa::openapi::schema::{
    AllOf, AllOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, OneOf, OneOfBuilder, Schema,
    SchemaFormat, Type,
};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// The media type of every problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A kind of problem: what `type`, `status` and `title` say, and what else it tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProblemType {
    /// The last part of `/problems/<kind>`.
    pub(crate) kind: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// One line that does not change from occurrence to occurrence.
    pub(crate) title: &'static str,
    /// What a problem of this kind may tell beyond RFC 9457.
    members: &'static [Member],
}

/// A member that a kind of problem may have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    name: &'static str,
    shape: Shape,
    about: &'static str,
}

/// What a member holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Texts,
    Id,
    Ids,
    Instant,
    Date,
    /// An exact decimal, as a string.
    Decimal,
    /// A whole number.
    Number,
    /// One object of these members.
    Object(&'static [Member]),
    /// A list of objects of these members.
    Objects(&'static [Member]),
    /// A list of a schema that the document has.
    List(&'static str),
    /// A schema that the document has.
    One(&'static str),
    /// What is left out where it does not apply.
    Optional(&'static Shape),
    /// What is null where it does not apply.
    Nullable(&'static Shape),
}

impl Member {
    /// Declares a member.
    pub(crate) const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, about }
    }
}

impl ProblemType {
    /// Declares a kind of problem.
    pub(crate) const fn new(kind: &'static str, status: u16, title: &'static str) -> Self {
        Self {
            kind,
            status,
            title,
            members: &[],
        }
    }

    /// Declares what it tells beyond RFC 9457.
    pub(crate) const fn with(mut self, members: &'static [Member]) -> Self {
        self.members = members;
        self
    }

    /// The `type` member.
    pub(crate) fn uri(&self) -> String {
        format!("/problems/{}", self.kind)
    }

    /// The name of its schema in the document.
    fn schema_name(&self) -> String {
        format!("{}Problem", self.kind.to_upper_camel_case())
    }

    /// A problem with this `type` and these members.
    fn schema(&self) -> AllOf {
        let kind = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([self.uri()]));
        AllOfBuilder::new()
            .title(Some(self.schema_name()))
            .description(Some(format!("{}.", self.title)))
            .item(Ref::from_schema_name("Problem"))
            .item(
                object(self.members, false)
                    .property("type", kind)
                    .required("type"),
            )
            .build()
    }
}

impl Shape {
    fn schema(&self) -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let formatted = |format| text().format(Some(SchemaFormat::KnownFormat(format)));
        let id = || formatted(KnownFormat::Uuid);
        match self {
            Self::Text => text().into(),
            Self::Texts => ArrayBuilder::new().items(text()).into(),
            Self::Id => id().into(),
            Self::Ids => ArrayBuilder::new().items(id()).into(),
            Self::Instant => formatted(KnownFormat::DateTime).into(),
            Self::Date => formatted(KnownFormat::Date).into(),
            Self::Decimal => text().pattern(Some(r"^-?[0-9]+(\.[0-9]+)?$")).into(),
            Self::Number => ObjectBuilder::new().schema_type(Type::Integer).into(),
            Self::Object(members) => object(members, true).into(),
            Self::Objects(members) => ArrayBuilder::new().items(object(members, true)).into(),
            Self::One(name) => Ref::from_schema_name(*name).into(),
            Self::List(name) => ArrayBuilder::new()
                .items(Ref::from_schema_name(*name))
                .into(),
            Self::Optional(shape) => shape.schema(),
            Self::Nullable(shape) => OneOfBuilder::new()
                .item(shape.schema())
                .item(ObjectBuilder::new().schema_type(Type::Null))
                .into(),
        }
    }
}

/// An object of these members, of which those that are known for sure are always there.
fn object(members: &[Member], are_required: bool) -> ObjectBuilder {
    members.iter().fold(ObjectBuilder::new(), |object, member| {
        let schema = match member.shape.schema() {
            RefOr::Ref(mut reference) => {
                member.about.clone_into(&mut reference.description);
                RefOr::Ref(reference)
            }
            RefOr::T(mut schema) => {
                describe(&mut schema, member.about);
                RefOr::T(schema)
            }
        };
        let object = object.property(member.name, schema);
        if are_required && !matches!(member.shape, Shape::Optional(_)) {
            object.required(member.name)
        } else {
            object
        }
    })
}

fn describe(schema: &mut Schema, about: &str) {
    let about = Some(about.to_owned());
    match schema {
        Schema::Array(array) => array.description = about,
        Schema::Object(object) => object.description = about,
        Schema::OneOf(one_of) => one_of.description = about,
        _ => {}
    }
}

/// One documented response for each status among `types`, its `type` limited to them.
pub(crate) fn documented(types: &[&'static ProblemType]) -> BTreeMap<String, RefOr<Response>> {
    let mut responses = BTreeMap::new();
    document(&mut responses, types);
    responses
}

/// Adds problem types to the responses of an operation, beside those that it documents itself.
pub(crate) fn document(
    responses: &mut BTreeMap<String, RefOr<Response>>,
    types: &[&'static ProblemType],
) {
    for of in types {
        let response = responses
            .entry(of.status.to_string())
            .or_insert_with(|| RefOr::T(empty()));
        if let RefOr::T(response) = response {
            add(response, of);
        }
    }
}

/// A response that says nothing yet.
fn empty() -> Response {
    let content = ContentBuilder::new().schema(Some(Schema::OneOf(OneOf::new())));
    ResponseBuilder::new()
        .content(MEDIA_TYPE, content.build())
        .build()
}

/// Adds one kind of problem to those that a response may be.
fn add(response: &mut Response, of: &ProblemType) {
    let Some(RefOr::T(content)) = response.content.get_mut(MEDIA_TYPE) else {
        return;
    };
    let Some(RefOr::T(Schema::OneOf(kinds))) = &mut content.schema else {
        return;
    };
    let name = of.schema_name();
    let is_it = |kind: &RefOr<Schema>| matches!(kind, RefOr::T(Schema::AllOf(kind)) if kind.title.as_ref() == Some(&name));
    if kinds.items.iter().any(is_it) {
        return;
    }
    kinds.items.push(RefOr::T(Schema::AllOf(of.schema())));
    let title = format!("`{}`: {}.", of.uri(), of.title);
    if !response.description.is_empty() {
        response.description.push(' ');
    }
    response.description.push_str(&title);
}
