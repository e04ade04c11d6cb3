import pytest

from store.addresses import is_public

PUBLIC = [
    "93.184.216.34",
    "2606:2800:220:1:248:1893:25c8:1946",
    "64:ff9b::5db8:d822",
    "::ffff:93.184.216.34",
]
PRIVATE = [
    "127.0.0.1",
    "0.0.0.1",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fd00:ec2::254",
    "ff02::1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:5db8:d822::1",
    "2002:a9fe:a9fe::1",
    "2001:0:5db8:d822::80ff:fffe",
]
NO_ADDRESSES = ["", "no address", "example.org", "127.1", "0x7f000001", "[::1]", "10.0.0.1/8"]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public_also_behind_a_translator(address):
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_this_machine_and_closed_networks_are_not_public_however_they_are_wrapped(address):
    assert not is_public(address)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_not_public(text):
    assert not is_public(text)
