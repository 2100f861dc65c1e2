//! The rows of the muscle catalogue.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;

use crate::findings::anatomy::{Home, MuscleAnatomy, Region};
use crate::findings::chart::{ChartPoint, View};
use crate::findings::muscle::{ExternalIdentifiers, Muscle, MuscleKind};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::Window;
use crate::platform::prepared::{ConstantSql, constant_sql};
use crate::schema::muscles;

/// The SNOMED CT code of a muscle, where a mapping was loaded.
const fn snomed_ct() -> ConstantSql<Nullable<Text>, 0> {
    constant_sql(
        [],
        [],
        "(SELECT mapping.code FROM muscle_mappings mapping \
         WHERE mapping.system = 'snomed_ct' AND mapping.muscle_code = muscles.code)",
    )
}

#[derive(HasQuery)]
#[diesel(table_name = muscles)]
struct MuscleRow {
    code: String,
    parent_code: Option<String>,
    kind: MuscleKind,
    latin: String,
    name: String,
    region: Region,
    paired: bool,
    nerve: String,
    referral: String,
    needle: String,
    cautions: Vec<Option<String>>,
    fma: Option<String>,
    uberon: Option<String>,
    ta98: Option<String>,
    broader_ids: Vec<Option<String>>,
    #[diesel(select_expression = snomed_ct())]
    #[diesel(select_expression_type = ConstantSql<Nullable<Text>, 0>)]
    snomed_ct: Option<String>,
    chart_view: View,
    chart_x: ExactDecimal,
    chart_y: ExactDecimal,
    catalogue_version: String,
}

impl MuscleRow {
    fn unreadable(&self, column: &'static str) -> InconsistentRow {
        InconsistentRow::new("muscles", column, &self.code)
    }

    fn home(&self) -> Result<Home, InconsistentRow> {
        let place = ChartPoint::parse(self.chart_view, self.chart_x.0, self.chart_y.0);
        Ok(Home {
            region: self.region,
            usual_place: place.map_err(|_refused| self.unreadable("chart_x"))?,
        })
    }

    fn muscle(self, parts: Vec<Home>) -> Stored<Muscle> {
        let cautions = self.cautions.iter().cloned().collect::<Option<_>>();
        let cautions = cautions.ok_or_else(|| self.unreadable("cautions"))?;
        let broader = self.broader_ids.iter().cloned().collect::<Option<_>>();
        let broader = broader.ok_or_else(|| self.unreadable("broader_ids"))?;
        let anatomy = MuscleAnatomy {
            is_paired: self.paired,
            home: self.home()?,
            parts,
        };
        Ok(Muscle {
            code: self.code,
            parent_code: self.parent_code,
            kind: self.kind,
            latin: self.latin,
            name: self.name,
            nerve: self.nerve,
            referral: self.referral,
            needle: self.needle,
            cautions,
            identifiers: ExternalIdentifiers {
                fma: self.fma,
                uberon: self.uberon,
                ta98: self.ta98,
                snomed_ct: self.snomed_ct,
                broader,
            },
            catalogue_version: self.catalogue_version,
            anatomy,
        })
    }
}

/// Returns the muscles with these codes, each with the homes of its parts.
pub(in crate::findings) async fn muscles(
    transaction: &OpenTransaction<'_>,
    codes: &[&str],
) -> Stored<Vec<Muscle>> {
    let rows: Vec<MuscleRow> = MuscleRow::query()
        .filter(
            muscles::code
                .eq_any(codes)
                .or(muscles::parent_code.eq_any(codes)),
        )
        .order(muscles::code)
        .load(&mut transaction.connection())
        .await?;
    let mut homes = Vec::new();
    for row in &rows {
        if let Some(parent) = &row.parent_code {
            homes.push((parent.clone(), row.home()?));
        }
    }
    let named = rows
        .into_iter()
        .filter(|row| codes.contains(&row.code.as_str()));
    let with_parts = named.map(|row| {
        let parts = homes.iter().filter(|(parent, _)| *parent == row.code);
        let parts = parts.map(|(_, home)| *home).collect();
        row.muscle(parts)
    });
    with_parts.collect()
}

/// Inserts a muscle that belongs to this practice.
pub(in crate::findings) async fn insert_muscle(
    transaction: &OpenTransaction<'_>,
    muscle: &Muscle,
) -> Stored<()> {
    let home = muscle.anatomy.home;
    diesel::insert_into(muscles::table)
        .values((
            muscles::added_by_practice_id.eq(transaction.practice_id()),
            muscles::code.eq(&muscle.code),
            muscles::kind.eq(muscle.kind),
            muscles::latin.eq(&muscle.latin),
            muscles::name.eq(&muscle.name),
            muscles::region.eq(home.region),
            muscles::paired.eq(muscle.anatomy.is_paired),
            muscles::nerve.eq(&muscle.nerve),
            muscles::referral.eq(&muscle.referral),
            muscles::needle.eq(&muscle.needle),
            muscles::cautions.eq(&muscle.cautions),
            muscles::broader_ids.eq(&muscle.identifiers.broader),
            muscles::chart_view.eq(home.usual_place.view()),
            muscles::chart_x.eq(ExactDecimal(home.usual_place.x())),
            muscles::chart_y.eq(ExactDecimal(home.usual_place.y())),
            muscles::catalogue_version.eq(&muscle.catalogue_version),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Returns a page of the catalogue, ordered by code.
pub(in crate::findings) async fn list_muscles(
    transaction: &OpenTransaction<'_>,
    region: Option<Region>,
    window: &Window<String>,
) -> Stored<Vec<Muscle>> {
    let mut query = MuscleRow::query()
        .order(muscles::code)
        .limit(window.probe())
        .into_boxed();
    if let Some(region) = region {
        query = query.filter(muscles::region.eq(region));
    }
    if let Some(after) = &window.after {
        query = query.filter(muscles::code.gt(after));
    }
    let rows: Vec<MuscleRow> = query.load(&mut transaction.connection()).await?;
    rows.into_iter().map(|row| row.muscle(Vec::new())).collect()
}
