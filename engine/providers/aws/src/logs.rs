//! What the tasks of a service wrote, from CloudWatch Logs.
//!
//! With a moment to begin at, all streams of the group are read from there on in their order in time. Without one,
//! CloudWatch can't be asked for the newest lines of a group, only for those of a stream: the streams that were written
//! to last are read from their end.

use crate::drivers::service::all_of;
use crate::drivers::tasks::Stream;
use crate::drivers::{Aws, Listing, Result, task_definition, trouble};
use aws_sdk_cloudwatchlogs::types::OrderBy;
use futures::{StreamExt, TryStreamExt};
use gantry_engine::provider::{LogLine, LogQuery, ProviderError};
use jiff::Timestamp;
use std::collections::VecDeque;

/// So many streams are read where no moment is given: those of as many tasks.
const STREAMS: i32 = 10;
/// So many of them side by side; CloudWatch takes few reads a second.
const SIDE_BY_SIDE: usize = 3;
/// So many lines come in one page at most (CloudWatch Logs API reference).
const PAGE: usize = 10_000;

/// The newest lines, the oldest of them first.
pub(crate) async fn logs(aws: &Aws, of: &Listing<'_>, query: &LogQuery) -> Result<Vec<LogLine>> {
    let groups = groups(aws, of, query).await?;
    let mut lines = Vec::new();
    for group in groups {
        lines.extend(match query.since {
            Some(since) => from(aws, &group, since, query.lines).await?,
            None => newest(aws, &group, query.lines).await?,
        });
    }
    lines.sort_by_key(|line: &LogLine| line.at);
    let excess = lines.len().saturating_sub(query.lines);
    Ok(lines.split_off(excess))
}

/// The log groups of a service: one for each of its generations that stands, and mostly the same.
async fn groups(aws: &Aws, of: &Listing<'_>, query: &LogQuery) -> Result<Vec<String>> {
    let mut services = all_of(aws, of).await?;
    services.retain(|one| one.mark.addr.component.as_str() == query.service.as_str());
    if services.is_empty() {
        return Err(ProviderError::Invalid(format!(
            "there is no service `{}` here to read the logs of",
            query.service
        )));
    }
    let mut groups = Vec::new();
    for one in &services {
        let definition = one.service.task_definition().unwrap_or_default();
        let Some((found, _)) = task_definition::described(aws, definition).await? else { continue };
        groups.extend(found.container_definitions().first().and_then(Stream::of).map(|stream| stream.group));
    }
    groups.sort();
    groups.dedup();
    Ok(groups)
}

async fn from(aws: &Aws, group: &str, since: Timestamp, most: usize) -> Result<Vec<LogLine>> {
    let mut kept = VecDeque::new();
    let mut page = None;
    loop {
        let call = aws.logs.read.filter_log_events().log_group_name(group).start_time(since.as_millisecond());
        let answer = match call.set_next_token(page).send().await.map_err(trouble) {
            Ok(answer) => answer,
            Err(error) if error.is(NO_GROUP) => break,
            Err(error) => return Err(error.into()),
        };
        for event in answer.events() {
            let stream = event.log_stream_name().unwrap_or_default();
            kept.extend(line(stream, event.timestamp(), event.message()));
            if kept.len() > most {
                kept.pop_front();
            }
        }
        page = answer.next_token;
        if page.is_none() {
            break;
        }
    }
    Ok(kept.into())
}

async fn newest(aws: &Aws, group: &str, most: usize) -> Result<Vec<LogLine>> {
    let call = aws.logs.read.describe_log_streams().log_group_name(group).order_by(OrderBy::LastEventTime);
    let answer = match call.descending(true).limit(STREAMS).send().await.map_err(trouble) {
        Ok(answer) => answer,
        Err(error) if error.is(NO_GROUP) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let streams = answer.log_streams.unwrap_or_default().into_iter().filter_map(|stream| stream.log_stream_name);
    let reads: Vec<_> = streams.map(|stream| end_of(aws, group, stream, most)).collect();
    futures::stream::iter(reads).buffer_unordered(SIDE_BY_SIDE).try_concat().await
}

/// The last lines of a stream. A page may have fewer than were asked for though there are more; the same token twice
/// says that there are none.
async fn end_of(aws: &Aws, group: &str, stream: String, most: usize) -> Result<Vec<LogLine>> {
    let mut lines = VecDeque::new();
    let mut page: Option<String> = None;
    while lines.len() < most {
        let left = i32::try_from((most - lines.len()).min(PAGE)).unwrap_or(i32::MAX);
        let call = aws.logs.read.get_log_events().log_group_name(group).log_stream_name(&stream).limit(left);
        let call = call.start_from_head(false).set_next_token(page.clone());
        let answer = call.send().await.map_err(trouble)?;
        for event in answer.events().iter().rev() {
            if let Some(line) = line(&stream, event.timestamp(), event.message()) {
                lines.push_front(line);
            }
        }
        if answer.next_backward_token == page || answer.events().is_empty() {
            break;
        }
        page = answer.next_backward_token;
    }
    Ok(lines.into())
}

const NO_GROUP: &[&str] = &["ResourceNotFoundException"];

/// A stream is called after its task (`task/web/0a1b`).
fn line(stream: &str, millis: Option<i64>, text: Option<&str>) -> Option<LogLine> {
    let task = stream.rsplit('/').next().unwrap_or(stream).to_owned();
    Some(LogLine { at: Timestamp::from_millisecond(millis?).ok()?, task, text: text?.trim_end().to_owned() })
}
