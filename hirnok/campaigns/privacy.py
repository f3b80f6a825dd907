"""What `campaigns` holds of people: nothing; recipients are the outbox's."""

from hirnok.register.declarations import unheld

DECLARATIONS = (
    unheld(
        "campaigns.Campaign",
        {
            "of the newsletter, the same for everybody": "name subject preheader format body text_body policy status"
            " scheduled_at time_zone audience_size left_out created_by created_at updated_at launched_at finished_at"
        },
    ),
    unheld("campaigns.CampaignList", {"of the newsletter": "excluded"}),
    unheld(
        "campaigns.ReportShare",
        {
            "a link to a report without persons": "token_hash created_by created_at expires_at revoked_at"
        },
    ),
)
