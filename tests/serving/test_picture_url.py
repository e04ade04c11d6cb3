import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.picture_url import public_url
from store.errors import InputError

PRIVATE_NAMES = ["localhost", "LOCALHOST", "localhost.", "app.localhost", "printer", "nas.local", "wiki.corp"]
PRIVATE_NAMES += ["db.internal", "router.lan", "x.home.arpa"]
PRIVATE_ADDRESSES = ["127.0.0.1", "127.0.0.1.", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254"]
PRIVATE_ADDRESSES += ["100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]"]  # noqa: S104 (refused, not bound)
PRIVATE_ADDRESSES += ["[fe80::1%25eth0]", "[fd00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"]
PRIVATE_ADDRESSES += ["[ff02::1]", "[fec0::1]", "[::7f00:1]"]


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("https://i.redd.it/a.jpg", "https://i.redd.it/a.jpg"),
        ("HTTP://Example.ORG/A.jpg?w=1&h=2", "http://example.org/A.jpg?w=1&h=2"),
        ("https://ada:secret@example.org:8443/a.jpg#top", "https://example.org:8443/a.jpg"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org./a.jpg", "https://example.org/a.jpg"),
        ("http://93.184.215.14/a.jpg", "http://93.184.215.14/a.jpg"),
        ("http://[2606:4700::1111]:80/a.jpg", "http://[2606:4700::1111]:80/a.jpg"),
        ("http://[::ffff:93.184.215.14]/a.jpg", "http://[::ffff:93.184.215.14]/a.jpg"),
        ("https://xn--mnchen-3ya.de/%C3%BC.jpg", "https://xn--mnchen-3ya.de/%C3%BC.jpg"),
        ("https://my_pics.example.org/a.jpg", "https://my_pics.example.org/a.jpg"),
    ],
)
def test_a_public_address_is_kept_without_what_could_name_a_reader(given_, kept):
    url = public_url(given_)

    assert url == kept


@pytest.mark.parametrize("host", [*PRIVATE_NAMES, *PRIVATE_ADDRESSES])
def test_a_private_or_local_host_is_refused_unless_the_operator_allows_it(host):
    url = f"http://{host}/a.jpg"

    with pytest.raises(InputError, match="private or local"):
        public_url(url)

    assert public_url(url, allow_private_hosts=True).startswith("http://")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.jpg",
        "//example.org/a.jpg",
        "http://",
        "http:///a.jpg",
        "http://./a.jpg",
        "http://user@/a.jpg",
        "ftp://example.org/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "blob:https://example.org/1",
        "javascript:alert(1)",
        "chrome-extension://abc/a.png",
        "https://example.org/a b.jpg",
        "https://example.org/\x00.jpg",
        "https://example.org/\n.jpg",
        "https://exämple.org/a.jpg",
        "https://example.org\\@127.0.0.1/a.jpg",
        "https://example.org:port/a.jpg",
        "https://example.org:99999/a.jpg",
        "https://[::1/a.jpg",
        "https://[zz]/a.jpg",
        "https://ex%61mple.org/a.jpg",
        "https://example..org/a.jpg",
        "http://2130706433/a.jpg",
        "http://0x7f.1/a.jpg",
        "http://127.1/a.jpg",
        "http://0177.0.0.1/a.jpg",
        "https://example.org/" + "a" * 2048,
    ],
)
@pytest.mark.parametrize("allow_private_hosts", [False, True])
def test_what_is_no_address_of_a_picture_is_refused(url, allow_private_hosts):
    with pytest.raises(InputError, match=r"^url ") as refusal:
        public_url(url, allow_private_hosts)

    assert "\n" not in str(refusal.value)


@given(st.text(max_size=40).map("http://".__add__) | st.text(max_size=40))
def test_an_address_is_refused_or_kept_and_what_is_kept_is_kept_the_same_again(text):
    try:
        kept = public_url(text, allow_private_hosts=True)
    except InputError:
        return

    assert public_url(kept, allow_private_hosts=True) == kept
