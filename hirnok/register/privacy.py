"""What `register` holds of people: keyed hashes, and the tie between a person and a purpose.

And what `tenants` does, which lies below: nothing but the names a firm gives itself.
"""

from hirnok.register.declarations import (
    PSEUDONYM,
    Personal,
    held,
    pseudonymous,
    short_lived,
    unheld,
)
from hirnok.register.readymade import ACCESS_LOG, RIGHTS, SUPPRESSION

TIE = Personal("what is held, why, since and until when")
COURSE = Personal("requests and their course")
REGISTER = "of the tenant's register, published in its notice"
LAW = "of the law, the same for everybody"
FIRM = "of the firm, not of a person"
SETTING = "a setting of the tenant"
DECLARATIONS = (
    unheld(
        "tenants.Tenant",
        {FIRM: "slug name", SETTING: "language time_zone is_operator accent created_at"},
    ),
    unheld(
        "tenants.Brand",
        {
            FIRM: "name sender_name from_address reply_to postal_address",
            SETTING: "language public_base_url measurement signs dkim_domain dkim_selector dkim_key created_at",
        },
    ),
    unheld(
        "tenants.Image",
        {
            "a picture for newsletters, published on purpose": "name alternative_text data",
            "of the file": "token content_type size width height uploaded_at",
        },
    ),
    unheld(
        "tenants.AuditEntry",
        {
            "ids, counts and words of the program only": "at actor action object_kind object_id details"
        },
    ),
    unheld(
        "tenants.AuditSeal",
        {"hashes over entries that tell of no person": "number entry_number salt hash"},
    ),
    unheld(
        "register.Controller",
        {
            "of the firm and its privacy officer, published on purpose": "name postal_address registration_number"
            " email phone officer_name officer_email officer_phone site_address web_site representative"
            " security_email",
            SETTING: "jurisdiction answer_days lead_days keeps_to_eea",
        },
    ),
    unheld(
        "register.Activity",
        {
            REGISTER: "code name description purposes subjects origin seen_by role retention_start"
            " retention_period retention_action retention_words retention_law further_retention"
            " profiling automated_decisions security_measures impact_assessment active"
        },
    ),
    unheld(
        "register.Recipient",
        {
            REGISTER: "name kind address task activities countries guarantee guarantee_details"
            " transfer_reason contract contract_until since until"
        },
    ),
    unheld(
        "register.Balancing",
        {REGISTER: "code interest necessity balance prevails decided_by decided_at"},
    ),
    unheld("register.RegisterVersion", {REGISTER: "number at snapshot digest"}),
    unheld("register.Notice", {REGISTER: "code title audience activities token"}),
    unheld(
        "register.NoticeVersion",
        {
            REGISTER: "number published_at published_by effective_from change difference documents digest"
        },
    ),
    unheld("register.LegalRule", {LAW: "jurisdiction code value bound source valid_from valid_to"}),
    unheld(
        "register.Authority",
        {LAW: "jurisdiction name address email phone web_site valid_from valid_to"},
    ),
    unheld("register.GuaranteeKind", {LAW: "code countries source valid_from valid_to"}),
    unheld(
        "register.Source",
        {REGISTER: "kind description legal_basis declared_by declared_at document_name document"},
    ),
    pseudonymous(
        "register.Person",
        "goes with the last holding",
        plain={"of the key": "key_version"},
        blind_index=PSEUDONYM,
    ),
    held(
        "register.Holding",
        "self",
        legal_basis=TIE,
        held_since=TIE,
        expires_at=TIE,
        restricted_at=TIE,
    ),
    pseudonymous(
        "register.Hold",
        "stands against the end of its holding until it is lifted",
        plain={
            "an order of the tenant, by ids": "kind ground reason allowed ordered_by approved_by since until told_at",
            "who orders it, and by what paper: an authority or a party to a claim": "requester document_name document",
        },
    ),
    held(
        "register.Disclosure",
        "holding",
        RIGHTS,
        plain={"who did it": "actor"},
        recipient=COURSE,
        address=COURSE,
        categories=COURSE,
        reason=COURSE,
        at=COURSE,
    ),
    unheld(
        "register.RetentionPolicy",
        {
            "a setting": "approve_above",
            "ids of a decision": "approved_through approved_by forecast_told_on failure_told_on",
        },
    ),
    unheld(
        "register.DisposalRun",
        {"counts of a run, nobody's data": "started_at ended_at status waiting retained"},
    ),
    unheld(
        "register.DisposalItem",
        {"counts and words of the program": "model outcome count article until reason"},
    ),
    short_lived(
        "register.Look",
        "expires_at",
        ACCESS_LOG,
        plain={
            "who looked, in which room, for what; ids, counts and a keyed digest": "at actor channel room activities"
            " rows fingerprint brands expires_at"
        },
        outlives=True,  # a pseudonym, kept after an erasure until its own end: misuse shows late
        persons=PSEUDONYM,
    ),
    unheld("register.LeavingPolicy", {"a setting": "never_again"}),
    pseudonymous(
        "register.Suppression",
        "the address can never be added again (A6); nobody can be found by it who is not asked for",
        SUPPRESSION,
        plain={"a rule of sending": "scope scope_id applies_to kind reason key_version since"},
        key=PSEUDONYM,
    ),
)
