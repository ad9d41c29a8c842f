"""Published feeds and pages over HTTP."""
