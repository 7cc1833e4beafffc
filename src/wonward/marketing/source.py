"""The channel that a visit came by, from its campaign parameters and the page that led to it. Pure.

The channels are the options of HubSpot's `hs_analytics_source`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
"""The parameters of a page's address by which campaigns tell of themselves."""

_PAID = {"cpc", "ppc", "paid", "paidsearch", "paid_search", "paid-search", "sem", "adwords"}
_PAID_SOCIAL = {"paidsocial", "paid_social", "paid-social"}
_EMAIL = {"email", "e-mail", "mail", "newsletter", "nyhedsbrev"}
_SOCIAL = {"social", "organic_social", "social-media", "social_media", "sm"}
_NETWORKS = ("facebook", "instagram", "linkedin", "twitter", "x", "youtube", "tiktok", "pinterest")
_SHORT = ("t.co", "lnkd.in", "youtu.be")
_SECOND = ("co", "com", "org", "net")
_ENGINES = ("google", "bing", "duckduckgo", "ecosia", "yahoo", "qwant", "startpage", "baidu", "yandex")


@dataclass(frozen=True, slots=True)
class Touch:
    """How somebody came: the channel, what led here in it, and the campaign."""

    channel: str
    by: str = ""
    campaign: str = ""


def touch(utm: Mapping[str, str], referrer: str, own_host: str) -> Touch:
    """Return how a visit came; parameters of a campaign go before the page that led here."""
    host = _host(referrer)
    by, campaign = utm.get("utm_source", ""), utm.get("utm_campaign", "")
    if utm:
        return Touch(_of_campaign(utm.get("utm_medium", "").lower(), by.lower()), by or host, campaign)
    if not host or host == own_host.lower():
        return Touch("DIRECT_TRAFFIC")
    if _known(host, _ENGINES):
        return Touch("ORGANIC_SEARCH", host)
    return Touch("SOCIAL_MEDIA" if host in _SHORT or _known(host, _NETWORKS) else "REFERRALS", host)


def _of_campaign(medium: str, by: str) -> str:
    social = by in _NETWORKS
    if medium in _PAID_SOCIAL or (medium in _PAID and social):
        return "PAID_SOCIAL"
    if medium in _PAID:
        return "PAID_SEARCH"
    if medium in _EMAIL:
        return "EMAIL_MARKETING"
    return "SOCIAL_MEDIA" if medium in _SOCIAL or social else "OTHER_CAMPAIGNS"


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _known(host: str, names: tuple[str, ...]) -> bool:
    """Tell whether a host is of one of these sites, whatever country it is in: `www.google.dk`."""
    labels = host.split(".")[:-1]
    if labels[1:] and labels[-1] in _SECOND:
        labels.pop()
    return bool(labels) and labels[-1] in names
