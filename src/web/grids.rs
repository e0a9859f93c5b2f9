//! The page of grid factors by province.

use askama::Template;

use super::address::{Address, path_of_key};
use super::charts::{BarRow, Bars, Chart, Number, Tile, Told, bar_chart, is_province, tile_map};
use super::factor::{extremes, place};
use super::{Frame, Lang, typeset};
use crate::factor::{Factor, kinds};
use crate::product::{Grid, Relative};

/// What the page shows.
#[derive(Clone, Copy)]
pub struct GridView<'a> {
    /// Everything that can be shown.
    pub grids: &'a [Grid],
    /// Which of them is.
    pub own: &'a Grid,
    /// Of which year.
    pub year: i32,
    /// Its factors.
    pub regions: &'a [Relative],
    /// One of them, whole: for metric, unit and kind.
    pub sample: &'a Factor,
}

#[derive(Template)]
#[template(path = "grids.html")]
struct Page {
    frame: Frame,
    title: String,
    release: String,
    release_href: String,
    kind: String,
    choices: Vec<(String, String, bool)>,
    years: Vec<(i32, bool)>,
    charts: Vec<Chart>,
}

/// The name of a grid in addresses: `dataset/activity`.
fn name_of(grid: &Grid) -> String {
    format!("{}:{}", grid.release.dataset, grid.activity)
}

/// The address of its page.
pub fn grid_address(grid: &Grid) -> String {
    Address::new("/charts/grid", "").with("grid", &name_of(grid)).to_string()
}

/// The one of these with a name in addresses.
pub fn grid_named<'g>(grids: &'g [Grid], name: &str) -> Option<&'g Grid> {
    grids.iter().find(|grid| name_of(grid) == name)
}

/// The page.
///
/// # Errors
/// As the template engine; none is known.
pub fn grid_page(frame: Frame, view: GridView<'_>) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let own = name_of(view.own);
    let title = |grid: &Grid| format!("{} · {}", lang.text(&grid.release.manifest.metadata.title), grid.activity);
    let page = Page {
        title: lang.say(format!("{} 年各省电网因子", view.year), format!("Grid factors by province, {}", view.year)),
        release: view.own.release.id(),
        release_href: format!("/datasets/{}/releases/{}", view.own.release.dataset, view.own.release.version),
        kind: kinds().get(&view.sample.kind).map(|kind| lang.text(&kind.name)).unwrap_or_default(),
        choices: view.grids.iter().map(|grid| (name_of(grid), title(grid), name_of(grid) == own)).collect(),
        years: view.own.years().into_iter().map(|year| (year, year == view.year)).collect(),
        charts: grid_charts(view, lang),
        frame,
    };
    page.render()
}

/// The charts of the page: the map, and all regions ranked.
pub fn grid_charts(view: GridView<'_>, lang: Lang) -> Vec<Chart> {
    let unit = typeset::unit(view.sample.metric.code(), &view.sample.per, lang);
    let release = format!("/datasets/{}/releases/{}", view.own.release.dataset, view.own.release.version);
    let href = |own: &Relative| Some(format!("{release}/factors/{}", path_of_key(&own.key)));
    let provinces: Vec<&Relative> = view.regions.iter().filter(|own| is_province(&own.region)).collect();
    let tiles: Vec<Tile> = provinces
        .iter()
        .map(|own| Tile { region: own.region.clone(), value: Number::from(&own.value), own: false, href: href(own) })
        .collect();
    let told = |id: &str, title: String, finding: String| Told { id: id.to_owned(), title, finding, unit: unit.clone() };
    let year = view.year;
    let finding = extremes(&provinces, lang);
    let map = tile_map(
        told("provinces", lang.say(format!("{year} 年，每省一格"), format!("{year}: a tile for each province")), finding.clone()),
        &tiles,
        lang,
    );
    let mut ranked: Vec<&Relative> = view.regions.iter().collect();
    ranked.sort_by(|a, b| b.value.to_rational().cmp(&a.value.to_rational()).then_with(|| a.region.cmp(&b.region)));
    let nation = view.regions.iter().find(|own| own.region == "CN");
    let above = nation.map(|nation| provinces.iter().filter(|own| own.value.to_rational() > nation.value.to_rational()).count());
    let finding = match (nation, above) {
        (Some(nation), Some(above)) => lang.say(
            format!("{above} 个省级行政区高于全国平均（{}）。", nation.value),
            format!("{above} provinces are above the national average ({}).", nation.value),
        ),
        _ => finding,
    };
    let rows = ranked.iter().map(|own| BarRow {
        name: place(&own.region, lang),
        value: Some(Number::from(&own.value)),
        own: !is_province(&own.region),
        href: href(own),
        beside: own.region.clone(),
    });
    let bars = Bars {
        told: told("ranked", lang.say("从高到低", "From the highest"), finding),
        name: lang.say("地区", "region"),
        value: lang.say("数值", "value"),
        beside: lang.say("代码", "code"),
        rows: rows.collect(),
    };
    let bars = bar_chart(bars, lang).noting(lang.say("粗体：全国与区域电网。", "Bold: the nation and its regional grids."));
    vec![map, bars]
}
