"""Settings refuse what cannot work, and name every point at once."""

from pathlib import Path

import pytest

from kernel.settings import SettingsError, load_settings


def test_defaults_are_the_embedded_deployment(tmp_path: Path) -> None:
    settings = load_settings({"PARKLINK_DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path / 'parklink.db'}"
    assert settings.channels == "memory"
    assert not settings.production


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PARKLINK_DATBASE_URL": "x"}, "DATBASE_URL"),
        ({"PARKLINK_DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"PARKLINK_WORKERS": "0"}, "WORKERS"),
        ({"PARKLINK_JOB_SLOTS": "65"}, "JOB_SLOTS"),
        ({"PARKLINK_WORKERS": "２"}, "WORKERS"),
        ({"PARKLINK_WORKERS": "2"}, "CHANNELS"),
        ({"PARKLINK_CHANNELS": "redis"}, "CHANNELS"),
        ({"PARKLINK_MATCH_ENGINE": "dask"}, "MATCH_ENGINE"),
        ({"PARKLINK_FILES_URL": "ftp://x"}, "FILES_URL"),
        ({"PARKLINK_SESSION_SECRET": "short"}, "SESSION_SECRET"),
        ({"PARKLINK_SESSION_SECRET": "a" * 64}, "SESSION_SECRET"),
        ({"PARKLINK_MODE": "production"}, "PUBLIC_URL"),
    ],
)
def test_an_impossible_environment_is_refused_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=f"PARKLINK_{named}"):
        load_settings(environ)


def test_production_lists_everything_that_is_missing() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"PARKLINK_MODE": "production"})
    lines = str(caught.value).splitlines()
    assert {line.split(":")[0] for line in lines} == {
        "PARKLINK_PUBLIC_URL",
        "PARKLINK_SECOND_FACTOR",
        "PARKLINK_CREDIT_LEGAL_BASIS",
        "PARKLINK_KEY_DIR",
    }


def test_a_whole_production_environment_is_accepted(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "PARKLINK_MODE": "production",
            "PARKLINK_DATA_DIR": str(tmp_path / "data"),
            "PARKLINK_KEY_DIR": str(tmp_path / "keys"),
            "PARKLINK_PUBLIC_URL": "https://portal.example",
            "PARKLINK_SECOND_FACTOR": "required",
            "PARKLINK_CREDIT_LEGAL_BASIS": "own-model mode",
        }
    )
    assert settings.secure_cookies
    assert settings.allowed_hosts == ("portal.example",)
