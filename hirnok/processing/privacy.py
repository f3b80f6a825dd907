"""What `processing` holds of people: undertakings of users. The rest is of the contract between two firms."""

from hirnok.register.declarations import ACCOUNT, held, unheld
from hirnok.register.readymade import ACCOUNTS

CONTRACT = "of the contract between operator and tenant"
DECLARATIONS = (
    unheld(
        "processing.AgreementVersion",
        {
            "a published text": "number clauses summary objection_days audit_days breach_hours published_at"
            " published_by effective_from digest"
        },
    ),
    unheld(
        "processing.Agreement",
        {
            CONTRACT: "version documents digest language accepted_at accepted_by",
            "who signed for the firm, a part of the contract": "accepted_name",
        },
    ),
    unheld(
        "processing.Instruction",
        {
            CONTRACT: "number text channel is_urgent received_at confirmed_at acknowledged_at objected_at objection"
            " upheld_at withdrawn_at executed_at execution evidence_name evidence evidence_digest",
            "who gave it for the firm, a part of the contract": "given_by",
        },
    ),
    unheld("processing.InstructionEvent", {CONTRACT: "at actor kind text"}),
    unheld(
        "processing.SubProcessorChange",
        {"told to every tenant": "number name kind text announced_at announced_by effective_from"},
    ),
    unheld(
        "processing.Objection",
        {CONTRACT: "announcement name reason objected_at objected_by consequence decided_at"},
    ),
    unheld(
        "processing.Commitment",
        {
            "of a sub-processor, handed out to every tenant": "name size digest data added_at added_by"
        },
    ),
    unheld(
        "processing.Inspection",
        {
            CONTRACT: "number scope is_urgent reason announced_at planned_on performed_on result closed_at",
            "who looks for the firm, a part of the contract": "auditor",
        },
    ),
    unheld("processing.Finding", {CONTRACT: "text due_on answer closed_at"}),
    held(
        "processing.Undertaking",
        "user__holding",
        ACCOUNTS,
        plain={"when and by whom it was recorded": "recorded_at recorded_by"},
        kind=ACCOUNT,
        name=ACCOUNT,
        done_on=ACCOUNT,
        renewal_on=ACCOUNT,
    ),
)
