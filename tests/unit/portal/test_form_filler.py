"""A rendered form is filled with what was typed, and nothing else of the page changes."""

import pytest

from portal.form_filler import fill

PAGE = """<!doctype html><p title="a > b">&amp; \u2028 <br/></p>\r
<form method="get" action="/save/"><input name="a" value="search"></form>
<form method="post" action="/other/"><input name="a" value="other"></form>
<form method="post" action="/save/?x=1" id="f">
  <input type="hidden" name="csrfmiddlewaretoken" value="fresh">
  <input type="hidden" name="key" value="new"><input name="a" value="" required>
  <input name=many><INPUT NAME="many" VALUE='2'>
  <input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c" value="2">
  <input type="radio" name="r" value="x"/><input type="radio" name="r" value="y" checked />
  <input type="password" name="p"><input type="file" name="u">
  <select name="s"><option value="">-</option><option selected>One &amp; all</option>
  <option value="2">Two</option></select>
  <textarea name="t" rows="2">
old</textarea>
  <script>var a = "<input name='a'>";</script>
  <button name="go" value="1">Go</button>
</form><input form="f" name="outside">
"""
SENT = {
    "csrfmiddlewaretoken": ["stale"],
    "key": ["old"],
    "a": ['"><script>alert(1)</script>'],
    "many": ["first", "second"],
    "c": ["2"],
    "r": ["x"],
    "p": ["secret"],
    "u": ["file"],
    "s": ["One & all"],
    "t": ["</textarea><b>two\nlines"],
    "outside": ["too"],
    "go": ["1"],
    "unknown": ["x"],
}


def test_every_kind_of_control_is_filled_and_the_rest_stays() -> None:
    filled = fill(PAGE, "/page/", "/save/?x=1", SENT)
    before, _, after = filled.partition('<form method="post" action="/save/?x=1" id="f">')
    assert before == PAGE.partition('<form method="post" action="/save/?x=1" id="f">')[0]
    assert 'name="csrfmiddlewaretoken" value="fresh"' in after
    assert '<input type="hidden" name="key" value="old">' in after
    assert "alert(1)</script>" not in after
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in after
    assert '<input name="many" value="first"><input name="many" value="second">' in after
    assert '<input type="checkbox" name="c" value="1">' in after
    assert '<input type="checkbox" name="c" value="2" checked>' in after
    assert '<input type="radio" name="r" value="x" checked>' in after
    assert '<input type="radio" name="r" value="y">' in after
    assert '<input type="password" name="p"><input type="file" name="u">' in after
    assert '<option value="">-</option><option selected>One &amp; all</option>' in after
    assert '<option value="2">Two</option>' in after
    assert '<textarea name="t" rows="2">\n&lt;/textarea&gt;&lt;b&gt;two\nlines</textarea>' in after
    assert """<script>var a = "<input name='a'>";</script>""" in after
    assert '<input form="f" name="outside" value="too">' in after
    assert "unknown" not in after


@pytest.mark.parametrize(
    ("page", "target"),
    [
        ('<form method="post"><input name="a"></form>', "/page/"),
        ('<form method="post" action=""><input name="a"></form>', "/page/"),
        ('<form method="post" action="../page/"><input name="a"></form>', "/page/?later=1"),
        ('<form hx-post="/part/"><input name="a"></form>', "/part/"),
        ('<form method="post" action="/x/"><input name="a"><button formaction="/y/">', "/y/"),
        ('<form method="post" action="/x/"><input name="a"><button hx-post="/z/">', "/z/"),
    ],
)
def test_the_form_is_found_by_where_it_posts_to(page: str, target: str) -> None:
    assert '<input name="a" value="typed">' in fill(page, "/page/", target, {"a": ["typed"]})


def test_a_page_without_the_form_stays_as_it_is() -> None:
    assert fill(PAGE, "/page/", "/elsewhere/", SENT) == PAGE
