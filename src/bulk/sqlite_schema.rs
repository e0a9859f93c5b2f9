//! The tables of `factors.sqlite`.

use std::fmt::Write;

use super::table::{Field, Part, Shape};

/// Before any row: the layout of pages is fixed, so that equal rows give equal bytes, and nothing is waited for.
///
/// The application id is `TYIN`; the user version is that of the tables.
pub(super) const BEFORE: &str = "
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
PRAGMA auto_vacuum = NONE;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -65536;
PRAGMA application_id = 0x5459494e;
PRAGMA user_version = 1;
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE releases (
  dataset TEXT NOT NULL, version TEXT NOT NULL, manifest TEXT NOT NULL, title_en TEXT, title_zh TEXT,
  licence TEXT NOT NULL, licences TEXT NOT NULL, cite TEXT NOT NULL,
  PRIMARY KEY (dataset, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE sources (
  dataset TEXT NOT NULL, version TEXT NOT NULL, id TEXT NOT NULL, title_en TEXT, title_zh TEXT, publisher_en TEXT, publisher_zh TEXT,
  document_no TEXT, date TEXT, edition TEXT, url TEXT, landing_page TEXT, sha256 TEXT, level TEXT,
  PRIMARY KEY (dataset, version, id), FOREIGN KEY (dataset, version) REFERENCES releases (dataset, version)
) STRICT, WITHOUT ROWID;
";

/// Behind the last row: what finds rows again.
pub(super) const AFTER: &str = "
CREATE UNIQUE INDEX factors_key ON factors (key, dataset, version);
CREATE INDEX factors_activity ON factors (activity, region, year);
CREATE INDEX factors_region ON factors (region, year);
CREATE INDEX factors_kind ON factors (kind, year);
CREATE INDEX factors_category ON factors (category);
CREATE INDEX factors_digest ON factors (digest);
CREATE INDEX flags_flag ON flags (flag);
CREATE INDEX synonyms_name ON synonyms (name);
CREATE INDEX classifications_code ON classifications (scheme, code);
CREATE INDEX derived_from_key ON derived_from (dataset, key);
CREATE VIRTUAL TABLE factors_fts USING fts5 (
  name_en, name_zh, synonyms_en, synonyms_zh, activity, technology, category, note_en, note_zh, han_pairs,
  content='factors', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);
INSERT INTO factors_fts (factors_fts) VALUES ('rebuild');
INSERT INTO factors_fts (factors_fts) VALUES ('optimize');
";

/// The table of factors, and one for each kind of list.
pub(super) fn create_table(fields: &[Field]) -> String {
    let mut factors = "CREATE TABLE factors (\n  id INTEGER PRIMARY KEY".to_owned();
    let mut lists = String::new();
    for Field { name, shape, .. } in fields {
        let _ = match shape {
            Shape::Text => write!(factors, ",\n  {name} TEXT NOT NULL"),
            Shape::Optional | Shape::Date | Shape::Texts => write!(factors, ",\n  {name} TEXT"),
            Shape::Year => write!(factors, ",\n  {name} INTEGER"),
            Shape::Value => write!(factors, ",\n  {name} REAL NOT NULL"),
            Shape::Groups(parts) => {
                let mut members = String::new();
                for (member, part) in *parts {
                    let _ = match part {
                        Part::Text => write!(members, ", {member} TEXT NOT NULL"),
                        Part::Optional => write!(members, ", {member} TEXT"),
                        Part::Number => write!(members, ", {member} REAL NOT NULL"),
                    };
                }
                writeln!(
                    lists,
                    "CREATE TABLE {name} (factor INTEGER NOT NULL REFERENCES factors (id), position INTEGER NOT NULL{members},\n  PRIMARY KEY (factor, position)) STRICT, WITHOUT ROWID;"
                )
            }
        };
    }
    factors.push_str(
        ",\n  cite TEXT NOT NULL,\n  han_pairs TEXT,\n  FOREIGN KEY (dataset, version) REFERENCES releases (dataset, version)\n) STRICT;\n",
    );
    lists.push_str(
        "CREATE TABLE flags (factor INTEGER NOT NULL REFERENCES factors (id), position INTEGER NOT NULL, flag TEXT NOT NULL,
  PRIMARY KEY (factor, position)) STRICT, WITHOUT ROWID;
CREATE TABLE synonyms (factor INTEGER NOT NULL REFERENCES factors (id), language TEXT NOT NULL, position INTEGER NOT NULL,
  name TEXT NOT NULL, PRIMARY KEY (factor, language, position)) STRICT, WITHOUT ROWID;
",
    );
    factors + &lists
}

/// The statement that puts a factor into its table.
pub(super) fn insert(fields: &[Field]) -> String {
    let columns = fields.iter().filter(|field| !matches!(field.shape, Shape::Groups(_))).count();
    format!("INSERT INTO factors VALUES (?{})", ", ?".repeat(columns + 2))
}
