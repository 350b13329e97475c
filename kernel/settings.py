"""Settings from the environment: one frozen value, or one error that lists everything that is wrong."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

PREFIX = "PARKLINK_"
CHOICES = {
    "CHANNELS": ("memory", "postgresql"),
    "MATCH_ENGINE": ("inline", "dask"),
    "SECOND_FACTOR": ("offered", "required"),
    "MODE": ("development", "production"),
}
KNOWN = {
    "DATABASE_URL", "FILES_URL", "CHANNELS", "MATCH_ENGINE", "PUBLIC_URL", "ALLOWED_HOSTS", "KEY_DIR", "DATA_DIR",
    "SECOND_FACTOR", "MODE", "WORKERS", "JOB_SLOTS", "CREDIT_LEGAL_BASIS", "CHECKPOINT_FILE", "SHARED", "REQUIRE_ALL",
    "SESSION_SECRET", "LOG_LEVEL",
}  # fmt: skip
MINIMUM_SECRET = 32
DEFAULT_JOB_SLOTS = 4
LOCAL_URL = "http://127.0.0.1:8000"
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
DEMO_LEGAL_BASIS = "demo: own-model mode on data the company authorised"


class SettingsError(Exception):
    """The environment asks for something impossible; the message lists every point, one a line."""


class Settings(Struct, frozen=True):
    """Everything that differs between one deployment and another."""

    data_dir: Path
    database_url: str
    files_url: str
    key_dir: Path
    checkpoint_file: Path
    public_url: str = LOCAL_URL
    allowed_hosts: tuple[str, ...] = LOCAL_HOSTS
    channels: str = "memory"
    match_engine: str = "inline"
    second_factor: str = "offered"
    production: bool = False
    workers: int = 1
    job_slots: int = DEFAULT_JOB_SLOTS
    session_secret: str = ""
    credit_legal_basis: str = DEMO_LEGAL_BASIS
    log_level: str = "INFO"

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel over TLS only when the public address does."""
        return self.public_url.startswith("https://")


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read settings from `PARKLINK_…` variables; raises SettingsError naming every wrong one."""
    given = {key[len(PREFIX) :]: value for key, value in environ.items() if key.startswith(PREFIX)}
    wrong = [f"{PREFIX}{name}: unknown setting / 未知的设置" for name in sorted(given.keys() - KNOWN)]
    for name, allowed in CHOICES.items():
        if name in given and given[name] not in allowed:
            wrong.append(f"{PREFIX}{name}: must be one of {', '.join(allowed)} / 须为其中之一")
    workers = _whole_number(given.get("WORKERS", "1"))
    slots = _whole_number(given.get("JOB_SLOTS", str(DEFAULT_JOB_SLOTS)))
    for name, number in (("WORKERS", workers), ("JOB_SLOTS", slots)):
        if number is None:
            wrong.append(f"{PREFIX}{name}: must be a whole number from 1 to 64 / 须为 1 至 64 的整数")
    if wrong:
        raise SettingsError("\n".join(wrong))
    data = Path(given.get("DATA_DIR", "data")).resolve()
    settings = Settings(
        data_dir=data,
        database_url=given.get("DATABASE_URL", f"sqlite+aiosqlite:///{data / 'parklink.db'}"),
        files_url=given.get("FILES_URL", f"file://{data / 'files'}"),
        key_dir=Path(given.get("KEY_DIR", str(data / "keys"))),
        checkpoint_file=Path(given.get("CHECKPOINT_FILE", str(data / "checkpoints.log"))),
        public_url=given.get("PUBLIC_URL", LOCAL_URL).rstrip("/"),
        allowed_hosts=_hosts(given),
        channels=given.get("CHANNELS", "memory"),
        match_engine=given.get("MATCH_ENGINE", "inline"),
        second_factor=given.get("SECOND_FACTOR", "offered"),
        production=given.get("MODE") == "production",
        workers=workers or 1,
        job_slots=slots or DEFAULT_JOB_SLOTS,
        session_secret=given.get("SESSION_SECRET", ""),
        credit_legal_basis=given.get("CREDIT_LEGAL_BASIS", DEMO_LEGAL_BASIS),
        log_level=given.get("LOG_LEVEL", "INFO"),
    )
    wrong = find_conflicts(settings)
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def find_conflicts(settings: Settings) -> list[str]:
    """Return a line for every combination that cannot work or must not run."""
    wrong = []
    sqlite = settings.database_url.startswith("sqlite+aiosqlite:///")
    if not sqlite and not settings.database_url.startswith("postgresql+asyncpg://"):
        wrong.append(f"{PREFIX}DATABASE_URL: sqlite+aiosqlite:///… or postgresql+asyncpg://… / 数据库地址不支持")
    if not settings.files_url.startswith(("file:///", "s3://")):
        wrong.append(f"{PREFIX}FILES_URL: file:///… or s3://… / 文件存储地址不支持")
    if settings.workers > 1 and settings.channels == "memory":
        wrong.append(f"{PREFIX}CHANNELS: memory serves one process only / memory 只支持单进程")
    if sqlite and settings.channels == "postgresql":
        wrong.append(f"{PREFIX}CHANNELS: postgresql needs a PostgreSQL database / 需要 PostgreSQL 数据库")
    if sqlite and settings.match_engine == "dask":
        wrong.append(f"{PREFIX}MATCH_ENGINE: dask needs a PostgreSQL database / 需要 PostgreSQL 数据库")
    if settings.session_secret and _is_weak(settings.session_secret):
        wrong.append(f"{PREFIX}SESSION_SECRET: at least {MINIMUM_SECRET} varied characters / 密钥过短或过于简单")
    if settings.production:
        wrong += _production_conflicts(settings)
    return wrong


def _production_conflicts(settings: Settings) -> list[str]:
    wrong = []
    if not settings.secure_cookies:
        wrong.append(f"{PREFIX}PUBLIC_URL: production needs https:// / 生产环境须使用 https")
    if settings.second_factor != "required":
        wrong.append(f"{PREFIX}SECOND_FACTOR: production needs 'required' / 生产环境须强制双因素认证")
    if settings.credit_legal_basis.startswith("demo"):
        wrong.append(
            f"{PREFIX}CREDIT_LEGAL_BASIS: name the basis lenders are served on / 须写明向金融机构提供服务的依据"
        )
    if settings.key_dir.is_relative_to(settings.data_dir):
        wrong.append(f"{PREFIX}KEY_DIR: keep keys outside the data folder / 密钥目录须与数据目录分开")
    return wrong


def _hosts(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names we answer to: those given, the public one, and outside production this machine's own."""
    named = [host.strip() for host in given.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    public = urlsplit(given.get("PUBLIC_URL", "")).hostname
    local = () if given.get("MODE") == "production" else LOCAL_HOSTS
    return tuple(dict.fromkeys((*named, *((public,) if public else ()), *local)))


def _whole_number(text: str) -> int | None:
    limit = 64
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= limit else None


def _is_weak(secret: str) -> bool:
    varied = 10
    return len(secret) < MINIMUM_SECRET or len(set(secret)) < varied
