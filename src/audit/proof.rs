//! The chain from a factor's line to those who are believed, as one proof holds it: each link is checked in one place.

use semver::Version;

use super::log::release_leaf;
use super::{ApprovedRelease, Finding, Opened, Report, Trust};
use crate::canon::{Digest, parse_canonical};
use crate::dataset::Manifest;
use crate::factor::Factor;
use crate::release::{LineProof, PROOF_FORMAT, PublicFact, ReleaseProof, access_word, check_listed};
use crate::tlog::{LogProof, check_inclusion, leaf_hash, parse_hash};

/// A link of the chain, from the factor upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum ProofLink {
    /// The proof itself reads.
    #[serde(rename = "proof")]
    Proof,
    /// The line has the digest and the key, and is canonical.
    #[serde(rename = "line → digest")]
    Line,
    /// The line stands in the tree whose root the manifest names.
    #[serde(rename = "line → manifest")]
    Root,
    /// The manifest is of this release.
    #[serde(rename = "manifest → release")]
    Manifest,
    /// The leaf names the manifest.
    #[serde(rename = "manifest → leaf")]
    Leaf,
    /// The leaf stands in the checkpoint's tree.
    #[serde(rename = "leaf → checkpoint")]
    Log,
    /// A believed log, and enough witnesses lately enough, signed the checkpoint.
    #[serde(rename = "checkpoint → keys")]
    Checkpoint,
    /// The reviewers that the manifest promises and the policy wants have signed.
    #[serde(rename = "manifest → reviewers")]
    Approvals,
}

impl std::fmt::Display for ProofLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize_name(f)
    }
}

impl ProofLink {
    fn serialize_name(self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Proof => "proof",
            Self::Line => "line → digest",
            Self::Root => "line → manifest",
            Self::Manifest => "manifest → release",
            Self::Leaf => "manifest → leaf",
            Self::Log => "leaf → checkpoint",
            Self::Checkpoint => "checkpoint → keys",
            Self::Approvals => "manifest → reviewers",
        })
    }
}

/// The first link that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the link {link} does not hold: {finding}")]
pub struct ProofRefusal {
    /// The link.
    pub link: ProofLink,
    /// What is wrong, and what would be right.
    pub finding: Box<Finding>,
}

/// What a proof proved.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The release's manifest.
    pub manifest: Manifest,
    /// Its digest.
    pub manifest_digest: Digest,
    /// When the release was published, as its leaf says (RFC 3339, UTC).
    pub published_at: String,
    /// The leaf's place in the log, from 0.
    pub leaf_index: u64,
    /// The checkpoint that covers it, and who signed it.
    pub opened: Opened,
    /// The factor, where the proof has one.
    pub factor: Option<Factor>,
}

fn refuse(link: ProofLink, finding: Finding) -> ProofRefusal {
    ProofRefusal { link, finding: Box::new(finding) }
}

fn first_failure(link: ProofLink, report: Report) -> Result<(), ProofRefusal> {
    report.failures.into_iter().next().map_or(Ok(()), |finding| Err(refuse(link, finding)))
}

/// Checks every link, from the line to the keys that are believed, and gives what was proved.
///
/// Nobody is believed by default: without a log key the link to the keys does not hold.
///
/// # Errors
/// [`ProofRefusal`] names the first link that does not hold.
pub fn check_proof(proof: &ReleaseProof, trust: &Trust) -> Result<Proved, ProofRefusal> {
    let id = format!("{}@{}", proof.dataset, proof.version);
    if proof.format != PROOF_FORMAT {
        let wrong = format!("the proof has format `{}`, this program reads {PROOF_FORMAT}", proof.format);
        return Err(refuse(ProofLink::Proof, Finding::new("format", &id, wrong)));
    }
    let log = LogProof::parse(&proof.proof).map_err(|error| refuse(ProofLink::Proof, Finding::new("proof", &id, error.to_string())))?;
    let manifest = read_manifest(proof, &id)?;
    let factor = proof.factor.as_ref().map(|line| check_line(line, &manifest, &format!("{id}#{}", line.key))).transpose()?;
    let manifest_digest = Digest::of(proof.manifest.as_bytes());
    let leaf = log.extra.as_deref().unwrap_or_default();
    let published_at = check_leaf(leaf, proof, &manifest, &id)?;

    let mut report = Report::of(&id);
    let opened = trust.open(&format!("the checkpoint of {id}"), log.checkpoint.as_bytes(), &mut report);
    first_failure(ProofLink::Checkpoint, report)?;
    let opened = opened.filter(|opened| opened.authentic).ok_or_else(|| {
        let finding = Finding::new("signature", &id, "no log key is believed, so nobody vouches for the checkpoint");
        refuse(ProofLink::Checkpoint, finding.right("give the log's verifier key or a policy that names it"))
    })?;
    let checkpoint = &opened.checkpoint;
    check_inclusion(log.index, checkpoint.size, &leaf_hash(leaf), &log.path, &checkpoint.root).map_err(|error| {
        let finding = Finding::new("inclusion", &id, error.to_string()).at(format!("leaf {}", log.index));
        refuse(ProofLink::Log, finding.right(format!("leaf and path give the checkpoint's root {}", checkpoint.root)))
    })?;

    let mut report = Report::of(&id);
    let release = ApprovedRelease { dataset: &proof.dataset, version: &proof.version, digest: manifest_digest, manifest: &manifest };
    trust.approved(&id, &release, proof.approvals.as_deref().map(str::as_bytes), &mut report);
    first_failure(ProofLink::Approvals, report)?;
    Ok(Proved { manifest, manifest_digest, published_at, leaf_index: log.index, opened, factor })
}

fn read_manifest(proof: &ReleaseProof, id: &str) -> Result<Manifest, ProofRefusal> {
    let wrong = |why: String| refuse(ProofLink::Manifest, Finding::new("manifest", format!("the manifest of {id}"), why));
    parse_canonical(proof.manifest.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    let manifest: Manifest = serde_json::from_str(&proof.manifest).map_err(|error| wrong(error.to_string()))?;
    check_listed(&manifest).map_err(wrong)?;
    if (&manifest.dataset, &manifest.version) != (&proof.dataset, &proof.version) {
        return Err(wrong(format!("it is of {}@{}", manifest.dataset, manifest.version)));
    }
    Ok(manifest)
}

/// The line has its digest and its key, and stands in the tree whose root the manifest names; `what` names it.
pub(super) fn check_line(line: &LineProof, manifest: &Manifest, what: &str) -> Result<Factor, ProofRefusal> {
    let own = |code, why: String| refuse(ProofLink::Line, Finding::new(code, what, why));
    let digest = Digest::of(line.line.as_bytes());
    if digest != line.digest {
        return Err(own("digest", format!("its line has the digest {digest}, not {}", line.digest)));
    }
    parse_canonical(line.line.as_bytes()).map_err(|error| own("line", error.to_string()))?;
    let factor = Factor::from_line(line.line.as_bytes()).map_err(|error| own("line", error.to_string()))?;
    if factor.key != line.key {
        return Err(own("key", format!("its line is of the factor `{}`", factor.key)));
    }
    let root = |code, why: String| refuse(ProofLink::Root, Finding::new(code, what, why));
    if line.size != manifest.factors {
        return Err(root("size", format!("the proof is of {} lines, the manifest lists {} factors", line.size, manifest.factors)));
    }
    let path: Option<Vec<Digest>> = line.inclusion.iter().map(|hash| parse_hash(hash)).collect();
    let path = path.ok_or_else(|| root("inclusion", "a hash of its path is not padded standard base64 of 32 bytes".to_owned()))?;
    if line.salt.is_some() != manifest.sealed {
        let wrong =
            if manifest.sealed { "its release is sealed, and its salt is missing" } else { "it has a salt, and its release is not sealed" };
        return Err(root("salt", wrong.to_owned()));
    }
    let leaf = line.salt.map_or_else(|| leaf_hash(line.line.as_bytes()), |salt| leaf_hash(&salt.before(line.line.as_bytes())));
    check_inclusion(line.index, line.size, &leaf, &path, &manifest.root).map_err(|error| {
        let finding = Finding::new("inclusion", what, error.to_string()).at(format!("line {}", line.index.saturating_add(1)));
        refuse(ProofLink::Root, finding.right(format!("line and path give the manifest's root {}", manifest.root)))
    })?;
    Ok(factor)
}

/// The leaf says that this release has this manifest; gives when.
fn check_leaf(leaf: &[u8], proof: &ReleaseProof, manifest: &Manifest, id: &str) -> Result<String, ProofRefusal> {
    let what = format!("the leaf of {id}");
    let wrong = |why: String| refuse(ProofLink::Leaf, Finding::new("leaf", &what, why));
    let fact = PublicFact::from_leaf(leaf, &what).map_err(|error| wrong(error.to_string()))?;
    let Some(told) = release_leaf(0, &fact) else {
        return Err(wrong(format!("it tells of a {:?}, not of a release", fact.kind())));
    };
    let named: (&str, &Version) = (told.dataset.as_str(), told.version);
    if named != (proof.dataset.as_str(), &proof.version) {
        return Err(wrong(format!("it tells of {}", told.id())));
    }
    let access = manifest.sealed.then(|| access_word(manifest.restricted, &manifest.metadata.licences));
    if told.sealed != access || proof.salt.is_some() != manifest.sealed {
        return Err(wrong("leaf, manifest and salt do not agree on whether the release is sealed".to_owned()));
    }
    let bytes = proof.manifest.as_bytes();
    let found = proof.salt.map_or_else(|| Digest::of(bytes), |salt| Digest::of(&salt.before(bytes)));
    if told.manifest != found {
        let salted = if told.sealed.is_some() { " behind its salt" } else { "" };
        return Err(wrong(format!("it names the manifest {}, the one at hand is {found}{salted}", told.manifest)));
    }
    Ok(told.at.to_owned())
}
