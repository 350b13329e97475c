"""The catalogue: support items as dated data, read strictly from YAML."""

from policy_matching.catalogue.definition import (
    PORTAL_ROUTES,
    ROUTES,
    ItemVersion,
    Route,
    Words,
    decode_item,
    encode_item,
    hash_item,
)
from policy_matching.catalogue.loader import NATIONAL, SAMPLE, load_folder, load_text
from policy_matching.catalogue.reading import CatalogueFault, Fault

__all__ = [
    "NATIONAL",
    "PORTAL_ROUTES",
    "ROUTES",
    "SAMPLE",
    "CatalogueFault",
    "Fault",
    "ItemVersion",
    "Route",
    "Words",
    "decode_item",
    "encode_item",
    "hash_item",
    "load_folder",
    "load_text",
]
