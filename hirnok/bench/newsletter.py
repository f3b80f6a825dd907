"""The newsletter that is sent: 20 KB of HTML, ten fields, twenty links, conditions. Data."""

FIELDS = (("Town", "town"), ("Points", "points"), ("Shop", "shop"), ("Card", "card"), ("Level", "level"),
          ("Adviser", "adviser"), ("Season", "season"))  # fmt: skip
SUBJECT = "{{ contact.first_name|default('Kedves olvasónk') }}, ez a kert novembere"
_SHOP = "https://alma-kerteszet.example"
_TEXT = (
    "A hónap közepéig még dolgozhatunk: húsz centi föld a tövekre, fölé fenyőgally. Szabad gyökérrel most a legolcsóbb"
    " az ültetés, és tavasszal már nő."
)
_OPENING = """\
<!DOCTYPE html>
<html lang="hu"><head><meta charset="utf-8"><title>November</title>
<style>
body { margin: 0; background-color: #f4efe6; font-family: Georgia, serif; }
h1 { color: #4f6228; font-size: 28px; line-height: 1.25; }
td.box { background-color: #ffffff; padding: 16px 28px; }
</style></head><body>
<table role="presentation" width="600" cellspacing="0" cellpadding="0"><tr><td class="box">
<h1>Mielőtt megjön a fagy</h1>
<p>Kedves {{ contact.last_name }} {{ contact.first_name|default('kertbarát') }}!</p>
<p>Erre a címre írunk: {{ contact.email }}. Az Ön üzlete a {{ contact.shop }}, tanácsadója {{ contact.adviser }}.</p>
{% if contact.card %}<p>Kártyájának száma {{ contact.card }}, fokozata {{ contact.level }}, eddig gyűjtött
 pontjai: <strong>{{ contact.points }}</strong>.</p>{% else %}<p>Kérje törzsvásárlói kártyánkat!</p>{% endif %}
</td></tr>
"""
_SECTION = """\
<tr><td class="box" valign="top">
<table role="presentation" width="544" cellspacing="0" cellpadding="0" border="0"><tr>
<td width="48" align="center" valign="top" style="width: 48px; padding: 16px 12px 0 0; color: #4f6228; font-size: 28px;
 line-height: 32px;">{number}</td>
<td align="left" valign="top" style="padding: 0 0 8px 0;">
<h2 style="color: #4f6228; font-size: 20px; margin: 16px 0 8px;">{title}</h2>
<p style="color: #33302b; font-size: 17px; line-height: 1.6; margin: 0 0 12px;">{text}</p>
<p style="margin: 0 0 16px;"><a href="{shop}/tanacsok/{slug}?evszak=osz" style="color: #ffffff; text-decoration: none;
 background-color: #4f6228; border-radius: 6px; padding: 10px 20px; display: inline-block;">Elolvasom</a></p>
</td></tr></table>
</td></tr>
"""
_ENDING = """\
<tr><td class="box">
{% if contact.town %}<p>{{ contact.town }} és környéke: kiszállítás {{ contact.season }} 20-ig.</p>{% endif %}
<p>Szép őszt kívánok,<br>Alma Anna</p>
<p><a href="{{ unsubscribe_url }}">Leiratkozás</a></p>
</td></tr></table></body></html>
"""
LINKS = 20


def body() -> str:
    """Return the newsletter as its author wrote it."""
    sections = (
        _SECTION.format(
            number=number,
            title=_TEXT[number * 7 : number * 7 + 24].strip().capitalize(),
            text=_TEXT[number:],
            shop=_SHOP,
            slug=f"cikk-{number:02}",
        )
        for number in range(1, LINKS + 1)
    )
    return _OPENING + "".join(sections) + _ENDING
