// Types of Tanyin's interface, made from schema/openapi.json and the schemas beside it by scripts/typescript: not edited by hand.
// Decimals are strings in factors, exactly as published; a `result.value` is a JSON number with at most 17 digits.

export type FactorPath = string;

export type FactorDecimal = string;

export type FactorWords = string;

export type FactorWordList = FactorWords[];

export type FactorText = {
  /** The text in English. */
  en?: FactorWords;
  /** The text in Chinese. */
  zh?: FactorWords;
};

export type FactorYear = number;

export type FactorDate = string;

export type FactorInterval = {
  /** First day, included; absent where open. */
  from?: FactorDate;
  /** Last day, included; absent where open. */
  to?: FactorDate;
};

/** One canonical line of a release: kg of `metric` per `per`, with what it means and where it stood. The line is this object by RFC 8785 (JCS) without blanks; members stand only where known, amounts are decimal strings, lists are sorted. The importer checks more than a schema can say: codes of regions and units, sums of gases and stages, CAS check digits, calendar dates. */
export type Factor = {
  /** Identity within the dataset, unique in a release. */
  key: FactorPath;
  /** What is done or made, without place and time. */
  activity: FactorPath;
  /** Kind of factor, a code of kinds.csv. */
  kind: "combustion" | "electricity-direct" | "electricity-lifecycle" | "ets-value" | "fugitive" | "gwp" | "heat" | "process" | "product-lifecycle" | "removal" | "spend" | "transport" | "upstream" | "waste";
  /** Name, in at least one language. */
  name: FactorText;
  /** Longer text on what the factor is and is not. */
  description?: FactorText;
  /** Place that the factor is for: GLO, UN M49, ISO 3166-1 alpha-2, ISO 3166-2 or a named grid, listed in regions.csv and subdivisions.csv. */
  region: string;
  /** Calendar year that the data are of; absent where the source gives none. */
  year?: FactorYear;
  /** Days that the data are of. */
  period?: FactorInterval;
  /** Days for which the factor is meant to be used. */
  valid?: FactorInterval;
  /** Day on which the source published the factor. */
  published?: FactorDate;
  /** Amount in kg of `metric` per one `per`, as written in the source. */
  value: FactorDecimal;
  /** What the value counts: kg of carbon dioxide alone (CO2), or kg of CO2 equivalent (CO2e). */
  metric: "CO2" | "CO2e";
  /** Unit that the value is per: a UCUM code, or an ISO 4217 currency with `price_year`. */
  per: string;
  /** What the `per` is measured on: net or gross calorific value, dry or wet matter, or the declared unit of a product. */
  basis?: "net_cv" | "gross_cv" | "dry" | "wet" | "per_declared_unit";
  /** Calendar year of the prices, with a currency as `per` and only then. */
  price_year?: FactorYear;
  /** Price that a spend factor counts: basic, the producer's, or the purchaser's with margins and transport. */
  price_basis?: "basic" | "producer" | "purchaser";
  /** GWP set of the CO2e, an id of gwp-sets.json; only where the metric is CO2e. */
  gwp?: "ipcc-ar4-wg1-2.14-gwp100" | "ipcc-ar5-wg1-8.a1-gwp100" | "ipcc-ar5-wg1-8.a1-gwp100-fossil30" | "ipcc-ar5-wg1-8.a1-gwp100-ccf" | "ipcc-ar6-wg1-7sm7-gwp100" | "ipcc-ar6-wg1-7.15-gwp100";
  /** Who turned the gases into CO2e: the source, or the curator. */
  co2e_origin?: "source_published" | "recomputed_by_us";
  /** System boundary, a short code. */
  boundary?: string;
  /** GHG Protocol scope, or category of scope 3, or `outside` for biogenic CO2. */
  scope?: "1" | "2" | "3" | "3.1" | "3.2" | "3.3" | "3.4" | "3.5" | "3.6" | "3.7" | "3.8" | "3.9" | "3.10" | "3.11" | "3.12" | "3.13" | "3.14" | "3.15" | "outside";
  /** Technology, process route or sector. */
  technology?: FactorWords;
  /** Path for browsing, parted by slashes. */
  category?: FactorWords;
  /** Other names by language. */
  synonyms?: {
    /** Other names in English, sorted. */
    en?: FactorWordList;
    /** Other names in Chinese, sorted. */
    zh?: FactorWordList;
  };
  /** Amount of each gas per one `per`, sorted by gas and origin; a gas stands whole or by origin. */
  gases?: ({
    /** CO2, CH4, N2O, SF6, NF3, or the CAS number of another gas. */
    gas: string;
    /** Where the carbon of CO2 or CH4 comes from, where the source says it. */
    origin?: "biogenic" | "fossil";
    /** Amount in kg of the gas itself, not of CO2e. */
    kg: FactorDecimal;
  })[];
  /** Parts that the source gives only as CO2e, sorted by gas. */
  gases_co2e?: {
    /** Gas or group of gases. */
    gas: FactorWords;
    /** Amount in kg CO2e per one `per` under the factor's GWP set. */
    co2e: FactorDecimal;
  }[];
  /** Parts of the value by life-cycle stage, sorted by stage; they add up to the value, module D apart. */
  stages?: {
    /** EN 15804 module or ISO 14067 stage. */
    stage: FactorWords;
    /** Amount in kg of `metric` per one `per`. */
    value: FactorDecimal;
  }[];
  /** How uncertain the value is, in the source's own form. */
  uncertainty?: {
    /** Log-normal distribution around the value. */
    type: "lognormal";
    /** Dimensionless, at least 1. */
    gsd: FactorDecimal;
  } | {
    /** Normal distribution around the value. */
    type: "normal";
    /** In kg of `metric` per one `per`, not negative. */
    sd: FactorDecimal;
  } | {
    /** Range between two bounds. */
    type: "range";
    /** In kg of `metric` per one `per`. */
    low: FactorDecimal;
    /** In kg of `metric` per one `per`. */
    high: FactorDecimal;
    /** In percent, where stated. */
    level?: FactorDecimal;
  } | {
    /** Plus or minus a percentage. */
    type: "percent";
    /** In percent of the value, not negative. */
    percent: FactorDecimal;
    /** In percent, where stated. */
    level?: FactorDecimal;
  } | {
    /** Triangular distribution. */
    type: "triangular";
    /** In kg of `metric` per one `per`. */
    low: FactorDecimal;
    /** In kg of `metric` per one `per`. */
    mode: FactorDecimal;
    /** In kg of `metric` per one `per`. */
    high: FactorDecimal;
  };
  /** Data quality rating as the source gives it. */
  quality?: {
    /** Short name of the rating scheme. */
    scheme: FactorWords;
    /** Score by indicator, 1 (best) to 5, dimensionless. */
    scores?: Record<string, number | FactorDecimal>;
    /** Aggregate rating as published, else the mean of a whole PEF or CIFA vector to one decimal, dimensionless. */
    dqr?: FactorDecimal;
  };
  /** Quality flags of the release, codes of flags.csv, sorted. */
  flags?: ("converted_by_us" | "erroneous_calculation" | "gwp_mixed" | "gwp_unknown" | "import_error" | "input_withdrawn" | "kind_mismatch_risk" | "licence_unclear" | "methodological_variance" | "net_gross_unknown" | "outdated" | "outlier" | "partial_boundary" | "partial_gases" | "price_year_unknown" | "proxy_region" | "proxy_year" | "rounded" | "secondary_source" | "self_reported" | "suspicious_homogeneity" | "unit_uncertain" | "unreviewed" | "value_disputed" | "withdrawn_by_source")[];
  /** Codes in outside classifications, sorted by scheme and code. */
  classifications?: {
    /** Classification with its edition. */
    scheme: FactorWords;
    /** Code in that scheme, as text: leading zeros count. */
    code: FactorWords;
  }[];
  /** Where the number stood. */
  source: {
    /** Id of a source that the package declares. */
    id: string;
    /** Who stands behind the copy that was read. */
    level?: "official_national" | "official_provincial" | "international" | "industry" | "peer_reviewed" | "company" | "secondary";
    /** Page, table, sheet, row, cell. */
    locator?: FactorWords;
    /** The cell as it was written, in `unit_text`. */
    value_text?: FactorWords;
    /** The unit as it was written. */
    unit_text?: FactorWords;
  };
  /** Factors that this one was computed from, each at an exact release, sorted. */
  derived_from?: {
    /** Id of the dataset. */
    dataset: string;
    /** Exact version, MAJOR.MINOR.PATCH. */
    version: string;
    /** Key in that release. */
    key: FactorPath;
  }[];
  /** Accounting rule that the factor follows: product category rule, standard number. */
  rule?: FactorWords;
  /** Label or certificate that the factor carries. */
  certificate?: FactorWords;
  /** Remarks. */
  note?: FactorText;
  /** Whether the factor should still be chosen; absent means the same as `valid`. */
  status?: "valid" | "deprecated" | "superseded";
};

export type ManifestDatasetId = string;

export type ManifestVersion = string;

export type ManifestDigest = string;

export type ManifestCount = number;

export type ManifestLicenceId = string;

export type ManifestText = {
  /** The text in English. */
  en?: string;
  /** The text in Chinese. */
  zh?: string;
};

/** What a release is, and the digest of every byte of it. The bytes are this object by RFC 8785 (JCS); their SHA-256 is what a log entry commits to. It holds no clock, host, key or program version. */
export type Manifest = {
  /** Version of this format. */
  format: "1";
  /** Id of the dataset, without a year. */
  dataset: ManifestDatasetId;
  /** Version of the release, MAJOR.MINOR.PATCH. */
  version: ManifestVersion;
  /** Title of the dataset, in at least one language. */
  title: ManifestText;
  /** What the dataset is and is not. */
  description?: ManifestText;
  /** Terms under which the release may be used, in the package's order. */
  licences: ({
    /** SPDX id, or LicenseRef- and letters, digits, `.` or `-`. */
    id: ManifestLicenceId;
    /** The licence in words. */
    title?: string;
    /** Where the text of the licence stands. */
    url?: string;
    /** How much of a factor may be passed on: everything, the numbers, names and sources without numbers, or nothing. */
    redistribution: "full" | "values_only" | "metadata_only" | "none";
    /** What to write beside the figure. */
    attribution?: ManifestText;
  })[];
  /** Every document that a line cites, in the package's order; ids are unique. */
  sources: ({
    /** The id that lines cite. */
    id: string;
    /** Title of the document, in the languages known. */
    title: ManifestText;
    /** Who published the document. */
    publisher?: ManifestText;
    /** Number that the publisher gave the document (文号). */
    document_no?: string;
    /** Date of the document, ISO 8601, as exact as it is known. */
    date?: string;
    /** The document's own version, where it has one. */
    version?: string;
    /** Where the document was published. */
    url?: string;
    /** The page that leads to the document. */
    landing_page?: string;
    /** SHA-256 of the file that was read. */
    sha256?: ManifestDigest;
    /** Media type of the file that was read. */
    media_type?: string;
    /** Who stands behind the document. */
    level?: "official_national" | "official_provincial" | "international" | "industry" | "peer_reviewed" | "company" | "secondary";
  })[];
  /** Who made the package. */
  contributors?: {
    /** Name of a person or body. */
    title: string;
    /** What the contributor did. */
    roles?: string[];
  }[];
  /** How many factors the release has. */
  factors: ManifestCount;
  /** Merkle tree hash (RFC 6962, SHA-256) over the lines in order of key, each behind its salt where the release is sealed. */
  root: ManifestDigest;
  /** The release before; absent for the first. */
  previous?: {
    /** Version of that release. */
    version: ManifestVersion;
    /** SHA-256 of that release's manifest. */
    manifest: ManifestDigest;
  };
  /** What changed since the previous release: numbers of factors by sort of change. */
  changes: {
    /** How far the difference demanded that the version moves. */
    bump: "none" | "patch" | "minor" | "major";
    /** Whether titles, licences, sources or contributors changed. */
    metadata: boolean;
    /** Factors in the new release only. */
    added: ManifestCount;
    /** Factors in the old release only. */
    removed: ManifestCount;
    /** Factors under another key, as the crosswalk confirms; absent where there is none. */
    renamed?: ManifestCount;
    /** Factors whose meaning changed (MAJOR). */
    meaning: ManifestCount;
    /** Factors whose number changed and whose meaning did not (MINOR). */
    number: ManifestCount;
    /** Factors whose words alone changed (PATCH). */
    text: ManifestCount;
    /** Factors whose line is kept, because only the place in the source or the way of writing a number differs. */
    provenance_only: ManifestCount;
    /** Factors with the same bytes. */
    unchanged: ManifestCount;
  };
  /** The dataset's policy at submission. */
  approvals: {
    /** How many distinct reviewers had to approve. */
    required: number;
    /** Verifier keys (C2SP signed-note) that the approvals are to be signed with; absent where names suffice. The signatures lie beside the release, in release.approvals. */
    keys?: string[];
  };
  /** It takes a grant to read the release; absent where it does not. */
  restricted?: true;
  /** The lines are salted, and the files stand in the record alone: not everybody may read the release. Absent where everybody may. */
  sealed?: true;
  /** Files made at publication, by name; neither this manifest nor SHA256SUMS nor the proof is among them. Empty where the release is sealed. */
  artefacts: {
    /** Name of the file. */
    name: string;
    /** Media type of the file. */
    media_type: string;
    /** Size in bytes. */
    bytes: ManifestCount;
    /** SHA-256 of the bytes. */
    sha256: ManifestDigest;
  }[];
};

export type LeafDatasetId = string;

export type LeafVersion = string;

export type LeafDigest = string;

export type LeafReason = string;

export type LeafVerifierKey = string;

/** A release was made. */
export type LeafRelease = {
  kind: "release";
  dataset: LeafDatasetId;
  version: LeafVersion;
  /** Digest of the manifest: what it is. */
  manifest: LeafDigest;
  /** Digest of the record: how it came about. */
  record: LeafDigest;
};

/** A release was made that not everybody may read: manifest and record stand here behind 32 bytes of salt each, so that nobody finds them by trying. */
export type LeafSealed = {
  kind: "sealed";
  /** Why: it takes a grant, or the class of its licences. */
  access: "restricted" | "metadata_only" | "none";
  dataset: LeafDatasetId;
  version: LeafVersion;
  /** SHA-256 of the manifest's salt and the manifest. */
  salted_manifest: LeafDigest;
  /** SHA-256 of the record's salt and the record. */
  salted_record: LeafDigest;
};

/** Ranges and `latest` skip the release from here on. */
export type LeafWithdraw = {
  kind: "withdraw";
  dataset: LeafDatasetId;
  version: LeafVersion;
  reason: LeafReason;
};

/** A withdrawal was taken back. */
export type LeafRestore = {
  kind: "restore";
  dataset: LeafDatasetId;
  version: LeafVersion;
  reason: LeafReason;
};

/** Another release is to be used instead. */
export type LeafSupersede = {
  kind: "supersede";
  /** dataset@version. */
  by: string;
  dataset: LeafDatasetId;
  version: LeafVersion;
  reason: LeafReason;
};

/** A number of the release has a flag from here on, in every release of the dataset that holds the same line. */
export type LeafFlag = {
  kind: "flag";
  /** Who. */
  by: string;
  dataset: LeafDatasetId;
  version: LeafVersion;
  reason: LeafReason;
  /** Code of flags.csv. */
  flag: string;
  /** Key of the factor. */
  key: string;
};

/** A flag was taken back. */
export type LeafUnflag = {
  kind: "unflag";
  /** Who. */
  by: string;
  dataset: LeafDatasetId;
  version: LeafVersion;
  reason: LeafReason;
  /** Code of flags.csv. */
  flag: string;
  /** Key of the factor. */
  key: string;
};

/** The log signs with a new key from here on; the checkpoint that covers this leaf is signed by the previous key too. */
export type LeafKey = {
  kind: "key";
  key: LeafVerifierKey;
  previous: LeafVerifierKey;
};

/** One public fact: a leaf of the transparency log. The bytes are this object by RFC 8785 (JCS), strings alone. Whoever meets a kind or format that is not listed here fails; a fact is never skipped. */
export type Leaf = LeafRelease | LeafSealed | LeafWithdraw | LeafRestore | LeafSupersede | LeafKey | LeafFlag | LeafUnflag;

export type ReleaseRecordDigest = string;

export type ReleaseRecordAct = {
  /** RFC 3339, UTC. */
  at: string;
  /** Who. */
  by: string;
};

/** How a release came about. Its digest stands in the release's leaf of the log, so that it cannot change either. */
export type ReleaseRecord = {
  /** The reviewers' signatures over the manifest: a signed note. */
  approvals?: string;
  /** Digest of the crosswalk with who confirmed which record and when; absent where the release has none. */
  crosswalk?: ReleaseRecordDigest;
  /** Dataset id. */
  dataset: string;
  /** What people changed by hand after the import and before the submission, in that order. */
  edits?: ({
    /** RFC 3339, UTC. */
    at: string;
    /** Who. */
    by: string;
    /** What was done to the factor. */
    change: "added" | "changed" | "removed";
    /** Member by member, where it changed. */
    fields?: {
      /** Member of the canonical object. */
      field: string;
      /** What it was; null where it was absent. */
      from: unknown;
      /** What it is; null where it is absent. */
      to: unknown;
    }[];
    /** The factor. */
    key: string;
    /** Why. */
    reason: string;
  })[];
  /** Every stored file, in every coding. */
  files: ({
    /** factors.csv. */
    name: string;
    /** Content coding. */
    coding: "identity" | "gzip" | "zstd";
    /** Of the stored bytes. */
    sha256: ReleaseRecordDigest;
    /** Of the stored bytes. */
    bytes: number;
    /** Without its coding. */
    media_type: string;
  })[];
  /** The format of records. */
  format: "1";
  /** The run that the lines come from. */
  import: {
    /** Who imported. */
    by: string;
    /** Rows that yielded factors. */
    factors: number;
    /** As it was named. */
    file_name: string;
    /** RFC 3339, UTC. */
    finished_at: string;
    /** Digest of the lines that tell the row of each factor. */
    places?: ReleaseRecordDigest;
    /** How the file was read. */
    profile: string;
    /** Name and version of the program that read it. */
    program: string;
    /** Digest of counts and findings. */
    report: ReleaseRecordDigest;
    /** Records below the header. */
    rows: number;
    /** Its number on the server. */
    run: number;
    /** Digest of the file that was read. */
    source: ReleaseRecordDigest;
    /** Of that file. */
    source_bytes: number;
    /** RFC 3339, UTC. */
    started_at: string;
    /** Findings of that severity. */
    warnings: number;
  };
  /** Its digest. */
  manifest: ReleaseRecordDigest;
  /** Name and version of the program that published it. */
  program: string;
  /** By whom and when. */
  published: ReleaseRecordAct;
  /** The approvals of the manifest. */
  reviews: {
    /** RFC 3339, UTC. */
    at: string;
    /** Who. */
    by: string;
    /** What they said. */
    comment?: string;
    /** name+id of the key that signed. */
    key?: string;
  }[];
  /** What the salts of a sealed release follow from, 32 bytes: HMAC-SHA256 under it of `manifest`, `record` or `line`, a line feed, and for a line its key. */
  secret?: string;
  /** By whom and when. */
  submitted: ReleaseRecordAct;
  /** The release. */
  version: string;
};

/** Everything that ties a release, or one factor of it, to a signed checkpoint; checkable offline. GET /v1/log/proof gives it. */
export type Proof = {
  /** The format of proofs. */
  format: "1";
  /** Dataset id. */
  dataset: string;
  /** The release. */
  version: string;
  /** The manifest, byte by byte (manifest.json); its SHA-256 stands in the leaf, and `root` in it commits to every line. */
  manifest: string;
  /** The reviewers' signatures: a signed note (C2SP) whose text is `emission-factor approval v1`, dataset, version and the manifest's digest, a line each. */
  approvals?: string;
  /** Of the manifest, where the release is sealed: its leaf holds the SHA-256 of these 32 bytes and the manifest. */
  salt?: string;
  /** C2SP tlog-proof: the leaf as extra data, its index, the inclusion proof and the checkpoint. */
  proof: string;
  /** One line of the release. */
  factor?: {
    /** Its key. */
    key: string;
    /** SHA-256 of the line. */
    digest: string;
    /** The canonical line, without its line feed. */
    line: string;
    /** Of the line, where the release is sealed: its Merkle leaf is these 32 bytes and the line. */
    salt?: string;
    /** Its place among the lines, from 0. */
    index: number;
    /** How many lines the release has. */
    size: number;
    /** RFC 6962, 2.1.1: hashes in base64, the line's sibling first, up to the manifest's root. */
    inclusion: string[];
  };
};

export type LockDataset = string;

export type LockVersion = string;

export type LockDigest = string;

/** 32 bytes before the line or the manifest in what is hashed, where the release is sealed */
export type LockSalt = string;

/** An inclusion proof (RFC 6962, 2.1.1): hashes in base64, the leaf's sibling first */
export type LockInclusion = string[];

export type LockFactor = {
  dataset: LockDataset;
  key: string;
  /** What it is used for; tells apart two uses of one factor */
  label?: string;
  /** 1.2.0 (that version alone), ^1.2, ~1.2.0, >=1, <3, or latest */
  requirement: string;
  version: LockVersion;
  amount?: {
    value: string;
    /** UCUM, or an ISO 4217 currency */
    unit: string;
  };
  digest: LockDigest;
  /** The factor (factor.json); its canonical bytes (RFC 8785) are the line whose SHA-256 is `digest` */
  factor: Record<string, unknown>;
  salt?: LockSalt;
  /** The line's place in the release, from 0 */
  index: number;
  inclusion: LockInclusion;
};

export type LockRelease = {
  dataset: LockDataset;
  version: LockVersion;
  /** The manifest (manifest.json); its canonical bytes are what the leaf names */
  manifest: Record<string, unknown>;
  salt?: LockSalt;
  /** The reviewers' signed note over the manifest's digest, line by line */
  approvals?: string[];
  /** The leaf of the log; its canonical bytes are what the checkpoint covers */
  leaf: {
    kind: "release" | "sealed";
    [other: string]: unknown;
  };
  /** The leaf's place in the log, from 0 */
  index: number;
  inclusion: LockInclusion;
};

/** tanyin.lock, format 1: the factors that a calculator uses, pinned by digest, with the proof of each under one signed checkpoint. `tanyin lock check` checks it offline; this schema checks its shape alone. */
export type Lock = {
  format: "1";
  /** The server that it was made with; absent where it was made on a data folder */
  server?: string;
  /** The log, and the one checkpoint that covers every release of the file */
  log: {
    origin: string;
    /** Verifier keys that were believed (C2SP signed-note) */
    keys: string[];
    /** The signed note (C2SP tlog-checkpoint), line by line */
    checkpoint: string[];
  };
  /** By dataset, key and label */
  factors: LockFactor[];
  /** The factors' releases, by dataset and version */
  releases: LockRelease[];
};

/** The amount of an estimate. */
export type ActivityData = {
  /** How much. */
  activity_value: number;
  /** Of which unit. */
  activity_unit: string;
};

/** The amount whose emission was asked for. */
export type AmountAsked = {
  /** As it was asked. */
  value: number;
  /** UCUM unit. */
  unit: string;
};

/** What is said beside an approval. */
export type ApprovalWish = {
  /** In words; may be left out. */
  comment?: string;
  /** The line of a signed note, where the policy names reviewers' keys: `tanyin key approve` makes it. */
  signature?: string | null;
};

/** A batch of lookups. */
export type Batch = {
  /** At most a thousand; each as the parameters of a lookup. */
  lookups: LookupQuery[];
};

/** The cells of a factor that change. */
export type CellsWish = {
  /** By column of factors.csv, as text; an empty text clears the cell. */
  cells: Record<string, unknown>;
  /** Why: it stands in the release's record. */
  reason: string;
};

/** Something to know of an answer: what could not be mapped, what was chosen. */
export type CompatNotice = {
  /** `info` or `warning`. */
  severity: string;
  /** Stable code. */
  code: string;
  /** In words. */
  message: string;
};

/** Understood and denied: `error`, `error_code`, `message`, `valid_values`. */
export type CompatRefusal = {
  /** The HTTP status in words: `bad_request`, `not_found`, …. */
  error: string;
  /** Stable code. */
  error_code: string;
  /** What is wrong, and what would be right. */
  message: string;
  /** What it can be, or what is written like it; null where there is no list. */
  valid_values?: string[] | null;
};

/** The answer in the caller's terms. */
export type ComputedResult = {
  /** kg of the metric per `per`, or of the amount. */
  value: number;
  /** `kg`. */
  unit: string;
  /** `CO2` or `CO2e`. */
  metric: Metric;
  /** UCUM unit that the value is per; null where it is the emission of an amount. */
  per?: string | null;
  /** GWP set of the value. */
  gwp?: string | null;
  /** What was computed, in order; nothing where the value is as published. */
  computed: Record<string, unknown>[];
  amount?: AmountAsked | null;
  /** The gases in it, where the factor has them. */
  gases?: GasResult[];
  /** Its parts by life-cycle stage, where the factor has them. */
  stages?: StageResult[];
  uncertainty?: UncertaintyResult | null;
  /** What the factor states and does not hold for this answer. */
  left_out?: LeftOut[];
};

/** The gases of a value: kg of each, and kg CO2e of all. */
export type ConstituentGases = {
  /** kg CO2e. */
  co2e_total?: number | null;
  /** kg CO2e of what is not in the three: other gases, and methane and nitrous oxide that are known in CO2e only. */
  co2e_other?: number | null;
  /** kg, without biogenic CO2. */
  co2?: number | null;
  /** kg. */
  ch4?: number | null;
  /** kg. */
  n2o?: number | null;
};

/** The latest data version, in the members of the other service. */
export type DataVersions = {
  /** The number of public facts: `6`. */
  latest_release: string;
  /** `6.6`, as it used to be written. */
  latest: string;
  /** `6`. */
  latest_major: string;
  /** `6`. */
  latest_minor: string;
};

/** A factor that is built on another one or on a release. */
export type Dependent = {
  /** Dataset id. */
  dataset: string;
  /** Exact version. */
  version: string;
  /** Key in that release. */
  key: string;
  /** Steps of `derived_from` on the shortest way; 1 where it is built on it directly. */
  distance: number;
  /** The factors between, `dataset@version#key`, beginning beside what was asked for; empty at distance 1. */
  via: string[];
  withdrawn?: Withdrawn | null;
};

/** A page of dependents. */
export type DependentsPage = {
  dependents: Dependent[];
  /** How many there are in all. */
  total: number;
  /** Cursor of the next page. */
  next?: string | null;
};

/** Data quality ratings of one scheme. */
export type DqrCount = {
  /** With scores. */
  vectors: number;
  /** With an aggregate that the source published. */
  published: number;
  /** With an aggregate that was computed from the scores. */
  computed: number;
};

/** An emission factor, in the members of the other service. */
export type EmissionFactor = {
  /** The activity, as it is named here. */
  activity_id: string;
  /** Follows from the digest of the canonical line: a factor that changes gets another. */
  id: string;
  /** In English, else in Chinese. */
  name: string;
  /** The last part of the category's path. */
  category?: string | null;
  /** The first part of the category's path. */
  sector?: string | null;
  /** Who published the document. */
  source: string;
  /** Where it was published. */
  source_link?: string | null;
  /** The dataset's id. */
  source_dataset: string;
  /** Plus or minus percent, where that is what the source states. */
  uncertainty?: number | null;
  /** Data year. */
  year?: number | null;
  /** Year of publication. */
  year_released?: number | null;
  /** Region code; `GLOBAL` for the world. */
  region: string;
  /** Its name in English. */
  region_name: string;
  /** In English, else in Chinese. */
  description?: string | null;
  /** `Energy`, …; null where the other service has none for the unit. */
  unit_type?: string | null;
  /** `kg/kWh`. */
  unit: string;
  /** The system boundary; `unknown` where it is not stated. */
  source_lca_activity: string;
  /** Those that the other service has. */
  data_quality_flags: string[];
  /** `public` or `private`. */
  access_type: string;
  /** `ar4`, `ar5`, `ar6`: those under which its CO2e is known. */
  supported_calculation_methods: string[];
  /** kg CO2e per unit, as published. */
  factor: number;
  /** The method of that value; null where the source does not say it. */
  factor_calculation_method?: string | null;
  /** `source`; `climatiq` where the CO2e was not computed by the source (the other service's only other word). */
  factor_calculation_origin?: string | null;
  /** Per unit. */
  constituent_gases: ConstituentGases;
};

/** An estimate. */
export type EstimateAnswer = {
  /** kg CO2e of the amount. */
  co2e: number;
  /** `kg`. */
  co2e_unit: string;
  /** `ar4`, `ar5`, `ar6`; null where the source does not say it. */
  co2e_calculation_method?: string | null;
  /** `source`; `climatiq` where the CO2e was not computed by the source (the other service's only other word). */
  co2e_calculation_origin?: string | null;
  /** The factor that was used. */
  emission_factor: UsedFactor;
  /** The gases of the amount. */
  constituent_gases: ConstituentGases;
  /** The amount. */
  activity_data: ActivityData;
  /** `selector`: the factor was named by the caller, and is told. */
  audit_trail: string;
  /** What was chosen, and what could not be mapped. */
  notices: CompatNotice[];
};

/** Which factor, and how much */
export type EstimateBody = {
  /** `data_version` and `activity_id`, or `id`; beside them `source`, `source_dataset`, `region`, `region_fallback`, `year`, `year_fallback`, `source_lca_activity`, `calculation_method`, `allowed_data_quality_flags`. */
  emission_factor: Record<string, unknown>;
  /** Those of the factor's unit type: `energy` and `energy_unit`. */
  parameters: Record<string, unknown>;
};

/** Results of a batch */
export type EstimateResults = {
  /** Estimates and refusals, in order. */
  results: Record<string, unknown>[];
};

/** One public fact */
export type EventBody = {
  /** Its place in the log, counted from 0. */
  seq: number;
  /** `release`, `sealed`, `withdraw`, `restore`, `supersede`, `flag`, `unflag` or `key`. */
  type: string;
  /** When (RFC 3339, UTC). */
  at: string;
  /** Of what; not where the log's key changed. */
  dataset?: string;
  /** Of which version. */
  version?: string;
  /** Addresses: `self`, `dataset`, `release`, and by type `factors`, `csv`, `manifest`, `difference`, `delta`, `successor`, `dependents`, `factor`, `log_key`. */
  links: Record<string, unknown>;
};

/** What follows a place in the log */
export type EventsAnswer = {
  /** In order of `seq`. */
  events: EventBody[];
  /** What to give as `after` next time; null where the log is empty. */
  next?: number | null;
  /** Whether the log goes on behind `next` already. */
  more: boolean;
};

/** A page of factors. */
export type FactorPage = {
  /** Each factor with its digest and its release; without numbers where their licence does not let them be passed on. Flags that were raised after the release, and withdrawn releases that a factor is built on, stand beside it as `notices`. */
  factors: Record<string, unknown>[];
  /** How many match in all. */
  total: number;
  /** Cursor of the next page. */
  next?: string | null;
  /** Counts by facet and value over all matches. */
  facets: Record<string, Record<string, number>>;
  search?: Told | null;
};

/** A factor as it is to be: as its canonical object, or as cells of factors.csv. */
export type FactorWish = {
  /** In the shape of schema/factor.json. */
  factor?: Record<string, unknown> | null;
  /** By column, as text; columns that are left out are empty. */
  cells?: Record<string, unknown> | null;
  /** Why: it stands in the release's record. */
  reason: string;
};

/** One thing found in a file. */
export type Finding = {
  /** Row of the table, the header being row 1; null for the file as a whole. */
  row?: number | null;
  /** Column, or member of the description. */
  field?: string | null;
  /** Id of the rule. */
  rule: string;
  /** How much it matters. */
  severity: Severity;
  /** What is wrong, and what would be right. */
  message: string;
};

/** How often a flag stands on factors. */
export type FlagCount = {
  /** How much it matters. */
  severity: FlagSeverity;
  /** Factors that carry it in the release. */
  released: number;
  /** Factors that got it later, by a public fact. */
  later: number;
  /** Factors that do not carry it, and for which a rule proposes it. */
  raised: number;
};

/** How much a flag or finding matters. */
export type FlagSeverity = "info" | "warning" | "block";

/** A gas of the answer, in the caller's terms. */
export type GasResult = {
  /** `CO2`, `CH4`, `N2O`, `SF6`, `NF3`, a CAS number, or a group known only in CO2e (`HFCs`). */
  gas: string;
  /** Its origin, where the source says it. */
  origin?: string | null;
  /** kg of the gas itself; left out where it is known only in CO2e. */
  kg?: number | null;
  /** kg CO2e of it under the GWP set of the answer; left out where the set gives none. */
  co2e?: number | null;
};

/** From and to, in kg of the metric. */
export type IntervalResult = {
  /** Lower bound. */
  low: number;
  /** Upper bound. */
  high: number;
  /** Percent of confidence; null where the source states none. */
  level?: string | null;
  /** How it follows from what is stated. */
  rule: string;
};

/** A member of the factor that does not hold for the answer. */
export type LeftOut = {
  /** `uncertainty`, `stages`. */
  member: string;
  /** Why it was left out. */
  why: string;
};

/** A factor's line in its release. */
export type LineProof = {
  /** Its key. */
  key: string;
  /** The SHA-256 of the line. */
  digest: string;
  /** The canonical line, without its line feed. */
  line: string;
  /** Its salt, where the release is sealed: its leaf is the salt and the line. */
  salt?: string | null;
  /** Its place among the lines, from 0. */
  index: number;
  /** How many lines there are. */
  size: number;
  /** The inclusion proof up to the manifest's root (RFC 6962, 2.1.1): hashes in base64, the leaf's sibling first. */
  inclusion: string[];
};

/** The answer to a lookup. */
export type LookupAnswer = {
  /** The canonical object, as released: `schema/factor.json`. */
  factor: Record<string, unknown>;
  /** `sha256:` and the digest of the canonical line. */
  digest: string;
  /** Where it is from. */
  release: ReleaseRef;
  /** How it answers the question. */
  match: Match;
  /** The answer in the caller's terms. */
  result: ComputedResult;
  /** The flags of the release, as codes, then later notices, as objects. */
  flags: unknown[];
  /** Under which terms it may be used. */
  licence?: Record<string, unknown> | null;
  /** The source as a reader would cite it. */
  cite: string;
};

/** The parameters of a lookup, as they are written. */
export type LookupQuery = {
  /** Dataset id, with a version or range behind `@` if wanted: `cn-electricity-co2`, `cn-electricity-co2@^1` */
  dataset?: string | null;
  /** Key of one factor; or give `activity` */
  key?: string | null;
  /** What is done or made, without place and time: `electricity/grid-average` */
  activity?: string | null;
  /** ISO 3166, UN M49, GLO or a named grid: `CN-ZJ` */
  region?: string | null;
  /** Data year */
  year?: string | null;
  /** Kind of factor: `electricity-direct` */
  kind?: string | null;
  /** `CO2` or `CO2e` */
  metric?: string | null;
  /** Unit that the answer is wanted per (UCUM): `MJ` */
  per?: string | null;
  /** GWP set by its full id */
  gwp?: string | null;
  /** System boundary */
  boundary?: string | null;
  /** Technology, process route or sector */
  technology?: string | null;
  /** `net_cv`, `gross_cv`, `dry`, `wet`, `per_declared_unit` */
  basis?: string | null;
  /** GHG Protocol scope: `1`, `2`, `3`, `3.1` to `3.15`, `outside` */
  scope?: string | null;
  /** Year of the prices of a factor per money */
  price_year?: string | null;
  /** `basic`, `producer`, `purchaser` */
  price_basis?: string | null;
  /** Who stands behind the document that was read: `official_national`, `secondary`, … */
  source_level?: string | null;
  /** A day on which the factor must be valid, `2025-06-30`; factors that state no validity are kept */
  valid_at?: string | null;
  /** Year in which the source published it (the data year is `year`) */
  published_year?: string | null;
  /** Published by this day, month or year: `2025-06-30`, `2025-06`, `2025` */
  published_until?: string | null;
  /** `parent`: where the region has no factor, ask what it is part of */
  region_fallback?: string | null;
  /** `earlier` or `nearest`: where the year has no factor */
  year_fallback?: string | null;
  /** What to do with several matches: `refuse`, or orders parted by commas: `newest`, `published`, `highest` */
  on_ambiguous?: string | null;
  /** Blocking flags that are accepted, parted by commas */
  allow_flags?: string | null;
  /** Warnings that are tolerated, parted by commas; `none`, or `all` as when left out */
  tolerate?: string | null;
  /** How many of the nearest other factors the answer names, 0 to 20; 3 if left out */
  others?: string | null;
  /** Compute the emission of this amount */
  amount?: string | null;
  /** Unit of the amount (UCUM); the factor's own if left out */
  unit?: string | null;
};

/** How the answer relates to the question. */
export type Match = {
  /** Whether every asked dimension is as asked. */
  exact: boolean;
  /** Where it is not. */
  steps: Step[];
  /** How many factors matched before a rule picked one. */
  candidates: number;
  tie_break?: Taken | null;
  /** Why this one, in the order in which it was asked. */
  why: Reason[];
  /** The nearest others, and why not they. */
  others: Other[];
};

/** How far a question was relaxed before anything matched. */
export type Matched = "exact" | "prefix" | "typo" | "loose" | "any" | "nothing";

/** What a value counts. */
export type Metric = "CO2" | "CO2e";

/** A flag that was raised after the release. */
export type Notice = {
  /** Code of `schema/flags.csv`. */
  flag: string;
  /** When it was raised (RFC 3339, UTC). */
  at: string;
  /** Who raised it, or what: the withdrawn release, `dataset@version`. */
  by: string;
  /** Why, in the words of who raised it. */
  why: string;
};

/** A factor that was not taken. */
export type Other = {
  /** Its key. */
  key: string;
  /** What it is where it differs from the one that was taken; null where it has no value. */
  differs: Record<string, string | null>;
  /** The first rule by which it fell away. */
  reason: Reason;
};

/** What a dataset wants of what is submitted from now on. */
export type PolicyWish = {
  /** How many reviewers approve; 0 to 100. */
  approvals: number;
  /** The verifier keys that approvals are signed with; left out: as before; empty: names suffice. */
  reviewers?: string[] | null;
};

/** Values of all results, by filter. */
export type PossibleFilters = {
  /** Data years, the latest first. */
  year: number[];
  /** Publishers with their datasets. */
  source: SourceFilter[];
  /** Regions with their names. */
  region: RegionFilter[];
  /** Last parts of the categories. */
  category: string[];
  /** First parts of the categories. */
  sector: string[];
  /** Unit types. */
  unit_type: string[];
  /** System boundaries. */
  source_lca_activity: string[];
  /** `public`, `private`. */
  access_type: string[];
  /** Flags that the other service has too. */
  data_quality_flags: string[];
};

/** A refusal or fault (RFC 9457). Some kinds have members of their own beside these. */
export type Problem = {
  /** `/problems/{code}`, which says what to do. */
  type: string;
  /** Short, the same for every problem of the kind. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** What is wrong here, and what would be right. */
  detail: string;
};

/** The quality of the factors of a release. */
export type QualityReport = {
  /** The day that validities were compared with. */
  as_of: string;
  /** How many factors. */
  factors: number;
  /** By flag. */
  flags: Record<string, FlagCount>;
  /** Factors that carry at least one flag of the severity (`block`, `warning`, `info`), and those without any (`none`). */
  severities: Record<string, number>;
  /** By kind. */
  kinds: Record<string, number>;
  /** By data year; `none` where there is none. */
  years: Record<string, number>;
  /** What is told: uncertainty, dqr, gases, locator, value_text, year, boundary, source_level, classifications. */
  told: Record<string, Share>;
  /** The mean of these shares: how complete the release is, in percent, cut after one decimal. */
  completeness: string;
  /** Data quality ratings: by scheme, as published and as computed from the scores. */
  dqr: Record<string, DqrCount>;
  /** What rules propose and the release does not carry, in order of key. */
  raised: Raised[];
  /** How much of it there is. */
  raised_total: number;
  /** Of what is raised, the factors far from their peers; at most a hundred. */
  outliers: Raised[];
};

/** A flag that a rule proposes for a factor. */
export type Raised = {
  /** The factor. */
  key: string;
  /** Code of `schema/flags.csv`. */
  flag: string;
  /** Id of the rule. */
  rule: string;
  /** Version of the rule. */
  rule_version: number;
  /** What was found, in words. */
  evidence: string;
};

/** One statement of why a factor was taken, or another was not. */
export type Reason = {
  /** Stable code: the parameter that it is about, or `only`, `unit`, `flag`, `order`. */
  code: string;
  /** In English. */
  en: string;
  /** In Chinese. */
  zh: string;
};

/** Why something is done. */
export type ReasonWish = {
  /** In words. */
  reason: string;
};

/** A region. */
export type RegionFilter = {
  /** Its code. */
  id: string;
  /** Its name. */
  name: string;
};

/** What is to be changed. */
export type RejectionWish = {
  /** In words. */
  comment: string;
};

/** Everything that ties a release, or one factor of it, to a signed checkpoint. */
export type ReleaseProof = {
  /** [`PROOF_FORMAT`]. */
  format: string;
  /** Dataset id. */
  dataset: string;
  /** Its version. */
  version: string;
  /** The manifest, byte by byte: it holds the root over the lines. */
  manifest: string;
  /** The manifest's salt, where the release is sealed: its leaf names the digest of the salt and the manifest. */
  salt?: string | null;
  /** The reviewers' signatures over the manifest's digest: a signed note; none where nobody signed. */
  approvals?: string | null;
  /** The leaf, its inclusion proof and the checkpoint: a C2SP tlog-proof, whose extra data are the leaf. */
  proof: string;
  factor?: LineProof | null;
};

/** The quality of a release. */
export type ReleaseQuality = QualityReport & {
  /** Dataset id. */
  dataset: string;
  /** Its version. */
  version: string;
  /** What its import found; empty where the report is not kept here. */
  import: Report;
};

/** Which release an answer is from. */
export type ReleaseRef = {
  /** Dataset id. */
  dataset: string;
  /** Exact version. */
  version: string;
  /** Digest of the manifest. */
  manifest: string;
  withdrawn?: Withdrawn | null;
};

/** What became of a file's rows. `rows` = `factors` + `parts` + `error_rows` + the sum of `skipped`. */
export type Report = {
  /** Records below the header, blank ones included. */
  rows: number;
  /** Rows that gave a factor. */
  factors: number;
  /** Factors made. */
  produced: number;
  /** Rows that belong to another row's factor. */
  parts: number;
  /** Rows kept out by an error. */
  error_rows: number;
  /** Rows passed over, by reason. */
  skipped: Record<string, number>;
  /** How many findings of each severity. */
  findings: SeverityCounts;
  /** Every error; the first thousand warnings and notes. */
  items: Finding[];
};

/** What a token lets its holder do. */
export type Role = "reader" | "steward" | "reviewer" | "admin";

/** A page of results. */
export type SearchAnswer = {
  /** From 1. */
  current_page: number;
  /** The last page that holds results; 1 where there are none. */
  last_page: number;
  /** How many match. */
  total_results: number;
  /** Those of the page. */
  results: EmissionFactor[];
  /** Values that would leave results. */
  possible_filters: PossibleFilters;
  /** What could not be mapped, of the page as a whole. */
  notices: CompatNotice[];
};

/** How much a finding matters. */
export type Severity = "info" | "warning" | "error";

/** How many findings of each severity. */
export type SeverityCounts = {
  /** Keep the release out. */
  error: number;
  /** A person decides. */
  warning: number;
  /** Good to know. */
  info: number;
};

/** How many factors tell something. */
export type Share = {
  /** How many. */
  factors: number;
  /** Of all, in percent, cut after one decimal. */
  percent: string;
};

/** A publisher and its datasets. */
export type SourceFilter = {
  /** The publisher. */
  source: string;
  /** Dataset ids. */
  datasets: string[];
};

/** The part of the answer that falls to one life-cycle stage. */
export type StageResult = {
  /** `A1-A3`, `C4`, `distribution`. */
  stage: string;
  /** kg of the metric. */
  value: number;
};

/** A dimension in which the answer is not what was asked. */
export type Step = {
  /** `region`, `year`, or `candidates`. */
  dimension: string;
  /** What was asked. */
  asked?: string | null;
  /** What was used. */
  used?: string | null;
  /** `parent`, `earlier`, `nearest`, or the order that took one of several. */
  rule: string;
  /** What was looked at in between, in order. */
  tried?: string[];
};

/** Which version is wanted: one, or the one that the difference demands; without either, the package's own. */
export type SubmitWish = {
  /** MAJOR.MINOR.PATCH. */
  version?: string | null;
  /** `auto`. */
  bump?: string | null;
};

/** What to use instead, and why. */
export type SupersedeWish = {
  /** `dataset@version`. */
  by: string;
  /** In words. */
  reason: string;
};

/** How one of several was taken. */
export type Taken = {
  /** The orders, as asked, up to the one that decided. */
  orders: TieBreak[];
  /** What it beat, in order of key: the first five. */
  beat: string[];
};

/** An order by which one of several factors is taken. */
export type TieBreak = "newest" | "published" | "highest";

/** Whose token it is to be. */
export type TokenWish = {
  /** The person: their name stands in events, approvals and records. */
  name: string;
  /** What it lets them do. */
  role: Role;
  /** The last day on which it works (UTC), YYYY-MM-DD, or the moment from which on it is refused (RFC 3339); without it, it works until it is revoked. */
  expires?: string | null;
};

/** How the words of a query were read. */
export type Told = {
  /** How far they were relaxed before anything matched. */
  matched: Matched;
  /** The query as it was read, where words were replaced by near ones. */
  read_as?: string | null;
  /** A query that may have been meant. */
  did_you_mean?: string | null;
  /** Regions that the words name. */
  regions: string[];
  /** Years that the words name. */
  years: number[];
  /** Those of the regions that no match is of: wider ones stand in for them, or they were left out. */
  regions_without?: string[];
  /** Those of the years that no match is of. */
  years_without?: number[];
};

/** How uncertain the answer is, in the source's own form, scaled with the value. */
export type UncertaintyResult = {
  /** Dimensionless, as published. */
  gsd: string;
  /** The interval that follows from it. */
  interval: IntervalResult;
  type: "lognormal";
} | {
  /** kg of the metric. */
  sd: number;
  /** The interval that follows from it. */
  interval: IntervalResult;
  type: "normal";
} | {
  /** The bounds, scaled. */
  interval: IntervalResult;
  type: "range";
} | {
  /** Percent of the value, as published. */
  percent: string;
  /** The interval that follows from it. */
  interval: IntervalResult;
  type: "percent";
} | {
  /** Smallest, in kg of the metric. */
  low: number;
  /** Likeliest. */
  mode: number;
  /** Largest. */
  high: number;
  type: "triangular";
};

/** The factor of an estimate. */
export type UsedFactor = {
  /** In English, else in Chinese. */
  name: string;
  /** The activity. */
  activity_id: string;
  /** The factor's own id. */
  id: string;
  /** `public` or `private`. */
  access_type: string;
  /** Who published the document. */
  source: string;
  /** The dataset's id. */
  source_dataset: string;
  /** Data year. */
  year?: number | null;
  /** Region code. */
  region: string;
  /** The last part of the category's path. */
  category?: string | null;
  /** The system boundary. */
  source_lca_activity: string;
  /** Those that the other service has. */
  data_quality_flags: string[];
};

/** What is to be other than before. */
export type WebhookPatch = {
  /** Where notices are sent. */
  url?: string | null;
  /** Ids of datasets; empty: all. */
  datasets?: string[] | null;
  /** Types of events; empty: all. */
  types?: string[] | null;
  /** Whether notices are sent. Switched on, it goes on where it was stopped. */
  active?: boolean | null;
  /** Makes a new secret; the one before signs beside it for a day. */
  rotate_secret?: boolean;
};

/** What a subscription is to be. */
export type WebhookWish = {
  /** Where notices are sent: https, and a public address. */
  url: string;
  /** Ids of datasets; all if left out. */
  datasets?: string[];
  /** Types of events, as in /v1/events; all if left out. */
  types?: string[];
  /** The place in the log after which events are told; what comes from now on if left out, -1 for everything. */
  after?: number | null;
};

/** Why and when a release was withdrawn. */
export type Withdrawn = {
  /** When (RFC 3339, UTC). */
  at: string;
  /** Why. */
  reason: string;
};

/** Every route: parameters, body and answers by status and media type. */
export interface Paths {
  "/3/events": {
    /** PACT's action Events: this server asks nobody for footprints and takes none, so it has no use for events */
    POST: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      body: { "application/cloudevents+json": Record<string, unknown> };
      answers: {
        /** Never given: no event is taken */
        200: null;
        /** `NotImplemented` */
        400: { "application/json": Record<string, unknown> };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/3/footprints": {
    /** PACT's action ListFootprints: the product footprints of every release that the caller may read */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** Footprints a page, 1 to 1000; 100 if left out */
        limit?: number;
        /** Product ids (URN), any of them */
        productId?: string[];
        /** Company ids (URN), any of them */
        companyId?: string[];
        /** Country, subdivision or region, any of them; what lies in it too */
        geography?: string[];
        /** Product classifications (URN), any of them */
        classification?: string[];
        /** Valid at this time (RFC 3339) */
        validOn?: string;
        /** Whose validity begins after this time */
        validAfter?: string;
        /** Whose validity ends before this time */
        validBefore?: string;
        /** Active or Deprecated; both if left out */
        status?: string;
        /** `include` gives also footprints that lack members that PACT requires; their comment names what they lack */
        "x-tanyin-incomplete"?: string;
        /** Where the page begins: in the link `next` of the one before */
        "x-tanyin-after"?: string;
      };
      answers: {
        /** `{"data":[…]}`, with `leftOut` counting what lacks something; a header `Link` with `rel="next"` where there is more */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `BadRequest` */
        400: { "application/json": Record<string, unknown> };
        /** `TokenExpired` */
        401: { "application/json": Record<string, unknown> };
        /** `AccessDenied` */
        403: { "application/json": Record<string, unknown> };
        /** `BadRequest` */
        412: { "application/json": Record<string, unknown> };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/3/footprints/{footprint}": {
    /** PACT's action GetFootprint: one footprint by its id */
    GET: {
      path: {
        /** Id of the footprint */
        footprint: string;
      };
      query?: {
        /** `include` gives it also where it lacks members that PACT requires */
        "x-tanyin-incomplete"?: string;
      };
      answers: {
        /** `{"data":{…}}` */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `BadRequest` */
        400: { "application/json": Record<string, unknown> };
        /** `TokenExpired` */
        401: { "application/json": Record<string, unknown> };
        /** `NotFound` */
        404: { "application/json": Record<string, unknown> };
        /** `BadRequest` */
        412: { "application/json": Record<string, unknown> };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/auth/token": {
    /** OAuth 2.0 client credentials, as PACT's clients ask for a token: the client secret is a token of this server, and comes back */
    POST: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      body: { "application/x-www-form-urlencoded": string };
      answers: {
        /** `{"access_token":…,"token_type":"Bearer"}` */
        200: { "application/json": Record<string, unknown> };
        /** `unsupported_grant_type`, `invalid_request` */
        400: { "application/json": Record<string, unknown> };
        /** `invalid_client` */
        401: { "application/json": Record<string, unknown> };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `temporarily_unavailable` */
        503: { "application/json": Record<string, unknown> };
      };
    };
  };
  "/compat/climatiq/data/v1/data-versions": {
    /** Climatiq-shaped data versions */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** The latest data version: the number of public facts in the log */
        200: { "application/json": DataVersions };
        /** Unchanged */
        304: null;
        /** A parameter was given */
        400: { "application/json": CompatRefusal };
        /** `precondition-failed` */
        412: { "application/json": CompatRefusal };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/compat/climatiq/data/v1/estimate": {
    /** Climatiq-shaped estimate */
    POST: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      body: { "application/json": EstimateBody };
      answers: {
        /** The CO2e of the amount */
        200: { "application/json": EstimateAnswer };
        /** What is wrong with which member */
        400: { "application/json": CompatRefusal };
        /** The body is too large */
        413: { "application/json": CompatRefusal };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/compat/climatiq/data/v1/estimate/batch": {
    /** Climatiq-shaped batch of up to a hundred estimates */
    POST: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      body: { "application/json": EstimateBody[] };
      answers: {
        /** `{"results":[…]}`: an estimate or a refusal each, in order */
        200: { "application/json": EstimateResults };
        /** The body is no list, or too long a one */
        400: { "application/json": CompatRefusal };
        /** The body is too large */
        413: { "application/json": CompatRefusal };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/compat/climatiq/data/v1/search": {
    /** Climatiq-shaped search */
    GET: {
      path?: Record<string, never>;
      query: {
        /** `^6` for what stands now, `6` for what stood when the log had six facts */
        data_version: string;
        /** Words */
        query?: string;
        /** Activity; a trailing `*` stands for any rest */
        activity_id?: string;
        /** Id of one factor */
        id?: string;
        /** Last part of the category */
        category?: string;
        /** `1`, `2`, `3`, `outside` */
        scope?: string;
        /** First part of the category */
        sector?: string;
        /** Publisher of the document */
        source?: string;
        /** Dataset id or title */
        source_dataset?: string;
        /** Data year */
        year?: string;
        /** Region code, `GLOBAL` for the world; a trailing `*` stands for any rest */
        region?: string;
        /** `Energy`, `Weight`, … */
        unit_type?: string;
        /** System boundary */
        source_lca_activity?: string;
        /** `ar4`, `ar5`, `ar6` */
        calculation_method?: string;
        /** Flags that a factor may carry; blank for none */
        allowed_data_quality_flags?: string;
        /** `public`, `private`, `premium` */
        access_type?: string;
        /** Page, from 1 */
        page?: number;
        /** Results a page, 1 to 500; 20 if left out */
        results_per_page?: number;
      };
      answers: {
        /** A page of factors, and the filters that leave some */
        200: { "application/json": SearchAnswer };
        /** Unchanged */
        304: null;
        /** What is wrong with which parameter */
        400: { "application/json": CompatRefusal };
        /** `precondition-failed` */
        412: { "application/json": CompatRefusal };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/healthz": {
    /** The process lives */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** It lives */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/log/checkpoint": {
    /** The checkpoint that covers everything released: a signed note */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** Origin, size, root and signatures (C2SP tlog-checkpoint) */
        200: { "text/plain": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `no-log` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/log/key": {
    /** The log's verifier keys, the current one first, one a line */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** `name+id+base64` (C2SP signed-note) */
        200: { "text/plain": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `no-log` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/log/tile/{path}": {
    /** A tile of hashes or a bundle of entries */
    GET: {
      path: {
        /** `0/000`, `0/x001/067.p/12`, `entries/000` (C2SP tlog-tiles) */
        path: string;
      };
      query?: Record<string, never>;
      answers: {
        /** 32 bytes a hash; entries each behind their length, two bytes */
        200: { "application/octet-stream": number[] };
        /** A range of them */
        206: null;
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `no-tile` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `range-not-satisfiable` */
        416: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/problems/{code}": {
    /** What a problem's type means */
    GET: {
      path: {
        /** Code of the problem */
        code: string;
      };
      query?: Record<string, never>;
      answers: {
        /** Its meaning */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** No such problem */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/readyz": {
    /** The server can answer; says how many public facts it has read, and where the operator wants witnesses, how many signed */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** It can answer */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/benchmark": {
    /** Where a footprint stands among the factors that it can be compared with */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** The footprint, kg of the metric per `per`: a plain decimal such as 1.92 */
        value?: string;
        /** Its unit (UCUM): `kg` */
        per?: string;
        /** `CO2` or `CO2e`; CO2e if left out */
        metric?: string;
        /** Category whose factors are compared with, with everything below it: `Metals/Steel` */
        category?: string;
        /** Activity, `*` at its end for all that begin so: `electricity/generation/*` */
        activity?: string;
        /** Classification code, with what lies below it: `hs-2022:7208` */
        code?: string;
        /** Accounting rule: `gb-t-24067-2024` */
        rule?: string;
        /** Kind of factor: `product-lifecycle` */
        kind?: string;
        /** ISO 3166, UN M49, GLO or a named grid: `CN-ZJ` */
        region?: string;
        /** Data year */
        year?: string;
        /** System boundary; `none` for factors that state none */
        boundary?: string;
        /** GWP set by its full id; `none` for factors that state none */
        gwp?: string;
        /** What may differ, parted by commas: `kind`, `boundary`, `gwp`, `basis`, `price_year` */
        relax?: string;
        /** Dataset id, with a version or range behind `@` if wanted; the latest releases of all datasets if left out */
        dataset?: string;
        /** Bands of this request: `A:10,B:50,C:90` */
        bands?: string;
        /** A named scheme of bands of this server; the first if left out */
        grading?: string;
      };
      answers: {
        /** Percentile, ranks, quantiles, histogram, nearest factors and grade; what was left out is counted by reason */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `missing-parameter`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `ambiguous`: the factors differ in what must be equal */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`, `too-few` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/cbam/defaults": {
    /** Which CBAM default value applies to a good of a country in a year */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** Code of the Combined Nomenclature, 2 to 8 digits, or ten of TARIC: `7208`, `7208 51 20` */
        cn?: string;
        /** Country of origin: `CN`, `CHN`, `China`, `中国` */
        origin?: string;
        /** Year of import: `2026` */
        year?: string;
        /** Of several goods under one code the one meant, by a word of its name: `grey`, `white` */
        goods?: string;
        /** Dataset id, with a version or range behind `@` if wanted; the one that holds default values if left out */
        dataset?: string;
      };
      answers: {
        /** `goods` under the code with their values; `applies` is the one where there is one; without any parameter what can be asked */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `missing-parameter`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-match`, `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `ambiguous`: several datasets hold default values */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/codes": {
    /** The classification schemes, with counts of codes and factors */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** `{"schemes":[…]}`: listed schemes with title, publisher, form of their codes and crosswalks; then those of datasets' own */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/codes/{scheme}/{code}": {
    /** Factors under a code: by the code itself, by codes below it, and by crosswalk */
    GET: {
      path: {
        /** Id of a scheme (`hs-2022`), another name of it, or a family (`hs`) for all its editions */
        scheme: string;
        /** The code; dots, blanks and full-width digits are read */
        code: string;
      };
      query?: {
        /** Dataset id, with a version or range behind `@` if wanted; the latest releases of all datasets if left out */
        dataset?: string;
        /** ISO 3166, UN M49, GLO or a named grid: `CN-ZJ` */
        region?: string;
        /** Data year */
        year?: string;
        /** Kind of factor: `product-lifecycle` */
        kind?: string;
        /** `true`: also factors of codes that hold the one asked for; `false` if left out */
        broader?: string;
        /** Factors a page, 1 to 1000; 50 if left out */
        limit?: string;
        /** `next` of the page before */
        cursor?: string;
      };
      answers: {
        /** `{"asked":[…],"factors":[…],"total":N,"next":null}`; each factor says how it `matched` */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-scheme`, `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/compare": {
    /** Factors side by side, with their life-cycle stages */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** A factor as `dataset@version#key` (write `#` as `%23`); given 2 to 10 times, the first is what the others are held against */
        factor?: string[];
        /** Or an activity of one `dataset`, by `regions` */
        activity?: string;
        /** Dataset of the activity, with a version or range behind `@` if wanted */
        dataset?: string;
        /** Regions side by side, parted by commas: `CN,CN-ZJ`; the first is what the others are held against */
        regions?: string;
        /** Data year of the activity */
        year?: string;
        /** Kind of factor of the activity */
        kind?: string;
        /** System boundary of the activity */
        boundary?: string;
        /** Technology of the activity */
        technology?: string;
        /** Unit of all values (UCUM); that of the first factor if left out */
        per?: string;
      };
      answers: {
        /** Values in one unit, what they differ in, and stages by code */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `missing-parameter`, `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-factor`, `no-match` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`, `unit-mismatch` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets": {
    /** All datasets */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** `{"datasets":[…]}` */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}": {
    /** One dataset */
    GET: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The dataset, with its latest release */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/crosswalk": {
    /** What became of the keys of a release in a later one, composed over the releases between */
    GET: {
      path: {
        /** Dataset id */
        id: string;
      };
      query: {
        /** The earlier release: 1.0.0, ^1 */
        from: string;
        /** The later release; the latest if left out */
        to?: string;
        /** One key of the earlier release; every key that a record speaks of if left out */
        key?: string;
      };
      answers: {
        /** `{"dataset":…,"from":…,"to":…,"via":[…],"crosswalk":[{"from":…,"fate":…,"to":[{"key":…,"share":…}],"steps":[…]}]}` */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `missing-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/delta/{range}": {
    /** The delta of two releases: what to put and delete, so that one becomes the exact bytes of the other */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** FROM...TO, such as 1.0.0...1.1.0 */
        range: string;
      };
      query?: Record<string, never>;
      answers: {
        /** NDJSON: a first line with version, digest and count of both ends; `{"put":LINE}` and `{"delete":"KEY"}` in order of key; `{"end":…}` */
        200: { "application/x-ndjson": string };
        /** A range of it */
        206: { "application/x-ndjson": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `not-redistributable`, `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `range-not-satisfiable` */
        416: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`, `queue-full` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/diff/{range}": {
    /** The difference of two releases, factor by factor */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** FROM...TO, such as 1.0.0...1.1.0 */
        range: string;
      };
      query?: {
        /** `json`, `ndjson`, `csv` or `html`; as `Accept` prefers if left out, else JSON */
        format?: string;
        /** `key`, or `magnitude`: the largest move of a value first; `magnitude` for a page, else `key`, if left out */
        sort?: string;
        /** Changes listed, 1 to 1000000; 200 on a page, else all, if left out */
        limit?: string;
        /** Language of a page: `en` or `zh` */
        lang?: string;
      };
      answers: {
        /** The difference: as JSON counts, reasons of the version, members, magnitudes, possible renames and changes; as NDJSON a change a line; as CSV a changed member a row; as a page */
        200: { "application/json": Record<string, unknown>; "application/x-ndjson": string; "text/csv": string; "text/html": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/draft": {
    /** Where the dataset's draft stands */
    GET: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** State, revision (the `ETag`), difference, approvals, edits */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Throws the draft away */
    DELETE: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** There is no draft any more */
        204: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/draft/approve": {
    /** Approves what was submitted */
    POST: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      body: { "application/json": ApprovalWish };
      answers: {
        /** State, and how many approvals are missing */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `draft-state`, `review` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/draft/diff": {
    /** The difference of the draft with the latest release, factor by factor */
    GET: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: {
        /** `json`, `ndjson`, `csv` or `html`; as `Accept` prefers if left out, else JSON */
        format?: string;
        /** `key`, or `magnitude`: the largest move of a value first; `magnitude` for a page, else `key`, if left out */
        sort?: string;
        /** Changes listed, 1 to 1000000; 200 on a page, else all, if left out */
        limit?: string;
        /** Language of a page: `en` or `zh` */
        lang?: string;
      };
      answers: {
        /** The difference, as between two releases */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/draft/factors/{key}": {
    /** One factor of the draft: its canonical object */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** Key; `/` and `%2F` are equal */
        key: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The factor; the `ETag` is the draft's revision */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Puts a factor into the draft, in the place of the one with that key or as a new one */
    PUT: {
      path: {
        /** Dataset id */
        id: string;
        /** Key */
        key: string;
      };
      query?: Record<string, never>;
      header: {
        /** The draft's `ETag` */
        "If-Match": string;
      };
      body: { "application/json": FactorWish };
      answers: {
        /** The factor and what was found */
        200: { "application/json": Record<string, unknown> };
        /** The same, for one that is new */
        201: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `draft-state`, `nothing-changed` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `findings`, `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `precondition-required` */
        428: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Takes a factor out of the draft */
    DELETE: {
      path: {
        /** Dataset id */
        id: string;
        /** Key */
        key: string;
      };
      query?: Record<string, never>;
      header: {
        /** The draft's `ETag` */
        "If-Match": string;
      };
      body: { "application/json": ReasonWish };
      answers: {
        /** It is gone from the draft */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `draft-state` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `precondition-required` */
        428: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Changes cells of a factor of the draft */
    PATCH: {
      path: {
        /** Dataset id */
        id: string;
        /** Key */
        key: string;
      };
      query?: Record<string, never>;
      header: {
        /** The draft's `ETag` */
        "If-Match": string;
      };
      body: { "application/json": CellsWish };
      answers: {
        /** The factor and what was found */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `draft-state`, `nothing-changed` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `findings`, `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `precondition-required` */
        428: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/draft/publish": {
    /** Publishes what was submitted and approved: the point of no return */
    POST: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The release */
        201: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `draft-state`, `review`, `conflict` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/draft/reject": {
    /** Sends what was submitted back to its steward */
    POST: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      body: { "application/json": RejectionWish };
      answers: {
        /** It can be imported or edited again */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `draft-state`, `review` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/draft/submit": {
    /** Freezes the draft's lines, version and manifest */
    POST: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      body: { "application/json": SubmitWish };
      answers: {
        /** What reviewers see: version and manifest */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-draft` */
        404: { "application/problem+json": Problem };
        /** `draft-state`, `nothing-changed`, `conflict` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `version`, `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/history/{key}": {
    /** One factor over all releases, oldest first */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** Key; `/` and `%2F` are equal */
        key: string;
      };
      query?: Record<string, never>;
      answers: {
        /** `{"history":[…]}`: each entry with its release (`withdrawn`, `superseded`), whether the line changed, and the `fields` that differ from the entry before (null for the first) */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/imports": {
    /** Uploads a file to be imported into the dataset's draft */
    POST: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: {
        /** How the file is read: a shipped profile's name; left out: a package (a .zip), or a table for a dataset that has a release */
        profile?: string;
        /** The facts that the profile asks for and the file does not say: `edition=1.3.0;…` */
        facts?: string;
        /** The name of the file, where no `Content-Disposition` names it */
        file_name?: string;
        /** `true`: edits by hand of the draft that stands may be thrown away */
        discard_edits?: string;
      };
      body: { "application/octet-stream": number[] };
      answers: {
        /** It waits: `Location` says where it is followed */
        202: { "application/json": Record<string, unknown> };
        /** `bad-request`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `queue-full`, `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/policy": {
    /** Says how many reviewers must approve what is submitted from now on */
    PUT: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      body: { "application/json": PolicyWish };
      answers: {
        /** The policy */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases": {
    /** All releases of a dataset, newest version first */
    GET: {
      path: {
        /** Dataset id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** `{"releases":[…]}` */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}": {
    /** One release: an exact version, a range (`^1`) or `latest` */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The release */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`: this is no version and no range */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/certificate/{key}": {
    /** The certificate of one number: one A4 page in Chinese and English */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
        /** Key; `/` and `%2F` are equal */
        key: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The page, without scripts or anything from elsewhere */
        200: { "text/html": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`: this is no version and no range */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/dependents": {
    /** What is built on anything in a release, in other releases */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
      };
      query?: {
        /** `true`: over any number of steps, as if left out; `false`: only what names it directly */
        transitive?: string;
        /** Factors a page, 1 to 1000; 50 if left out */
        limit?: string;
        /** `next` of the page before */
        cursor?: string;
      };
      answers: {
        /** `{"dependents":[…],"total":N,"next":null}`, in order of distance, dataset, version and key */
        200: { "application/json": DependentsPage };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/dependents/{key}": {
    /** What is built on one factor of a release */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
        /** Key; `/` and `%2F` are equal */
        key: string;
      };
      query?: {
        /** `true`: over any number of steps, as if left out; `false`: only what names it directly */
        transitive?: string;
        /** Factors a page, 1 to 1000; 50 if left out */
        limit?: string;
        /** `next` of the page before */
        cursor?: string;
      };
      answers: {
        /** `{"dependents":[…],"total":N,"next":null}`, in order of distance, dataset, version and key */
        200: { "application/json": DependentsPage };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/factors/{key}": {
    /** One factor of a release */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
        /** Key; `/` and `%2F` are equal */
        key: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The factor, as in a lookup without `match` and `result` */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`: this is no version and no range */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/files/{artefact}": {
    /** A file of a release: `factors.csv`, `factors.ndjson`, `manifest.json`, `SHA256SUMS`; the same factors in other formats, `factors.parquet`, `factors.sqlite`, `factors.xlsx`, `datapackage.json`, which are made when they are first asked for (the first request waits); and what ties it to the log: `release.tlog-proof`, `release.record.json`, `release.places.ndjson`, and `release.approvals` where reviewers signed */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
        /** Name of the file */
        artefact: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The stored bytes */
        200: { "*/*": unknown };
        /** A range of them */
        206: { "*/*": unknown };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `not-redistributable`, `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-artefact` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `range-not-satisfiable` */
        416: { "application/problem+json": Problem };
        /** `invalid-parameter`: not a version */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `queue-full`: too many files are being made; `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/provenance/{key}": {
    /** Where a number came from: line, cell, file, document, import, approvals, leaf, checkpoint */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
        /** Key; `/` and `%2F` are equal */
        key: string;
      };
      query?: {
        /** `json`, or `prov` for W3C PROV-JSON */
        format?: string;
      };
      answers: {
        /** The walk from the number to its source, or a PROV-JSON document */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/quality": {
    /** The quality of a release: flags, severities, kinds, years, what is told, what the rules find, what the import found */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
      };
      query?: {
        /** `json` or `html`; as `Accept` prefers if left out */
        format?: string;
        /** Language of a page: `en` or `zh` */
        lang?: string;
      };
      answers: {
        /** The report */
        200: { "application/json": ReleaseQuality; "text/html": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/restore": {
    /** Takes a withdrawal back */
    POST: {
      path: {
        /** Dataset id */
        id: string;
        /** Exact version */
        version: string;
      };
      query?: Record<string, never>;
      body: { "application/json": ReasonWish };
      answers: {
        /** The leaf of the log, and what is built on the release */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `conflict` */
        409: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/source": {
    /** The file that a release was imported from, as it was read */
    GET: {
      path: {
        /** Dataset id */
        id: string;
        /** 1.2.0, ^1, ~1.2 or latest */
        version: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The stored bytes */
        200: { "*/*": unknown };
        /** A range of them */
        206: { "*/*": unknown };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `not-redistributable`, `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-source-file` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `range-not-satisfiable` */
        416: { "application/problem+json": Problem };
        /** `invalid-parameter`: this is no version and no range */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/supersede": {
    /** Says that another release is to be used instead; this one is served on */
    POST: {
      path: {
        /** Dataset id */
        id: string;
        /** Exact version */
        version: string;
      };
      query?: Record<string, never>;
      body: { "application/json": SupersedeWish };
      answers: {
        /** The leaf of the log, and what is built on the release */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/datasets/{id}/releases/{version}/withdraw": {
    /** Withdraws a release: it stays readable at its version, ranges and `latest` skip it */
    POST: {
      path: {
        /** Dataset id */
        id: string;
        /** Exact version */
        version: string;
      };
      query?: Record<string, never>;
      body: { "application/json": ReasonWish };
      answers: {
        /** The leaf of the log, and the releases and factors that are built on it */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `conflict` */
        409: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/digests/{sha256}": {
    /** The releases that hold the factor with this digest */
    GET: {
      path: {
        /** Digest of a canonical line, `sha256:` optional */
        sha256: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The factor and every release that holds it */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-digest` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/events": {
    /** What happened to released data: the facts of the public log, in their order */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** Events behind this place in the log; `next` of the answer before. From the first one on if left out */
        after?: string;
        /** The most events of one answer, 1 to 1000; 100 if left out */
        limit?: string;
        /** Ids of datasets, parted by commas; all if left out */
        dataset?: string;
        /** Types, parted by commas: release, sealed, withdraw, restore, supersede, flag, unflag, key; all if left out */
        type?: string;
        /** Seconds to wait for an event where none is there yet, 0 to 55 */
        wait?: string;
      };
      header?: {
        /** The last `seq` seen, in place of `after`; for streams */
        "Last-Event-ID"?: string | null;
      };
      answers: {
        /** The events */
        200: { "application/json": EventsAnswer; "text/event-stream": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `no-dataset` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`; `last` is the last place of the log */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `queue-full`: too many wait already */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/factors": {
    /** Factors by filter, in pages, with facets */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** Dataset ids, parted by commas, each with a version or range behind `@` if wanted; else the latest releases of all */
        dataset?: string;
        /** Kinds of factor, parted by commas: any of them */
        kind?: string;
        /** Activity; a trailing `*` stands for any rest */
        activity?: string;
        /** Region codes, parted by commas: any of them */
        region?: string;
        /** Data years, parted by commas, each a year or a range `2020..2023`, either end open */
        year?: string;
        /** Category; a trailing `*` stands for any rest */
        category?: string;
        /** What the factor is given per, parted by commas: `energy`, `mass`, `volume`, `length`, `freight`, `money` and others */
        dimension?: string;
        /** Units that the factor is given per (UCUM), parted by commas: `kW.h` */
        per?: string;
        /** `CO2` or `CO2e` */
        metric?: string;
        /** GWP sets by their full ids, parted by commas */
        gwp?: string;
        /** Date on which the source published the factor, or its beginning: `2024`, `2024-12`, `2024-12-20` */
        published?: string;
        /** Licences of the datasets, parted by commas: `CC-BY-4.0` */
        licence?: string;
        /** Classification codes as `scheme:code`, parted by commas, each with what lies below it: `hs-2022:7208` */
        code?: string;
        /** Accounting rules by id or number, parted by commas: `gb-t-24067-2024` */
        rule?: string;
        /** Certificates, parted by commas: `epd:S-P-01234`, or `epd:` for all of a kind */
        certificate?: string;
        /** Quality flags, parted by commas: any of them, whether of the release or raised later */
        flag?: string;
        /** Sources of the factors by their ids, parted by commas */
        source?: string;
        /** Words in Chinese or English: names, synonyms, activities, categories, codes, regions, years, remarks */
        q?: string;
        /** `relevance` (with `q`, and the default there), `key` (dataset, then key), `year`, `-year`, `region` */
        sort?: string;
        /** Factors a page, 1 to 1000; 50 if left out */
        limit?: string;
        /** `next` of the page before */
        cursor?: string;
        /** Facets to count, parted by commas, of dataset, kind, activity, region, year, category, dimension, flag, licence; `none`; all but activity if left out */
        facets?: string;
      };
      answers: {
        /** A page of factors, counts of all that match, and how the words were read */
        200: { "application/json": FactorPage };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: a token was shown, and it cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/factors/download": {
    /** Every factor that the filters of `/v1/factors` find, as one file, in order of dataset and key */
    GET: {
      path?: Record<string, never>;
      query: {
        /** Format of the file */
        format: "csv" | "ndjson" | "parquet" | "sqlite" | "xlsx" | "openlca" | "ilcd" | "pact";
        /** `none`: the file alone (the default); `zip`: with its manifest and terms; `only`: the manifest alone */
        manifest?: "none" | "zip" | "only";
        /** Dataset ids, parted by commas, each with a version or range behind `@` if wanted; else the latest releases of all */
        dataset?: string;
        /** Kinds of factor, parted by commas: any of them */
        kind?: string;
        /** Activity; a trailing `*` stands for any rest */
        activity?: string;
        /** Region codes, parted by commas: any of them */
        region?: string;
        /** Data years, parted by commas, each a year or a range `2020..2023`, either end open */
        year?: string;
        /** Category; a trailing `*` stands for any rest */
        category?: string;
        /** What the factor is given per, parted by commas: `energy`, `mass`, `volume`, `length`, `freight`, `money` and others */
        dimension?: string;
        /** Units that the factor is given per (UCUM), parted by commas: `kW.h` */
        per?: string;
        /** `CO2` or `CO2e` */
        metric?: string;
        /** GWP sets by their full ids, parted by commas */
        gwp?: string;
        /** Date on which the source published the factor, or its beginning: `2024`, `2024-12`, `2024-12-20` */
        published?: string;
        /** Licences of the datasets, parted by commas: `CC-BY-4.0` */
        licence?: string;
        /** Classification codes as `scheme:code`, parted by commas, each with what lies below it: `hs-2022:7208` */
        code?: string;
        /** Accounting rules by id or number, parted by commas: `gb-t-24067-2024` */
        rule?: string;
        /** Certificates, parted by commas: `epd:S-P-01234`, or `epd:` for all of a kind */
        certificate?: string;
        /** Quality flags, parted by commas: any of them, whether of the release or raised later */
        flag?: string;
        /** Sources of the factors by their ids, parted by commas */
        source?: string;
        /** Words in Chinese or English: names, synonyms, activities, categories, codes, regions, years, remarks */
        q?: string;
      };
      answers: {
        /** The file; its media type is that of the format */
        200: { "*/*": unknown };
        /** A range of it */
        206: { "*/*": unknown };
        /** Unchanged */
        304: null;
        /** `missing-parameter`, `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `not-redistributable`, `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `range-not-satisfiable` */
        416: { "application/problem+json": Problem };
        /** `invalid-parameter`, `selection-too-large` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `queue-full`: too many files are being made; `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/feed.atom": {
    /** The same as a feed (RFC 4287), in pages of 50, newest first; titles in English and Chinese */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** Id of a dataset; all if left out */
        dataset?: string;
        /** Entries older than this place in the log; `next` of a page links it */
        before?: string;
      };
      answers: {
        /** The feed */
        200: { "application/atom+xml": string };
        /** Unchanged */
        304: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `no-dataset`, `no-log` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/imports/{number}": {
    /** How far an import is, and what came of it */
    GET: {
      path: {
        /** Number of the import */
        number: string;
      };
      query?: Record<string, never>;
      answers: {
        /** State, rows read so far; once it has ended, counts, findings, difference and the draft's revision */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-import` */
        404: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/imports/{number}/events": {
    /** The same as it happens: `progress` with the rows read, then `end` with the state (text/event-stream) */
    GET: {
      path: {
        /** Number of the import */
        number: string;
      };
      query?: Record<string, never>;
      answers: {
        /** Events; the stream ends with the import */
        200: { "text/event-stream": string };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-import` */
        404: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `queue-full`, `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/log/consistency": {
    /** The proof that the log only grew between two checkpoints */
    GET: {
      path?: Record<string, never>;
      query: {
        /** The size of the older checkpoint, at least 1 */
        from: string;
        /** The size of the newer one; the published one's if left out */
        to?: string;
      };
      answers: {
        /** `{"from":…,"to":…,"proof":[…],"checkpoint":…}`, hashes in base64 (RFC 6962, 2.1.2) */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `missing-parameter`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `no-log` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/log/proof": {
    /** The proof that a release, or one factor of it, stands in the log */
    GET: {
      path?: Record<string, never>;
      query: {
        /** Dataset id */
        dataset: string;
        /** `1.2.0`, `^1`, `~1.2` or `latest` */
        version: string;
        /** Key of a factor, to prove its line as well */
        key?: string;
      };
      answers: {
        /** Manifest, approvals, log proof and line proof: enough to check offline */
        200: { "application/json": ReleaseProof };
        /** Unchanged */
        304: null;
        /** `missing-parameter`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized`: the dataset is restricted, and no valid token was shown */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-factor` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`: this is no version and no range */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: the token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/lookup": {
    /** One factor for one question */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** Dataset id, with a version or range behind `@` if wanted: `cn-electricity-co2`, `cn-electricity-co2@^1` */
        dataset?: string;
        /** Key of one factor; or give `activity` */
        key?: string;
        /** What is done or made, without place and time: `electricity/grid-average` */
        activity?: string;
        /** ISO 3166, UN M49, GLO or a named grid: `CN-ZJ` */
        region?: string;
        /** Data year */
        year?: string;
        /** Kind of factor: `electricity-direct` */
        kind?: string;
        /** `CO2` or `CO2e` */
        metric?: string;
        /** Unit that the answer is wanted per (UCUM): `MJ` */
        per?: string;
        /** GWP set by its full id */
        gwp?: string;
        /** System boundary */
        boundary?: string;
        /** Technology, process route or sector */
        technology?: string;
        /** `net_cv`, `gross_cv`, `dry`, `wet`, `per_declared_unit` */
        basis?: string;
        /** GHG Protocol scope: `1`, `2`, `3`, `3.1` to `3.15`, `outside` */
        scope?: string;
        /** Year of the prices of a factor per money */
        price_year?: string;
        /** `basic`, `producer`, `purchaser` */
        price_basis?: string;
        /** Who stands behind the document that was read: `official_national`, `secondary`, … */
        source_level?: string;
        /** A day on which the factor must be valid, `2025-06-30`; factors that state no validity are kept */
        valid_at?: string;
        /** Year in which the source published it (the data year is `year`) */
        published_year?: string;
        /** Published by this day, month or year: `2025-06-30`, `2025-06`, `2025` */
        published_until?: string;
        /** `parent`: where the region has no factor, ask what it is part of */
        region_fallback?: string;
        /** `earlier` or `nearest`: where the year has no factor */
        year_fallback?: string;
        /** What to do with several matches: `refuse`, or orders parted by commas: `newest`, `published`, `highest` */
        on_ambiguous?: string;
        /** Blocking flags that are accepted, parted by commas */
        allow_flags?: string;
        /** Warnings that are tolerated, parted by commas; `none`, or `all` as when left out */
        tolerate?: string;
        /** How many of the nearest other factors the answer names, 0 to 20; 3 if left out */
        others?: string;
        /** Compute the emission of this amount */
        amount?: string;
        /** Unit of the amount (UCUM); the factor's own if left out */
        unit?: string;
      };
      answers: {
        /** The factor, how it matches and why, and the answer in the caller's terms */
        200: { "application/json": LookupAnswer };
        /** Unchanged */
        304: null;
        /** `missing-parameter`, `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `not-redistributable` */
        403: { "application/problem+json": Problem };
        /** `no-dataset`, `no-release`, `no-match` */
        404: { "application/problem+json": Problem };
        /** `ambiguous`, `flagged`, `not-tolerated` */
        409: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter`, `unit-mismatch`, `gwp-unavailable` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable`: a token cannot be looked up */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/lookup/batch": {
    /** Up to a thousand lookups; the order is kept and each has its own status */
    POST: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      body: { "application/json": Batch; "application/x-ndjson": string };
      answers: {
        /** `{"results":[{"status":200,"answer":{…}},{"status":404,"problem":{…}}]}`; as NDJSON one result a line */
        200: { "application/json": Record<string, unknown>; "application/x-ndjson": string };
        /** `bad-request`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/rules": {
    /** Accounting rules, those that factors follow and those that are registered, with the national targets */
    GET: {
      path?: Record<string, never>;
      query?: {
        /** `international`, `national`, `industry`, `group` or `local` */
        level?: string;
        /** `general`, `product` or `organisation` */
        kind?: string;
        /** `in-force`, `issued`, `superseded` or `withdrawn` */
        status?: string;
        /** A word of the products that the rule is for, or of its title */
        product?: string;
        /** Words of number or title, in Chinese or English */
        q?: string;
        /** Rules a page, 1 to 1000; 50 if left out */
        limit?: string;
        /** `next` of the page before */
        cursor?: string;
      };
      answers: {
        /** `{"rules":[…],"total":N,"next":null,"targets":{…}}` */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/rules/{id}": {
    /** One accounting rule, with the datasets whose factors follow it */
    GET: {
      path: {
        /** Id (`gb-t-24067-2024`), or the number however it is written (`GB/T 24067—2024`) */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The rule */
        200: { "application/json": Record<string, unknown> };
        /** Unchanged */
        304: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `no-rule` */
        404: { "application/problem+json": Problem };
        /** `precondition-failed` */
        412: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/tokens": {
    /** All tokens, without their secrets */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** `{"tokens":[…]}` */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Makes a token; the answer alone holds it */
    POST: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      body: { "application/json": TokenWish };
      answers: {
        /** The token in `token`: it cannot be had again */
        201: { "application/json": Record<string, unknown> };
        /** `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/tokens/{id}": {
    /** Revokes a token for ever */
    DELETE: {
      path: {
        /** Its id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** It is refused from now on */
        204: null;
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden` */
        403: { "application/problem+json": Problem };
        /** `no-token` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/webhooks": {
    /** All webhooks, without their secrets */
    GET: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      answers: {
        /** `{"webhooks":[…]}` */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Makes a webhook; the answer alone holds its secret */
    POST: {
      path?: Record<string, never>;
      query?: Record<string, never>;
      body: { "application/json": WebhookWish };
      answers: {
        /** The webhook, with `secret`: it cannot be had again */
        201: { "application/json": Record<string, unknown> };
        /** `bad-request`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `no-dataset` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/webhooks/{id}": {
    /** One webhook, without its secret */
    GET: {
      path: {
        /** Its id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** The webhook; `seen` is the place in the log up to which it was told */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `no-webhook` */
        404: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Removes a webhook and its deliveries */
    DELETE: {
      path: {
        /** Its id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** It is gone */
        204: null;
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `no-webhook` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
    /** Changes a webhook */
    PATCH: {
      path: {
        /** Its id */
        id: string;
      };
      query?: Record<string, never>;
      body: { "application/json": WebhookPatch };
      answers: {
        /** The webhook; with `secret` where a new one was wanted */
        200: { "application/json": Record<string, unknown> };
        /** `bad-request`, `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `no-webhook`, `no-dataset` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `invalid-body` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/webhooks/{id}/deliveries": {
    /** The attempts to tell a webhook something, newest first; of each webhook the last 1000 are kept */
    GET: {
      path: {
        /** Its id */
        id: string;
      };
      query?: {
        /** Attempts before this one; `next` of the answer before. The newest if left out */
        before?: string;
        /** The most of one answer, 1 to 1000; 50 if left out */
        limit?: string;
      };
      answers: {
        /** `{"deliveries":[{"delivery":7,"kind":"event","seq":3,"attempt":1,"at":…,"status":200,…}],"next":null}` */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter`, `bad-request` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `no-webhook` */
        404: { "application/problem+json": Problem };
        /** `invalid-parameter` */
        422: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/webhooks/{id}/deliveries/{number}/redeliver": {
    /** Sends again what a delivery sent, now and under the same id */
    POST: {
      path: {
        /** Id of the webhook */
        id: string;
        /** Number of the delivery */
        number: string;
      };
      query?: Record<string, never>;
      answers: {
        /** What came of it: `outcome` is `delivered` or `failed` */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `no-webhook`, `no-delivery` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
  "/v1/webhooks/{id}/test": {
    /** Sends a test now */
    POST: {
      path: {
        /** Its id */
        id: string;
      };
      query?: Record<string, never>;
      answers: {
        /** What came of it: `outcome` is `delivered` or `failed` */
        200: { "application/json": Record<string, unknown> };
        /** `unknown-parameter` */
        400: { "application/problem+json": Problem };
        /** `unauthorized` */
        401: { "application/problem+json": Problem };
        /** `forbidden`, `read-only` */
        403: { "application/problem+json": Problem };
        /** `no-webhook` */
        404: { "application/problem+json": Problem };
        /** `body-too-large` */
        413: { "application/problem+json": Problem };
        /** `fault` */
        500: { "application/problem+json": Problem };
        /** `database-unavailable` */
        503: { "application/problem+json": Problem };
      };
    };
  };
}
