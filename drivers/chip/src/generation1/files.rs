//! The file tree of a first-generation card: names, sizes, access and personalisation tags
//! (card specification §3.3). Knows no command and no key.

/// The card products of the first generation (MF/EF02).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardType {
    /// 在留カード.
    ResidenceCard,
    /// 特別永住者証明書: the same tree without the permission and application files.
    SpecialPermanentResident,
}

impl CardType {
    /// The ASCII digit in MF/EF02.
    pub fn code(self) -> u8 {
        match self {
            CardType::ResidenceCard => b'1',
            CardType::SpecialPermanentResident => b'2',
        }
    }

    /// The product with this digit in MF/EF02.
    pub fn from_code(code: u8) -> Option<CardType> {
        match code {
            b'1' => Some(CardType::ResidenceCard),
            b'2' => Some(CardType::SpecialPermanentResident),
            _ => None,
        }
    }

    /// Whether the product has this file.
    pub fn has(self, file: FileId) -> bool {
        match self {
            CardType::ResidenceCard => true,
            CardType::SpecialPermanentResident => !matches!(
                file,
                FileId::BlanketPermission | FileId::IndividualPermission | FileId::Pending
            ),
        }
    }

    /// The files of the product, in the order in which they are written and read.
    pub fn files(self) -> impl Iterator<Item = FileId> {
        FileId::ALL.into_iter().filter(move |&file| self.has(file))
    }
}

/// A directory of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    /// The master file: free to read.
    Master,
    /// DF1: images; read after the card number, under secure messaging only.
    Images,
    /// DF2: what is endorsed later; read after the card number.
    Endorsements,
    /// DF3: signature and certificate; read after the card number.
    Signature,
}

impl Directory {
    /// The name for SELECT, or `None` for the master file (card specification table 3-3).
    pub fn aid(self) -> Option<[u8; 16]> {
        let third = match self {
            Directory::Master => return None,
            Directory::Images => 2,
            Directory::Endorsements => 3,
            Directory::Signature => 4,
        };
        let mut aid = [0; 16];
        aid[..6].copy_from_slice(&[0xD3, 0x92, 0xF0, 0x00, 0x4F, third]);
        Some(aid)
    }
}

/// An elementary file of the card (card specification table 3-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileId {
    /// MF/EF01 共通データ要素: version of the specification.
    CommonData,
    /// MF/EF02 カード種別.
    CardType,
    /// DF1/EF01 券面(表)イメージ.
    FrontImage,
    /// DF1/EF02 顔画像.
    Photo,
    /// DF2/EF01 住居地(裏面追記).
    Address,
    /// DF2/EF02 裏面資格外活動包括許可欄.
    BlanketPermission,
    /// DF2/EF03 裏面資格外活動個別許可欄.
    IndividualPermission,
    /// DF2/EF04 裏面在留期間等更新申請欄.
    Pending,
    /// DF3/EF01 電子署名: check code and certificate.
    Signature,
}

impl FileId {
    /// All files of the tree, in the order in which they are written and read.
    pub const ALL: [FileId; 9] = [
        FileId::CommonData,
        FileId::CardType,
        FileId::FrontImage,
        FileId::Photo,
        FileId::Address,
        FileId::BlanketPermission,
        FileId::IndividualPermission,
        FileId::Pending,
        FileId::Signature,
    ];

    /// The name that errors and papers use.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Size in bytes, headers included (card specification table 3-1).
    pub fn size(self) -> usize {
        self.entry().size
    }

    /// Where the file lies.
    pub fn directory(self) -> Directory {
        self.entry().directory
    }

    /// P1 of READ BINARY: short file identifier with bit 8 set (card specification §4.2.5).
    pub fn p1(self) -> u8 {
        self.entry().p1
    }

    /// The tag of its data group in STORE DATA (PERSONALISATION.md).
    pub fn data_group(self) -> u16 {
        self.entry().data_group
    }

    /// How errors name the command that reads the file.
    pub(crate) fn read_step(self) -> &'static str {
        match self {
            FileId::CommonData => "READ BINARY (MF/EF01)",
            FileId::CardType => "READ BINARY (MF/EF02)",
            FileId::FrontImage => "READ BINARY (DF1/EF01)",
            FileId::Photo => "READ BINARY (DF1/EF02)",
            FileId::Address => "READ BINARY (DF2/EF01)",
            FileId::BlanketPermission => "READ BINARY (DF2/EF02)",
            FileId::IndividualPermission => "READ BINARY (DF2/EF03)",
            FileId::Pending => "READ BINARY (DF2/EF04)",
            FileId::Signature => "READ BINARY (DF3/EF01)",
        }
    }

    fn entry(self) -> Entry {
        use Directory::{Endorsements, Images, Master, Signature};
        let (name, directory, size, p1, data_group) = match self {
            FileId::CommonData => ("MF/EF01", Master, 6, 0x8B, 0x000B),
            FileId::CardType => ("MF/EF02", Master, 3, 0x8A, 0x000A),
            FileId::FrontImage => ("DF1/EF01", Images, 7004, 0x85, 0x0105),
            FileId::Photo => ("DF1/EF02", Images, 3004, 0x86, 0x0106),
            FileId::Address => ("DF2/EF01", Endorsements, 342, 0x81, 0x0201),
            FileId::BlanketPermission => ("DF2/EF02", Endorsements, 122, 0x82, 0x0202),
            FileId::IndividualPermission => ("DF2/EF03", Endorsements, 122, 0x83, 0x0203),
            FileId::Pending => ("DF2/EF04", Endorsements, 3, 0x84, 0x0204),
            FileId::Signature => ("DF3/EF01", Signature, 1464, 0x82, 0x0302),
        };
        Entry {
            name,
            directory,
            size,
            p1,
            data_group,
        }
    }
}

struct Entry {
    name: &'static str,
    directory: Directory,
    size: usize,
    p1: u8,
    data_group: u16,
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn the_tree_is_that_of_the_card_specification() {
        // Card specification 1.5, tables 3-1, 3-2 and 3-3.
        let sizes: Vec<usize> = CardType::ResidenceCard.files().map(FileId::size).collect();
        assert_eq!(sizes, [6, 3, 7004, 3004, 342, 122, 122, 3, 1464]);
        let sizes: Vec<usize> = CardType::SpecialPermanentResident
            .files()
            .map(FileId::size)
            .collect();
        assert_eq!(sizes, [6, 3, 7004, 3004, 342, 1464]);
        assert_eq!(
            Directory::Images.aid(),
            Some(hex!("D392F0004F0200000000000000000000"))
        );
        assert_eq!(
            Directory::Signature.aid(),
            Some(hex!("D392F0004F0400000000000000000000"))
        );
    }
}
