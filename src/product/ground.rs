//! Why a card is issued, and what that means for the old one (domain §2). A table, no more.

use serde::{Deserialize, Serialize};

/// The ground of issuance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Landing permission 「上陸許可」.
    Landing,
    /// Extension of period of stay 「在留期間更新許可」.
    Extension,
    /// Change of status 「在留資格変更許可」.
    ChangeOfStatus,
    /// Acquisition of status 「在留資格取得許可」.
    Acquisition,
    /// Permanent residence 「永住許可」.
    PermanentResidence,
    /// Special permission to stay 「在留特別許可」.
    SpecialPermission,
    /// Change of a recorded item other than the address 「住居地以外の記載事項変更届出」.
    ItemChange,
    /// Renewal of the card's validity 「有効期間の更新申請」.
    ValidityRenewal,
    /// Reissue, card lost 「紛失等による再交付」.
    ReissueLost,
    /// Reissue, card damaged 「汚損等による再交付」.
    ReissueDamaged,
    /// Reissue, exchange wished by the holder 「交換希望」; the only one that costs a fee.
    ReissueExchange,
}

/// What becomes of the old card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldCardRule {
    /// There is none.
    NotRequired,
    /// It is sighted, collected at hand-over and punched.
    Return,
    /// Its loss was declared: its number is voided at once.
    DeclaredLost,
}

impl Ground {
    /// Every ground, in the order of the domain's table.
    pub const ALL: [Ground; 11] = [
        Ground::Landing,
        Ground::Extension,
        Ground::ChangeOfStatus,
        Ground::Acquisition,
        Ground::PermanentResidence,
        Ground::SpecialPermission,
        Ground::ItemChange,
        Ground::ValidityRenewal,
        Ground::ReissueLost,
        Ground::ReissueDamaged,
        Ground::ReissueExchange,
    ];

    /// The Japanese term.
    pub fn ja(self) -> &'static str {
        match self {
            Ground::Landing => "上陸許可",
            Ground::Extension => "在留期間更新許可",
            Ground::ChangeOfStatus => "在留資格変更許可",
            Ground::Acquisition => "在留資格取得許可",
            Ground::PermanentResidence => "永住許可",
            Ground::SpecialPermission => "在留特別許可",
            Ground::ItemChange => "住居地以外の記載事項変更届出",
            Ground::ValidityRenewal => "有効期間の更新申請",
            Ground::ReissueLost => "紛失等による再交付",
            Ground::ReissueDamaged => "汚損等による再交付",
            Ground::ReissueExchange => "交換希望による再交付",
        }
    }

    /// The English term.
    pub fn en(self) -> &'static str {
        match self {
            Ground::Landing => "landing permission",
            Ground::Extension => "extension of period of stay",
            Ground::ChangeOfStatus => "change of status of residence",
            Ground::Acquisition => "acquisition of status of residence",
            Ground::PermanentResidence => "permission for permanent residence",
            Ground::SpecialPermission => "special permission to stay",
            Ground::ItemChange => "change of a recorded item",
            Ground::ValidityRenewal => "renewal of the card's validity",
            Ground::ReissueLost => "reissue: card lost",
            Ground::ReissueDamaged => "reissue: card damaged",
            Ground::ReissueExchange => "reissue: exchange wished",
        }
    }

    /// What may become of an old card under this ground; more than one where it depends on
    /// whether a card was held.
    pub fn old_card_rules(self) -> &'static [OldCardRule] {
        match self {
            Ground::Landing | Ground::Acquisition => &[OldCardRule::NotRequired],
            Ground::ChangeOfStatus | Ground::PermanentResidence | Ground::SpecialPermission => {
                &[OldCardRule::Return, OldCardRule::NotRequired]
            }
            Ground::Extension
            | Ground::ItemChange
            | Ground::ValidityRenewal
            | Ground::ReissueDamaged
            | Ground::ReissueExchange => &[OldCardRule::Return],
            Ground::ReissueLost => &[OldCardRule::DeclaredLost],
        }
    }

    /// Whether the holder owes a fee.
    pub fn fee_due(self) -> bool {
        self == Ground::ReissueExchange
    }

    /// The permission that this ground itself is; `None` where an earlier permission stays.
    pub fn permission(self) -> Option<PermissionKind> {
        match self {
            Ground::Landing => Some(PermissionKind::Landing),
            Ground::Extension => Some(PermissionKind::Extension),
            Ground::ChangeOfStatus => Some(PermissionKind::ChangeOfStatus),
            Ground::Acquisition => Some(PermissionKind::Acquisition),
            Ground::PermanentResidence => Some(PermissionKind::PermanentResidence),
            Ground::SpecialPermission => Some(PermissionKind::SpecialPermission),
            Ground::ItemChange
            | Ground::ValidityRenewal
            | Ground::ReissueLost
            | Ground::ReissueDamaged
            | Ground::ReissueExchange => None,
        }
    }
}

/// The permission that the card certifies 「許可の種類」.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionKind {
    /// 「上陸許可」
    Landing,
    /// 「在留期間更新許可」
    Extension,
    /// 「在留資格変更許可」
    ChangeOfStatus,
    /// 「在留資格取得許可」
    Acquisition,
    /// 「永住許可」
    PermanentResidence,
    /// 「在留特別許可」
    SpecialPermission,
}

impl PermissionKind {
    /// The words on the card, before the office in brackets.
    pub fn ja(self) -> &'static str {
        match self {
            PermissionKind::Landing => "上陸許可",
            PermissionKind::Extension => "在留期間更新許可",
            PermissionKind::ChangeOfStatus => "在留資格変更許可",
            PermissionKind::Acquisition => "在留資格取得許可",
            PermissionKind::PermanentResidence => "永住許可",
            PermissionKind::SpecialPermission => "在留特別許可",
        }
    }
}

/// Whether work is restricted 「就労制限の有無」.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkRestriction {
    /// 「就労制限なし」
    None,
    /// 「在留資格に基づく就労活動のみ可」
    StatusOnly,
    /// 「指定書記載機関での在留資格に基づく就労活動のみ可」
    StatusAtDesignatedOrganisation,
    /// 「指定書により指定された就労活動のみ可」
    DesignatedOnly,
    /// 「就労不可」
    Forbidden,
}

impl WorkRestriction {
    /// The words on the card (fact sheet §3.1).
    pub fn ja(self) -> &'static str {
        match self {
            WorkRestriction::None => "就労制限なし",
            WorkRestriction::StatusOnly => "在留資格に基づく就労活動のみ可",
            WorkRestriction::StatusAtDesignatedOrganisation => {
                "指定書記載機関での在留資格に基づく就労活動のみ可"
            }
            WorkRestriction::DesignatedOnly => "指定書により指定された就労活動のみ可",
            WorkRestriction::Forbidden => "就労不可",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wished_exchange_costs_a_fee() {
        let due: Vec<_> = Ground::ALL
            .into_iter()
            .filter(|ground| ground.fee_due())
            .collect();
        assert_eq!(due, [Ground::ReissueExchange]);
    }

    #[test]
    fn only_a_lost_card_is_declared_lost() {
        for ground in Ground::ALL {
            let lost = ground.old_card_rules().contains(&OldCardRule::DeclaredLost);
            assert_eq!(lost, ground == Ground::ReissueLost);
        }
    }
}
