"""The measures by name, in the order in which they run. Imported only when Django is connected."""

from collections.abc import Callable

from hirnok.bench.campaign import (
    campaign,
    campaign_data,
    campaign_rtt20,
    campaign_rtt20_data,
)
from hirnok.bench.dkim import dkim
from hirnok.bench.forms import forms
from hirnok.bench.importing import importing, reimporting
from hirnok.bench.launching import launching
from hirnok.bench.looking import contacts_page, report_page
from hirnok.bench.place import Place
from hirnok.bench.reaping import access_copy, erasure, reap
from hirnok.bench.results import Row
from hirnok.bench.tracker import tracker

MEASURES: dict[str, Callable[[Place], Row]] = {
    "campaign": campaign,
    "campaign_data": campaign_data,
    "campaign_rtt20": campaign_rtt20,
    "campaign_rtt20_data": campaign_rtt20_data,
    "dkim": dkim,
    "launch": launching,
    "import": importing,
    "reimport": reimporting,
    "forms": forms,
    "tracker": tracker,
    "report_page": report_page,
    "contacts_page": contacts_page,
    "access_copy": access_copy,
    "erasure": erasure,
    "reap": reap,
}
CROWD = frozenset({"contacts_page", "access_copy", "erasure", "reap"})
