//! The URL that chooses the database.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::StoreError;

/// The database that rows rest in: a SQLite file or a PostgreSQL server.
///
/// `sqlite:PATH` (or `sqlite://PATH`), `postgres://…` (or `postgresql://…`, as libpq reads it). `Display` and `Debug` leave
/// the password and every parameter out.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of the database file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(PostgresUrl),
}

/// A PostgreSQL URL whose parts are known well enough to hide its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    text: String,
    shown: String,
    secrets: Vec<String>,
}

impl PostgresUrl {
    /// The URL for libpq, with time limits where it names none.
    ///
    /// A server that takes the connection and stays silent would otherwise hold us for minutes.
    pub(super) fn for_libpq(&self) -> String {
        let mut text = self.text.clone();
        for (name, value) in [("connect_timeout", "5"), ("tcp_user_timeout", "10000"), ("fallback_application_name", "tanyin")] {
            if !text.contains(&format!("{name}=")) {
                text.push(if text.contains('?') { '&' } else { '?' });
                text.push_str(&format!("{name}={value}"));
            }
        }
        text
    }

    /// A message of libpq with every secret replaced: it quotes parts of a URL that it cannot read.
    pub(super) fn without_secrets(&self, message: &str) -> String {
        let mut clean = message.trim().replace(&self.text, &self.shown);
        for secret in &self.secrets {
            clean = clean.replace(secret.as_str(), "***");
        }
        clean
    }
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite(rest.strip_prefix("//").unwrap_or(rest));
        }
        match text.split_once("://") {
            Some((scheme @ ("postgres" | "postgresql"), rest)) => postgres(scheme, rest),
            _ => Err(StoreError::Address("a database URL is sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE".to_owned())),
        }
    }
}

fn sqlite(path: &str) -> Result<DatabaseUrl, StoreError> {
    let refuse = |why: &str| Err(StoreError::Address(format!("sqlite:{path}: {why}")));
    if path.is_empty() || path.ends_with('/') {
        return refuse("sqlite: needs the path of a file");
    }
    if path.starts_with(":memory:") {
        return refuse("a database in memory would be another one for every connection; give the path of a file");
    }
    // written for another program, such a URL would silently make a file with a `?` in its name
    if path.contains('?') || path.contains('\0') {
        return refuse("sqlite: takes a path alone, without parameters");
    }
    Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
}

/// Reads the URL as libpq does: the password ends at the first `@`, which must stand before the first `/`.
fn postgres(scheme: &str, rest: &str) -> Result<DatabaseUrl, StoreError> {
    let refuse = |why: &str| Err(StoreError::Address(format!("{scheme}://…: {why}")));
    let (place, parameters) = match rest.split_once('@').filter(|(user, _)| !user.contains('/')) {
        Some((user, after)) => {
            let (place, parameters) = after.split_once('?').unwrap_or((after, ""));
            (Some(user).zip(Some(place)), parameters)
        }
        None => (None, rest.split_once('?').map_or("", |(_, parameters)| parameters)),
    };
    let (user, place) = place.unwrap_or_else(|| ("", rest.split('?').next().unwrap_or(rest)));
    if place.contains('@') {
        return refuse("write @ as %40 and / as %2F in the user name and the password");
    }
    if rest.contains('\0') || rest.chars().any(char::is_whitespace) {
        return refuse("write blanks as %20");
    }
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut secrets = Vec::new();
    let hidden = parameters.split('&').filter_map(|pair| pair.split_once('=')).filter(|(key, _)| key.contains("password"));
    for secret in std::iter::once(password).chain(hidden.map(|(_, value)| value)).filter(|secret| !secret.is_empty()) {
        secrets.push(secret.to_owned());
        secrets.push(percent_decoded(secret));
    }
    let at = if name.is_empty() { "" } else { "@" };
    Ok(DatabaseUrl::Postgres(PostgresUrl { text: format!("{scheme}://{rest}"), shown: format!("{scheme}://{name}{at}{place}"), secrets }))
}

/// For hiding alone: what does not decode stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let mut decoded = [0_u8];
        match tail {
            [high, low, after @ ..] if *first == b'%' && hex::decode_to_slice([*high, *low], &mut decoded).is_ok() => {
                bytes.extend(decoded);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&url.shown),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, String> {
        text.parse::<DatabaseUrl>().map(|url| format!("{url}")).map_err(|error| error.to_string())
    }

    #[test]
    fn urls_that_name_a_database() {
        for (text, display) in [
            ("sqlite:tanyin.db", "sqlite:tanyin.db"),
            ("sqlite:/var/lib/tanyin.db", "sqlite:/var/lib/tanyin.db"),
            ("sqlite:///var/lib/tanyin.db", "sqlite:/var/lib/tanyin.db"),
            ("sqlite://data/tanyin.db", "sqlite:data/tanyin.db"),
            ("sqlite:排放.db", "sqlite:排放.db"),
            ("postgres://h/d", "postgres://h/d"),
            ("postgresql://u@h:5433/d", "postgresql://u@h:5433/d"),
            ("postgres://u:geheim@h/d", "postgres://u@h/d"),
            ("postgres://u:ge%40im@h/d?password=geheim&sslmode=disable", "postgres://u@h/d"),
            ("postgres://u:p?w@h1:1,h2:2/d", "postgres://u@h1:1,h2:2/d"),
            ("postgres:///d?host=/run/postgresql", "postgres:///d"),
        ] {
            assert_eq!(shown(text), Ok(display.to_owned()), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_named() {
        for text in ["", "tanyin.db", "/var/lib/tanyin.db", "mysql://u:geheim@h/d", "postgres:h", "SQLITE:x", "file:x"] {
            let error = shown(text).unwrap_err();
            assert!(error.contains("sqlite:PATH") && error.contains("postgres://"), "{text}: {error}");
        }
        for text in ["sqlite:", "sqlite://", "sqlite:dir/", "sqlite::memory:", "sqlite:x.db?mode=ro"] {
            assert!(shown(text).unwrap_err().starts_with("sqlite:"), "{text}");
        }
    }

    #[test]
    fn a_password_never_shows() {
        for text in ["postgres://u:ge/heim@h/d", "postgres://u:a@geheim@h/d", "postgres://u:ge heim@h/d"] {
            let error = shown(text).unwrap_err();
            assert!(!error.contains("heim"), "{error}");
        }
        let DatabaseUrl::Postgres(url) = "postgres://u:ge%20heim@h/d?sslpassword=still".parse().unwrap() else { panic!() };
        let said = url.without_secrets("bad \"ge%20heim\" or \"ge heim\" or still in postgres://u:ge%20heim@h/d?sslpassword=still");
        assert_eq!(said, "bad \"***\" or \"***\" or *** in postgres://u@h/d");
        assert!(!format!("{url:?} {:?}", DatabaseUrl::Postgres(url.clone())).contains("heim"));
    }

    #[test]
    fn time_limits_are_added_unless_they_are_given() {
        let libpq = |text: &str| match text.parse().unwrap() {
            DatabaseUrl::Postgres(url) => url.for_libpq(),
            DatabaseUrl::Sqlite(_) => panic!(),
        };
        assert_eq!(libpq("postgres://h/d"), "postgres://h/d?connect_timeout=5&tcp_user_timeout=10000&fallback_application_name=tanyin");
        assert!(libpq("postgres://h/d?connect_timeout=2").starts_with("postgres://h/d?connect_timeout=2&tcp_user"));
    }
}
