//! Pages of a longer list, with opaque cursors (page: Pagination).

use serde_json::Value;

use super::args::Args;
use super::error::ApiError;

/// Page: conversations.history, `limit`: at most 999, 100 if left out.
const MOST: usize = 999;
const USUAL: usize = 100;

/// A piece of a list.
pub(crate) struct Paged<T> {
    pub(crate) items: Vec<T>,
    /// Empty at the end.
    pub(crate) next_cursor: String,
}

impl<T> Paged<T> {
    pub(crate) fn has_more(&self) -> bool {
        !self.next_cursor.is_empty()
    }

    /// What the answer says about the next page.
    pub(crate) fn metadata(&self) -> Value {
        serde_json::json!({ "next_cursor": self.next_cursor })
    }
}

/// The piece that the arguments ask for. `key` names an item so that a cursor still means the same when the list has grown.
pub(crate) fn paged<T>(args: &Args, items: Vec<T>, key: impl Fn(&T) -> String) -> Result<Paged<T>, ApiError> {
    let limit = match args.get("limit") {
        None => USUAL,
        Some(text) => text.parse::<usize>().map_err(|_| ApiError::new("invalid_limit"))?,
    };
    let limit = if limit == 0 { USUAL } else { limit.min(MOST) };
    let start = match args.get("cursor").filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => {
            let bytes = hex::decode(cursor).map_err(|_| ApiError::new("invalid_cursor"))?;
            items.iter().position(|item| key(item).as_bytes() == bytes).ok_or(ApiError::new("invalid_cursor"))?
        }
    };
    let mut rest: Vec<T> = items.into_iter().skip(start).collect();
    let after = if rest.len() > limit { rest.split_off(limit) } else { Vec::new() };
    let next_cursor = after.first().map(|item| hex::encode(key(item))).unwrap_or_default();
    Ok(Paged { items: rest, next_cursor })
}
