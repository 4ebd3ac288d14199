//! What every [`Store`] promises, as tests: each case gets an empty store and asks it through the port alone.
//!
//! Not here: what only one kind of store can promise (surviving a crash, refusing a newer schema); that is tested where
//! that store lives. A store runs the suite with one line, and gets one test per case:
//!
//! ```ignore
//! gantry_testkit::store_suite!(empty_store());
//! ```
//!
//! Here `async fn empty_store() -> (Arc<dyn Store>, TempDir)`: the second part is anything that has to live as long as the
//! store; `()` where there is nothing.

mod audit;
mod claims;
mod concurrency;
mod deliveries;
mod journal;
mod leases;
mod locks;
mod posts;
mod records;
mod retention;
pub mod samples;
mod times;

use gantry_engine::ports::{Store, StoreError};
use std::sync::Arc;

/// What a case gives: an error that it didn't expect ends it.
pub(crate) type Case = Result<(), StoreError>;

/// The list of cases, in one place. Hands it to a macro: once to find a case by its name, once to make tests.
#[doc(hidden)]
#[macro_export]
macro_rules! store_cases {
    ([$($each:tt)+] $($with:tt)*) => {
        $($each)+! { [$($with)*]
            deliveries {
                a_repeat_is_stored_once
                unhandled_come_oldest_first_up_to_the_limit
                handled_marks_and_answers_at_once
                a_second_handling_changes_nothing
            }
            journal {
                a_delivery_proposes_once
                numbers_count_up
                an_operation_reads_back
                history_is_in_order_and_can_start_late
                append_is_refused_where_the_journal_moved_on
                a_delivery_writes_once
                a_refused_delivery_may_write_later
                no_such_operation
                lists_are_newest_first_and_filtered
                threads_lead_to_their_newest_operation
            }
            leases {
                one_holder_until_the_end
                a_holder_that_comes_back_gets_a_new_epoch
                a_stale_lease_is_refused_everywhere
                renewing_moves_the_end
                given_back_is_given_back
                a_lease_for_another_operation_is_refused
                closing_gives_up_the_lease
            }
            claims {
                disjoint_claims_run_side_by_side
                overlapping_claims_queue_in_the_order_of_asking
                a_whole_environment_conflicts_with_every_part
                a_waiter_bars_those_behind_it
                asking_again_keeps_the_place
                another_claim_keeps_the_position
                a_grown_claim_waits_for_who_holds
                closing_gives_up_the_claim
                a_claim_outlives_its_lease
                whatever_is_asked_nothing_clashes_and_all_get_through
            }
            records {
                a_record_is_written_where_it_was_read
                a_record_that_moved_on_refuses_everything
                a_second_birth_is_refused
                rows_are_put_and_removed
                rows_belong_to_one_environment
                releases_are_put_by_service_and_number
                a_revision_is_kept_once
                records_are_listed_by_name
            }
            posts {
                a_report_stores_messages_and_the_marker
                a_report_that_comes_late_changes_nothing
                an_unchanged_body_is_no_edit
                unsent_come_in_the_order_of_first_storing
                an_edit_overtakes_what_is_being_sent
                post_once_is_once
                a_first_try_is_noted
                a_body_that_is_given_up_waits_for_another_one
                what_waits_for_its_channel_is_told_elsewhere_until_it_opens
                a_copy_follows_its_original
                what_a_draft_says_is_kept
                unreported_come_oldest_first
            }
            locks {
                a_lock_is_changed_where_it_was_read
                a_delivery_changes_a_lock_once
                locks_are_listed_by_name_and_events_by_environment
            }
            audit {
                what_happens_is_chained_in_order
                what_became_of_a_record_comes_before_the_end
                what_is_refused_leaves_no_line
                steps_are_no_events
                lines_are_found_by_operation_and_number
                another_life_begins_with_nothing
                what_comes_with_another_write_goes_with_it
                what_a_delivery_is_about_to_do_is_noted_once
            }
            retention {
                what_was_handled_is_forgotten_once_it_cant_come_again
                the_words_of_what_was_sent_are_forgotten_and_its_place_is_not
                the_log_is_pruned_up_to_an_anchor
            }
            times {
                a_delivery_makes_one_schedule
                a_schedule_is_changed_where_it_was_read
                only_schedules_that_stand_are_listed
                one_of_two_changes_at_once_is_made
                an_environment_has_one_warning_that_stands
                a_delivery_leads_to_its_operation
            }
            concurrency {
                repeats_at_once_are_stored_once
                proposals_at_once_make_one_operation
                one_of_many_workers_gets_the_lease
                one_of_many_appends_wins
                a_claim_is_granted_to_one
                a_caller_that_gives_up_spoils_nothing
            }
        }
    };
}

/// Makes one test per case. `$make` is a future that gives an empty store (`Arc<dyn Store>`) and whatever has to outlive
/// it; it names things of the module that the macro stands in.
#[macro_export]
macro_rules! store_suite {
    ($make:expr) => {
        $crate::store_cases!([$crate::store_tests] $make);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! store_tests {
    ([$make:expr] $($group:ident { $($case:ident)* })*) => {$(
        mod $group {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (store, _alive) = $make.await;
                    $crate::store_suite::run(concat!(stringify!($group), "::", stringify!($case)), store).await;
                }
            )*
        }
    )*};
}

macro_rules! dispatch {
    ([$name:ident $store:ident] $($group:ident { $($case:ident)* })*) => {
        $($(
            if $name == concat!(stringify!($group), "::", stringify!($case)) {
                return Box::pin($group::$case($store)).await.expect("the store refused what it promises");
            }
        )*)*
    };
}

/// Runs one case, by `group::name`, on an empty store.
///
/// # Panics
/// Where the store breaks a promise, and where there is no such case.
pub async fn run(name: &str, store: Arc<dyn Store>) {
    crate::store_cases!([dispatch] name store);
    panic!("there is no case {name}");
}
