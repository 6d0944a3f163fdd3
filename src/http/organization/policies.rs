//! How points are granted and rewards handed over, as settings over HTTP.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::organization::{GrantPolicy, RedemptionPolicy};
use crate::domain::points::Points;
use crate::http::fields::given;

/// How points are granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantsOut {
    /// Points that one person may grant a month.
    pub monthly_limit: i64,
    /// More at once awaits a second person's approval.
    pub second_approval_above: i64,
}

/// How rewards are handed over.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedemptionsOut {
    /// Whether leads approve what their people ask for; HR always does.
    pub leads_approve: bool,
    /// Days after which what was not handed over expires.
    pub expires_after_days: u32,
}

/// What shall be different about grants; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantsPatch {
    /// 0 to 1000000: points that one person may grant a month.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    pub monthly_limit: Option<i64>,
    /// 0 to 1000000: more at once awaits a second person's approval.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    pub second_approval_above: Option<i64>,
}

/// What shall be different about redemptions; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionsPatch {
    /// Whether leads approve what their people ask for; HR always does.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>, nullable = false)]
    pub leads_approve: Option<bool>,
    /// 1 to 3650: days after which what was not handed over expires. Holds for what is asked for from then on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, nullable = false)]
    pub expires_after_days: Option<u32>,
}

impl From<GrantPolicy> for GrantsOut {
    fn from(GrantPolicy { monthly_limit, second_approval_above }: GrantPolicy) -> Self {
        Self { monthly_limit: monthly_limit.0, second_approval_above: second_approval_above.0 }
    }
}

impl From<RedemptionPolicy> for RedemptionsOut {
    fn from(RedemptionPolicy { leads_approve, expires_after_days }: RedemptionPolicy) -> Self {
        Self { leads_approve, expires_after_days }
    }
}

impl GrantsPatch {
    /// The policy with what is different.
    pub fn applied(self, held: GrantPolicy) -> GrantPolicy {
        GrantPolicy {
            monthly_limit: self.monthly_limit.map_or(held.monthly_limit, Points),
            second_approval_above: self.second_approval_above.map_or(held.second_approval_above, Points),
        }
    }
}

impl RedemptionsPatch {
    /// The policy with what is different.
    pub fn applied(self, held: RedemptionPolicy) -> RedemptionPolicy {
        RedemptionPolicy {
            leads_approve: self.leads_approve.unwrap_or(held.leads_approve),
            expires_after_days: self.expires_after_days.unwrap_or(held.expires_after_days),
        }
    }
}
