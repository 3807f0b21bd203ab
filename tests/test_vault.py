"""Sealing: what is stored opens only where it belongs, and equal things are found without being readable."""

from __future__ import annotations

import pytest

from app.vault import SealBroken, Vault

OLD, NEW = "an old secret of at least 32 letters!!", "a newer secret of at least 32 letters"


def test_a_sealed_text_opens_in_its_place_only() -> None:
    vault = Vault([NEW])
    sealed = vault.seal("13800138000", "customer/phone/1")
    assert "138" not in sealed and vault.open_(sealed, "customer/phone/1") == "13800138000"
    with pytest.raises(SealBroken):
        vault.open_(sealed, "customer/phone/2")


def test_the_same_text_seals_differently() -> None:
    vault = Vault([NEW])
    assert vault.seal("x", "a") != vault.seal("x", "a")


@pytest.mark.parametrize(
    "change",
    [lambda s: s[:-2] + ("AA" if s[-2:] != "AA" else "BB"), lambda s: "s1." + s, lambda s: "", lambda s: s[:15]],
)
def test_an_altered_text_does_not_open(change: object) -> None:
    vault = Vault([NEW])
    with pytest.raises(SealBroken):
        vault.open_(change(vault.seal("secret", "a")), "a")  # type: ignore[operator]


def test_a_new_secret_seals_and_the_old_one_still_opens() -> None:
    before = Vault([OLD])
    after = Vault([NEW, OLD])
    assert after.open_(before.seal("word", "a"), "a") == "word"
    with pytest.raises(SealBroken):
        before.open_(after.seal("word", "a"), "a")
    assert after.blind("138", "phone") == before.blind("138", "phone")


def test_blind_tells_kinds_and_values_apart() -> None:
    vault = Vault([NEW])
    assert vault.blind("1", "phone") == vault.blind("1", "phone")
    assert (
        len(
            {vault.blind("1", "phone"), vault.blind("2", "phone"), vault.blind("1", "email"), vault.blind("one1", "ph")}
        )
        == 4
    )
    assert Vault([OLD]).blind("1", "phone") != vault.blind("1", "phone")


def test_no_secret_is_refused() -> None:
    for secrets in ([], [""], [NEW, ""]):
        with pytest.raises(ValueError, match="secret"):
            Vault(secrets)
