//! `factors.parquet`: typed columns, exact values as text beside doubles, lists as lists.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::table::{Field, Item, Part, Record, Shape, fields};
use super::{Context, ExportError, Format, Of, Rows, about};

/// The most rows of a row group.
const GROUP_ROWS: usize = 32_768;

/// The most bytes of text in a row group, beyond which it is written with fewer rows.
const GROUP_BYTES: usize = 64 << 20;

/// zstd's default level.
const ZSTD_LEVEL: i32 = 3;

/// Columns whose values hardly repeat, so that a dictionary would be thrown away again.
const UNLIKE: [&str; 3] = ["key", "digest", "value_number"];

/// Writes the table.
pub(super) fn write_parquet(rows: &Rows, context: &Context<'_>, out: &mut (impl Write + Send)) -> Result<(), ExportError> {
    let library = |error: ParquetError| ExportError::library(Format::Parquet, error);
    let fields = fields();
    let schema = Arc::new(parse_message_type(&message(&fields)).map_err(library)?);
    let mut file =
        SerializedFileWriter::new(out, schema, Arc::new(properties(&fields, rows, context).map_err(library)?)).map_err(library)?;
    let mut group = Group::new(&fields);
    for row in rows.each() {
        group.push(&fields, &Record::of(row?)).map_err(|why| ExportError::Library { format: Format::Parquet, why })?;
        if group.rows >= GROUP_ROWS || group.bytes >= GROUP_BYTES {
            group.write(&mut file).map_err(library)?;
        }
    }
    if group.rows > 0 {
        group.write(&mut file).map_err(library)?;
    }
    file.close().map_err(library)?;
    Ok(())
}

/// The columns in Parquet's own words.
fn message(fields: &[Field]) -> String {
    let mut text = "message factors {".to_owned();
    for Field { name, shape, .. } in fields {
        let _ = match shape {
            Shape::Text => write!(text, "required binary {name} (STRING);"),
            Shape::Optional => write!(text, "optional binary {name} (STRING);"),
            Shape::Year => write!(text, "optional int32 {name};"),
            Shape::Date => write!(text, "optional int32 {name} (DATE);"),
            Shape::Value => write!(text, "required double {name};"),
            Shape::Texts => {
                write!(text, "required group {name} (LIST) {{ repeated group list {{ required binary element (STRING); }} }}")
            }
            Shape::Groups(parts) => {
                let mut members = String::new();
                for (member, part) in *parts {
                    let _ = match part {
                        Part::Text => write!(members, "required binary {member} (STRING);"),
                        Part::Optional => write!(members, "optional binary {member} (STRING);"),
                        Part::Number => write!(members, "required double {member};"),
                    };
                }
                write!(text, "required group {name} (LIST) {{ repeated group list {{ required group element {{ {members} }} }} }}")
            }
        };
    }
    text.push('}');
    text
}

fn properties(fields: &[Field], rows: &Rows, context: &Context<'_>) -> Result<WriterProperties, ParquetError> {
    let marks = about::marks(rows, context).into_iter().map(|(name, text)| KeyValue::new(name, text)).collect();
    let mut properties =
        WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?)).set_key_value_metadata(Some(marks));
    for name in UNLIKE {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    let key = fields.iter().position(|field| field.name == "key").and_then(|place| i32::try_from(place).ok());
    if let (Of::Release, Some(column_idx)) = (context.of, key) {
        properties = properties.set_sorting_columns(Some(vec![SortingColumn { column_idx, descending: false, nulls_first: false }]));
    }
    Ok(properties.build())
}

/// One leaf of the schema in the making.
struct Leaf {
    values: Values,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Years(Vec<i32>),
    Numbers(Vec<f64>),
}

impl Leaf {
    const fn texts() -> Self {
        Self::of(Values::Texts(Vec::new()))
    }

    const fn of(values: Values) -> Self {
        Self { values, definitions: Vec::new(), repetitions: Vec::new() }
    }

    /// Takes a text; one that equals the one before shares its bytes.
    fn text(&mut self, text: &str) {
        if let Values::Texts(texts) = &mut self.values {
            let same = texts.last().filter(|last| last.data() == text.as_bytes()).cloned();
            texts.push(same.unwrap_or_else(|| ByteArray::from(text)));
        }
    }

    fn year(&mut self, year: i32) {
        if let Values::Years(years) = &mut self.values {
            years.push(year);
        }
    }

    fn number(&mut self, number: f64) {
        if let Values::Numbers(numbers) = &mut self.values {
            numbers.push(number);
        }
    }

    fn item(&mut self, item: Item<'_>) {
        match item {
            Item::Nothing => {}
            Item::Text(text) => self.text(text),
            Item::Number(number) => self.number(number),
        }
    }

    /// How deep the value that comes next is there, and whether it goes on with the list of the one before.
    fn level(&mut self, definition: i16, repetition: i16) {
        self.definitions.push(definition);
        self.repetitions.push(repetition);
    }

    fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let definitions = Some(self.definitions.as_slice()).filter(|levels| !levels.is_empty());
        let repetitions = Some(self.repetitions.as_slice()).filter(|levels| !levels.is_empty());
        match &self.values {
            Values::Texts(texts) => column.typed::<ByteArrayType>().write_batch(texts, definitions, repetitions)?,
            Values::Years(years) => column.typed::<Int32Type>().write_batch(years, definitions, repetitions)?,
            Values::Numbers(numbers) => column.typed::<DoubleType>().write_batch(numbers, definitions, repetitions)?,
        };
        match &mut self.values {
            Values::Texts(texts) => texts.clear(),
            Values::Years(years) => years.clear(),
            Values::Numbers(numbers) => numbers.clear(),
        }
        self.definitions.clear();
        self.repetitions.clear();
        column.close()
    }
}

/// A row group in the making: the leaves of all columns, in the order of the schema.
struct Group {
    leaves: Vec<Leaf>,
    rows: usize,
    bytes: usize,
}

impl Group {
    fn new(fields: &[Field]) -> Self {
        let mut leaves = Vec::new();
        for field in fields {
            match field.shape {
                Shape::Text | Shape::Optional | Shape::Texts => leaves.push(Leaf::texts()),
                Shape::Year | Shape::Date => leaves.push(Leaf::of(Values::Years(Vec::new()))),
                Shape::Value => leaves.push(Leaf::of(Values::Numbers(Vec::new()))),
                Shape::Groups(parts) => leaves.extend(parts.iter().map(|(_, part)| match part {
                    Part::Number => Leaf::of(Values::Numbers(Vec::new())),
                    _ => Leaf::texts(),
                })),
            }
        }
        Self { leaves, rows: 0, bytes: 0 }
    }

    fn push(&mut self, fields: &[Field], record: &Record) -> Result<(), String> {
        let mut leaves = self.leaves.iter_mut();
        for field in fields {
            if let Shape::Groups(parts) = field.shape {
                let mut own: Vec<&mut Leaf> = leaves.by_ref().take(parts.len()).collect();
                push_groups(&mut own, parts, &record.groups(field));
                continue;
            }
            let Some(leaf) = leaves.next() else { break };
            match field.shape {
                Shape::Text => leaf.text(record.text(field).unwrap_or_default()),
                Shape::Optional => {
                    let text = record.text(field);
                    leaf.definitions.push(i16::from(text.is_some()));
                    text.into_iter().for_each(|text| leaf.text(text));
                }
                Shape::Year | Shape::Date => {
                    let number = if field.shape == Shape::Year { record.year(field) } else { record.days(field)? };
                    leaf.definitions.push(i16::from(number.is_some()));
                    number.into_iter().for_each(|number| leaf.year(number));
                }
                Shape::Value => leaf.number(record.value()),
                Shape::Texts | Shape::Groups(_) => {
                    let texts = record.texts(field);
                    if texts.is_empty() {
                        leaf.level(0, 0);
                    }
                    for (place, text) in texts.iter().enumerate() {
                        leaf.level(1, i16::from(place > 0));
                        leaf.text(text);
                    }
                }
            }
            self.bytes += record.text(field).map_or(0, str::len);
        }
        self.rows += 1;
        Ok(())
    }

    fn write<W: Write + Send>(&mut self, file: &mut SerializedFileWriter<W>) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        let mut leaves = self.leaves.iter_mut();
        while let Some(column) = group.next_column()? {
            if let Some(leaf) = leaves.next() {
                leaf.write(column)?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

fn push_groups(leaves: &mut [&mut Leaf], parts: &[(&str, Part)], groups: &[Vec<Item<'_>>]) {
    if groups.is_empty() {
        leaves.iter_mut().for_each(|leaf| leaf.level(0, 0));
    }
    for (place, group) in groups.iter().enumerate() {
        for ((leaf, (_, part)), item) in leaves.iter_mut().zip(parts).zip(group) {
            let known = *part == Part::Optional && *item != Item::Nothing;
            leaf.level(1 + i16::from(known), i16::from(place > 0));
            leaf.item(*item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_reads_and_has_a_leaf_for_each() {
        let fields = fields();
        let schema = parse_message_type(&message(&fields)).unwrap();
        let described = parquet::schema::types::SchemaDescriptor::new(Arc::new(schema));
        assert_eq!(described.num_columns(), Group::new(&fields).leaves.len());
    }
}
