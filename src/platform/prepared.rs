//! Statements that Postgres keeps prepared although their text was not made by Diesel alone.
//!
//! Diesel takes SQL that was written by hand, and insertions of several rows, for texts that never
//! come again: it has Postgres prepare, plan and forget them each time, which costs a round trip
//! and the planning. Ours come again.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{SqlType, Uuid as SqlUuid};
use uuid::Uuid;

/// See [`prepared`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prepared<Q>(Q);

/// The same statement, prepared once for each connection and found again by its text.
pub(crate) const fn prepared<Q>(query: Q) -> Prepared<Q> {
    Prepared(query)
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

/// An expression in SQL that goes on in Diesel's statements without keeping them from being
/// prepared: constant text around ids.
#[derive(Debug, Clone)]
pub(crate) struct ConstantSql<T, const IDS: usize> {
    /// The text before each id.
    text: [&'static str; IDS],
    ids: [Uuid; IDS],
    end: &'static str,
    sql_type: PhantomData<T>,
}

/// The texts with the ids behind each of them, and the end.
pub(crate) const fn constant_sql<T, const IDS: usize>(
    text: [&'static str; IDS],
    ids: [Uuid; IDS],
    end: &'static str,
) -> ConstantSql<T, IDS> {
    ConstantSql {
        text,
        ids,
        end,
        sql_type: PhantomData,
    }
}

impl<T, const IDS: usize> QueryFragment<Pg> for ConstantSql<T, IDS> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (text, id) in self.text.iter().zip(&self.ids) {
            out.push_sql(text);
            out.push_bind_param::<SqlUuid, _>(id)?;
        }
        out.push_sql(self.end);
        Ok(())
    }
}

impl<T: SqlType + TypedExpressionType, const IDS: usize> Expression for ConstantSql<T, IDS> {
    type SqlType = T;
}

/// Its columns are named in the text: whether they are on the table is for tests to find out.
impl<Table, T, const IDS: usize> AppearsOnTable<Table> for ConstantSql<T, IDS> where Self: Expression
{}

impl<Table, T, const IDS: usize> SelectableExpression<Table> for ConstantSql<T, IDS> where
    Self: AppearsOnTable<Table>
{
}

impl<GroupBy, T, const IDS: usize> ValidGrouping<GroupBy> for ConstantSql<T, IDS> {
    type IsAggregate = is_aggregate::Never;
}

/// Two of one shape may differ in their text: the text of the whole statement tells them apart.
impl<T, const IDS: usize> QueryId for ConstantSql<T, IDS> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
