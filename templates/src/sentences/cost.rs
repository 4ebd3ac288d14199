//! What things cost.

sentences! {
    /// What a plan comes to. `before` where it is another price now.
    PlanCost "cost/plan" { after: String = text("$0.42"), before: Option<String> = some("$0.31"), until: Option<String> = some("$3.36"), by_use: Vec<String> = texts(&["$0.045 per GB through the NAT gateway"]), as_of: String = text("2026-11-01") }
    /// What an environment costs now.
    StatusCost "cost/status" { rate: String = text("$0.42"), spent: String = text("$1.26") }
    /// What it comes to until its end.
    WarningCost "cost/warning" { spent: String = text("$3.15"), until: String = text("$3.36") }
    /// What it came to.
    ReceiptCost "cost/receipt" { spent: String = text("$3.36") }
}
