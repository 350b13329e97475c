"""The pages of policy_matching, for the company and for the office."""

from policy_matching.pages.applications import APPLICATION_PAGES
from policy_matching.pages.items import ITEM_PAGES
from policy_matching.pages.policies import POLICY_PAGES
from policy_matching.pages.review import CASE_PAGES

PAGES = (*POLICY_PAGES, *APPLICATION_PAGES, *CASE_PAGES, *ITEM_PAGES)
