//! Any of several queries, found only as far as somebody asks.
//!
//! The library's own unions work out windows of thousands of documents with their scores, whoever asks for how few of them. A question
//! of several words meets where few documents are: here each part is moved to the document in question, and nothing else is scored.

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

/// Documents of any of these queries; the score is the highest, and of the others a share.
#[derive(Debug)]
pub struct AnyOf {
    queries: Vec<Box<dyn Query>>,
    share: Score,
}

impl AnyOf {
    /// Of the others' scores counts this share: 1 for the sum of all.
    pub fn new(queries: Vec<Box<dyn Query>>, share: Score) -> Self {
        Self { queries, share }
    }
}

impl Clone for AnyOf {
    fn clone(&self) -> Self {
        Self { queries: self.queries.iter().map(|query| query.box_clone()).collect(), share: self.share }
    }
}

impl Query for AnyOf {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let weights = self.queries.iter().map(|query| query.weight(scoring)).collect::<tantivy::Result<_>>()?;
        Ok(Box::new(AnyWeight { weights, share: self.share }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.queries.iter().for_each(|query| query.query_terms(visitor));
    }
}

struct AnyWeight {
    weights: Vec<Box<dyn Weight>>,
    share: Score,
}

impl Weight for AnyWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorers = Vec::with_capacity(self.weights.len());
        for weight in &self.weights {
            let scorer = weight.scorer(reader, boost)?;
            if scorer.doc() != TERMINATED {
                scorers.push(scorer);
            }
        }
        match scorers.len() {
            0 => Ok(Box::new(EmptyScorer)),
            1 => Ok(scorers.remove(0)),
            _ => {
                let mut any = AnyScorer { scorers, share: self.share, doc: 0 };
                any.settle();
                Ok(Box::new(any))
            }
        }
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        let score = if scorer.seek(doc) == doc { scorer.score() } else { 0.0 };
        Ok(Explanation::new("any of several", score))
    }
}

struct AnyScorer {
    scorers: Vec<Box<dyn Scorer>>,
    share: Score,
    doc: DocId,
}

impl AnyScorer {
    /// Stands at the first document of any part.
    fn settle(&mut self) -> DocId {
        self.doc = self.scorers.iter().map(|scorer| scorer.doc()).min().unwrap_or(TERMINATED);
        self.doc
    }
}

impl DocSet for AnyScorer {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            for scorer in self.scorers.iter_mut().filter(|scorer| scorer.doc() == self.doc) {
                scorer.advance();
            }
        }
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        for scorer in self.scorers.iter_mut().filter(|scorer| scorer.doc() < target) {
            scorer.seek(target);
        }
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.scorers.iter().map(|scorer| scorer.size_hint()).fold(0, u32::saturating_add)
    }

    fn cost(&self) -> u64 {
        self.scorers.iter().map(|scorer| scorer.cost()).fold(0, u64::saturating_add)
    }
}

impl Scorer for AnyScorer {
    #[expect(clippy::float_arithmetic, reason = "a score ranks; it is no value of a factor")]
    fn score(&mut self) -> Score {
        let (mut most, mut sum): (Score, Score) = (0.0, 0.0);
        for scorer in self.scorers.iter_mut().filter(|scorer| scorer.doc() == self.doc) {
            let score = scorer.score();
            most = most.max(score);
            sum += score;
        }
        most + (sum - most) * self.share
    }
}

#[cfg(test)]
mod tests {
    use tantivy::collector::TopDocs;
    use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, Occur, TermQuery};
    use tantivy::schema::{IndexRecordOption, Schema, TEXT};
    use tantivy::{Index, IndexWriter, TantivyDocument};

    use super::*;

    /// The same documents with the same scores as the library's unions, alone and beside a query that must match.
    #[test]
    fn as_the_unions_of_the_library() {
        let mut schema = Schema::builder();
        let (one, two) = (schema.add_text_field("one", TEXT), schema.add_text_field("two", TEXT));
        let index = Index::create_in_ram(schema.build());
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 20 << 20).unwrap();
        for number in 0..9000u32 {
            let mut document = TantivyDocument::new();
            document.add_text(one, if number % 3 == 0 { "steel coil" } else { "copper" });
            document.add_text(
                two,
                if number % 7 == 0 {
                    "steel"
                } else if number % 500 == 1 {
                    "coil rare"
                } else {
                    "zinc"
                },
            );
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let term = |field, word: &str| -> Box<dyn Query> {
            Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
        };
        let parts = |word: &str| vec![term(one, word), term(two, word), term(two, "rare")];
        let found = |query: &dyn Query| {
            let hits = searcher.search(query, &TopDocs::with_limit(9000).order_by_score()).unwrap();
            let mut hits: Vec<_> = hits.into_iter().map(|(score, at)| (at.doc_id, format!("{score:.4}"))).collect();
            hits.sort();
            hits
        };
        for word in ["steel", "coil", "nothing"] {
            let pairs: [(Box<dyn Query>, Box<dyn Query>); 2] = [
                (Box::new(AnyOf::new(parts(word), 1.0)), Box::new(BooleanQuery::union(parts(word)))),
                (Box::new(AnyOf::new(parts(word), 0.1)), Box::new(DisjunctionMaxQuery::with_tie_breaker(parts(word), 0.1))),
            ];
            for (own, theirs) in pairs {
                assert_eq!(found(&*own), found(&*theirs), "{word}");
                let beside = |query: Box<dyn Query>| BooleanQuery::new(vec![(Occur::Must, query), (Occur::Must, term(two, "rare"))]);
                assert_eq!(found(&beside(own)), found(&beside(theirs)), "{word}");
            }
        }
        assert_eq!(found(&AnyOf::new(Vec::new(), 1.0)), []);
    }
}
