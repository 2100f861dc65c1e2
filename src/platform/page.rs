//! Lists: keyset pages only, so that page one thousand costs what page one does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::problem::Problem;

/// Rows of a page unless the client asks for another number.
const USUAL_SIZE: i64 = 50;
/// Most rows of a page.
const LARGEST_SIZE: i64 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The rows, in the order of the list.
    pub(crate) items: Vec<T>,
    /// Hand it back as `cursor` for the next page; null on the last one.
    pub(crate) next_cursor: Option<Cursor>,
}

/// A place in a list: the sort key of the row before it. Opaque to clients. The longest are of two
/// names, whose letters may take four bytes each.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, value_type = String)]
pub(crate) struct Cursor(String);

impl Cursor {
    /// The place behind a row with this sort key.
    pub(crate) fn after(key: &impl Serialize) -> Self {
        Self(URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default()))
    }

    /// The sort key, or the refusal of a cursor that was not made here.
    pub(crate) fn key<K: SortKey>(&self) -> Result<K, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).ok();
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .filter(K::can_be_of_a_row)
            .ok_or_else(|| Problem::field("#/query/cursor", "is not a cursor of this list"))
    }
}

/// What a list is sorted by. A client may hand in a cursor of its own making, and Postgres takes
/// less than the types here hold.
pub(crate) trait SortKey: DeserializeOwned {
    /// Whether a row can have this key.
    fn can_be_of_a_row(&self) -> bool;
}

const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

impl SortKey for DateTime<Utc> {
    fn can_be_of_a_row(&self) -> bool {
        YEARS.contains(&self.year())
    }
}

impl SortKey for NaiveDate {
    fn can_be_of_a_row(&self) -> bool {
        YEARS.contains(&self.year())
    }
}

impl SortKey for String {
    fn can_be_of_a_row(&self) -> bool {
        !self.contains('\0')
    }
}

macro_rules! sort_keys {
    ($($whole:ty),*; $(($($part:ident),*)),*) => {
        $(impl SortKey for $whole {
            fn can_be_of_a_row(&self) -> bool {
                true
            }
        })*
        $(impl<$($part: SortKey),*> SortKey for ($($part,)*) {
            #[expect(non_snake_case, reason = "a part is named as its type")]
            fn can_be_of_a_row(&self) -> bool {
                let ($($part,)*) = self;
                $($part.can_be_of_a_row())&&*
            }
        })*
    };
}

sort_keys!(Uuid, i16, i64; (A, B), (A, B, C));

/// How many rows, from where.
#[derive(Debug)]
pub(crate) struct Window<K> {
    /// Sort key of the row before the page.
    pub(crate) after: Option<K>,
    /// Rows of the page.
    pub(crate) size: i64,
}

impl<K: SortKey> Window<K> {
    /// Reads `limit` and `cursor` as clients send them.
    pub(crate) fn new(limit: Option<i64>, cursor: Option<&Cursor>) -> Result<Self, Problem> {
        let size = limit.unwrap_or(USUAL_SIZE).clamp(1, LARGEST_SIZE);
        Ok(Self {
            after: cursor.map(Cursor::key).transpose()?,
            size,
        })
    }

    /// One row more than the page, to see whether there is another page.
    pub(crate) const fn probe(&self) -> i64 {
        self.size + 1
    }
}

/// The parameters of a list that comes in pages, and says nothing else.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageParameters {
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

impl PageParameters {
    /// The names of the parameters in the query string.
    pub(super) const NAMES: [&'static str; 2] = ["cursor", "limit"];

    /// Reads where the page begins and how many rows it has.
    pub(crate) fn window<K: SortKey>(&self) -> Result<Window<K>, Problem> {
        Window::new(self.limit, self.cursor.as_ref())
    }
}

/// Narrows a boxed query to the rows behind the key of a [`Window`].
///
/// The columns are those the query is ordered by, all ascending: `rows_after!(query, window,
/// starts_at, id)`. The first column has a condition of its own, so that an index that begins with
/// it finds where the page begins.
macro_rules! rows_after {
    ($query:ident, $window:expr, $column:expr) => {
        if let Some(last) = $window.after.clone() {
            $query = $query.filter($column.gt(last));
        }
    };
    ($query:ident, $window:expr, $first:expr, $second:expr) => {
        if let Some((first, second)) = $window.after.clone() {
            $query = $query
                .filter($first.ge(first.clone()))
                .filter($first.gt(first).or($second.gt(second)));
        }
    };
    ($query:ident, $window:expr, $first:expr, $second:expr, $third:expr) => {
        if let Some((first, second, third)) = $window.after.clone() {
            let behind = $second
                .gt(second.clone())
                .or($second.eq(second).and($third.gt(third)));
            $query = $query
                .filter($first.ge(first.clone()))
                .filter($first.gt(first).or(behind));
        }
    };
}

pub(crate) use rows_after;

impl<T> Page<T> {
    /// Makes a page of the rows found by [`Window::probe`].
    pub(crate) fn of<R, K: Serialize>(
        mut rows: Vec<R>,
        size: i64,
        key: impl Fn(&R) -> K,
        body: impl Fn(R) -> T,
    ) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next_cursor = rows
            .last()
            .filter(|_| more)
            .map(|row| Cursor::after(&key(row)));
        Self {
            items: rows.into_iter().map(body).collect(),
            next_cursor,
        }
    }
}
