//! The fake platform keeps every promise of a provider, on good days and on bad ones.

use gantry_testkit::fake::{FakeBed, Weather};

async fn bed(weather: Weather) -> FakeBed {
    FakeBed::new(weather)
}

mod fair {
    use super::{Weather, bed};
    gantry_testkit::provider_suite!(bed(Weather::FAIR));
}

mod usual {
    use super::{Weather, bed};
    gantry_testkit::provider_suite!(bed(Weather::USUAL));
}
