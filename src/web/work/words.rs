//! Words that stand on several pages.

use crate::web::Lang;

/// The state of a draft or an import.
pub(crate) fn state_words(state: &str, lang: Lang) -> &'static str {
    match state {
        "draft" => lang.either("草稿", "draft"),
        "submitted" => lang.either("待审核", "in review"),
        "approved" => lang.either("可发布", "approved"),
        "rejected" => lang.either("已退回", "sent back"),
        "queued" => lang.either("排队中", "waiting"),
        "running" => lang.either("导入中", "running"),
        "done" => lang.either("已成草稿", "done"),
        "refused" => lang.either("未通过", "refused"),
        "failed" => lang.either("出错", "failed"),
        "interrupted" => lang.either("中断", "interrupted"),
        "delivered" => lang.either("已送达", "delivered"),
        "retry" => lang.either("将重试", "will try again"),
        "stopped" => lang.either("已停止", "stopped"),
        _ => lang.either("未知", "unknown"),
    }
}

/// What a role is called.
pub(crate) fn role_words(role: &str, lang: Lang) -> &'static str {
    match role {
        "reader" => lang.either("读者：读取获授权的受限数据集", "reader: reads the restricted datasets granted to it"),
        "steward" => lang.either("数据管理员：导入、编辑、提交", "steward: imports, edits, submits"),
        "reviewer" => lang.either("审核员：批准、退回、发布、撤回", "reviewer: approves, sends back, publishes, withdraws"),
        _ => lang.either("管理员：全部，含令牌与规则", "admin: everything, tokens and policies included"),
    }
}
