"""The register of a tenant as data (GDPR Art. 30): who is responsible, which activities, what is held for each."""

from typing import Any

from django.db.models import Count

from hirnok.register import declarations, describing
from hirnok.register.answers import name_of
from hirnok.register.checks import gaps
from hirnok.register.models import Activity, Controller, Holding, Suppression
from hirnok.tenants.models import Tenant


def register_of(tenant: Tenant) -> dict[str, Any]:
    """Return the tenant's register, ready for JSON; the transaction acts for the tenant."""
    controller = Controller.objects.of(tenant).first()
    held = dict(
        Holding.objects.of(tenant).values_list("activity_id").annotate(Count("pk")).order_by()
    )
    return {
        "tenant": tenant.slug,
        "controller": {
            "name": controller.name,
            "postal_address": controller.postal_address,
            "registration_number": controller.registration_number,
            "email": controller.email,
            "phone": controller.phone,
            "privacy_officer": controller.officer_name,
        }
        if controller
        else None,
        "activities": [
            _activity(activity, tenant.language, held.get(activity.pk, 0))
            for activity in Activity.objects.of(tenant).order_by("pk")
        ],
        "suppressions": Suppression.objects.of(tenant).count(),
        "not_covered": [list(gap) for gap in gaps(tenant)],
    }


def _activity(activity: Activity, language: str, holdings: int) -> dict[str, Any]:
    told = describing.purposes(activity)
    return {
        "code": activity.code,
        "name": name_of(activity, language),
        "active": activity.active,
        "role": activity.role,
        "legal_bases": list(dict.fromkeys(g.basis for one in told for g in one.grounds)),
        "data_categories": list(dict.fromkeys(i.category for one in told for i in one.items)),
        "retention": {
            "from": activity.retention_start,
            "period": activity.retention_period or None,
            "then": activity.retention_action,
        },
        "holdings": holdings,
        "kept_in": sorted(
            declaration.of_model()._meta.db_table
            for declaration in declarations.declared().values()
            if activity.code in declaration.activities
        ),
    }
