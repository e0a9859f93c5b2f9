//! A refusal as a page: what is wrong, and what would be right.

use askama::Template;

use super::{Frame, Lang};

/// What a refusal says.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// Its code.
    pub code: &'a str,
    /// HTTP status.
    pub status: u16,
    /// What it is, in English.
    pub title: &'a str,
    /// What to do, in English.
    pub about: &'a str,
    /// What is wrong this time.
    pub detail: &'a str,
    /// Values that would be right, or stand near.
    pub nearest: &'a [String],
    /// Set where signing in may help.
    pub sign_in: bool,
}

#[derive(Template)]
#[template(path = "look/problem.html")]
struct Page<'a> {
    frame: Frame,
    refused: Refused<'a>,
    title: String,
    about: String,
}

/// The page of a refusal.
///
/// # Errors
/// As the template engine; none is known.
pub fn problem_page(frame: Frame, refused: Refused<'_>) -> Result<String, askama::Error> {
    let (title, about) = match (frame.lang, problem_words(refused.code)) {
        (Lang::Zh, Some((title, about))) => (title.to_owned(), about.to_owned()),
        _ => (refused.title.to_owned(), refused.about.to_owned()),
    };
    Page { frame, refused, title, about }.render()
}

/// A kind of problem in Chinese: what it is, and what to do.
pub fn problem_words(code: &str) -> Option<(&'static str, &'static str)> {
    PROBLEM_WORDS.iter().find(|(own, ..)| *own == code).map(|(_, title, about)| (*title, *about))
}

const PROBLEM_WORDS: &[(&str, &str, &str)] = &[
    ("missing-parameter", "缺少参数", "请补上下面所说的参数。"),
    ("unknown-parameter", "没有这个参数", "本服务器不认识的参数一律拒绝，以免它悄悄不起作用。"),
    ("bad-request", "请求读不懂", "每个参数只给一次；请从页面上的链接或表单进入。"),
    ("unauthorized", "需要登录", "请用令牌登录；令牌由管理员用 tanyin token create 创建。"),
    ("forbidden", "没有权限", "您的角色不能这样做；受限数据集只向获授权者开放。"),
    ("forged", "无法确认表单的来历", "表单须从本服务器为您生成的页面提交：请重新打开页面再试。"),
    ("read-only", "本服务器只供读取", "它没有打开数据库：请到发布数据的服务器上操作。"),
    ("not-redistributable", "许可不允许转发", "该版本的许可不允许转发数值；请向来源索取，或由持有许可者授权。"),
    ("not-found", "没有这个页面", "地址可能写错了。可以从首页查找，或浏览全部数据集。"),
    ("no-dataset", "没有这个数据集", "请在数据集目录中查看有哪些。"),
    ("no-release", "没有这个版本", "请在数据集页面查看有哪些版本。"),
    ("no-factor", "没有这个因子", "键可能改了名，或在别的版本中。可以查找名称。"),
    ("no-artefact", "没有这个文件", "版本页面列出了全部文件。"),
    ("no-source-file", "这里没有保存来源文件", "其摘要与大小记在版本的记录中。"),
    ("no-digest", "没有已发布的因子具有这个摘要", "摘要是对规范行（不含换行）计算的。"),
    ("no-log", "这里还没有日志", "服务器第一次带数据库启动时建立日志。"),
    ("no-tile", "日志没有这一块", "检查点给出大小，C2SP tlog-tiles 规定有哪些块。"),
    ("no-draft", "该数据集没有草稿", "请先导入数据包。"),
    ("no-import", "没有这次导入", "上传后的回答给出导入编号。"),
    ("no-token", "没有这个令牌", "令牌列表中有全部令牌。"),
    ("no-webhook", "没有这个网络钩子", "网络钩子列表中有全部钩子。"),
    ("no-delivery", "没有这次投递", "每个钩子保留最近 1000 次投递。"),
    ("no-match", "没有匹配的因子", "请放宽条件：允许上级地区或较早年份。"),
    ("no-scheme", "没有这个分类体系", "本服务器所知的分类体系见接口文档。"),
    ("no-rule", "没有这条核算规则", "规则列表中有全部规则。"),
    ("method-not-allowed", "此地址不接受这种请求", "请从页面上的链接或表单进入。"),
    ("ambiguous", "有多个因子匹配", "请指明能区分它们的条件。"),
    ("flagged", "该因子带有“不宜使用”标记", "若仍要使用，请明确允许该标记。"),
    ("not-tolerated", "匹配项带有不被容许的警告", "请写明可容许的标记，或全部容许。"),
    ("draft-state", "草稿不在这一步", "下面写明它现在在哪一步、可以做什么。"),
    ("review", "此人不能对它作决定", "提交者不能批准或发布自己提交的内容；每位审核者只计一次。"),
    ("nothing-changed", "没有任何变化", "所要求的与现状相同。"),
    ("edited", "手工修改会丢失", "请把修改写入数据包，或确认放弃修改后再导入。"),
    ("conflict", "别人先改了", "请看看现在的内容，再作决定。"),
    ("precondition-failed", "前提不再成立", "内容已不是您所见的那一版，请重新载入。"),
    ("precondition-required", "缺少您所见的修订号", "请重新载入页面后再提交。"),
    ("body-too-large", "内容太大", "下面写明上限。"),
    ("range-not-satisfiable", "范围超出末尾", "Content-Range 给出长度。"),
    ("invalid-parameter", "参数的取值不对", "下面列出可用的取值或最接近的取值。"),
    ("findings", "因子中有错误", "下面写明哪一列、违反哪条规则、应当如何。"),
    ("invalid-body", "提交的内容不成立", "下面写明问题所在，以及应当如何。"),
    ("version", "版本号不能是这个", "版本号由差异决定。"),
    ("selection-too-large", "匹配项多于一次下载的上限", "请收窄条件，或下载整个版本。"),
    ("too-few", "可比的因子太少", "请放宽条件。"),
    ("unit-mismatch", "单位量纲不同", "请使用同一量纲的单位。"),
    ("gwp-unavailable", "无法按这套 GWP 计算 CO2e", "去掉 gwp 即得到公布值。"),
    ("queue-full", "排队已满", "请稍后再试。"),
    ("database-unavailable", "数据库没有应答", "已发布的内容照常可读；其余请稍后再试。"),
    ("fault", "服务器内部出错", "服务器日志中有这一编号的记录。"),
];
