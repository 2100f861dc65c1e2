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
    /// On each side.
    pub count: u8,
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
    /// Every single site: its muscle and side, as often as the template has it.
    pub fn places(&self) -> impl Iterator<Item = (&str, Side)> {
        self.sites.iter().flat_map(|site| {
            let sides = site.sides.iter().copied();
            sides.flat_map(|side| {
                std::iter::repeat_n((site.muscle_code.as_str(), side), site.count.into())
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
            .map(|(muscle, side)| {
                let volume = template.volume_ml.to_string();
                let mut planned = site(&format!("{muscle} {side}"), &volume, Some(0));
                if muscle == "trapezius_upper" {
                    planned.counted_as = "trapezius".to_owned();
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
