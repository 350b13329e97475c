"""The web side of the ground: everything a room's routes and pages need, under one name."""

from kernel.web.bounds import Within
from kernel.web.dependencies import ActDep, Db, GroundDep, Listed, Once, ReadDb
from kernel.web.downloads import download
from kernel.web.forms import Form, read_form
from kernel.web.pages import page, redirect
from kernel.web.requests import StrictRequest
from kernel.web.responses import PageOut, expected_version, page_out, problems
from kernel.web.rooms import NavigationItem, Room
from kernel.web.submit import submit

__all__ = [
    "ActDep",
    "Db",
    "Form",
    "GroundDep",
    "Listed",
    "NavigationItem",
    "Once",
    "PageOut",
    "ReadDb",
    "Room",
    "StrictRequest",
    "Within",
    "download",
    "expected_version",
    "page",
    "page_out",
    "problems",
    "read_form",
    "redirect",
    "submit",
]
