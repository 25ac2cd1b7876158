//! Why a job cannot be prepared: the fault code, the field, and what a person must do, in
//! both languages. Holds no holder's data but a single character without a glyph.

use crate::fault::Code;
use crate::product::Product;
use chip::ContentsError;
use chip::image::ImageError;

/// Why a job cannot be prepared. The blank has not moved, the number is not used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The loaded layout is for another product.
    #[error("there is no layout for the product {product}")]
    OtherProduct {
        /// The job's product.
        product: Product,
    },
    /// The grant names a photo and none came with it.
    #[error("the grant names a photo and none was given")]
    PhotoMissing,
    /// The grant is for a card without a photo and one came with it.
    #[error("the grant names no photo and one was given")]
    PhotoUnexpected,
    /// The photo is not the one that was approved.
    #[error("the photo's digest is not the one in the grant")]
    PhotoDigest,
    /// The face cannot be laid out, or the photo cannot be used.
    #[error("the face cannot be laid out")]
    Face(#[from] layouts::Error),
    /// The front image does not fit into the chip.
    #[error("the front image cannot be stored")]
    FrontImage(#[source] ImageError),
    /// The photo cannot be made small enough for the chip.
    #[error("the photo cannot be stored")]
    ChipPhoto(#[source] ImageError),
    /// A text is too long for the chip.
    #[error("a text cannot be stored")]
    ChipText(#[source] ContentsError),
    /// The municipality code is not six digits.
    #[error("the municipality code is not six digits")]
    Municipality,
    /// The day of delivery has no eight digits.
    #[error("the day of delivery cannot be written")]
    DeliveryDate,
}

impl Error {
    /// The code that the station shows and journals.
    pub fn code(&self) -> Code {
        match self {
            Self::PhotoMissing | Self::PhotoUnexpected | Self::PhotoDigest | Self::ChipPhoto(_) => {
                Code::PhotoRefused
            }
            Self::Face(layouts::Error::Photo(_) | layouts::Error::PhotoMissing) => {
                Code::PhotoRefused
            }
            Self::OtherProduct { .. }
            | Self::Face(_)
            | Self::FrontImage(_)
            | Self::ChipText(_)
            | Self::Municipality
            | Self::DeliveryDate => Code::LayoutRefused,
        }
    }

    /// The field of the approval that must be corrected, where it is one.
    pub fn field(&self) -> Option<String> {
        let field = match self {
            Self::Face(cause) => return cause.field().map(str::to_owned),
            Self::OtherProduct { .. } => "product",
            Self::PhotoMissing | Self::PhotoUnexpected | Self::PhotoDigest | Self::ChipPhoto(_) => {
                "photo"
            }
            Self::ChipText(ContentsError::AddressTooLong { .. }) => "address",
            Self::ChipText(
                ContentsError::TooLong { file, .. } | ContentsError::NoSuchFile { file },
            ) => file.name(),
            Self::Municipality => "municipality",
            Self::DeliveryDate => "delivery_date",
            Self::ChipText(ContentsError::NothingToSign) | Self::FrontImage(_) => return None,
        };
        Some(field.to_owned())
    }

    /// What a person must do: Japanese, then English.
    pub fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            Self::OtherProduct { .. } => (
                "この券種の様式がありません。端末のソフトウェアを更新してください。",
                "Update the station: it has no layout for this product.",
            ),
            Self::PhotoMissing | Self::PhotoUnexpected | Self::PhotoDigest => (
                "許可データと写真が一致しません。発行元で写真を登録し直してください。",
                "Have the approving office register the photo again.",
            ),
            Self::ChipPhoto(_) => (
                "写真をＩＣチップに格納できません。別の写真を登録してください。",
                "Have another photo registered: this one does not fit the chip.",
            ),
            Self::ChipText(_) | Self::FrontImage(_) => (
                "項目が長すぎます。発行元で短くしてください。",
                "Have the approving office shorten the named item.",
            ),
            Self::Municipality | Self::DeliveryDate => (
                "許可データに誤りがあります。発行元で訂正してください。",
                "Have the approving office correct the named item.",
            ),
            Self::Face(cause) => of_face(cause),
        }
    }
}

fn of_face(cause: &layouts::Error) -> (&'static str, &'static str) {
    use layouts::{Error as Face, PhotoError};
    match cause {
        Face::Layout { .. } => (
            "様式ファイルに誤りがあります。技術担当者に連絡してください。",
            "Call the technician: the layout file is wrong.",
        ),
        Face::FontMissing { .. } | Face::FontDigest { .. } | Face::FontUnreadable { .. } => (
            "指定の書体がありません。fonts-ipaexfont と fonts-ipamj-mincho を導入してください。",
            "Install fonts-ipaexfont and fonts-ipamj-mincho as Debian 12 ships them.",
        ),
        Face::ValueMissing { .. } | Face::FieldUnknown { .. } => (
            "必要な項目がありません。発行元で訂正してください。",
            "Have the approving office complete the named item.",
        ),
        Face::Glyph { .. } => (
            "印字できない文字があります。発行元で正字に置き換えてください。",
            "Have the approving office replace the named character by its regular form.",
        ),
        Face::Overflow { .. } => (
            "文字が欄に入りません。発行元で項目を短くしてください。",
            "Have the approving office shorten the named item; nothing is cut.",
        ),
        Face::PhotoMissing => (
            "写真がありません。発行元で写真を登録してください。",
            "Have the approving office register a photo.",
        ),
        Face::Photo(
            PhotoError::TooManyBytes { .. }
            | PhotoError::TooLarge { .. }
            | PhotoError::TooSmall { .. }
            | PhotoError::Proportions { .. },
        ) => (
            "写真の大きさが合いません。縦４０ミリ横３０ミリの写真を登録し直してください。",
            "Have a photo of 40 mm by 30 mm registered, within the limits named.",
        ),
        Face::Photo(PhotoError::NotAnImage | PhotoError::Damaged(_)) => (
            "写真ファイルが壊れています。JPEG か PNG で登録し直してください。",
            "Have the photo registered again as JPEG or PNG.",
        ),
    }
}
