"""What every answer says beside itself: what a browser may do with it, and no version."""

HARDENING = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src https: http: data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Server": "aggregator",
}
