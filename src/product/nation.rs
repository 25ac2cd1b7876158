//! The nationalities and regions that a card may bear: ISO 3166-1 alpha-3 without Japan, and
//! XXX for the stateless, as the chip's specification has it. Further codes of travel documents
//! (British kinds, refugees) are not there: no source says that the card bears them.

/// ISO 3166-1 alpha-3, as of 2024, in alphabetical order; Japan is left out.
const ISO_3166: &str = "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE";

/// 無国籍.
const STATELESS: &str = "XXX";

/// Whether a card may bear this code of a nationality or region.
#[must_use]
pub fn is_borne(code: &str) -> bool {
    code == STATELESS || (code.len() == 3 && ISO_3166.split(' ').any(|one| one == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_that_of_iso_without_japan_and_with_the_stateless() {
        let codes: Vec<&str> = ISO_3166.split(' ').collect();
        assert_eq!(codes.len(), 248, "249 countries and areas, less one");
        assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 3));
        for borne in ["USA", "KOR", "CHN", "TWN", "PSE", "XXX"] {
            assert!(is_borne(borne), "{borne}");
        }
        for not in ["JPN", "XYZ", "ZZZ", "usa", "US", "", "USA KOR", "A B"] {
            assert!(!is_borne(not), "{not}");
        }
    }
}
