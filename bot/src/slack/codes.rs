//! What Slack's error codes mean for what was to be said: whether it may be said later, elsewhere, or never.
//!
//! Only what says that this very call can never work is given up. What isn't known here waits, too: a message that comes late
//! is better than none.

use super::client::CallError;
use crate::chat::ChatError;

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// It goes away by itself.
    Passing,
    /// Somebody has to change something; until then the app can say nothing, or nothing of this kind.
    Barred(&'static str),
    /// Nothing can be said in that channel, or to that person.
    Closed,
    /// This call can never work.
    Never,
}

const TOKEN: &str = "give the bot the token of the app's page \"OAuth & Permissions\" (install the app anew if need be) and start it again";
const SCOPES: &str = "add on the app's page what `gantry slack manifest` lists, and install the app anew";
const ADMIN: &str = "ask who administers the workspace";
const UNKNOWN: &str = "this code isn't known here; docs.slack.dev tells what it means, on the method's page";

/// Every code of the pages of the methods that speak (docs.slack.dev, `chat.*`, `conversations.open`, `conversations.replies`,
/// `views.*`), and of those common to all.
const TABLE: [(Class, &[&str]); 6] = [
    (
        Class::Passing,
        &[
            "external_channel_migrating",
            "fatal_error",
            "hash_conflict",
            "internal_error",
            "invalid_cursor",
            "list_record_comment_fetch_failed",
            "request_timeout",
            "service_unavailable",
            "streaming_state_conflict",
            "team_added_to_org",
            "update_failed",
        ],
    ),
    (
        Class::Barred(TOKEN),
        &[
            "account_inactive",
            "bad_token",
            "invalid_auth",
            "invalid_token",
            "not_allowed_token_type",
            "not_authed",
            "token_expired",
            "token_revoked",
        ],
    ),
    (Class::Barred(SCOPES), &["missing_scope", "no_permission", "not_enabled"]),
    (
        Class::Barred(ADMIN),
        &[
            "access_denied",
            "accesslimited",
            "app_access_restricted",
            "enterprise_is_restricted",
            "message_limit_exceeded",
            "org_login_required",
            "team_access_not_granted",
            "team_not_found",
            "two_factor_setup_required",
        ],
    ),
    (
        Class::Closed,
        &[
            "channel_not_found",
            "ekm_access_denied",
            "is_archived",
            "is_inactive",
            "messages_tab_disabled",
            "not_in_channel",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
        ],
    ),
    (
        Class::Never,
        &[
            "as_user_not_supported",
            "attachment_payload_limit_exceeded",
            "block_mismatch",
            "blocked_file_type",
            "cannot_reply_to_message",
            "cant_broadcast_message",
            "cant_update_message",
            "draft_already_deleted",
            "draft_already_sent",
            "draft_has_conflict",
            "draft_not_found",
            "duplicate_channel_not_found",
            "duplicate_external_id",
            "duplicate_message_not_found",
            "edit_window_closed",
            "exchanged_trigger_id",
            "expired_trigger_id",
            "file_deleted",
            "file_is_deleted",
            "file_not_found",
            "file_share_limit_reached",
            "invalid_arg_name",
            "invalid_arguments",
            "invalid_array_arg",
            "invalid_attachments",
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_charset",
            "invalid_form_data",
            "invalid_metadata_filter_keys",
            "invalid_metadata_format",
            "invalid_metadata_schema",
            "invalid_trigger_id",
            "invalid_ts_latest",
            "invalid_ts_oldest",
            "invalid_user_combination",
            "markdown_text_conflict",
            "max_file_sharing_exceeded",
            "message_not_found",
            "metadata_must_be_sent_from_app",
            "metadata_too_large",
            "method_not_supported_for_channel_type",
            "missing_file_data",
            "missing_profile_id",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_dual_broadcast_content_update",
            "no_text",
            "not_enough_users",
            "not_implemented",
            "posting_to_channel_denied",
            "restricted_action_thread_locked",
            "send_on_behalf_not_allowed",
            "slack_connect_blocked_file_type",
            "slack_connect_canvas_sharing_blocked",
            "slack_connect_clip_sharing_blocked",
            "slack_connect_file_link_sharing_blocked",
            "slack_connect_file_upload_sharing_blocked",
            "slack_connect_lists_sharing_blocked",
            "thread_not_found",
            "too_many_attachments",
            "too_many_contact_cards",
            "too_many_users",
            "unable_to_share_files",
            "user_disabled",
            "user_not_found",
            "user_not_in_channel",
            "user_not_visible",
            "users_list_not_supplied",
            "view_too_large",
        ],
    ),
];

/// What Slack calls "too many calls": the first with the status 429, the second on some methods' pages.
pub(super) const LIMITED: [&str; 2] = ["ratelimited", "rate_limited"];

fn class(code: &str) -> Class {
    let known = TABLE.iter().find(|(_, codes)| codes.contains(&code));
    known.map_or(Class::Barred(UNKNOWN), |(class, _)| *class)
}

/// Whether a code says nothing of the call or the token: it goes away by itself.
pub(super) fn passes(code: &str) -> bool {
    class(code) == Class::Passing
}

impl From<CallError> for ChatError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Limited(after) => Self::RateLimited { after },
            CallError::Lost(why) => Self::Transient(why),
            CallError::Code(code) => match class(&code) {
                Class::Passing => Self::Transient(code),
                Class::Barred(remedy) => Self::Barred { code, remedy },
                Class::Closed => Self::Closed(code),
                Class::Never => Self::Gone(code),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    #[test]
    fn each_code_is_in_one_class() {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for code in TABLE.iter().flat_map(|(_, codes)| *codes).chain(&LIMITED) {
            *found.entry(code).or_default() += 1;
        }
        found.retain(|_, times| *times > 1);
        assert_eq!(found, BTreeMap::new());
    }

    #[test]
    fn every_code_that_slack_publishes_of_what_we_call_is_known() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/slack/vectors/docs_methods");
        if !pages.is_dir() {
            eprintln!("skipped: Slack's pages about methods aren't here");
            return;
        }
        let speaking = ["chat.postMessage", "chat.postEphemeral", "chat.update", "conversations.open"];
        let others = ["conversations.replies", "views.open", "views.publish"];
        for method in speaking.iter().chain(&others) {
            let page = fs::read_to_string(pages.join(format!("{method}.json"))).expect("a page");
            let page: serde_json::Value = serde_json::from_str(&page).expect("JSON");
            for code in page["errors"].as_object().expect("codes").keys() {
                let known = LIMITED.contains(&code.as_str()) || class(code) != Class::Barred(UNKNOWN);
                assert!(known, "{method}: {code}");
            }
        }
    }

    #[test]
    fn only_what_can_never_work_is_given_up() {
        let of = |code: &str| ChatError::from(CallError::Code(code.to_owned()));
        for code in ["token_revoked", "missing_scope", "message_limit_exceeded", "org_login_required", "brand_new_code"]
        {
            assert!(matches!(of(code), ChatError::Barred { .. }), "{code}");
        }
        for code in ["internal_error", "service_unavailable", "team_added_to_org", "update_failed"] {
            assert!(matches!(of(code), ChatError::Transient(_)), "{code}");
        }
        for code in ["msg_too_long", "invalid_blocks", "message_not_found", "cant_update_message", "thread_not_found"] {
            assert!(matches!(of(code), ChatError::Gone(_)), "{code}");
        }
        for code in ["is_archived", "not_in_channel", "restricted_action_read_only_channel"] {
            assert!(matches!(of(code), ChatError::Closed(_)), "{code}");
        }
    }
}
