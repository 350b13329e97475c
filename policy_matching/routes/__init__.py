"""The JSON API of policy_matching."""

from policy_matching.routes.cases import CASE_ROUTES
from policy_matching.routes.matches import MATCH_ROUTES
from policy_matching.routes.policies import POLICY_ROUTES

ROUTES = (*POLICY_ROUTES, *MATCH_ROUTES, *CASE_ROUTES)
