//! Why this one: what held, in the order in which it was asked.

use super::Step;
use super::aside::Aside;
use super::select::Like;
use super::tie::Taken;
use super::told::{Reason, in_chinese};
use crate::release::Dimension;

/// The statements of why a factor was taken.
pub(super) fn why(like: &Like<'_>, number: usize, (steps, taken): (&[Step], Option<&Taken>), candidates: usize) -> Vec<Reason> {
    let mut why = vec![named(like, number)];
    why.extend(like.lookup.equal.iter().map(|(dimension, value)| {
        let name = dimension.name();
        Reason::new(name, format!("{name} is {value}, as asked"), format!("{}为 {value}，与所问一致", in_chinese(name)))
    }));
    why.extend(published(like, number));
    why.extend(aside(like, number));
    why.extend(placed(like, "region", like.lookup.region.clone(), steps));
    why.extend(placed(like, "year", like.lookup.year.map(|year| year.to_string()), steps));
    why.extend(tolerated(like));
    why.extend(gwp(like, number));
    why.extend(unit(like, number));
    why.push(match taken {
        Some(taken) => {
            let orders = taken.orders.iter().map(|order| order.code()).collect::<Vec<_>>().join(", ");
            let en = format!("of {candidates} that match it comes first by {orders}");
            Reason::new("order", en, format!("共有 {candidates} 个匹配，按 {orders} 居首"))
        }
        None => Reason::new("only", "no other factor matches", "没有其他因子匹配"),
    });
    why
}

fn named(like: &Like<'_>, number: usize) -> Reason {
    match &like.lookup.key {
        Some(_) => Reason::new("key", "its key is the one asked for", "键与所问一致"),
        None => {
            let activity = like.text(Dimension::Activity, number).unwrap_or_default();
            Reason::new("activity", format!("its activity is {activity}, as asked"), format!("活动为 {activity}，与所问一致"))
        }
    }
}

fn published(like: &Like<'_>, number: usize) -> Option<Reason> {
    let asked = like.lookup.published_year.is_some() || like.lookup.published_until.is_some();
    let published = like.text(Dimension::Published, number).filter(|_| asked)?;
    Some(Reason::new("published", format!("published {published}, when it was asked for"), format!("发布于 {published}，在所问范围内")))
}

fn aside(like: &Like<'_>, number: usize) -> Vec<Reason> {
    let lookup = like.lookup;
    let same = |name: &'static str, value: &str| {
        Reason::new(name, format!("{name} is {value}, as asked"), format!("{}为 {value}，与所问一致", in_chinese(name)))
    };
    let mut why = Vec::new();
    why.extend(lookup.price_basis.map(|basis| same("price_basis", basis.code())));
    why.extend(lookup.source_level.map(|level| same("source_level", level.code())));
    if let (Some(day), Some(aside)) = (&lookup.valid_at, Aside::of(like.data, number).filter(|_| lookup.valid_at.is_some())) {
        why.push(if aside.valid.is_empty() {
            let en = format!("it states no validity, so that {day} does not exclude it");
            Reason::new("valid_at", en, format!("未说明有效期，{day} 不构成排除"))
        } else {
            let interval = aside.interval();
            Reason::new("valid_at", format!("valid {interval}, which holds {day}"), format!("有效期 {interval}，包含 {day}"))
        });
    }
    why
}

/// Region or year: as asked, or by the fallback that was asked for.
fn placed(like: &Like<'_>, name: &'static str, asked: Option<String>, steps: &[Step]) -> Option<Reason> {
    let asked = asked?;
    Some(match steps.iter().find(|step| step.dimension == name) {
        None => Reason::new(name, format!("{name} is {asked}, as asked"), format!("{}为 {asked}，与所问一致", in_chinese(name))),
        Some(step) => {
            let used = step.used.as_deref().unwrap_or_default();
            let fallback = if name == "region" { "region_fallback=parent".to_owned() } else { format!("year_fallback={}", step.rule) };
            let of = like.lookup.activity.as_deref().map(|_| "the activity").unwrap_or("the key");
            let en = format!("{of} has nothing for {name} {asked}; {fallback} leads to {used}");
            Reason::new(name, en, format!("{} {asked} 无数据；按 {fallback} 采用 {used}", in_chinese(name)))
        }
    })
}

fn tolerated(like: &Like<'_>) -> Option<Reason> {
    let tolerated = like.lookup.tolerate.as_ref()?;
    let named = if tolerated.is_empty() { "none".to_owned() } else { tolerated.join(", ") };
    let en = format!("it carries no warning other than those tolerated ({named})");
    Some(Reason::new("tolerate", en, format!("除容许的警示外无其他警示（{named}）")))
}

fn gwp(like: &Like<'_>, number: usize) -> Option<Reason> {
    let asked = like.lookup.gwp?.id.as_str();
    Some(match like.text(Dimension::Gwp, number) {
        Some(own) if own == asked => Reason::new("gwp", format!("published under {asked}, as asked"), format!("按所问的 {asked} 发布")),
        own => {
            let (en, zh) = (own.unwrap_or("a GWP set that is not stated"), own.unwrap_or("未说明的 GWP 组"));
            let en = format!("none is published under {asked}; this one, under {en}, is summed again from its gases");
            Reason::new("gwp", en, format!("没有按 {asked} 发布的；本因子按 {zh} 发布，由各气体重新汇总"))
        }
    })
}

fn unit(like: &Like<'_>, number: usize) -> Option<Reason> {
    let wanted = like.wanted_unit()?.code();
    let own = like.text(Dimension::Per, number).unwrap_or_default();
    Some(if own == wanted {
        Reason::new("unit", format!("per {own}, as asked"), format!("单位为每 {own}，与所问一致"))
    } else {
        Reason::new("unit", format!("per {own}, which converts to {wanted} exactly"), format!("单位为每 {own}，可精确换算为 {wanted}"))
    })
}
