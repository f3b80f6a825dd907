"""What the demo sends: a November letter of a garden shop, in Hungarian, as its owner would write it. Data."""

NAME = "Novemberi kert"
SUBJECT = "{{ contact.first_name|default('Kedves kertbarát') }}, így alszik el jól a kert"
PREHEADER = "Rózsatakarás, gyümölcsfa-ültetés és három fa, amit még most érdemes elültetni."
SHOP = "https://alma-kerteszet.example"
ALTERNATIVE = "Őszi kert naplementében: színes lombú fák, előttük földdel felkupacolt rózsatövek"

BODY = """\
<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="Georgia, 'Times New Roman', serif" />
      <mj-text font-size="17px" line-height="1.6" color="#33302b" padding="10px 28px" />
      <mj-button background-color="#4f6228" color="#ffffff" font-size="17px" border-radius="6px" padding="14px 28px" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#f4efe6" width="600px">
    <mj-section background-color="#4f6228" padding="14px 0">
      <mj-column>
        <mj-text color="#ffffff" font-size="22px" align="center">Alma Kertészet</mj-text>
      </mj-column>
    </mj-section>
    <mj-section background-color="#ffffff" padding="0">
      <mj-column>
        <mj-image src="{picture}" alt="{alternative}" padding="0" width="600px" />
      </mj-column>
    </mj-section>
    <mj-section background-color="#ffffff" padding="16px 0">
      <mj-column>
        <mj-text>
          <h1 style="font-size: 28px; line-height: 1.25; margin: 0 0 12px; color: #4f6228;">Mielőtt megjön a fagy</h1>
          <p>Kedves {{ contact.first_name|default('kertbarát') }}!</p>
          <p>A hónap közepéig még dolgozhatunk a kertben. Ha csak egy délutánja van rá, ezt a hármat ne hagyja ki:</p>
          <ol>
            <li><strong>Rózsatakarás.</strong> Húsz centi föld a tövekre, fölé fenyőgally; <a href="{shop}/tanacsok/rozsatakaras?nyelv={{ contact.language|default('hu') }}">itt mutatjuk lépésről lépésre</a>.</li>
            <li><strong>Gyümölcsfa-ültetés.</strong> Szabad gyökérrel most a legolcsóbb, és tavasszal már nő.</li>
            <li><strong>Lombgereblyézés.</strong> A gyepről igen, a sövény alól nem: ott telelnek a sünök.</li>
          </ol>
        </mj-text>
        <mj-button href="{shop}/gyumolcsfak">Megnézem a gyümölcsfákat</mj-button>
      </mj-column>
    </mj-section>
    <mj-section background-color="#f9f5ec" padding="16px 0">
      <mj-column>
        <mj-text>
          <h2 style="font-size: 22px; margin: 0 0 8px; color: #4f6228;">Három fa, amit még most</h2>
          <p><a href="{shop}/jonatan-alma">Jonatán alma</a>, 2 490 Ft · <a href="{shop}/bosc-kobak">Bosc kobak körte</a>, 2 690 Ft · <a href="{shop}/besztercei-szilva">Besztercei szilva</a>, 2 390 Ft</p>
          {% if contact.torzsvevo %}<p>Törzsvevőként 10% kedvezményt kap rájuk, a kosárban magától levonjuk. Eddig gyűjtött pontjai: <strong>{{ contact.pontok|default(0)|round|int }}</strong>.</p>{% endif %}
          {% if contact.telepules %}<p>{{ contact.telepules }} és környéke: kiszállítás november 20-ig.</p>{% endif %}
        </mj-text>
      </mj-column>
    </mj-section>
    <mj-section background-color="#ffffff" padding="16px 0">
      <mj-column>
        <mj-text>
          <p>Kérdése van? Válaszoljon erre a levélre, én olvasom.</p>
          <p>Szép őszt kívánok,<br />Alma Anna</p>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""

DRAFT_NAME = "Tavaszi vetőmagok"
DRAFT_SUBJECT = "Megjöttek az új vetőmagok"
DRAFT_BODY = """\
# Megjöttek az új vetőmagok

Kedves {{ contact.first_name|default('kertbarát') }}!

Januárban érkeznek az idei paprika- és paradicsommagok:

- **Kaliforniai paprika**, édes, vastag húsú
- **Ökörszív paradicsom**, salátának
- **Kápia**, sütni és eltenni

[Előjegyzem magamnak]({shop}/vetomagok)
"""


def body(picture_url: str) -> str:
    """Return the newsletter with its picture."""
    return (
        BODY.replace("{picture}", picture_url)
        .replace("{alternative}", ALTERNATIVE)
        .replace("{shop}", SHOP)
    )


def draft_body() -> str:
    """Return the text of the campaign that is not finished yet."""
    return DRAFT_BODY.replace("{shop}", SHOP)
