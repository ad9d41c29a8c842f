"""Parameters that tell a publisher where a reader came from, never what is read.

The rule: a name is taken where at least three of the public lists give it for
every site (ClearURLs' global rules, Brave's clean-urls and query filter,
AdGuard's general_url, Firefox's query stripping, miniflux's urlcleaner); where
fewer do, it must be one that a tracker made up for itself (`cx_click`), or
that news sites and their newsletters are known to use (`at_medium`). Never
taken is a word that a site may select by, whatever the lists say: `id`, `p`,
`page`, `article`, `story`, `v`, `q`, `s`, `lang`, `source`, `cid`, `campaign`,
`clickid`; nor `ref`, `partner` and their like but with a value that names a place.
"""

import re

_NAMES = re.compile(
    # Campaigns by prefix: Google, Piwik and Matomo, AT Internet, HubSpot, internal campaigns.
    r"utm|utm[_-][\w-]*|pk_\w*|piwik_\w*|mtm_\w*|matomo_\w*|at_\w*|hsa_\w*|itm_\w*|otm_\w*"
    r"|stm_\w*|hmb_\w*"
    r"|ga_(?:source|medium|term|content|campaign|place)"
    r"|campaign_(?:id|medium|name|source|term|content)"
    r"|ns_(?:mchannel|source|campaign|linkname|fee)"
    r"|cm_(?:mmc|mmca\d+|cr|me)|dpg_(?:source|campaign|medium|content)|_sgm_\w+"
    r"|adjust_(?:adgroup|campaign|creative|referrer|tracker|tracker_limit)"
    # Clicks, by who counts them.
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|gad_source|gad_campaignid|srsltid|msclkid|yclid|ysclid"
    r"|ymclid|twclid|ttclid|li_fat_id|irclickid|rb_clickid|unicorn_click_id|wickedid|epik|mibextid"
    r"|igsh(?:id)?|_branch_(?:match_id|referrer)|_openstat|_gl|_ga|_kx|_ke|__s|spm"
    r"|syclid|yadclid|yadordid|rdt_cid|tduid|irgwc|ir_(?:adid|campaignid|partnerid)"
    r"|cx_(?:click|recsorder|recswidget)|mk(?:cid|evt|rid|wid)|pcrid|zanpid|gps_adid|gs_l"
    r"|sms_(?:click|source|uph)|soc_(?:src|trk)|\.tsrc|ref_"
    r"|fb_(?:action_ids|action_types|comment_id|ref|source)|action_(?:object|type|ref)_map"
    # Readers of newsletters.
    r"|mc_(?:cid|eid|tc)|_bhlid|bbeml|bsft_\w+|et_rid|ml_subscriber(?:_hash)?|mkt_tok|oft_\w+"
    r"|oly_(?:enc|anon)_id|sc_(?:cid|customer|eh|uid|lid|llid|campaign|channel|medium|publisher|segment)|s_cid|ss_email_id|vero_(?:id|conv)"
    r"|vgo_ee|_hs(?:enc|mi)|__hs(?:fp|sc|tc)|hsctatracking|ck_subscriber_id|sailthru_\w+|cmpid|ncid"
    r"|elq\w*|trk(?:campaign|email|info)|trk_(?:contact|module|msg|sid)|nr_email_referer|dm_i"
    r"|sfmc_(?:id|activityid)|wt_?z?mc|wt\.z?mc(?:_\w+)?|wtrid|xtor|echobox|ocid|icid|int_?c(?:id|mp)|smid|smtyp|maca|ftag|srnd"
    r"|sref|taid"
    # Where the link stood.
    r"|ref_(?:src|url)|referrer|traffic_source|tracking_source|__twitter_impression|guccounter"
    r"|guce_referr(?:er|er_sig)|__readwiselocation"
    r"|usqp"
    # The same page in another form, or for one visit.
    r"|amp|amp_\w*|phpsessid|jsessionid|aspsessionid\w*",
    re.IGNORECASE,
)
# These may select what is read: they count for tracking only with such a value.
_VALUES = {
    "ref": re.compile(r"[a-z_-]+|(?:[\w-]+\.)+[a-z]{2,}", re.IGNORECASE),
    "outputtype": re.compile("amp", re.IGNORECASE),
    "output": re.compile("amp", re.IGNORECASE),
    # As newspapers mark the links in their own feeds, letters and buttons.
    "cmp": re.compile(r"[a-z]+_[\w-]+", re.IGNORECASE),
    "emc": re.compile(r"rss|eta?\d*|edit_\w+", re.IGNORECASE),
    "partner": re.compile(r"rss\w*|feedburner|ifttt", re.IGNORECASE),
}


def is_tracking(parameter: str) -> bool:
    """Return whether a parameter of a query, `name=value`, says nothing of what is read.

    >>> is_tracking("utm_source=rss"), is_tracking("ref=other.example"), is_tracking("ref=A-12")
    (True, True, False)
    """
    name, _, value = parameter.partition("=")
    if _NAMES.fullmatch(name):
        return True
    tracked = _VALUES.get(name.lower())
    return tracked is not None and tracked.fullmatch(value) is not None
