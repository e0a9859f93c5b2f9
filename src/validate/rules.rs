//! The table of rules: id, severity and meaning of every finding there can be.

use super::Severity;

macro_rules! rules {
    ($($variant:ident = $id:literal $severity:ident $about:literal;)+) => {
        /// What a finding was found by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = $about] $variant),+ }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The rule's stable id.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// How much its findings matter.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),+ }
            }

            /// What it wants.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about),+ }
            }

            /// The rule with this id.
            pub fn from_id(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

rules! {
    PackageShape = "package-shape" Error "The description is a Frictionless Data Package (JSON) with a resource named factors.";
    PackageName = "package-name" Error "The package's name is a dataset id without a year.";
    PackageVersion = "package-version" Error "The package's version is MAJOR.MINOR.PATCH.";
    PackageTitle = "package-title" Error "The package has a title.";
    PackageDataset = "package-dataset" Error "The package is for the dataset that it is imported into.";
    Licence = "licence" Error "Every licence has an SPDX id or LicenseRef- and a redistribution class.";
    SourceId = "source-id" Error "Every source has an id of its own, and a well-formed digest where it has one.";
    PathOutside = "path-outside" Error "The table lies inside the package.";
    ResourceHash = "resource-hash" Error "The table has the digest that the description says.";
    ResourceBytes = "resource-bytes" Error "The table has the size that the description says.";
    FileChanged = "file-changed" Error "The file stays as it is while it is read.";
    FileUnreadable = "file-unreadable" Error "The file can be read to its end.";
    NotATable = "not-a-table" Error "The file is a table: text, a workbook, JSON or XML.";
    EncryptedFile = "encrypted-file" Error "The file is read without a password.";
    ArchiveUnsafe = "archive-unsafe" Error "An archive has no names that climb out, links, encryption, repeated names or outsized members.";
    FileSyntax = "file-syntax" Error "The file follows the rules of its format.";
    Encoding = "encoding" Error "Text is in the encoding that is declared for it, or in UTF-8.";
    Delimiter = "delimiter" Error "One character parts the cells of a text.";
    SheetMissing = "sheet-missing" Error "The workbook has the sheet that is asked for.";
    RecordsMissing = "records-missing" Error "Records are where they are said to be.";
    FormulaValue = "formula-value" Error "A formula's value was computed and saved.";
    DuplicateMember = "duplicate-member" Error "A record has no member twice.";
    Doctype = "doctype" Error "XML has no document type and no entities but the predefined.";
    RowTooLong = "row-too-long" Error "A row has at most 1 MiB and 512 cells.";
    OpenQuote = "open-quote" Error "A quote that opens is closed, and only a comma or the end of the row follows it.";
    ByteOrderMark = "byte-order-mark" Info "A byte order mark is not needed and is passed over.";
    NoHeader = "no-header" Error "The first row names the columns.";
    MissingColumn = "missing-column" Error "Every required column is there.";
    UnknownColumn = "unknown-column" Error "Every column is one that a factor has.";
    DuplicateColumn = "duplicate-column" Error "No column is there twice.";
    NoFactors = "no-factors" Error "The table has at least one factor.";
    CellCount = "cell-count" Error "A row has as many cells as the header.";
    NotUtf8 = "not-utf8" Error "Text is UTF-8.";
    CellTooLong = "cell-too-long" Error "A cell has at most 32 KiB.";
    ControlCharacter = "control-character" Error "Text has no control characters but line feeds in descriptions and notes.";
    CellFormula = "cell-formula" Error "Text, and every item of a list, does not begin as a spreadsheet formula does (= + - @).";
    BlankAround = "blank-around" Error "Cells have no blanks before or after.";
    Required = "required" Error "Required cells are filled.";
    KeyShape = "key-shape" Error "Keys and activities are lower-case segments of a-z, 0-9, `.`, `_` and `-`, parted by `/`.";
    DuplicateKey = "duplicate-key" Error "A key names one factor.";
    KindUnknown = "kind-unknown" Error "The kind is one of the code list.";
    RegionUnknown = "region-unknown" Error "The region is GLO, UN M49, ISO 3166 or a named grid.";
    YearShape = "year-shape" Error "A year has four digits, 1900 to 2100.";
    YearOfKey = "year-of-key" Warning "A key that names a year names the data year.";
    DateShape = "date-shape" Error "A date is YYYY-MM-DD and exists.";
    DateOrder = "date-order" Error "A period begins before it ends.";
    Decimal = "decimal" Error "An amount is a plain decimal of at most 34 significant digits.";
    NegativeValue = "negative-value" Warning "Only a removal is usually below zero.";
    UnitUnknown = "unit-unknown" Error "The unit is a linear UCUM unit or an ISO 4217 currency.";
    PriceYear = "price-year" Error "A factor per money has a price year or the flag price_year_unknown, and no other has one.";
    CodeUnknown = "code-unknown" Error "A coded cell holds a code of its list.";
    CodeShape = "code-shape" Error "A boundary is a short code of a-z, 0-9, `.`, `_`, `+` and `-`.";
    GwpUnknown = "gwp-unknown" Error "The GWP set is one of the list, by its full id.";
    GwpMissing = "gwp-missing" Error "A factor in CO2e names its GWP set or carries the flag gwp_unknown.";
    GwpWithoutCo2e = "gwp-without-co2e" Error "A factor in CO2 alone has no GWP set.";
    GasTwice = "gas-twice" Error "A gas stands once, either whole or by origin.";
    GasesSum = "gases-sum" Error "The gases add up to the value under the declared GWP set.";
    GasesUnchecked = "gases-unchecked" Warning "Gases whose sum cannot be computed are taken as they are.";
    StagesSum = "stages-sum" Error "The stages add up to the value (module D apart).";
    StagesAgree = "stages-agree" Error "A total of stages agrees with the stages that it holds.";
    ClassificationCode = "classification-code" Warning "A code fits the form of its classification, where the classification is listed.";
    ListShape = "list-shape" Error "A list cell follows its notation.";
    FlagUnknown = "flag-unknown" Error "A flag is one of the code list.";
    LicenceWords = "licence-words" Info "What a file says of its licence is for a person to read.";
    ProfileFits = "profile-fits" Info "A publisher's file is read under a profile.";
    Fact = "fact" Error "Every fact that the profile asks for is given, and no other.";
    Vocabulary = "vocabulary" Error "Every word of the source is in the profile's vocabulary.";
    CellShape = "cell-shape" Error "A cell that a profile takes apart has the form that it expects.";
    ColumnUnread = "column-unread" Info "Columns that a profile does not read are named, so that a new one is noticed.";
    GroupLead = "group-lead" Error "Of rows that belong together exactly one is that which the others belong to.";
    PartConflict = "part-conflict" Error "Rows that belong together agree in what they share.";
    TooLarge = "too-large" Error "A file, and what is nested in it, keeps within the stated bounds.";
    NoRule = "no-rule" Error "A profile says of every row what becomes of it.";
    SourceUndeclared = "source-undeclared" Error "The source is declared in the package.";
    SourceUnchecked = "source-unchecked" Info "A table without a description declares no sources.";
    RecordUnreadable = "record-unreadable" Error "A document of an exchange format can be read to its end.";
    NoResult = "no-result" Error "A file of an exchange format declares at least one climate change result.";
    ReferenceMissing = "reference-missing" Error "What a data set needs from another document is among the files.";
    ProviderMissing = "provider-missing" Warning "The providers that exchanges name are among the files.";
    IdentityConflict = "identity-conflict" Error "An identifier names one data set, in one version.";
    AmountScaled = "amount-scaled" Info "A result for another amount than one unit is divided by that amount, exactly.";
    AmountKept = "amount-kept" Info "A footprint per declared unit is not divided by the units that the product holds.";
    LanguageOther = "language-other" Info "A name in neither English nor Chinese stands in the place of the English one.";
    PlaceMapped = "place-mapped" Info "A region code of a format is named by the ISO 3166 or UN M49 code that it equals.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_read_back() {
        for rule in Rule::ALL {
            assert_eq!(Rule::from_id(rule.id()), Some(*rule));
            assert!(rule.about().ends_with('.'), "{}", rule.id());
        }
        let ids: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
    }

    /// The problems that the package reader names are rules of this table.
    #[test]
    fn the_package_reader_names_rules() {
        let reader = include_str!("../import/package.rs");
        for part in reader.split("problem(\"").skip(1) {
            let id = part.split('"').next().unwrap();
            assert!(Rule::from_id(id).is_some(), "{id}");
        }
    }

    /// So are those that the readers of outside tables name.
    #[test]
    fn the_readers_of_tables_name_rules() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/import/grid");
        let mut named = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for part in ["wrong(", "Stop::io("].iter().flat_map(|call| text.split(call).skip(1)) {
                let Some(id) = part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
                assert!(Rule::from_id(id).is_some(), "{id}");
                named += 1;
            }
        }
        assert!(named > 50, "{named}");
    }
}
