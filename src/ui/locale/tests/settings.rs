use visavis_call::{IceTransportPolicy, PreConnection};

use super::*;

#[test]
fn what_is_chosen_is_said_in_short() {
    let mut page = screen().page;
    assert_eq!(choices(&page), "Instant calls: on · direct");
    for hidden in [Addresses::Hidden, Addresses::HiddenBySite] {
        page.addresses = hidden;
        assert_eq!(choices(&page), "Instant calls: on · relayed");
    }
}

#[test]
fn whoever_hides_their_address_is_not_told_that_it_is_shown() {
    let mut page = screen().page;
    for instant_calls in PreConnection::ALL {
        page.instant_calls = instant_calls;
        page.addresses = Addresses::Shown;
        assert!(addresses_mean(&page).contains("can see your network address"));
        for hidden in [Addresses::Hidden, Addresses::HiddenBySite] {
            page.addresses = hidden;
            let means = preparation_means(&page);
            for wrong in ["can see", "until", "when you call"] {
                assert!(!means.contains(wrong), "{means}");
            }
            assert!(
                addresses_mean(&page).contains("obody in them sees your network address"),
                "{hidden:?}"
            );
        }
    }
}

#[test]
fn a_site_that_has_decided_is_not_overruled() {
    use IceTransportPolicy::{All, Relay};

    for (policy, site, addresses) in [
        (All, All, Addresses::Shown),
        (Relay, All, Addresses::Hidden),
        (All, Relay, Addresses::HiddenBySite),
        (Relay, Relay, Addresses::HiddenBySite),
    ] {
        assert_eq!(Addresses::by(policy, site), addresses);
    }
    assert_eq!(crate::ui::policy_chosen_before(Relay), Relay);
}
