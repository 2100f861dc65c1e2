//! Templates: which sites a kind of procedure usually has, as data with its source.
//!
//! A template proposes and records nothing. What it proposes becomes drafts, and each draft has to
//! be confirmed where the needle goes.

use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::formulary::ReviewState;
use super::kind::{Approach, ProcedureKind, Side};

const SHIPPED: &str = include_str!("shipped_templates.json");

/// Sites in one muscle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSite {
    pub muscle_code: String,
    pub sides: Vec<Side>,
    /// On each side; several are at places of their own.
    pub count: u8,
    /// The places on the left side or in the midline, on one view of the chart; the right side has the
    /// mirrored ones. Empty where the usual place of the muscle is meant.
    #[serde(default)]
    pub places: Vec<TemplatePlace>,
}

/// A place on a view of the body chart, across and down in parts of the view.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplatePlace {
    pub view: String,
    #[serde_as(as = "DisplayFromStr")]
    pub x: Decimal,
    #[serde_as(as = "DisplayFromStr")]
    pub y: Decimal,
}

/// One site of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteOfTemplate<'template> {
    pub muscle_code: &'template str,
    pub side: Side,
    /// On the left side or in the midline; none where the usual place of the muscle is meant.
    pub place: Option<&'template TemplatePlace>,
}

/// What is usually done, and where.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub code: String,
    pub kind: ProcedureKind,
    pub name: String,
    /// For each site; none for a dry needle.
    #[serde_as(as = "DisplayFromStr")]
    pub volume_ml: Decimal,
    pub needle_gauge: i16,
    pub needle_length_mm: i16,
    pub approach: Approach,
    pub advice: String,
    pub sites: Vec<TemplateSite>,
    pub source: String,
    pub review_state: ReviewState,
}

impl Template {
    /// Every single site: its muscle, side and place, as often as the template has it.
    pub fn places(&self) -> impl Iterator<Item = SiteOfTemplate<'_>> {
        self.sites.iter().flat_map(|site| {
            let sides = site.sides.iter().copied();
            sides.flat_map(move |side| {
                (0..usize::from(site.count)).map(move |number| SiteOfTemplate {
                    muscle_code: &site.muscle_code,
                    side,
                    place: site.places.get(number),
                })
            })
        })
    }
}

/// Every template, under one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    pub version: String,
    pub templates: Vec<Template>,
}

impl Templates {
    /// The template with this code, if it is of this kind.
    pub fn of_kind(&self, code: &str, kind: ProcedureKind) -> Option<&Template> {
        self.templates
            .iter()
            .find(|template| template.code == code && template.kind == kind)
    }
}

#[expect(clippy::expect_used, reason = "a test reads the same text")]
static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| serde_json::from_str(SHIPPED).expect("the shipped templates are readable"));

/// The templates that come with the program.
pub fn templates() -> &'static Templates {
    &TEMPLATES
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::safety::sample::{facts, found, judge, plan, site, status};
    use super::super::safety::verdict::CheckStatus;
    use super::*;

    #[test]
    fn codes_are_unique_and_every_template_has_sites_and_a_source() {
        let all = &templates().templates;
        let codes: BTreeSet<&String> = all.iter().map(|template| &template.code).collect();
        assert_eq!(codes.len(), all.len());
        for template in all {
            assert!(template.places().count() > 0, "{}", template.code);
            assert!(!template.source.is_empty(), "{}", template.code);
            let sites: BTreeSet<_> = template
                .places()
                .map(|one| {
                    (
                        one.muscle_code,
                        one.side,
                        one.place.map(|at| (&at.view, at.x, at.y)),
                    )
                })
                .collect();
            assert_eq!(sites.len(), template.places().count(), "{}", template.code);
            for site in &template.sites {
                let is_spread = site.places.len() == usize::from(site.count);
                assert!(is_spread || site.places.is_empty(), "{}", site.muscle_code);
            }
            let is_dry = template.kind == ProcedureKind::DryNeedling;
            assert_eq!(template.volume_ml.is_zero(), is_dry, "{}", template.code);
        }
        assert_eq!(
            templates().of_kind("preempt", ProcedureKind::DryNeedling),
            None
        );
    }

    #[test]
    fn the_toxin_template_is_what_the_rules_ask_for() {
        let template = templates().of_kind("preempt", ProcedureKind::BotulinumToxin);
        let template = template.unwrap();
        assert_eq!(template.places().count(), 31);
        let mut planned = plan(&["onabotulinumtoxin_a 50 units_per_ml 3.1"]);
        planned.kind = ProcedureKind::BotulinumToxin;
        planned.indications = vec!["G43.709".to_owned()];
        planned.sites = template
            .places()
            .map(|one| {
                let (muscle, side) = (one.muscle_code, one.side);
                let volume = template.volume_ml.to_string();
                let mut planned = site(&format!("{muscle} {side}"), &volume, Some(0));
                if muscle == "trapezius_upper" {
                    planned.place.counted_as = "trapezius".to_owned();
                }
                planned
            })
            .collect();
        let assessment = judge(&facts(), &planned);
        let units = found(&assessment, "toxin_units").unwrap();
        assert_eq!(
            (units.status, units.actual.unwrap().to_string().as_str()),
            (CheckStatus::Ok, "155")
        );
        assert_eq!(status(&assessment, "toxin_sites"), Some(CheckStatus::Ok));
        for code in ["toxin_template", "toxin_units_per_site", "toxin_indication"] {
            assert_eq!(status(&assessment, code), None, "{code}");
        }
    }
}
