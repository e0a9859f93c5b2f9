//! What the panel that verifies in the browser can say: a name, Chinese, English. `{words}` are filled by the script.

/// Every text that `verify.js` and `proof.js` ask for by name.
pub(super) const TEXTS: [(&str, &str, &str); 88] = [
    ("state-holds", "✓ 成立", "✓ holds"),
    ("state-fails", "✗ 不成立", "✗ does not hold"),
    ("state-warns", "! 请注意", "! note"),
    ("state-idle", "– 没有可验证的", "– nothing to verify"),
    ("state-open", "○ 未检验", "○ open"),
    ("checking", "正在验证……", "Verifying…"),
    ("computed", "计算过程", "What was computed"),
    (
        "memory",
        "本浏览器从 {since} 起记住日志 {origin}，上次看到 {size} 条记录。",
        "This browser remembers the log {origin} since {since}; it last saw {size} leaves.",
    ),
    ("memory-none", "本浏览器还没有记住任何检查点：这是第一次。", "This browser remembers no checkpoint yet: this is the first time."),
    ("forgotten", "已经忘记。下次验证又是第一次。", "Forgotten. The next time is a first time again."),
    // The verdicts.
    ("verdict-given", "已证明：每一环都成立，签名密钥是您给出的。", "Proved: every link holds, under the key that you gave."),
    (
        "verdict-remembered",
        "已证明：每一环都成立，签名密钥是本浏览器从 {since} 起记住的、由您给出的那一把。",
        "Proved: every link holds, under the key that you once gave, remembered since {since}.",
    ),
    (
        "verdict-remembered-first",
        "每一环都成立，签名密钥仍是本浏览器 {since} 第一次看到的那一把。请至少一次与运营方在别处公布的公钥核对。",
        "Every link holds, under the key that this browser first saw at {since}. Compare it at least once with what the operator publishes elsewhere.",
    ),
    (
        "verdict-first",
        "每一环都成立，但签名密钥来自本服务器自己（首次使用，现已记住）。请与运营方在别处公布的公钥核对。",
        "Every link holds, but the key came from this server itself (first use; remembered from now on). Compare it with what the operator publishes elsewhere.",
    ),
    (
        "verdict-fails",
        "未能证明。不成立的环节：{steps}。请不要使用这个结果，并保留本页内容。",
        "NOT proved. What does not hold: {steps}. Do not rely on it, and keep what this page shows.",
    ),
    (
        "verdict-unchecked",
        "未能完整验证：有的环节没有检验（见下）。这不是证明。",
        "Not fully verified: some links could not be checked (see below). This is no proof.",
    ),
    (
        "no-webcrypto",
        "浏览器没有提供 WebCrypto：请通过 https 或 localhost 打开本页，或离线验证。什么都没有检验。",
        "This browser offers no WebCrypto here: open the page by https or on localhost, or verify offline. Nothing was checked.",
    ),
    (
        "no-ed25519",
        "这个浏览器不会验证 Ed25519 签名，所以签名没有检验。请更新浏览器，或离线验证。",
        "This browser cannot verify Ed25519 signatures, so the signature was not checked. Use a newer browser, or verify offline.",
    ),
    ("unreachable", "取不到 {address}，所以这一环没有检验。", "{address} could not be fetched, so this link was not checked."),
    ("unreadable", "无法读取：{why}", "It cannot be read: {why}"),
    // The line.
    ("step-line", "数据行 → 摘要", "line → digest"),
    (
        "line-value-holds",
        "这一行的 {bytes} 字节的 SHA-256 是 {digest}，与本页所示相同；行内的数值是 {value}。",
        "The SHA-256 of the line's {bytes} bytes is {digest}, as this page shows; the value in it is {value}.",
    ),
    (
        "line-holds",
        "这一行的 {bytes} 字节的 SHA-256 是 {digest}，与本页所示相同。",
        "The SHA-256 of the line's {bytes} bytes is {digest}, as this page shows.",
    ),
    (
        "line-digest",
        "这一行的 SHA-256 是 {computed}，本页所示却是 {shown}：数据行被改动过，或不是这一行。",
        "The line's SHA-256 is {computed}, but this page shows {shown}: the line was changed, or is another.",
    ),
    ("line-key", "这一行属于因子 {found}，而不是 {shown}。", "The line is of the factor {found}, not {shown}."),
    ("line-value", "行内的数值是 {found}，本页显示的却是 {shown}。", "The line's value is {found}, but this page shows {shown}."),
    // The manifest's root.
    ("step-root", "数据行 → 清单", "line → manifest"),
    (
        "root-holds",
        "第 {index} 行（共 {size} 行）和 {hashes} 个相邻哈希算出 {root}，正是清单中的根。",
        "Line {index} of {size} and {hashes} neighbouring hashes give {root}: the root that the manifest names.",
    ),
    (
        "root",
        "算出的根是 {computed}，清单写的是 {needed}：这一行不在这个发布之中。",
        "The computed root is {computed}, the manifest names {needed}: the line is not in this release.",
    ),
    ("root-size", "证明说有 {found} 行，清单说有 {needed} 个因子。", "The proof is of {found} lines, the manifest lists {needed} factors."),
    ("salt", "密封发布的盐值与清单或记录不符。", "Salt, manifest and leaf do not agree on whether the release is sealed."),
    ("outside", "位置 {index} 不在 {size} 个叶子的树中。", "Place {index} is outside a tree of {size} leaves."),
    ("path-length", "证明含 {found} 个哈希，与树的大小不符。", "The proof holds {found} hashes, which does not fit the sizes."),
    // The manifest.
    ("step-manifest", "清单 → 日志记录", "manifest → leaf"),
    (
        "manifest-holds",
        "清单的摘要是 {digest}；日志中 {release} 的记录写的正是它，时间 {at}。",
        "The manifest's digest is {digest}, which the log's leaf of {release} names; made at {at}.",
    ),
    ("manifest-release", "清单属于 {found}，而不是 {needed}。", "The manifest is of {found}, not {needed}."),
    ("leaf-release", "日志记录说的不是 {needed} 的发布：{found}", "The leaf does not tell of the release {needed}: {found}"),
    (
        "manifest-digest",
        "清单的摘要是 {computed}，日志记录写的是 {needed}：清单被改动过。",
        "The manifest's digest is {computed}, the leaf names {needed}: the manifest was changed.",
    ),
    ("not-canonical", "{what} 不是规范 JSON（RFC 8785）。", "{what} is not canonical JSON (RFC 8785)."),
    ("not-digest", "{found} 不是 SHA-256 摘要。", "{found} is no SHA-256 digest."),
    ("not-base64", "{found} 不是规范的 base64 哈希。", "{found} is no hash in standard base64."),
    ("not-size", "{found} 不是大小。", "{found} is no size."),
    ("not-proof", "证明的格式不对（C2SP tlog-proof）。", "The proof is not of its form (C2SP tlog-proof)."),
    // The leaf.
    ("step-leaf", "日志记录 → 检查点", "leaf → checkpoint"),
    (
        "leaf-holds",
        "第 {index} 号记录（从 0 数，共 {size} 条）和 {hashes} 个相邻哈希算出 {root}，正是检查点的根。",
        "Leaf {index} (counted from 0) of {size} and {hashes} neighbouring hashes give {root}: the checkpoint's root.",
    ),
    (
        "leaf-root",
        "算出的根是 {computed}，检查点写的是 {needed}：这条记录不在这份日志里。",
        "The computed root is {computed}, the checkpoint says {needed}: the leaf is not in this log.",
    ),
    // The signatures.
    ("step-key", "检查点 → 密钥", "checkpoint → key"),
    (
        "key-given",
        "检查点（{size} 条记录）由您给出的密钥签名：{key}",
        "The checkpoint of {size} leaves is signed by the key that you gave: {key}",
    ),
    (
        "key-remembered",
        "检查点（{size} 条记录）由您给出过、从 {since} 起记住的密钥签名：{key}",
        "The checkpoint of {size} leaves is signed by the key that you gave, remembered since {since}: {key}",
    ),
    (
        "key-remembered-first",
        "检查点（{size} 条记录）由本浏览器从 {since} 起记住的密钥签名：{key}",
        "The checkpoint of {size} leaves is signed by the key that this browser remembers since {since}: {key}",
    ),
    (
        "key-first",
        "检查点（{size} 条记录）的签名有效，但密钥 {key} 来自本服务器自己：它能证明今后不变，还不能证明对方是谁。",
        "The checkpoint of {size} leaves is rightly signed, but the key {key} came from this server itself: that shows later changes, not yet who signs.",
    ),
    (
        "key-unknown",
        "签名者是 {signed}，其中没有您给出的密钥（{believed}）。",
        "Signed by {signed}: none of it with a key that you gave ({believed}).",
    ),
    (
        "key-other",
        "签名者是 {signed}，而本浏览器从 {since} 起记住的密钥是 {believed}。若运营方换了密钥，请从别处取得新公钥并粘贴；否则就是另一份日志。",
        "Signed by {signed}, but this browser remembers {believed} since {since}. If the operator changed the key, get the new one elsewhere and paste it; otherwise this is another log.",
    ),
    (
        "wrong-signature",
        "{name}+{id} 的签名是错的：检查点被改动或伪造。",
        "The signature of {name}+{id} is wrong: what it signs was changed or forged.",
    ),
    ("witnesses", "另有 {witnesses} 个您信任的见证方签名。", "Cosigned by {witnesses} witnesses whose keys are believed."),
    ("no-witness", "没有经您所信密钥检验的见证方签名。", "No witness's signature was checked: none is there, or its key was not given."),
    (
        "not-looked-at",
        "还有 {unknown} 个签名的公钥未知，没有检验。",
        "{unknown} further signatures are of keys that are not known here, and were not checked.",
    ),
    ("not-note", "不是签名文本（C2SP signed-note）。", "This is no signed note (C2SP)."),
    ("not-checkpoint", "不是检查点：应为来源、大小、根三行。", "This is no checkpoint: origin, size and root stand on three lines."),
    ("not-key", "{found} 不是验证公钥：格式为 name+id+base64。", "{found} is no verifier key: it is written name+id+base64."),
    ("key-id", "公钥 {found} 的编号应为 {id}：有字符被改动。", "The key {found} should have the id {id}: a character was changed."),
    // Growth.
    ("step-growth", "以前的检查点 → 现在的检查点", "earlier checkpoint → this checkpoint"),
    (
        "growth-first",
        "没有可以比较的检查点。本次看到的会被记住，下次就有了。",
        "There is no earlier checkpoint to compare with. This one is remembered for the next time.",
    ),
    (
        "growth-given",
        "日志从您保存的 {old} 条增加到 {new} 条，其间只增不改。",
        "The log grew from the {old} leaves that you kept to {new}, and nothing before was changed.",
    ),
    (
        "growth-remembered",
        "日志从本浏览器上次看到的 {old} 条增加到 {new} 条，其间只增不改。",
        "The log grew from the {old} leaves that this browser last saw to {new}, and nothing before was changed.",
    ),
    (
        "growth-same-given",
        "与您保存的检查点相同：{old} 条记录，根 {root}。",
        "The same as the checkpoint that you kept: {old} leaves, root {root}.",
    ),
    (
        "growth-same-remembered",
        "与本浏览器上次看到的相同：{old} 条记录，根 {root}。",
        "The same as this browser last saw: {old} leaves, root {root}.",
    ),
    (
        "growth-shrunk",
        "以前有 {old} 条记录，现在只剩 {new} 条：日志被回退了。",
        "There were {old} leaves before, now there are {new}: the log was rolled back.",
    ),
    (
        "growth-fork",
        "现在的 {new} 条记录并不延续以前的 {old} 条（根 {root}）：日志的历史被改写，或同一密钥给不同的人看不同的日志。请保留两份检查点作为证据。",
        "The {new} leaves of now do not continue the {old} of before (root {root}): history was rewritten, or different people are shown different logs. Keep both checkpoints: they are the evidence.",
    ),
    ("growth-origin", "以前的检查点属于日志 {old}，现在的属于 {new}。", "The earlier checkpoint is of the log {old}, this one of {new}."),
    ("earlier-key", "您粘贴的检查点没有所信密钥的签名。", "The checkpoint that you pasted is not signed by a key that is believed."),
    // Everything in the log.
    ("step-facts", "全部记录 → 检查点", "all leaves → checkpoint"),
    (
        "facts-holds",
        "全部 {size} 条记录重新计算，得出同一个根；其中没有撤回或取代这个发布的记录。",
        "All {size} leaves were hashed again and give the same root; none of them withdraws or supersedes this release.",
    ),
    (
        "facts-log",
        "全部 {size} 条记录（{releases} 个发布）重新计算，得出同一个根 {root}。",
        "All {size} leaves ({releases} releases) were hashed again and give the same root {root}.",
    ),
    (
        "facts-withdrawn",
        "全部 {size} 条记录得出同一个根；其中一条在 {at} 撤回了这个发布，理由：{reason}",
        "All {size} leaves give the same root; one of them withdrew this release at {at}: {reason}",
    ),
    (
        "facts-superseded",
        "全部 {size} 条记录得出同一个根；其中一条在 {at} 宣布由 {by} 取代这个发布，理由：{reason}",
        "All {size} leaves give the same root; one of them says at {at} that {by} supersedes this release: {reason}",
    ),
    (
        "facts-long",
        "日志有 {size} 条记录；超过 {most} 条时不在浏览器中逐条重算。请用 tanyin verify。",
        "The log has {size} leaves; beyond {most} they are not hashed again in a browser. Use tanyin verify.",
    ),
    (
        "facts-root",
        "全部记录算出的根是 {computed}，检查点写的是 {needed}。",
        "All leaves give the root {computed}, the checkpoint says {needed}.",
    ),
    (
        "facts-strange",
        "有一条记录的种类未知，不能略过：{leaf}",
        "A leaf is of a kind that is not known here, and no fact is skipped: {leaf}",
    ),
    (
        "facts-key",
        "日志宣布了新密钥 {key}，检查点却没有由它签名。",
        "The log names a new key {key}, but the checkpoint is not signed by it.",
    ),
    ("facts-twice", "{release} 在日志中发布了两次。", "{release} was released twice in the log."),
    ("bundle", "记录包的格式不对。", "A bundle of leaves is not of its form."),
    // Reviewers.
    ("step-reviewers", "清单 → 审核人", "manifest → reviewers"),
    ("reviewers-none", "这个数据集不要求审核签名。", "This dataset wants no approvals."),
    (
        "reviewers-names",
        "要求 {required} 人审核，但不要求签名：由运营方记录，无从在此验证。",
        "{required} approvals were wanted, by name and not by signature: recorded by the operator, and nothing to verify here.",
    ),
    (
        "reviewers-holds",
        "清单要求 {required} 位审核人签名，{found} 位的签名有效。",
        "The manifest wants {required} reviewers' signatures; {found} of its reviewers signed it rightly.",
    ),
    (
        "reviewers",
        "清单要求 {required} 位审核人签名，有效的只有 {found} 位。",
        "The manifest wants {required} reviewers' signatures, and only {found} are there.",
    ),
    ("reviewers-text", "审核人签的是别的内容：{found}", "The reviewers signed something else: {found}"),
];
