"""Who can log in to the demo, with passwords that are random for each data folder and the same at every start.

They are kept beside the data, readable by its owner only, because a demo with fixed passwords ends up on the internet.
"""

import os
import secrets
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct, field

FILE = "demo_logins.json"
STORY = 1  # rises when a release adds steps to the story
SYLLABLES = [consonant + vowel for consonant in "bdfghjklmnprstvz" for vowel in "aeiou"]


class Login(Struct, frozen=True):
    """One demo person: the organisation is a tenant's key or one of park, office, bank, microcredit, platform."""

    login: str
    name_zh: str
    name_en: str
    roles: tuple[str, ...]
    organisations: tuple[str, ...]
    try_zh: str
    try_en: str


LOGINS = (
    Login("owner", "陈示例", "Chen (demo)", ("enterprise_owner", "data_owner"), ("yunji",),
          "看匹配的政策、回答问题、申报;授权银行;谁用了我的数据", "matched policies, answer a question, apply; consent to the bank; who used my data"),
    Login("member", "李示例", "Li (demo)", ("enterprise_member",), ("yunji",),
          "同一企业的经办人:填写事实,不能授权", "staff of the same company: enter facts, may not consent"),
    Login("agent", "周示例", "Zhou (demo)", ("agent",), ("hengzhou", "boundary_small"),
          "代两家企业办事,可切换企业", "acts for two companies, switches between them"),
    Login("operator", "赵示例", "Zhao (demo)", ("park_operator",), ("park",),
          "入驻企业表、企业全景、到期租约、用电异常", "tenant table, tenant page, leases that end, electricity out of line"),
    Login("officer", "王示例", "Wang (demo)", ("officer",), ("office",),
          "审核待办申报、批准、移交拨付、登记回单", "review what waits, approve, hand over the payment, record the receipt"),
    Login("bank", "孙示例", "Sun (demo)", ("lender",), ("bank",),
          "查询已授权企业的云量评估分", "ask for the score of a company that consented"),
    Login("microcredit", "吴示例", "Wu (demo)", ("lender",), ("microcredit",),
          "没有授权时查询会被拒绝并留痕", "without consent the query is refused, and both sides see it"),
    Login("seller", "郑示例", "Zheng (demo)", ("enterprise_owner", "data_owner"), ("hanxing",),
          "发布数据产品、同意并签署合约", "publish a data product, agree and sign"),
    Login("buyer", "冯示例", "Feng (demo)", ("enterprise_owner", "data_buyer"), ("luoxing",),
          "申请数据、签署、下载一次", "ask for data, sign, download once"),
    Login("auditor", "褚示例", "Chu (demo)", ("auditor",), ("platform",),
          "审计日志与数据使用记录", "audit log and records of data use"),
    Login("admin", "卫示例", "Wei (demo)", ("administrator",), ("platform",),
          "用户、任务、系统状态", "people, jobs, health"),
)  # fmt: skip


class MachineLogin(Struct, frozen=True):
    """A machine client as it was made; the secret is kept nowhere else in clear."""

    organisation: str
    client_id: str
    client_secret: str


class Credentials(Struct):
    """What the file holds. `day` is the day the world was generated for: a resumed load must make the same world.
    `story` is the version of the story that was loaded to its end; a start then needs to look at nothing else.
    """

    day: date
    passwords: dict[str, str]
    machines: dict[str, MachineLogin] = field(default_factory=dict)
    story: int = 0


def open_credentials(folder: Path, today: date) -> Credentials:
    """Read the file of a data folder, or write it for the first time."""
    known = read_credentials(folder)
    if known is not None:
        return known
    made = Credentials(day=today, passwords={login.login: make_password(login.login) for login in LOGINS})
    save_credentials(folder, made)
    return made


def read_credentials(folder: Path) -> Credentials | None:
    """Read the file of a data folder; None when there is none."""
    path = folder / FILE
    return msgspec.json.decode(path.read_bytes(), type=Credentials) if path.exists() else None


def save_credentials(folder: Path, credentials: Credentials) -> None:
    """Replace the file in one step; only its owner can read it."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{FILE}.partial"
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(credentials), indent=1))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / FILE)


def make_password(login: str) -> str:
    """Eight random syllables and four digits, about 63 bits: easy to type from a terminal, and never with the login in it."""
    while True:
        words = ["".join(secrets.choice(SYLLABLES) for _ in range(4)) for _ in range(2)]
        password = f"{words[0]}-{words[1]}-{secrets.randbelow(10_000):04d}"
        if login not in password:
            return password
