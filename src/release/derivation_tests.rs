//! The graph of derivations alone: its walks, whatever the data say.

use std::collections::BTreeSet;

use super::derivation::testing::GraphOf;

/// A graph of releases, each with its factors and what those name: `("a@1.0.0", "x", "b@1.0.0#y c@1.0.0#z")`.
fn graph(lines: &[(&str, &str, &str)]) -> GraphOf {
    let mut graph = GraphOf::default();
    let releases: BTreeSet<&str> = lines.iter().map(|(release, ..)| *release).collect();
    // announced in the order in which they first stand
    let mut order: Vec<&str> = releases.into_iter().collect();
    order.sort_by_key(|release| lines.iter().position(|(own, ..)| own == release));
    for release in order {
        let own = lines.iter().filter(|(own, ..)| *own == release).map(|(_, key, from)| (*key, *from));
        graph.insert(release, own);
    }
    graph
}

#[test]
fn a_chain() {
    let graph = graph(&[("b@1.0.0", "y", "a@1.0.0#x"), ("c@1.0.0", "z", "b@1.0.0#y"), ("d@1.0.0", "w", "c@1.0.0#z")]);
    let all = ["1 b@1.0.0#y", "2 c@1.0.0#z via b@1.0.0#y", "3 d@1.0.0#w via c@1.0.0#z"];
    assert_eq!(graph.dependents("a@1.0.0", Some("x"), true), all);
    assert_eq!(graph.dependents("a@1.0.0", None, true), all);
    assert_eq!(graph.dependents("a@1.0.0", Some("x"), false), all[..1]);
    assert_eq!(graph.dependents("a@1.0.0", Some("other"), true), [""; 0]);
    assert_eq!(graph.dependents("a@1.1.0", None, true), [""; 0], "another version is another input");
    assert_eq!(graph.dependents("d@1.0.0", None, true), [""; 0]);
    assert_eq!(graph.towards("d@1.0.0", "w", &["a@1.0.0"]), ["1 c@1.0.0#z", "2 b@1.0.0#y via c@1.0.0#z", "3 a@1.0.0#x via b@1.0.0#y"]);
    assert_eq!(graph.towards("b@1.0.0", "y", &["a@1.0.0"]), ["1 a@1.0.0#x"]);
    assert_eq!(graph.towards("b@1.0.0", "y", &["c@1.0.0", "d@1.0.0"]), [""; 0], "what is built on it is no input");
}

#[test]
fn a_diamond_is_told_once_at_its_shortest() {
    let graph = graph(&[
        ("b@1.0.0", "l", "a@1.0.0#x"),
        ("b@1.0.0", "r", "a@1.0.0#x"),
        ("c@1.0.0", "z", "b@1.0.0#l b@1.0.0#r"),
        ("d@1.0.0", "w", "a@1.0.0#x c@1.0.0#z"),
    ]);
    let all = ["1 b@1.0.0#l", "1 b@1.0.0#r", "1 d@1.0.0#w", "2 c@1.0.0#z via b@1.0.0#l"];
    assert_eq!(graph.dependents("a@1.0.0", Some("x"), true), all);
    let up = graph.towards("d@1.0.0", "w", &["a@1.0.0"]);
    assert_eq!(up, ["1 a@1.0.0#x", "1 c@1.0.0#z", "2 b@1.0.0#l via c@1.0.0#z", "2 b@1.0.0#r via c@1.0.0#z"]);
}

#[test]
fn circles_end() {
    let graph = graph(&[
        ("a@1.0.0", "x", "b@1.0.0#y a@1.0.0#x"),
        ("b@1.0.0", "y", "c@1.0.0#z"),
        ("c@1.0.0", "z", "a@1.0.0#x lost@1.0.0#k"),
        ("e@1.0.0", "v", "e@1.0.0#v"),
    ]);
    assert_eq!(graph.dependents("a@1.0.0", Some("x"), true), ["1 c@1.0.0#z", "2 b@1.0.0#y via c@1.0.0#z"]);
    assert_eq!(graph.dependents("a@1.0.0", None, true), ["1 c@1.0.0#z", "2 b@1.0.0#y via c@1.0.0#z"]);
    assert_eq!(graph.dependents("e@1.0.0", None, true), [""; 0]);
    assert_eq!(graph.towards("a@1.0.0", "x", &["lost@1.0.0"]).last().unwrap(), "3 lost@1.0.0#k via c@1.0.0#z");
    assert_eq!(graph.towards("e@1.0.0", "v", &["e@1.0.0", "a@1.0.0"]), [""; 0], "a factor is no input of its own");
}

#[test]
fn keys_that_begin_alike_are_apart() {
    let graph = graph(&[("b@1.0.0", "1", "a@1.0.0#k"), ("b@1.0.0", "2", "a@1.0.0#k/x"), ("b@1.0.0", "3", "a@1.0.0#j aa@1.0.0#k")]);
    assert_eq!(graph.dependents("a@1.0.0", Some("k"), true), ["1 b@1.0.0#1"]);
    assert_eq!(graph.dependents("a@1.0.0", Some("k/x"), true), ["1 b@1.0.0#2"]);
    assert_eq!(graph.dependents("aa@1.0.0", None, true), ["1 b@1.0.0#3"]);
    assert_eq!(graph.dependents("a@1.0.0", None, true), ["1 b@1.0.0#1", "1 b@1.0.0#2", "1 b@1.0.0#3"]);
    assert_eq!(graph.towards("b@1.0.0", "4", &["a@1.0.0"]), [""; 0]);
}

#[test]
fn later_releases_are_not_seen_in_earlier_states() {
    let graph = graph(&[("b@1.0.0", "y", "a@1.0.0#x"), ("c@1.0.0", "z", "b@1.0.0#y a@1.0.0#x")]);
    assert_eq!(graph.dependents_as_of("a@1.0.0", 0), [""; 0]);
    assert_eq!(graph.dependents_as_of("a@1.0.0", 1), ["1 b@1.0.0#y"]);
    assert_eq!(graph.dependents_as_of("a@1.0.0", 2), ["1 b@1.0.0#y", "1 c@1.0.0#z"]);
}

/// Random graphs, circles included, against the plainest search that there is.
#[test]
fn walks_agree_with_a_plain_search() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..60 {
        let name = |node: usize| (format!("r{}@1.0.0", node / 4), format!("k{}", node % 4));
        let edges: Vec<(usize, usize)> = (0..24).map(|_| (random(20), random(20))).collect();
        let lines: Vec<(String, String, String)> = (0..20)
            .filter(|node| edges.iter().any(|(from, _)| from == node))
            .map(|node| {
                let of = edges.iter().filter(|(from, _)| *from == node).map(|(_, to)| format!("{}#{}", name(*to).0, name(*to).1));
                (name(node).0, name(node).1, of.collect::<Vec<_>>().join(" "))
            })
            .collect();
        let lines: Vec<(&str, &str, &str)> = lines.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        let graph = graph(&lines);
        for start in 0..20 {
            let mut distance = [None; 20];
            distance[start] = Some(0);
            for step in 1..20 {
                for (from, to) in &edges {
                    if distance[*to].is_some_and(|own| own == step - 1) && distance[*from].is_none() {
                        distance[*from] = Some(step);
                    }
                }
            }
            let (release, key) = name(start);
            let mut expected: Vec<(i32, String)> = (0..20)
                .filter(|node| *node != start)
                .filter_map(|node| Some((distance[node]?, format!("{}#{}", name(node).0, name(node).1))))
                .collect();
            expected.sort();
            let found = graph.dependents(&release, Some(&key), true);
            let found: Vec<String> = found.iter().map(|line| line.split(" via").next().unwrap().to_owned()).collect();
            let expected: Vec<String> = expected.into_iter().map(|(distance, name)| format!("{distance} {name}")).collect();
            assert_eq!(found, expected, "{release}#{key} in {lines:?}");
        }
    }
}
