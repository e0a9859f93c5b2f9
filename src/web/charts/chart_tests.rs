//! Every chart: well-formed, with its words and its table, and harmless whatever the texts are.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::factor::Decimal;
use crate::web::Lang;

const HOSTILE: &str = "=1+1</title><script>alert('x')</script>\u{202e}\u{0}\u{ffff}&<\"";

fn told(id: &str) -> Told {
    Told { id: id.to_owned(), title: format!("T {HOSTILE}"), finding: format!("F {HOSTILE}"), unit: format!("kg {HOSTILE}") }
}

fn number(text: &str) -> Number {
    Number::from(&text.parse::<Decimal>().unwrap())
}

/// One of each.
fn all(lang: Lang) -> Vec<Chart> {
    let row = |name: &str, value: Option<&str>| BarRow { name: name.to_owned(), value: value.map(number), ..BarRow::default() };
    let rows = vec![row(HOSTILE, Some("0.5153")), row("b", Some("-0.1")), row(&"长".repeat(500), None), row("c", Some("0"))];
    let bars = |id: &str, rows: Vec<BarRow>| Bars { told: told(id), name: HOSTILE.into(), value: "v".into(), beside: String::new(), rows };
    let tile =
        |region: &str, value: &str| Tile { region: region.into(), value: number(value), own: region == "CN-ZJ", href: Some("/x".into()) };
    let point = |year: i32, value: &str| Point { year, value: number(value), own: year == 2022, href: None };
    let many = (0..200).map(|number| (format!("{number} {HOSTILE}"), Number::count(number))).collect();
    let few = vec![(HOSTILE.to_owned(), number("1.5")), ("b".to_owned(), number("1.5"))];
    let part = |name: &str, value: &str, counted: bool| Part { name: name.into(), value: number(value), counted };
    let at = |at: &str, count: usize| Grown { at: at.to_owned(), count };
    vec![
        bar_chart(bars("bars", rows.clone()), lang),
        bar_chart(bars("none", Vec::new()), lang),
        score_chart(bars("scores", vec![row("TeR", Some("2")), row("P", Some("4.5"))]), lang),
        tile_map(told("map"), &[tile("CN-ZJ", "0.5153"), tile("CN-YN", "0.0721"), tile("HK", "0.6100")], lang),
        tile_map(told("empty-map"), &[], lang),
        series_chart(
            told("series"),
            &[Series { name: HOSTILE.into(), points: vec![point(2020, "1"), point(2022, "0.99"), point(2023, "3")] }],
            lang,
        ),
        series_chart(told("no-series"), &[], lang),
        spread_chart(told("few"), &Spread { numbers: few, own: 0 }, lang),
        spread_chart(told("many"), &Spread { numbers: many, own: 3 }, lang),
        spread_chart(told("nothing"), &Spread::default(), lang),
        waterfall_chart(
            told("stages"),
            &[part(HOSTILE, "1", true), part("C", "-0.25", true), part("D", "-9", false)],
            &number("0.75"),
            lang,
        ),
        span_chart(told("span"), &Span { low: number("0.1"), value: number("0.5"), high: number("0.9") }, lang),
        growth_chart(told("growth"), &[at("2026-01-01T00:00:00Z", 1), at("2026-03-01T00:00:00Z", 9), at(HOSTILE, 9)], "leaves", lang),
        growth_chart(told("young"), &[], "leaves", lang),
    ]
}

/// The elements of a drawing, which is well-formed XML.
fn elements(xml: &[u8]) -> Vec<String> {
    let mut reader = Reader::from_reader(xml);
    reader.config_mut().check_end_names = true;
    let (mut found, mut depth) = (Vec::new(), 0);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(xml))) {
            Event::Start(start) => {
                depth += 1;
                start.attributes().for_each(|attribute| drop(attribute.unwrap()));
                found.push(start.name().as_ref().to_owned());
            }
            Event::Empty(empty) => {
                empty.attributes().for_each(|attribute| drop(attribute.unwrap()));
                found.push(empty.name().as_ref().to_owned());
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    found
}

#[test]
fn every_chart_is_well_formed_and_harmless() {
    for chart in Lang::ALL.into_iter().flat_map(|(_, lang)| all(lang)) {
        for drawing in &chart.drawings {
            let text = drawing.to_string();
            let found = elements(text.as_bytes());
            assert_eq!(found.first().map(String::as_str), Some("svg"));
            assert!(found.iter().filter(|name| *name == "title").count() >= 1 && found.iter().any(|name| name == "desc"), "{text}");
            assert!(!found.iter().any(|name| name == "script"), "{text}");
            assert!(
                text.contains("role=\"img\"") && !text.contains("style=") && !text.contains('\u{202e}') && !text.contains("NaN"),
                "{text}"
            );
        }
        let file = chart.file();
        assert!(elements(&file).contains(&"style".to_owned()));
    }
}

#[test]
fn every_chart_has_its_numbers_as_a_table() {
    for chart in all(Lang::En) {
        assert!(
            (chart.heads.len() >= 2 || chart.rows.is_empty()) && chart.rows.iter().all(|row| row.len() == chart.heads.len()),
            "{}",
            chart.told.id
        );
        let csv = chart.csv();
        let text = std::str::from_utf8(&csv).unwrap();
        assert!(text.starts_with('\u{feff}'));
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        assert_eq!(reader.records().map(Result::unwrap).count(), chart.rows.len(), "{}", chart.told.id);
        assert!(!text.contains("\n=") && !text.starts_with("\u{feff}="), "{text}");
    }
}

#[test]
fn numbers_stand_as_they_were_given() {
    let charts = all(Lang::Zh);
    let map = charts.iter().find(|chart| chart.told.id == "map").unwrap();
    assert!(map.rows.iter().any(|row| row[2].text == "0.5153" && row[0].text == "浙江" && row[0].href.is_some()));
    assert!(map.drawings[0].to_string().contains(">0.5153<"));
    assert_eq!(map.rows.len(), 34);
    assert!(map.notes[0].contains("西藏") && !map.notes[0].contains("浙江"), "{:?}", map.notes);
    let bars = charts.first().unwrap();
    assert_eq!(bars.rows.iter().map(|row| row[1].text.as_str()).collect::<Vec<_>>(), ["0.5153", "-0.1", "无数值", "0"]);
    let series = charts.iter().find(|chart| chart.told.id == "series").unwrap();
    assert_eq!(series.rows.len(), 4, "2021 has its row");
    assert!(series.notes[0].contains("2021") && !series.notes[0].contains("2020"));
}

#[test]
fn the_address_of_a_download_keeps_the_page() {
    let frame = Frame { path: "/x".into(), query: "year=2022&chart=old&as=csv".into(), lang: Lang::Zh, ..Frame::default() };
    assert_eq!(all(Lang::Zh)[3].address(&frame, "svg"), "/x?year=2022&chart=map&as=svg&lang=zh");
}
