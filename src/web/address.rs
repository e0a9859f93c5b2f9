//! The address of a page with a parameter more, less or other: every state of a page is a link.

use url::form_urlencoded;

use super::Frame;

/// A path with parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    /// That of a page, which begins at its first part.
    pub fn of(frame: &Frame) -> Self {
        Self::new(&frame.path, &frame.query).without("page").without("cursor")
    }

    /// A path with parameters as they are written.
    pub fn new(path: &str, query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.trim().is_empty());
        Self { path: path.to_owned(), pairs: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect() }
    }

    /// The same parameters at another path.
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        Self { path: path.to_owned(), pairs: self.pairs.clone() }
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All parameters.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Without a parameter.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        Self { path: self.path.clone(), pairs: self.pairs.iter().filter(|(own, _)| own != name).cloned().collect() }
    }

    /// With a parameter in place of what it was.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut next = self.without(name);
        next.pairs.push((name.to_owned(), value.to_owned()));
        next
    }

    /// The values of a list that is parted by commas.
    pub fn listed(&self, name: &str) -> Vec<&str> {
        self.get(name).unwrap_or_default().split(',').map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// With one value of a list more, or less where it was there.
    #[must_use]
    pub fn toggled(&self, name: &str, value: &str) -> Self {
        let mut values = self.listed(name);
        match values.iter().position(|own| *own == value) {
            Some(place) => drop(values.remove(place)),
            None => values.push(value),
        }
        let values = values.join(",");
        if values.is_empty() { self.without(name) } else { self.with(name, &values) }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        if self.pairs.is_empty() {
            return Ok(());
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish();
        write!(f, "?{query}")
    }
}

/// A key as it stands in a path: all but what a path cannot hold is kept readable.
pub fn path_of_key(key: &str) -> String {
    key.split('/').map(|part| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_and_go() {
        let address = Address::new("/search", "q=%E6%B5%99%E6%B1%9F&year=2022,2023&kind=");
        assert_eq!(address.toggled("year", "2022").to_string(), "/search?q=%E6%B5%99%E6%B1%9F&year=2023");
        assert_eq!(address.toggled("year", "2021").listed("year"), ["2022", "2023", "2021"]);
        assert_eq!(address.toggled("kind", "a&b").to_string(), "/search?q=%E6%B5%99%E6%B1%9F&year=2022%2C2023&kind=a%26b");
        assert_eq!(address.without("q").without("year").to_string(), "/search");
    }
}
