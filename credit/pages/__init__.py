"""The room's pages, one file a reader."""

from credit.pages.charts import CHART_PAGES
from credit.pages.company import COMPANY_PAGES
from credit.pages.lender import LENDER_PAGES
from credit.pages.model import MODEL_PAGES

PAGES = (*COMPANY_PAGES, *LENDER_PAGES, *MODEL_PAGES, *CHART_PAGES)

__all__ = ["PAGES"]
