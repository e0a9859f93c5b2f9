//! What the documentation promises is there, and what is there is documented.

use std::path::Path;

use crate::on_bundled;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn every_column_and_rule_is_in_the_page_on_packages() {
    let page = read("docs/packages.md");
    for column in tanyin::factor::COLUMNS {
        assert!(page.contains(&format!("`{}`", column.name)), "{}", column.name);
    }
    for rule in tanyin::validate::Rule::ALL {
        assert!(
            page.contains(
                &format!("| `{}` | {:?} | {} |", rule.id(), rule.severity(), rule.about())
                    .replace("Error", "error")
                    .replace("Warning", "warning")
                    .replace("Info", "info")
            ),
            "{}",
            rule.id()
        );
    }
}

#[test]
fn every_parameter_and_refusal_of_a_lookup_is_in_its_page() {
    let page = read("docs/lookup.md");
    let query = serde_json::to_value(tanyin::lookup::LookupQuery::default()).unwrap();
    for parameter in query.as_object().unwrap().keys() {
        assert!(page.contains(&format!("`{parameter}`")) || page.contains(&format!("`{parameter}=")), "{parameter}");
    }
    for code in [
        "missing-parameter",
        "unknown-parameter",
        "no-dataset",
        "no-release",
        "no-match",
        "ambiguous",
        "flagged",
        "invalid-parameter",
        "unit-mismatch",
        "gwp-unavailable",
    ] {
        assert!(page.contains(&format!("`{code}`")), "{code}");
    }
}

/// Every relative link of every page leads to a file of the repository.
#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("README.zh.md"), root.join("schema/README.md"), root.join("scripts/README.md")];
    for folder in ["docs", "docs/adr"] {
        pages.extend(
            std::fs::read_dir(root.join(folder))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "md")),
        );
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
            .filter(|link| !link.contains("://") && !link.starts_with('#'))
        {
            let target = page.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{}: {link}", page.display());
        }
    }
}

/// Both languages of the README show the same commands.
#[test]
fn both_readmes_show_the_same_commands() {
    let commands = |text: &str| -> Vec<String> {
        let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next().map(str::to_owned));
        blocks.flat_map(|block| block.lines().map(|line| line.split('#').next().unwrap().trim().to_owned()).collect::<Vec<_>>()).collect()
    };
    assert_eq!(commands(&read("README.md")), commands(&read("README.zh.md")));
    assert!(read("README.md").contains("cargo run --release -- serve") && read("README.md").contains("\nscripts/test\n"));
}

/// The smallest package of the page on packages is a package without a finding.
#[test]
fn the_smallest_package_is_sound() {
    let page = read("docs/packages.md");
    let block =
        |language: &str| page.split(&format!("```{language}\n")).nth(1).and_then(|rest| rest.split("```").next()).unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("datapackage.json"), block("json")).unwrap();
    std::fs::write(folder.path().join("factors.csv"), block("csv")).unwrap();
    let mut sinks = tanyin::validate::Sinks { line: &mut |_| Ok(()), progress: &mut |_| {} };
    let report = tanyin::validate::check_source(folder.path(), None, &mut sinks).unwrap().report;
    assert_eq!((report.factors, report.items), (1, Vec::new()));
}

on_bundled!(
    /// Every command of the page on the lockfile runs as it stands there, and says what stands there.
    fn the_lockfile_of_its_page(site: &Site) {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_tanyin")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let page = read("docs/lock.md").replace("https://factors.example.org", site.address());
        let mut runs = 0;
        for part in page.split("```sh\n").skip(1) {
            let (script, rest) = part.split_once("```").unwrap();
            let mut shell = std::process::Command::new("sh");
            shell.current_dir(folder.path()).env("PATH", &path).args(["-e", "-c", script]);
            let ran = shell.output().unwrap();
            let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
            assert!(ran.status.success(), "{script}: {said}");
            if let Some(expected) = rest.trim_start().strip_prefix("```text\n").and_then(|text| text.split("```").next()) {
                for line in expected.lines() {
                    assert!(said.contains(line), "`{line}` is not in what `{script}` says:\n{said}");
                }
            }
            runs += 1;
        }
        assert!(runs >= 4, "{runs}");
    }
);

#[test]
fn every_rule_of_quality_and_flag_is_in_its_page() {
    let page = read("docs/quality.md");
    for rule in tanyin::quality::QUALITY_RULES {
        assert!(page.contains(&format!("| `{}` | `{}` | {} | {} |", rule.id, rule.flag, rule.about, rule.source)), "{}", rule.id);
    }
}

/// The page on whole datasets names every format, and its searches find what they say.
#[test]
fn every_format_is_in_the_page_on_whole_datasets() {
    let page = read("docs/bulk.md");
    for format in tanyin::bulk::Format::ALL {
        let row = format!("| `{}` | `{}` |", format.name(), format.file_name());
        // formats of life cycle data have a page of their own
        let elsewhere = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exchange.md")).unwrap_or_default();
        assert!(page.contains(&row) || elsewhere.contains(format.file_name()), "{row}");
    }
    for name in tanyin::bulk::SELECTION_COLUMNS.iter().chain(&["value_number", "cite"]) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
