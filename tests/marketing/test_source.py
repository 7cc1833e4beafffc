"""Where somebody came from, by what campaigns and browsers tell."""

import pytest

from wonward.marketing.source import Touch, touch


@pytest.mark.parametrize(
    ("utm", "referrer", "found"),
    [
        ({}, "", Touch("DIRECT_TRAFFIC")),
        ({}, "https://os.example/priser", Touch("DIRECT_TRAFFIC")),
        ({}, "https://www.google.co.uk/", Touch("ORGANIC_SEARCH", "www.google.co.uk")),
        ({}, "https://dk.linkedin.com/feed", Touch("SOCIAL_MEDIA", "dk.linkedin.com")),
        ({}, "https://t.co/abc", Touch("SOCIAL_MEDIA", "t.co")),
        ({}, "https://t.example.dk", Touch("REFERRALS", "t.example.dk")),
        ({}, "https://nordisk.example/blog", Touch("REFERRALS", "nordisk.example")),
        ({}, "http://[kaput", Touch("DIRECT_TRAFFIC")),
        ({"utm_medium": "email"}, "https://mail.example", Touch("EMAIL_MARKETING", "mail.example")),
        (
            {"utm_source": "google", "utm_medium": "CPC", "utm_campaign": "tag"},
            "",
            Touch("PAID_SEARCH", "google", "tag"),
        ),
        ({"utm_source": "facebook", "utm_medium": "cpc"}, "", Touch("PAID_SOCIAL", "facebook")),
        ({"utm_source": "LinkedIn"}, "", Touch("SOCIAL_MEDIA", "LinkedIn")),
        ({"utm_source": "messe"}, "", Touch("OTHER_CAMPAIGNS", "messe")),
    ],
)
def test_a_channel_is_known_by_its_signs(utm: dict[str, str], referrer: str, found: Touch) -> None:
    assert touch(utm, referrer, "os.example") == found
