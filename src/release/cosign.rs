//! Asking witnesses to cosign the published checkpoint (C2SP tlog-witness), and publishing what they sign.
//!
//! Nothing of it is needed for a publication: a witness that is down, slow or lying is named in the log once, and asked again
//! later. What a witness signed is checked before it is kept, and never put under another checkpoint than the one it is of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::effect::Effect;
use super::log::{CHECKPOINT_NAME, PublishedCheckpoint, published_nodes, read_checkpoint};
use super::{Ground, ReleaseError};
use crate::fetch::Fetcher;
use crate::tlog::{AddCheckpoint, KeyKind, Note, NoteSignature, Policy, PolicyParty, VerifierKey, consistency_proof};

/// How long one witness may take, with all that it is asked.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of an answer: a few lines.
const MAX_ANSWER: u64 = 16 * 1024;
/// How often a witness may tell another size before it is given up.
const QUESTIONS: usize = 3;
/// How far a witness's clock may run ahead, in seconds: clients refuse what was signed in their future.
const AHEAD: u64 = 300;

/// The witnesses that a log asks, and whose word its operator wants.
#[derive(Debug)]
pub(super) struct Witnesses {
    policy: Policy,
    keys: Vec<VerifierKey>,
    fetcher: Fetcher,
    /// By name, why a witness did not sign when it was last asked: told once.
    told: Mutex<HashMap<String, String>>,
}

/// How far the published checkpoint has what the operator's policy wants.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WitnessState {
    /// The quorum in words: `2 of trio (a, b, c)`.
    pub wanted: String,
    /// How many witnesses of the policy cosigned the published checkpoint.
    pub signed: usize,
    /// Whether that is enough.
    pub quorum: bool,
}

impl Witnesses {
    pub(super) fn new(policy: Policy) -> Arc<Self> {
        let keys = policy.witness_keys();
        Arc::new(Self { policy, keys, fetcher: Fetcher::new(), told: Mutex::new(HashMap::new()) })
    }

    /// Those whose right cosignature stands under a note.
    fn signed(&self, note: &Note) -> Vec<&VerifierKey> {
        self.keys.iter().filter(|key| note.signatures.iter().any(|line| is_cosigned(&note.text, line, key))).collect()
    }

    fn state(&self, note: &Note) -> WitnessState {
        let signed = self.signed(note);
        let quorum = self.policy.quorum_met(signed.iter().copied()).is_ok();
        WitnessState { wanted: self.policy.quorum_text(), signed: signed.len(), quorum }
    }

    /// Says once why a witness did not sign; it is told again when the reason changes, or after it signed.
    fn tell(&self, party: &PolicyParty, failed: Option<String>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match failed {
            None => drop(told.remove(&party.name)),
            Some(why) if told.get(&party.name) == Some(&why) => {}
            Some(why) => {
                tracing::warn!(witness = party.name, why, "the checkpoint is published without this witness's cosignature");
                told.insert(party.name.clone(), why);
            }
        }
    }
}

impl Ground {
    /// What the operator's policy wants of witnesses, and what the published checkpoint has; none: there is no policy.
    ///
    /// # Errors
    /// When the published checkpoint does not read.
    pub fn witness_state(&self, published: Option<&PublishedCheckpoint>) -> Result<Option<WitnessState>, ReleaseError> {
        let Some(witnesses) = &self.witnesses else { return Ok(None) };
        let note = match published {
            Some(published) => note_of(published)?,
            None => Note { text: String::new(), signatures: Vec::new() },
        };
        Ok(Some(witnesses.state(&note)))
    }
}

/// Asks every witness of the policy that has not signed the published checkpoint. Never fails what was published.
pub(super) fn ask_witnesses(ground: &Ground) {
    ask_or_warn(ground, false);
}

/// The same where the quorum is missing; where it is met, nobody is asked. A ground without a database asks nobody.
pub fn ask_missing_witnesses(ground: &Ground) {
    ask_or_warn(ground, true);
}

fn ask_or_warn(ground: &Ground, only_missing: bool) {
    if let Err(error) = ask(ground, only_missing) {
        tracing::warn!(%error, "the witnesses' cosignatures were not published; the checkpoint stands without them");
    }
}

fn ask(ground: &Ground, only_missing: bool) -> Result<(), ReleaseError> {
    let Some(witnesses) = &ground.witnesses else { return Ok(()) };
    let (Ok(_), Some(published)) = (ground.database(), read_checkpoint(ground.blobs())?) else { return Ok(()) };
    if only_missing && witnesses.state(&note_of(&published)?).quorum {
        return Ok(());
    }
    let note = note_of(&published)?;
    let signed = witnesses.signed(&note);
    let wanted: Vec<&PolicyParty> =
        witnesses.policy.witnesses().filter(|party| party.url.is_some() && !signed.contains(&&party.key)).collect();
    let lines = std::thread::scope(|scope| {
        let asked: Vec<_> = wanted
            .into_iter()
            .map(|party| (party, scope.spawn(|| Question { ground, witnesses, published: &published, note: &note, party }.ask())))
            .collect();
        let mut lines = Vec::new();
        for (party, answer) in asked {
            match answer.join().unwrap_or_else(|_| Err("asking it broke off".to_owned())) {
                Ok(line) => {
                    witnesses.tell(party, None);
                    lines.push(line);
                }
                Err(why) => witnesses.tell(party, Some(why)),
            }
        }
        lines
    });
    if lines.is_empty() { Ok(()) } else { publish_lines(ground, &note, &lines) }
}

/// Puts cosignatures under the published checkpoint, if it is still the one that they are of.
///
/// It runs as the only writer, as everything that replaces the checkpoint does: an older one never comes back.
fn publish_lines(ground: &Ground, cosigned: &Note, lines: &[NoteSignature]) -> Result<(), ReleaseError> {
    ground.database()?.write(|_| {
        let Some(published) = read_checkpoint(ground.blobs())? else { return Ok(()) };
        let mut note = note_of(&published)?;
        if note.text != cosigned.text {
            return Ok(()); // a newer checkpoint was published meanwhile, and its witnesses are asked for it
        }
        note.signatures.retain(|own| !lines.iter().any(|line| (&line.name, line.id) == (&own.name, own.id)));
        note.signatures.extend_from_slice(lines);
        let text = note.to_string();
        // what cannot be read again is not published
        Note::parse(&text).map_err(|error| ReleaseError::Damaged { what: "the cosigned checkpoint".into(), why: error.to_string() })?;
        ground.effect(Effect::Cosign, || Ok(ground.blobs().replace_named(CHECKPOINT_NAME, text.as_bytes())?))
    })
}

fn note_of(published: &PublishedCheckpoint) -> Result<Note, ReleaseError> {
    Note::parse(&published.note).map_err(|error| ReleaseError::Damaged { what: "the published checkpoint".into(), why: error.to_string() })
}

fn is_cosigned(text: &str, line: &NoteSignature, key: &VerifierKey) -> bool {
    cosigned_at(text, line, key).is_some()
}

/// When a line says that the key's witness saw this text; none: it is not its cosignature.
fn cosigned_at(text: &str, line: &NoteSignature, key: &VerifierKey) -> Option<u64> {
    if key.kind() != KeyKind::Cosignature || !key.signs_as(line) {
        return None;
    }
    let note = Note { text: text.to_owned(), signatures: vec![line.clone()] };
    note.verify(std::slice::from_ref(key)).ok()?.iter().find_map(|signed| signed.time)
}

/// One witness is asked for one checkpoint.
struct Question<'a> {
    ground: &'a Ground,
    witnesses: &'a Witnesses,
    published: &'a PublishedCheckpoint,
    note: &'a Note,
    party: &'a PolicyParty,
}

impl Question<'_> {
    /// The witness's cosignature, checked; or why there is none.
    fn ask(&self) -> Result<NoteSignature, String> {
        let url = self.party.url.as_deref().unwrap_or_default();
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let size = self.published.checkpoint.size;
        let until = Instant::now() + PATIENCE;
        // most often it knows the checkpoint before this one
        let mut old = size.saturating_sub(1);
        for _ in 0..QUESTIONS {
            let request = self.request(old)?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!("it took longer than {} s", PATIENCE.as_secs()));
            }
            let answer =
                self.witnesses.fetcher.post_within(&url, request.as_bytes(), MAX_ANSWER, left).map_err(|error| error.to_string())?;
            match answer.status {
                200 => return self.cosignature(&answer.body),
                409 => {
                    let told = told_size(answer.header("content-type"), &answer.body)?;
                    if told > size {
                        return Err(format!(
                            "it has cosigned {told} leaves, and this checkpoint has {size}: a newer one, or another log's"
                        ));
                    }
                    if told == old {
                        return Err(format!(
                            "it knows another history of this log: it refuses the proof from the {told} leaves that it told of"
                        ));
                    }
                    old = told;
                }
                status => return Err(format!("it answers {status}: {}", excerpt(&answer.body))),
            }
        }
        Err("it tells of another size each time that it is asked".to_owned())
    }

    fn request(&self, old: u64) -> Result<String, String> {
        let size = self.published.checkpoint.size;
        let mut nodes = published_nodes(self.ground.blobs(), size);
        let proof = consistency_proof(old, size, &mut nodes).map_err(|error| error.to_string())?;
        let request = AddCheckpoint { old_size: old, proof, note: self.note.clone(), checkpoint: self.published.checkpoint.clone() };
        Ok(request.to_text())
    }

    fn cosignature(&self, body: &[u8]) -> Result<NoteSignature, String> {
        let text = std::str::from_utf8(body).map_err(|_| "it answers with no text".to_owned())?;
        let key = &self.party.key;
        let own = text.lines().filter_map(NoteSignature::parse).find(|line| key.signs_as(line));
        let line = own.ok_or_else(|| format!("its answer holds no signature of {key}: {}", excerpt(body)))?;
        let wrong = || format!("its signature is wrong: it is not of this checkpoint, or not by {key}");
        let time = cosigned_at(&self.note.text, &line, key).ok_or_else(wrong)?;
        let now = u64::try_from(self.ground.time().as_second()).unwrap_or(0);
        if time > now.saturating_add(AHEAD) {
            return Err(format!("its clock is {} s ahead", time - now));
        }
        Ok(line)
    }
}

fn told_size(media_type: Option<&str>, body: &[u8]) -> Result<u64, String> {
    let own = media_type.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/x.tlog.size"));
    let size = std::str::from_utf8(body).ok().and_then(|text| text.strip_suffix('\n').unwrap_or(text).parse().ok());
    size.filter(|_| own).ok_or_else(|| format!("it answers 409 without the size that it knows: {}", excerpt(body)))
}

/// The beginning of an answer, fit for a log.
fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect::<String>().trim().to_owned()
}
