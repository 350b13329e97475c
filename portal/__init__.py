"""The roof: puts the rooms together into one application, and holds the pages that span rooms."""
