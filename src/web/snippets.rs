//! How to ask for a factor from a program: ready to be copied.

use super::Lang;
use super::address::{Address, path_of_key};

/// One way to ask.
pub struct Snippet {
    /// For addresses within a page: `python`.
    pub id: &'static str,
    /// Its name.
    pub label: String,
    /// The code.
    pub code: String,
    /// What to know.
    pub note: String,
}

/// The ways to ask for one factor of a release; `base` is the address of the server, without final slash.
pub fn snippets(base: &str, (dataset, version): (&str, &str), key: &str, lang: Lang) -> Vec<Snippet> {
    let pinned = format!("{dataset}@{version}");
    let lookup = Address::default().at(&format!("{base}/v1/lookup")).with("dataset", &pinned).with("key", key).to_string();
    let own = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let power = |text: &str| text.replace('"', "\"\"");
    let snippet = |id, label: &str, code: String, note: String| Snippet { id, label: label.to_owned(), code, note };
    vec![
        snippet("curl", "curl", format!("curl '{}'", lookup.replace('\'', "%27")), String::new()),
        snippet(
            "python",
            "Python",
            format!(
                "from tanyin import Client\n\nwith Client(\"{}\") as tanyin:\n    answer = tanyin.lookup(dataset=\"{}\", key=\"{}\")\n    print(answer.value, answer.pin)",
                own(base),
                own(&pinned),
                own(key)
            ),
            lang.say("数值是 Decimal，一位不改。", "The value is a Decimal, digit for digit."),
        ),
        snippet(
            "javascript",
            "JavaScript",
            format!(
                "const response = await fetch(\"{}\");\nconst {{ factor, digest }} = await response.json();\nconsole.log(factor.value, factor.per, digest);",
                own(&lookup)
            ),
            lang.say("factor.value 是文本，与公布的一致。", "factor.value is a text, exactly as published."),
        ),
        snippet(
            "excel",
            "Excel",
            format!(
                "let\n  Answer = Json.Document(Web.Contents(\"{}/v1/lookup\", [Query = [dataset = \"{}\", key = \"{}\"]])),\n  Value = Number.From(Answer[factor][value], \"en-US\")\nin\n  Value",
                power(base),
                power(&pinned),
                power(key)
            ),
            lang.say("数据 → 获取数据 → 空白查询 → 高级编辑器，粘贴。", "Data → Get Data → Blank Query → Advanced Editor, then paste."),
        ),
        snippet(
            "page",
            &lang.say("链接", "Link"),
            format!("{base}/datasets/{dataset}/releases/{version}/factors/{}", path_of_key(key)),
            String::new(),
        ),
    ]
}
