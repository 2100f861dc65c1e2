//! The statements on facts about a patient.
//!
//! Diesel's types differ for each table, so that macros write the same statements for each.

/// Writes the reads of a [`Fact`](super::Fact): its rows, the ids of its rows, its table, and the
/// column that says when a row changed.
macro_rules! queries_of_fact {
    ($row:ident, $id:ident, $table:ident, $changed_at:ident) => {
        async fn list(
            transaction: &$crate::platform::database::OpenTransaction<'_>,
            patient_id: $crate::patients::patient::PatientId,
            updated_since: Option<chrono::DateTime<chrono::Utc>>,
            window: &$crate::platform::page::Window<uuid::Uuid>,
        ) -> $crate::platform::database::Stored<Vec<Self>> {
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;
            use $crate::schema::$table::dsl;

            let mut query = $row::query()
                .filter(dsl::practice_id.eq(transaction.practice_id()))
                .filter(
                    dsl::patient_id
                        .eq_any($crate::patients::store::records_of(transaction, patient_id)),
                )
                .order(dsl::id)
                .limit(window.probe())
                .into_boxed();
            if let Some(since) = updated_since {
                query = query.filter(dsl::$changed_at.ge(since));
            }
            $crate::platform::page::rows_after!(query, window, dsl::id);
            let rows = query.load::<$row>(&mut transaction.connection()).await?;
            Ok(rows.into_iter().map(Self::from).collect())
        }

        async fn find(
            transaction: &$crate::platform::database::OpenTransaction<'_>,
            patient_id: $crate::patients::patient::PatientId,
            id: $id,
        ) -> $crate::platform::database::Stored<Option<Self>> {
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;
            use $crate::schema::$table::dsl;

            let row = $row::query()
                .filter(dsl::practice_id.eq(transaction.practice_id()))
                .filter(
                    dsl::patient_id
                        .eq_any($crate::patients::store::records_of(transaction, patient_id)),
                )
                .filter(dsl::id.eq(id))
                .first::<$row>(&mut transaction.connection())
                .await
                .optional()?;
            Ok(row.map(Self::from))
        }
    };
}
pub(in crate::patients) use queries_of_fact;

/// Writes the insertion of a [`Fact`](super::Fact): its rows, its table, and the columns that are
/// not fields of the row, with their values.
macro_rules! insertion_of_fact {
    ($row:ident, $table:ident $(, $column:ident = $value:ident)?) => {
        async fn insert(
            &self,
            transaction: &$crate::platform::database::OpenTransaction<'_>,
        ) -> $crate::platform::database::Stored<()> {
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;
            use $crate::schema::$table::dsl;

            diesel::insert_into(dsl::$table)
                .values((
                    $row::from(self.clone()),
                    dsl::practice_id.eq(transaction.practice_id()),
                    $(dsl::$column.eq(transaction.$value()),)?
                ))
                .execute(&mut transaction.connection())
                .await?;
            Ok(())
        }
    };
}
pub(in crate::patients) use insertion_of_fact;

/// Writes the statements that change a [`Changeable`](super::Changeable) fact.
macro_rules! changes_of_fact {
    ($row:ident, $id:ident, $table:ident) => {
        async fn lock(
            transaction: &$crate::platform::database::OpenTransaction<'_>,
            patient_id: $crate::patients::patient::PatientId,
            id: $id,
        ) -> $crate::platform::database::Stored<Option<Self>> {
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;
            use $crate::schema::$table::dsl;

            let row = $row::query()
                .filter(dsl::practice_id.eq(transaction.practice_id()))
                .filter(
                    dsl::patient_id
                        .eq_any($crate::patients::store::records_of(transaction, patient_id)),
                )
                .filter(dsl::id.eq(id))
                .for_update()
                .first(&mut transaction.connection())
                .await
                .optional()?;
            Ok(row)
        }

        async fn update(
            &self,
            transaction: &$crate::platform::database::OpenTransaction<'_>,
        ) -> $crate::platform::database::Stored<()> {
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;
            use $crate::schema::$table::dsl;

            diesel::update(dsl::$table)
                .filter(dsl::practice_id.eq(transaction.practice_id()))
                .filter(dsl::patient_id.eq(self.patient_id))
                .filter(dsl::id.eq(self.id))
                .set(self.clone())
                .execute(&mut transaction.connection())
                .await?;
            Ok(())
        }

        fn current_version(&self) -> $crate::platform::etag::Version {
            self.version
        }

        fn touch(&mut self, now: chrono::DateTime<chrono::Utc>) {
            self.version = self.version.next();
            self.updated_at = now;
        }
    };
}
pub(in crate::patients) use changes_of_fact;
