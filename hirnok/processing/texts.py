"""The ready-made clauses of the data-processing agreement, after Art. 28 (3) a to h and N32 to N38.

Published as a version they become rows; the numbers in them are the version's own.
"""

from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hirnok.register.inscribing import texts

CLAUSES: tuple[tuple[Promise, Promise], ...] = (
    (
        _("Subject"),
        _(
            "The operator (processor) runs Hirnok for the customer (controller) and in doing so processes personal data on"
            " its behalf, as Annex 1 describes. The agreement lasts as long as the service, and after it until the data are"
            " deleted or returned."
        ),
    ),
    (
        _("Instructions"),
        _(
            "The processor processes the data only on documented instructions of the controller, also for transfers to third"
            " countries, unless the law of the Union or of a Member State obliges it otherwise; then it says so beforehand,"
            " unless that law forbids it. What is set on the pages of the program is an instruction. The processor confirms"
            " an instruction in writing; an urgent oral one is confirmed in writing by the controller afterwards. If the"
            " processor believes an instruction to be unlawful it says so at once and may suspend it until the controller"
            " confirms it. Copies are made only with prior written permission, backups excepted."
        ),
    ),
    (
        _("Secrecy"),
        _(
            "Everybody who may see the data has undertaken to keep them secret or is bound by law, and has been trained; the"
            " proof is shown on request."
        ),
    ),
    (
        _("Security"),
        _(
            "The processor takes the technical and organisational measures of Annex 3 (Article 32), tests them regularly, and"
            " hands out their documentation on request. Data are processed only within the European Economic Area, unless"
            " the controller allows otherwise, and never in private homes."
        ),
    ),
    (
        _("Sub-processors"),
        _(
            "The controller allows the sub-processors of Annex 2. The processor announces each change at least"
            " %(objection_days)s days beforehand; the controller can object to it, and to any sub-processor at any time. The"
            " parties then look for a way without that sub-processor; if there is none, the controller may end the"
            " agreement. Sub-processors take on the same duties, the processor answers for them, and a copy of their"
            " commitments is handed out on request."
        ),
    ),
    (
        _("Help with the rights of persons"),
        _(
            "The processor helps the controller to answer requests of persons concerned with the functions of the program,"
            " and passes on at once, in writing, a request that reached it instead."
        ),
    ),
    (
        _("Help with the controller's duties"),
        _(
            "The processor helps the controller with security, breaches, impact assessments and consultations (Articles 32"
            " to 36), as far as the nature of the processing and what it knows allow."
        ),
    ),
    (
        _("Breaches"),
        _(
            "Each party tells the other of a suspected or confirmed personal data breach at once; the processor at the latest"
            " within %(breach_hours)s hours. A complaint of a person concerned is treated as a suspected breach. Each party"
            " keeps a register of breaches and gives it to the other, or to the authority, on request."
        ),
    ),
    (
        _("Audits"),
        _(
            "The processor makes available all that shows that these duties are kept, and allows audits by the controller or"
            " an auditor of its choice, announced %(audit_days)s working days beforehand, in urgent cases without that."
            " Audits spare the data and the business of other customers."
        ),
    ),
    (
        _("End"),
        _(
            "At the end the processor, as the controller chooses, deletes or returns all data and deletes copies, unless law"
            " asks that they be stored. Backups are deleted when their time is over."
        ),
    ),
)


def clauses(numbers: dict[str, int], more: dict[str, str]) -> dict[str, list[list[str]]]:
    """Return the clauses by language with the version's numbers filled in; `more` are further terms by language."""
    headings = [texts(heading) for heading, _text in CLAUSES]
    bodies = [texts(text) for _heading, text in CLAUSES]
    found: dict[str, list[list[str]]] = {}
    for language in headings[0]:
        found[language] = [
            [heading[language], body[language] % numbers]
            for heading, body in zip(headings, bodies, strict=True)
        ]
        if more.get(language):
            with translation.override(language):
                found[language].append([str(FURTHER), more[language]])
    return found


FURTHER = _("Further terms")
EVENTS: dict[str, Any] = {
    "give": _("Given"),
    "confirm": _("Confirmed in writing by the controller"),
    "acknowledge": _("Confirmed in writing by the processor"),
    "object": _("Objected to as unlawful, suspended"),
    "uphold": _("The controller stands by it"),
    "withdraw": _("Withdrawn"),
    "execute": _("Carried out"),
}
