import pytest

from hirnok.mail.tests.samples import compiled, rendered
from hirnok.mail.tests.strict import parts_of
from hirnok.mail.text import text_of


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a  b\n c</p><p>d</p>", "a b c\n\nd"),
        ("<h1>Cím</h1><div>a</div><div>b<br>c<br><br>d</div>", "Cím\n\na\nb\nc\n\nd"),
        ("a <b>b</b>c<i> d</i>", "a bc d"),
        ("&lt;p&gt; &amp; &nbsp; x&shy;y", "<p> & xy"),
        ('<a href="https://a.example/">ide</a>.', "ide (https://a.example/)."),
        ('<a href="https://a.example/">https://a.example/</a>', "https://a.example/"),
        ('x <a href="https://www.a.example/">a.example</a> y', "x https://www.a.example/ y"),
        ('<a href="mailto:x@y.example">írjon</a> <a href="mailto:x@y.example">x@y.example</a>', "írjon (x@y.example) x@y.example"),
        ('<a href="#le">le</a><a>x</a>', "lex"),
        ('<a href="https://a.example/"><img src="https://a.example/i.png" alt="Kép &amp; &lt;b&gt;"></a>', "Kép & <b> (https://a.example/)"),
        ('<a href="https://a.example/"><img src="https://a.example/i.png" alt=""></a>', "https://a.example/"),
        ('<a href="https://a.example/x)y">z</a>', "z (https://a.example/x%29y)"),
        ("<ul><li>a</li><li><p>b</p></li></ul>", "- a\n- b"),
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n  - b\n2. c"),
        ("<table><tbody><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>", "a | b\n1 | 2"),
        ('<table role="presentation"><tbody><tr><td>a</td><td>b</td></tr></tbody></table>', "a\nb"),
        ("<table><tbody><tr><td><p>a</p></td><td><p>b</p></td></tr></tbody></table>", "a\n\nb"),
        ("<table><tbody><tr><td>a</td><td></td><td>c</td></tr></tbody></table>", "a | c"),
        ("<pre>a  b\n  c</pre>d", "a  b\n  c\n\nd"),
        ("a<hr>b", "a\n" + "-" * 40 + "\nb"),
        ('<div style="display:none">rejtett <p>x</p></div>a', "a"),
        ("<head><title>x</title><style>p{}</style></head><body>a</body>", "a"),
        ("<!--[if mso]>b<![endif]-->a<!-- c -->", "a"),
        ("", ""),
    ],
)  # fmt: skip
def test_it_makes_readable_text(html: str, expected: str) -> None:
    assert text_of(html) == expected


def test_it_keeps_conditions_in_their_places() -> None:
    body = "<h1>Szia</h1>{% if contact.vip %}<p>vip</p>{% else %}<p>nem</p>{% endif %}<p>vége</p>"
    _, bodies = parts_of(rendered(compiled(body)))
    assert bodies["text/plain"].startswith("Szia\n\nvip\n\nvége\n\n---\n")
