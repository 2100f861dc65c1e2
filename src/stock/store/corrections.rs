//! Rows of what was put right of lots.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::lot_corrections::dsl;

use super::super::lot_correction::KeptCorrection;

pub(in super::super) async fn insert_correction(
    transaction: &OpenTransaction<'_>,
    kept: &KeptCorrection,
) -> Stored<()> {
    diesel::insert_into(dsl::lot_corrections)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(kept.id),
            dsl::lot_id.eq(kept.lot_id),
            dsl::field.eq(kept.field),
            dsl::old_value.eq(kept.old_value.as_deref()),
            dsl::new_value.eq(kept.new_value.as_deref()),
            dsl::reason.eq(&kept.reason),
            dsl::corrected_by.eq(transaction.principal().user_id),
            dsl::corrected_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
