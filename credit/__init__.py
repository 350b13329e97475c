"""云量贷: cloud bills in, an explained assessment score out, to lenders the company has authorised."""
