"""What is encrypted can be read with its key, with a former key beside the new one, and not otherwise."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.domain.errors import Invalid, Unavailable

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_encrypted_comes_back_and_does_not_show() -> None:
    cipher = FernetCipher([OLD])
    ciphertext = cipher.encrypt("geheim ü")
    assert "geheim" not in ciphertext
    assert cipher.decrypt(ciphertext) == "geheim ü"


def test_a_former_key_still_decrypts_while_the_first_encrypts(tmp_path: Path) -> None:
    former = FernetCipher([OLD]).encrypt("secret")
    both = FernetCipher.open(f" {NEW} , {OLD}", tmp_path / "none")
    assert both.decrypt(former) == "secret"
    assert FernetCipher([NEW]).decrypt(both.encrypt("secret")) == "secret"


@pytest.mark.parametrize("ciphertext", [None, "", "no ciphertext", "gAAAAA=="])
def test_another_key_is_said_to_be_wrong(ciphertext: str | None) -> None:
    if ciphertext is None:
        ciphertext = FernetCipher([OLD]).encrypt("secret")
    with pytest.raises(Unavailable) as caught:
        FernetCipher([NEW]).decrypt(ciphertext)
    assert caught.value.code == "encryption_key_wrong"
    assert "ENCRYPTION_KEY" in caught.value.message


@pytest.mark.parametrize("setting", ["hunter2", "NEW,hunter2", ","])
def test_a_malformed_key_is_refused_without_being_repeated(setting: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        FernetCipher.open(setting.replace("NEW", NEW), tmp_path / "none")
    assert caught.value.code == "encryption_key_malformed"
    assert "hunter2" not in f"{caught.value.message}{caught.value.fields}"


def test_without_a_setting_the_installations_key_is_used(tmp_path: Path) -> None:
    key = tmp_path / "encryption"
    with pytest.raises(Unavailable, match="backup"):
        FernetCipher.open("", key)
    key.write_text(f"{OLD}\n")
    assert FernetCipher([OLD]).decrypt(FernetCipher.open("", key).encrypt("secret")) == "secret"
