//! The file tree of a first-generation residence card: names, sizes, who may read.
//! Pure table after the card specification §3.3; it must not hold contents.

/// The folders of the card; `Master` is current after activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    Master,
    Face,
    Back,
    Signature,
}

/// What must have happened before a file is read (card specification §3.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Free,
    Number,
    NumberSecured,
}

/// One elementary file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileSpec {
    /// As the card specification names it; also its name in `chip.json`.
    pub(super) name: &'static str,
    pub(super) folder: Folder,
    /// Short EF identifier, the low five bits of P1.
    pub(super) sfi: u8,
    pub(super) bytes: usize,
    pub(super) access: Access,
    /// Tag of the data grouping that fills it at personalisation.
    pub(super) grouping: u16,
}

const fn file(
    name: &'static str,
    folder: Folder,
    sfi: u8,
    bytes: usize,
    grouping: u16,
) -> FileSpec {
    let access = match folder {
        Folder::Master => Access::Free,
        Folder::Face => Access::NumberSecured,
        Folder::Back | Folder::Signature => Access::Number,
    };
    FileSpec {
        name,
        folder,
        sfi,
        bytes,
        access,
        grouping,
    }
}

/// Front image: the first signed file.
pub(super) const FRONT: &str = "DF1/EF01";
/// Face image: the second signed file.
pub(super) const PHOTO: &str = "DF1/EF02";
/// Signature and certificate.
pub(super) const SIGNATURE: &str = "DF3/EF01";
/// Card type: says which files a finished card has.
pub(super) const CARD_TYPE: &str = "MF/EF02";

/// Every file of the tree, in the order of the card specification.
pub(super) const FILES: [FileSpec; 9] = [
    file("MF/EF01", Folder::Master, 0x0B, 6, 0x000B),
    file(CARD_TYPE, Folder::Master, 0x0A, 3, 0x000A),
    file(FRONT, Folder::Face, 0x05, 7004, 0x0105),
    file(PHOTO, Folder::Face, 0x06, 3004, 0x0106),
    file("DF2/EF01", Folder::Back, 0x01, 342, 0x0201),
    file("DF2/EF02", Folder::Back, 0x02, 122, 0x0202),
    file("DF2/EF03", Folder::Back, 0x03, 122, 0x0203),
    file("DF2/EF04", Folder::Back, 0x04, 3, 0x0204),
    file(SIGNATURE, Folder::Signature, 0x02, 1464, 0x0302),
];

/// The folder of an application identifier (card specification §3.3.2).
pub(super) fn folder(aid: &[u8]) -> Option<Folder> {
    const STEM: [u8; 5] = [0xD3, 0x92, 0xF0, 0x00, 0x4F];
    let tail = aid.strip_prefix(&STEM)?;
    let (&which, zeros) = tail.split_first()?;
    if zeros.len() != 10 || zeros.iter().any(|&byte| byte != 0) {
        return None;
    }
    match which {
        2 => Some(Folder::Face),
        3 => Some(Folder::Back),
        4 => Some(Folder::Signature),
        _ => None,
    }
}

/// The file with this short identifier in a folder.
pub(super) fn by_sfi(folder: Folder, sfi: u8) -> Option<&'static FileSpec> {
    FILES
        .iter()
        .find(|file| file.folder == folder && file.sfi == sfi)
}

/// The file that a data grouping fills.
pub(super) fn by_grouping(grouping: u16) -> Option<&'static FileSpec> {
    FILES.iter().find(|file| file.grouping == grouping)
}

impl FileSpec {
    /// Whether a card cannot be finished without this file; the certificate of special permanent
    /// residents (card type `2`) has no permission and application files.
    pub(super) fn required(&self, residence_card: bool) -> bool {
        residence_card || self.folder != Folder::Back || self.sfi == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn sizes_are_those_of_table_3_1() {
        let sizes: Vec<usize> = FILES.iter().map(|file| file.bytes).collect();
        assert_eq!(sizes, [6, 3, 7004, 3004, 342, 122, 122, 3, 1464]);
    }

    #[test]
    fn only_whole_identifiers_name_a_folder() {
        assert_eq!(
            folder(&hex!("D392F0004F0200000000000000000000")),
            Some(Folder::Face)
        );
        assert_eq!(
            folder(&hex!("D392F0004F0400000000000000000000")),
            Some(Folder::Signature)
        );
        assert_eq!(folder(&hex!("D392F0004F0500000000000000000000")), None);
        assert_eq!(folder(&hex!("D392F0004F02")), None);
    }

    #[test]
    fn a_certificate_of_special_permanent_residents_lacks_three_files() {
        let missing: Vec<&str> = FILES
            .iter()
            .filter(|file| !file.required(false))
            .map(|file| file.name)
            .collect();
        assert_eq!(missing, ["DF2/EF02", "DF2/EF03", "DF2/EF04"]);
    }
}
