"""Every SQL statement of policy_matching."""
