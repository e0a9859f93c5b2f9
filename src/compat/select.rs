//! The factors that filters of the other service leave.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::record::{FLAGS, access_type, category, factor_id, id_prefix, lca_activity, methods, quality_flags, region_in, source_name};
use super::units::UnitType;
use super::{CompatNotice, CompatRefusal, DataVersion};
use crate::dataset::{Act, Principal};
use crate::factor::{Factor, FlagSeverity, flag_code, flags};
use crate::release::{Catalogue, Dimension, PublishedRelease};

/// A factor of a release.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) release: Arc<PublishedRelease>,
    pub(super) number: usize,
    /// The flags that were raised for it after its release.
    pub(super) later: Vec<&'static str>,
}

impl Place {
    pub(super) fn new(catalogue: &Catalogue, release: Arc<PublishedRelease>, number: usize) -> Self {
        let later = later(catalogue, &release, number);
        Self { release, number, later }
    }

    pub(super) fn text(&self, dimension: Dimension) -> Option<&str> {
        self.release.data.index().value(dimension, self.number)
    }

    pub(super) fn factor(&self) -> Result<Factor, CompatRefusal> {
        Factor::from_line(&self.release.data.line(self.number)).map_err(|_| self.damaged())
    }

    pub(super) fn damaged(&self) -> CompatRefusal {
        CompatRefusal::fault(format!("line {} of {} is not as it was released", self.number + 1, self.release.id()))
    }

    /// Who published the document that it was read in.
    pub(super) fn source(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Line {
            source: Id,
        }
        #[derive(Deserialize)]
        struct Id {
            id: String,
        }
        let line: Line = serde_json::from_slice(&self.release.data.line(self.number)).ok()?;
        Some(source_name(&self.release, &line.source.id))
    }

    /// Its flags, those that were raised later included.
    pub(super) fn all_flags(&self) -> impl Iterator<Item = &str> + Clone {
        let own = self.text(Dimension::Flags).unwrap_or_default().split(' ').filter(|code| !code.is_empty());
        own.chain(self.later.iter().copied())
    }

    /// The blocking ones among them.
    pub(super) fn blocking(&self) -> impl Iterator<Item = &str> {
        self.all_flags().filter(|code| flags().get(*code).is_some_and(|flag| flag.severity == FlagSeverity::Block))
    }

    /// What is to be said of flags that were raised after the release.
    pub(super) fn later_notice(&self) -> Option<CompatNotice> {
        let told = || {
            format!("{}#{} was flagged after its release: {}", self.release.id(), self.release.data.key(self.number), self.later.join(", "))
        };
        (!self.later.is_empty()).then(|| CompatNotice::warning("later_notice", told()))
    }

    pub(super) fn year(&self) -> Option<i32> {
        self.text(Dimension::Year).and_then(|year| year.parse().ok())
    }
}

fn later(catalogue: &Catalogue, release: &PublishedRelease, number: usize) -> Vec<&'static str> {
    let Ok(releases) = catalogue.dataset(release.dataset.as_str()) else { return Vec::new() };
    let key = release.data.key(number);
    if !releases.is_flagged(key) {
        return Vec::new();
    }
    let digest = release.data.digest(number);
    let raised = digest.map(|digest| releases.later_flags(key, &digest)).unwrap_or_default();
    let codes: BTreeSet<&'static str> = raised.into_iter().filter_map(|flag| flag_code(&flag.flag)).collect();
    codes.into_iter().collect()
}

/// The latest releases of a data version whose numbers `who` may read; and what has to be said of the others.
pub(super) fn releases(catalogue: &Catalogue, version: DataVersion, who: &Principal) -> (Vec<Arc<PublishedRelease>>, Vec<CompatNotice>) {
    let facts = version.facts(catalogue);
    let latest = catalogue.datasets().filter_map(|(_, releases)| releases.latest_as_of(facts)).cloned();
    let (readable, others): (Vec<_>, Vec<_>) = latest.partition(|release| release.may(who, Act::ReadNumbers).is_ok());
    let licensed: Vec<String> = others.iter().filter(|release| !release.restricted()).map(|release| release.dataset.to_string()).collect();
    let mut notices: Vec<CompatNotice> = version.notice(catalogue).into_iter().collect();
    if !licensed.is_empty() {
        let message = format!("left out, because their licences pass on no numbers: {}", licensed.join(", "));
        notices.push(CompatNotice::info("licence", message));
    }
    (readable, notices)
}

/// Which factors are wanted; an empty list wants every one.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) activity: Vec<String>,
    pub(super) id: Vec<String>,
    pub(super) category: Vec<String>,
    pub(super) sector: Vec<String>,
    pub(super) scope: Vec<String>,
    pub(super) source: Vec<String>,
    pub(super) source_dataset: Vec<String>,
    pub(super) year: Vec<i32>,
    pub(super) region: Vec<String>,
    pub(super) unit_type: Vec<String>,
    pub(super) lca_activity: Vec<String>,
    pub(super) method: Vec<String>,
    pub(super) access_type: Vec<String>,
    /// Flags, as they are named here, that a factor may carry; every one where nothing is said.
    pub(super) allowed: Option<BTreeSet<&'static str>>,
}

impl Wanted {
    /// The factors of releases that are wanted, in order of dataset and key.
    pub(super) fn find(&self, catalogue: &Catalogue, releases: &[Arc<PublishedRelease>]) -> Vec<Place> {
        releases.iter().filter(|release| self.wants_release(release)).flat_map(|release| self.find_in(catalogue, release)).collect()
    }

    /// Whether one factor is wanted.
    pub(super) fn wants(&self, place: &Place) -> bool {
        self.wants_release(&place.release)
            && self.wants_line(place)
            && COLUMNS.iter().all(|dimension| self.wants_text(*dimension, place.text(*dimension)))
            && self.wants_id(place)
            && self.wants_later(place)
    }

    fn wants_release(&self, release: &PublishedRelease) -> bool {
        let title = &release.manifest.metadata.title;
        let named = |own: &String| own == release.dataset.as_str() || [&title.en, &title.zh].iter().any(|text| text.as_ref() == Some(own));
        (self.source_dataset.is_empty() || self.source_dataset.iter().any(named)) && among(&self.access_type, access_type(release))
    }

    fn find_in(&self, catalogue: &Catalogue, release: &Arc<PublishedRelease>) -> Vec<Place> {
        let index = release.data.index();
        // what a column holds is judged once for each of its values
        let judged: Vec<(Dimension, Vec<bool>)> = COLUMNS
            .into_iter()
            .map(|dimension| {
                (dimension, (0..index.codes(dimension)).map(|code| self.wants_text(dimension, index.text(dimension, code))).collect())
            })
            .collect();
        let passes = |number: &usize| {
            judged.iter().all(|(dimension, wanted)| {
                let code = usize::try_from(index.code(*dimension, *number)).unwrap_or(usize::MAX);
                wanted.get(code).copied().unwrap_or(false)
            })
        };
        let places = self.numbers(release).into_iter().filter(passes).map(|number| Place::new(catalogue, release.clone(), number));
        places.filter(|place| self.wants_id(place) && self.wants_later(place) && self.wants_line(place)).collect()
    }

    /// The factors to look at: those of the ids where there are any.
    fn numbers(&self, release: &PublishedRelease) -> Vec<usize> {
        let index = release.data.index();
        if self.id.is_empty() {
            return (0..index.len()).collect();
        }
        let found: BTreeSet<usize> =
            self.id.iter().filter_map(|id| id_prefix(id)).flat_map(|prefix| index.with_digest_prefix(prefix)).collect();
        found.into_iter().collect()
    }

    fn wants_id(&self, place: &Place) -> bool {
        let own = || place.release.data.digest(place.number).map(|digest| factor_id(&digest));
        self.id.is_empty() || own().is_some_and(|own| self.id.contains(&own))
    }

    fn wants_text(&self, dimension: Dimension, text: Option<&str>) -> bool {
        match dimension {
            Dimension::Activity => patterns(&self.activity, text),
            Dimension::Category => {
                let (sector, category) = category(text);
                let own = |wanted: &[String], text: Option<String>| wanted.is_empty() || text.is_some_and(|text| wanted.contains(&text));
                own(&self.category, category) && own(&self.sector, sector)
            }
            Dimension::Scope => {
                self.scope.is_empty()
                    || text.is_some_and(|text| self.scope.iter().any(|own| own == text || text.split('.').next() == Some(own)))
            }
            Dimension::Year => {
                self.year.is_empty() || text.and_then(|text| text.parse().ok()).is_some_and(|year| self.year.contains(&year))
            }
            Dimension::Region => {
                let asked: Vec<String> = self.region.iter().map(|own| region_in(own).to_owned()).collect();
                patterns(&asked, text)
            }
            Dimension::Per => {
                self.unit_type.is_empty()
                    || text.and_then(UnitType::of).is_some_and(|own| self.unit_type.iter().any(|name| name == own.name))
            }
            Dimension::Boundary => {
                self.lca_activity.is_empty() || self.lca_activity.iter().any(|own| *own == lca_activity(text) || Some(own.as_str()) == text)
            }
            Dimension::Flags => text.unwrap_or_default().split(' ').all(|code| self.allows(code)),
            _ => true,
        }
    }

    /// Whether a flag may stand on a factor; those that the other service does not have may.
    fn allows(&self, code: &str) -> bool {
        let theirs = FLAGS.iter().any(|(_, ours)| *ours == code);
        !theirs || self.allowed.as_ref().is_none_or(|allowed| allowed.contains(code))
    }

    /// What no column holds: the flags that were raised after the release.
    fn wants_later(&self, place: &Place) -> bool {
        place.later.iter().all(|code| self.allows(code))
    }

    /// What stands in the line alone: read only where it is asked for.
    fn wants_line(&self, place: &Place) -> bool {
        let source = self.source.is_empty() || place.source().is_some_and(|own| self.source.contains(&own));
        source
            && (self.method.is_empty()
                || place.factor().is_ok_and(|factor| methods(&factor).iter().any(|own| self.method.iter().any(|method| method == own))))
    }
}

/// The columns that filters look at.
const COLUMNS: [Dimension; 8] = [
    Dimension::Activity,
    Dimension::Category,
    Dimension::Scope,
    Dimension::Year,
    Dimension::Region,
    Dimension::Per,
    Dimension::Boundary,
    Dimension::Flags,
];

fn among(wanted: &[String], own: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == own)
}

/// Equal, or with a trailing `*` the same beginning.
fn patterns(wanted: &[String], own: Option<&str>) -> bool {
    let is = |pattern: &String, own: &str| pattern.strip_suffix('*').map_or(own == pattern, |start| own.starts_with(start));
    wanted.is_empty() || own.is_some_and(|own| wanted.iter().any(|pattern| is(pattern, own)))
}

/// Reads flags that are allowed, under either name.
///
/// # Errors
/// Where one is none.
pub(super) fn read_allowed<'a>(names: impl Iterator<Item = &'a str>) -> Result<BTreeSet<&'static str>, CompatRefusal> {
    let valid = || FLAGS.iter().map(|(theirs, _)| *theirs).chain(flags().keys().map(String::as_str));
    names
        .map(|name| flag_code(name).ok_or_else(|| CompatRefusal::none_of("invalid_input", "allowed_data_quality_flags", name, valid())))
        .collect()
}

/// The flags of the other service that a factor carries, those that were raised later included.
pub(super) fn their_flags(place: &Place) -> Vec<&'static str> {
    quality_flags(place.all_flags())
}
